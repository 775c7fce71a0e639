"""Planning many moves, and their JSON with its fingerprint, against nothing but ``json.dumps`` of the finished data."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator

from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan_json import fingerprint, plan_to_json
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.sites import SPLIT, on_legacy, people, placeholder, snapshot

_ROUNDS = 3


def figures(sizes: Sizes) -> Iterator[Figure]:
    names = [f"person{number}" for number in range(sizes.planned)]
    seen = snapshot(*(placeholder(name) for name in names), *(on_legacy(name) for name in names))
    known = people(seen)
    moves = [Move(f"{name}@example.com", Side.ZIMBRA) for name in names]
    made = plan_moves(SPLIT, seen, known, moves, 1.0)
    data = plan_to_json(made)
    bare = _seconds(lambda: json.dumps(data))
    planning = _seconds(lambda: plan_moves(SPLIT, seen, known, moves, 1.0))
    printing = _seconds(lambda: fingerprint(made))
    writing = _seconds(lambda: json.dumps(plan_to_json(made)))
    what = "json.dumps of the finished data"
    yield Figure(f"plan: {sizes.planned:,} moves planned", planning, bare, what)
    yield Figure("plan: their fingerprint", printing, bare, what)
    yield Figure("plan: their JSON, with fingerprint", writing, bare, what)
    yield Figure("plan: planned, and as JSON", planning + writing, bare, what, Goal(Kind.MEASURED, 1.0))


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
