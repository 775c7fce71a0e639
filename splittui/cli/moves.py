"""``splittui plan move``, ``splittui apply`` and ``splittui move``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from splittui.cli.carry_out import carry_out
from splittui.cli.exits import CommandError, Exit
from splittui.cli.people import addresses
from splittui.cli.plan_file import plan_in, tell_plan
from splittui.cli.plan_text import show_plan
from splittui.cli.reading import read, site
from splittui.execution.history import HistoryError
from splittui.execution.site import Site
from splittui.mailflow.danger import with_dangers
from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, PlanningError, lives_there, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.staleness import too_old, unfit


def plan_move(options: argparse.Namespace) -> Exit:
    """Makes a plan and shows it, or writes it; exit 2 where there is something to change."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        _, plan = _planned(opened, wanted, Side(options.to))
    tell_plan(plan, options)
    if _refused(plan):
        return Exit.REFUSED
    return Exit.PENDING if plan.steps else Exit.OK


def apply(options: argparse.Namespace) -> Exit:
    """Runs a plan from a file."""
    with site(options) as opened:
        plan = plan_in(options.file, opened.split)
        refuse_stale("" if plan.ground else "The plan does not say what it was made for: make a new one.")
        refuse_stale(_used(opened, plan) or too_old(plan, opened.limits, time.time()))
        seen = read(opened)
        refuse_stale(unfit(plan, opened.split, seen.snapshot))
        return carry_out(opened, with_dangers(seen.tracer.world, plan), seen.people, options)


def _used(opened: Site, plan: Plan) -> str:
    """Why the plan is not run a second time; empty where it was not run yet."""
    try:
        return opened.used(plan)
    except HistoryError as error:
        raise CommandError(f"Nothing was sent: {error}") from error


def refuse_stale(reason: str) -> None:
    """Ends the command before anything is sent, where there is a reason to. Raises CommandError."""
    if reason:
        raise CommandError(f"Nothing was sent: {reason}", Exit.REFUSED)


def move(options: argparse.Namespace) -> Exit:
    """Plans and applies in one go."""
    wanted = addresses(options.addresses)
    with site(options) as opened:
        seen, plan = _planned(opened, wanted, Side(options.to))
        if _refused(plan):
            show_plan(plan, sys.stderr.write)
            raise CommandError("Nothing was sent: not everybody asked for can be moved.", Exit.REFUSED)
        return carry_out(opened, plan, seen.people, options)


def _planned(opened: Site, wanted: list[str], to: Side) -> tuple[Roster, Plan]:
    seen = read(opened)
    return seen, planned(opened, seen, [Move(address, to) for address in wanted])


def planned(opened: Site, seen: Roster, moves: Sequence[Move]) -> Plan:
    """The plan for these moves, with what mail would suffer by it. Raises CommandError where there can be none."""
    try:
        plan = plan_moves(opened.split, seen.snapshot, seen.people, moves, time.time())
    except PlanningError as error:
        raise CommandError(str(error), Exit.REFUSED) from error
    return with_dangers(seen.tracer.world, plan)


def _refused(plan: Plan) -> bool:
    """Whether somebody cannot be moved who is not where he shall be already."""
    return any(not lives_there(refusal.reason) for refusal in plan.refusals)
