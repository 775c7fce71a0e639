"""``python -m tests.bench [NAME ...]``: measures, and prints each figure beside its reference of the same run.

Every bench runs in a process of its own, so that none pays for another one's memory. What a figure is compared with
is told in the docstring of its module.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
from pathlib import Path

from tests.bench.figure import HEADER, Sizes
from tests.bench.suite import BENCHES, measure


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Benchmarks, as ratios to references.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (default: all): {', '.join(BENCHES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes: a look whether everything runs")
    parser.add_argument("--accounts", type=int, metavar="N", help="entries on each side (read, filter, memory)")
    parser.add_argument("--moves", type=int, metavar="N", help="people moved in one run")
    parser.add_argument("--planned", type=int, metavar="N", help="moves planned at a time")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long live output lasts")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often short things are repeated")
    parser.add_argument("--labs", type=Path, metavar="DIR", help="keep big labs there, for the next time")
    parser.add_argument("--profile", action="store_true", help="print where the time went, under cProfile")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHES)
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    return options


def _sizes(options: argparse.Namespace, labs: Path) -> Sizes:
    small = Sizes(labs, accounts=2000, moves=30, planned=500, seconds=2.0, rounds=3)
    default = small if options.quick else Sizes(labs)
    return Sizes(
        labs,
        options.accounts or default.accounts,
        options.moves or default.moves,
        options.planned or default.planned,
        options.seconds or default.seconds,
        options.rounds or default.rounds,
    )


def main() -> int:
    options = _options()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="splittui-bench-") as temporary:
        sizes = _sizes(options, options.labs or Path(temporary))
        print(HEADER, flush=True)
        for name in options.names or BENCHES:
            process = multiprocessing.get_context("spawn").Process(
                target=measure, args=(name, sizes, options.profile), name=name
            )
            process.start()
            process.join()
            failed += process.exitcode != 0
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
