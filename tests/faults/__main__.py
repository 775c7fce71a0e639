"""``python -m tests.faults``: many runs, each with faults drawn by its seed, and the truth about every one of them."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.faults.ground import ground
from tests.faults.play import Play, Told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=500, metavar="N", help="how many (default 500)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the seed of the first one (default 1)")
    parser.add_argument("--only", type=int, metavar="S", help="one run again, with everything about it")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.runs) if options.only is None else (options.only,)
    began = time.monotonic()
    runs: list[Told] = []
    with ground() as here:
        for seed in seeds:
            runs.append(Play(here, seed).run())
            _tell(runs[-1], whole=options.only is not None)
    return _summary(runs, time.monotonic() - began)


def _tell(told: Told, *, whole: bool) -> None:
    if whole:
        print(told)
    for words in told.wrong:
        print(f"seed {told.seed}: {words}", flush=True)


def _summary(runs: list[Told], seconds: float) -> int:
    faults: Counter[str] = sum((told.faults for told in runs), Counter())
    lost = sum(len(told.wrong) for told in runs)
    print(f"{len(runs)} runs in {seconds:.0f} s, of {sum(told.people for told in runs)} people")
    print(f"{sum(told.attempts for told in runs)} attempts, {sum(told.undone for told in runs)} taken back")
    for fault, count in faults.most_common():
        print(f"  {count:5}  {fault}")
    print(f"{faults.total()} faults, {sum(told.unknown for told in runs)} unknown items", end=", ")
    print(f"{sum(told.conflicts for told in runs)} conflicts, lost = {lost}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
