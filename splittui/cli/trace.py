"""``splittui trace``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from splittui.cli.exits import CommandError, Exit
from splittui.cli.people import addresses
from splittui.cli.plan_file import plan_in
from splittui.cli.reading import read, site
from splittui.mailflow.changes import after
from splittui.mailflow.route import Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Origin
from splittui.model.address import domain_of
from splittui.planning.plan_json import Json
from splittui.tui.glyphs import ASCII
from splittui.tui.trace_lines import arrives, plain_text


def trace(options: argparse.Namespace) -> Exit:
    """Where mail for an address goes, from each origin, now or after a plan; exit 2 where it does not arrive."""
    [address] = addresses([options.address])
    with site(options) as opened:
        split = opened.split
        if domain_of(address) != split.domain:
            raise CommandError(
                f"{address} is not in {split.domain}: only the ways of that domain's mail are known.", Exit.REFUSED
            )
        plan = plan_in(options.plan, split) if options.plan is not None else None
        seen = read(opened)
    now = seen.tracer
    origins = [Origin(options.origin)] if options.origin else list(Origin)
    shown = {"now": _routes(now, address, origins)}
    if plan is not None:
        shown["after the plan"] = _routes(now.after(after(now.world, plan.steps)), address, origins)
    routes = [*shown.values()][-1]
    if options.json:
        before: dict[str, Json] = {"now": [*map(as_json, shown["now"])]} if plan is not None else {}
        json.dump({"address": address, **before, "routes": [*map(as_json, routes)]}, sys.stdout, ensure_ascii=True)
        print()
    else:
        print("\n\n".join(_text(address, when if plan else "", found) for when, found in shown.items()))
    if not seen.snapshot.complete:
        return Exit.FAILED
    return Exit.OK if all(map(arrives, routes)) else Exit.PENDING


def _routes(tracer: Tracer, address: str, origins: Sequence[Origin]) -> list[Route]:
    return [route for route in tracer.routes(address) if route.origin in origins]


def _text(address: str, when: str, routes: Sequence[Route]) -> str:
    parts = [f"{address}, {when}" if when else address]
    return "\n\n".join([*parts, *("\n".join(plain_text(route, ASCII)) for route in routes)])


def as_json(route: Route) -> dict[str, Json]:
    """One route as ``trace --json`` shows it."""
    return {
        "from": route.origin.value,
        "outcome": route.outcome.value,
        "hops": [{"host": hop.host, "action": hop.action, "because": hop.because} for hop in route.hops],
        "delivered": list(route.delivered),
    }
