"""``python -m tests.faults``: many runs, each with faults drawn by its seed, and the truth about every one of them."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from tests.faults.dying_link import cross
from tests.faults.ground import ground
from tests.faults.over_ssh import NOTICED, SshPlay, field
from tests.faults.play import Play, Told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=500, metavar="N", help="how many on pipes (default 500)")
    parser.add_argument("--ssh", type=int, default=0, metavar="N", help="and how many over SSH, in either role")
    parser.add_argument("--dying-link", type=int, default=0, metavar="N", help="and so many people, a cut every 3 s")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the seed of the first one (default 1)")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.runs)
    failed = _on_pipes(seeds) if options.runs else 0
    for role in ("primary", "secondary") if options.ssh else ():
        failed |= _over_ssh(role, range(options.seed, options.seed + options.ssh // 2))
    return failed | (_through_a_dying_link(options.dying_link) if options.dying_link else 0)


def _on_pipes(seeds: range) -> int:
    began = time.monotonic()
    with ground() as here:
        runs = [_told(Play(here, seed).run()) for seed in seeds]
    return _summary("on pipes", runs, time.monotonic() - began)


def _over_ssh(role: str, seeds: range) -> int:
    began = time.monotonic()
    with field(role) as here:
        runs = [_told(SshPlay(here, seed).run()) for seed in seeds]
        failed = _summary(f"over SSH, Zimbra {role}", runs, time.monotonic() - began)
        print(f"a silent link was noticed after {here.slowest:.1f} s at most (limit {NOTICED:.0f} s)")
    return failed | (here.slowest > NOTICED)


def _through_a_dying_link(people: int) -> int:
    crossed = cross(people, 3.0)
    for words in crossed.wrong:
        print(words)
    print(f"{crossed.people} people through a link that was cut {crossed.cuts} times: {crossed.runs} runs", end=", ")
    print(f"{crossed.seconds:.0f} s, lost = {len(crossed.wrong)}")
    return 1 if crossed.wrong else 0


def _told(told: Told) -> Told:
    for words in told.wrong:
        print(f"seed {told.seed}: {words}", flush=True)
    return told


def _summary(where: str, runs: list[Told], seconds: float) -> int:
    faults: Counter[str] = sum((told.faults for told in runs), Counter())
    lost = sum(len(told.wrong) for told in runs)
    print(f"{len(runs)} runs {where} in {seconds:.0f} s, of {sum(told.people for told in runs)} people")
    print(f"{sum(told.attempts for told in runs)} attempts, {sum(told.undone for told in runs)} taken back")
    for fault, count in faults.most_common():
        print(f"  {count:5}  {fault}")
    print(f"{faults.total()} faults, {sum(told.unknown for told in runs)} unknown items", end=", ")
    print(f"{sum(told.conflicts for told in runs)} conflicts, lost = {lost}", flush=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
