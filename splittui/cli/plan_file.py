"""Plans in files and on stdout, as the commands take and give them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from splittui.cli.carry_out import print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.plan_text import show_plan
from splittui.model.split import Split
from splittui.planning.plan import Plan
from splittui.planning.plan_json import PlanFormatError, plan_from_json, plan_to_json


def plan_in(file: Path, split: Split) -> Plan:
    """The plan that was written to ``file``. Raises CommandError where it is none, or one for another split."""
    try:
        plan = plan_from_json(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, PlanFormatError) as error:
        raise CommandError(f"{file}: cannot be used as a plan: {error}", Exit.REFUSED) from error
    if (plan.domain, plan.role) != (split.domain, split.role):
        raise CommandError(
            f"{file} is a plan for {plan.domain} ({plan.role}), and this profile is {split.domain} ({split.role}).",
            Exit.REFUSED,
        )
    return plan


def _into(file: Path, plan: Plan) -> None:
    """Writes the plan to a new file that its owner alone can read. Raises CommandError."""
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(plan_to_json(plan), out, indent=1)
            out.write("\n")
    except FileExistsError:
        raise CommandError(f"{file} exists: a plan is never written over another file. Name a new one.") from None
    except OSError as error:
        raise CommandError(f"{file}: the plan cannot be written: {error}") from error


def tell_plan(plan: Plan, options: argparse.Namespace) -> None:
    """Shows a plan that was made, as text or as JSON, and writes it where a file is named. Raises CommandError."""
    if options.out is not None:
        _into(options.out, plan)
    if options.json:
        print_json(plan_to_json(plan))
    else:
        show_plan(plan, sys.stdout.write)
