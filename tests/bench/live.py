"""10,000 lines a second into the run screen, in a terminal, against Textual's own ``Log`` fed in the same way.

The share of a core is that of the whole process, with the thread that makes the lines. A key's latency is from the key
(Down and Up in the list of items) to the row on the wire; its reference is the same screen while nothing comes.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.terminal import Terminal

_RATE = 10_000
_GAP = 0.23
_DOWN, _UP = b"\x1b[B", b"\x1b[A"
# A person in the list of items; the live lines have none like it.
_ROW = rb"(?i)person0000"


def figures(sizes: Sizes) -> Iterator[Figure]:
    with _screen("run", _RATE) as terminal:
        share, latencies = _share(terminal, sizes.seconds), _latencies(terminal, sizes.seconds)
    with _screen("log", _RATE) as terminal:
        log = _share(terminal, sizes.seconds)
    with _screen("run", 0) as terminal:
        quiet = _latencies(terminal, sizes.seconds)
    name, against = f"live: {_RATE:,} lines/s", "Textual's Log, one write_lines for each batch"
    yield Figure(f"{name}, a core's share", share, log, against, Goal(Kind.MEASURED, 30), "%")
    against = f"the same screen while nothing comes; {len(latencies)} keys"
    p95 = Goal(Kind.MEASURED, 0.020)
    yield Figure("live: key latency, 95th percentile", _p95(latencies), _p95(quiet), against, p95)
    yield Figure("live: key latency, median", statistics.median(latencies), statistics.median(quiet), against)


@contextmanager
def _screen(kind: str, rate: int) -> Iterator[Terminal]:
    with Terminal("-m", "tests.bench.live_app", kind, str(rate)) as terminal:
        terminal.watch(2.0)
        yield terminal


def _share(terminal: Terminal, seconds: float) -> float:
    began = terminal.cpu()
    terminal.watch(seconds)
    return (terminal.cpu() - began) / seconds * 100


def _latencies(terminal: Terminal, seconds: float) -> list[float]:
    found = []
    for number in range(int(seconds / _GAP)):
        pressed = terminal.press(_DOWN if number % 2 == 0 else _UP)
        found.append(terminal.shows(_ROW) - pressed)
        terminal.watch(_GAP)
    return found


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
