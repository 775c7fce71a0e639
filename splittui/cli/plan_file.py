"""Plans in files, as the commands take them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from splittui.cli.exits import CommandError, Exit
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


def plan_into(file: Path, plan: Plan) -> None:
    """Writes the plan to a new file that its owner alone can read. Raises CommandError."""
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(plan_to_json(plan), out, indent=1)
            out.write("\n")
    except FileExistsError:
        raise CommandError(f"{file} exists: a plan is never written over another file. Name a new one.") from None
    except OSError as error:
        raise CommandError(f"{file}: the plan cannot be written: {error}") from error
