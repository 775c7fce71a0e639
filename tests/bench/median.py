"""How long a piece of work takes: the median of a few rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

_ROUNDS = 3


def seconds(work: Callable[[], object]) -> float:
    """The wall time of ``work``."""
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
