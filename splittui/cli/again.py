"""``splittui resume`` and ``splittui undo``: earlier runs, taken up again or taken back."""

from __future__ import annotations

import argparse
import sys
import time

from splittui.cli.carry_out import carry_out
from splittui.cli.exits import CommandError, Exit
from splittui.cli.moves import refuse_stale
from splittui.cli.reading import read, site
from splittui.execution.again import earlier, open_steps, taken_back, unknown_steps
from splittui.execution.history import HistoryError, RunRecord
from splittui.execution.site import Site
from splittui.mailflow.danger import with_dangers
from splittui.planning.staleness import unfit


def resume(options: argparse.Namespace) -> Exit:
    """Finishes an earlier run: what it had done is looked at and never sent again, the rest is done."""
    with site(options) as opened:
        chain = chain_of(opened, options.run_number)
        plan = chain[-1].plan
        left = [plan.steps[number] for number in open_steps(chain)]
        if not left:
            print(f"Run {chain[-1].id} left nothing to do.", file=sys.stderr)
        for number in unknown_steps(chain):
            step = plan.steps[number]
            print(
                f"Not known: whether {step.command} was carried out. It is read first, and sent only if it was not.",
                file=sys.stderr,
            )
        seen = read(opened)
        refuse_stale(unfit(plan, opened.split, seen.snapshot))
        return carry_out(opened, with_dangers(seen.tracer.world, plan), seen.people, options, earlier(chain))


def undo(options: argparse.Namespace) -> Exit:
    """Takes an earlier run back by a plan that expects what it wrote; what others changed since is left alone."""
    with site(options) as opened:
        chain = chain_of(opened, options.run_number)
        plan = taken_back(opened.split, chain, time.time())
        seen = read(opened)
        refuse_stale(unfit(plan, opened.split, seen.snapshot))
        return carry_out(opened, with_dangers(seen.tracer.world, plan), seen.people, options)


def chain_of(opened: Site, number: int) -> list[RunRecord]:
    """The run of this profile with those that it took up again. Raises CommandError."""
    try:
        chain = opened.history.chain(number)
    except HistoryError as error:
        raise CommandError(str(error)) from error
    run = chain[-1]
    if (run.profile, run.plan.domain, run.plan.role) != (opened.profile.name, opened.split.domain, opened.split.role):
        raise CommandError(
            f"Run {number} was for {run.plan.domain} ({run.plan.role}) by profile {run.profile}, and this profile is "
            f"{opened.profile.name}: {opened.split.domain} ({opened.split.role}).",
            Exit.REFUSED,
        )
    return chain
