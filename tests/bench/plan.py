"""Planning many moves, and their JSON with its fingerprint, against nothing but ``json.dumps`` of the finished data."""

from __future__ import annotations

import json
from collections.abc import Iterator

from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan_json import fingerprint, plan_to_json
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.median import seconds
from tests.sites import SPLIT, on_legacy, people, placeholder, snapshot


def figures(sizes: Sizes) -> Iterator[Figure]:
    names = [f"person{number}" for number in range(sizes.planned)]
    seen = snapshot(*(placeholder(name) for name in names), *(on_legacy(name) for name in names))
    known = people(seen)
    moves = [Move(f"{name}@example.com", Side.ZIMBRA) for name in names]
    made = plan_moves(SPLIT, seen, known, moves, 1.0)
    data = plan_to_json(made)
    bare = seconds(lambda: json.dumps(data))
    planning = seconds(lambda: plan_moves(SPLIT, seen, known, moves, 1.0))
    printing = seconds(lambda: fingerprint(made))
    writing = seconds(lambda: json.dumps(plan_to_json(made)))
    what = "json.dumps of the finished data"
    yield Figure(f"plan: {sizes.planned:,} moves planned", planning, bare, what)
    yield Figure("plan: their fingerprint", printing, bare, what)
    yield Figure("plan: their JSON, with fingerprint", writing, bare, what)
    yield Figure("plan: planned, and as JSON", planning + writing, bare, what, Goal(Kind.MEASURED, 1.0))
