"""Tracing many addresses from three origins, everybody's home, and the findings of a whole domain, against a plain
pass over the rows."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings import findings
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.roster import roster
from splittui.mailflow.tracer import Tracer
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.median import seconds
from tests.sites import SPLIT, on_legacy, on_zimbra, placeholder, snapshot

_EVERY_FOURTH = 4


def figures(sizes: Sizes) -> Iterator[Figure]:
    entries = []
    for number in range(sizes.accounts):
        if number % _EVERY_FOURTH == 0:
            entries.append(on_zimbra(f"person{number}"))
        else:
            entries += [placeholder(f"person{number}"), on_legacy(f"person{number}")]
    seen = snapshot(*entries)
    loaded = roster(SPLIT, seen)
    known, tracer = loaded.people, loaded.tracer
    plain = seconds(lambda: sum(person.home == "zimbra" and bool(person.reason) for person in known.values()))
    what = f"a plain pass over {len(known):,} rows"
    addresses = list(known)[: sizes.planned]
    tracing = seconds(lambda: [tracer.routes(address) for address in addresses])
    yield Figure(f"trace: {len(addresses):,} x 3 origins", tracing, plain, what, Goal(Kind.MEASURED, 1.0))
    indexing = seconds(lambda: Tracer(world(SPLIT, seen)))
    yield Figure("trace: the index of everybody", indexing, plain, what)
    living = seconds(lambda: roster(SPLIT, seen))
    yield Figure(f"trace: the homes of {len(known):,} people", living, plain, what)
    finding = seconds(lambda: findings(SPLIT, seen, known, tracer))
    yield Figure(f"findings: {len(known):,} people", finding, plain, what, Goal(Kind.MEASURED, 3.0))
