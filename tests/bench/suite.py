"""All benches by name, and running one of them."""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from tests.bench import filter_keys, live, memory, moves, plan, quick_move, read, read_ldap, start, tracing
from tests.bench.figure import Figure, Sizes

BENCHES: Mapping[str, Callable[[Sizes], Iterator[Figure]]] = {
    "moves": moves.figures,
    "quick_move": quick_move.figures,
    "read": read.figures,
    "read_ldap": read_ldap.figures,
    "filter": filter_keys.figures,
    "live": live.figures,
    "plan": plan.figures,
    "start": start.figures,
    "memory": memory.figures,
    "tracing": tracing.figures,
}
_TOP = 15


def measure(name: str, sizes: Sizes, profiled: bool) -> None:
    """Runs one bench and prints its figures as they come; ``profiled``: and where this process spent its time."""
    began = time.monotonic()
    profile = cProfile.Profile()
    if profiled:
        profile.enable()
    for figure in BENCHES[name](sizes):
        print(figure.line(), flush=True)
    if profiled:
        profile.disable()
        pstats.Stats(profile).sort_stats("tottime").print_stats(_TOP)
    print(f"  {name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
