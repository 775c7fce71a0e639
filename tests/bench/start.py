"""The console from a cold start to its first paint, against Textual's own hello app on the same terminal.

The first paint is there when more than 1,500 bytes have been drawn. ``splittui --version`` is measured against a bare
interpreter with argparse. The goal of the paint is 0.4 s where hello takes 0.18 s.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.far_lab import far_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.terminal import Terminal

_PAINTED = 1500
_GOAL = 0.4 / 0.18


def figures(sizes: Sizes) -> Iterator[Figure]:
    with far_lab(60) as lab:
        console = ("-m", "splittui", "--config", str(lab.config))
        hello = ("-m", "tests.bench.hello")
        for warming in (hello, console):
            _first_paint(*warming)
        hellos, consoles = [], []
        for _ in range(sizes.rounds):
            hellos.append(_first_paint(*hello))
            consoles.append(_first_paint(*console))
    what = f"Textual's hello; medians of {sizes.rounds}"
    yield Figure(
        "start: first paint of the console",
        statistics.median(consoles),
        statistics.median(hellos),
        what,
        Goal(Kind.RATIO, round(_GOAL, 2)),
    )
    versions, bare = [], []
    for _ in range(sizes.rounds):
        versions.append(_ended("-m", "splittui", "--version"))
        bare.append(_ended("-c", "import argparse, importlib.metadata"))
    what = f"python with argparse and importlib.metadata; medians of {sizes.rounds}"
    version, reference = statistics.median(versions), statistics.median(bare)
    yield Figure("start: splittui --version", version, reference, what, Goal(Kind.RATIO, 1.4))


def _first_paint(*arguments: str) -> float:
    with Terminal(*arguments) as terminal:
        return terminal.until(lambda written: len(written) > _PAINTED) - terminal.began


def _ended(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
