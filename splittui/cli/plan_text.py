"""A plan as text, as the commands show it before it is run."""

from __future__ import annotations

from collections.abc import Callable

from splittui.model.text import clean
from splittui.planning.plan import Act, Plan, Severity
from splittui.planning.plan_json import fingerprint


def show_plan(plan: Plan, write: Callable[[str], object]) -> None:
    """Commands and changes by host, what was found, and who is not in it."""
    write(f"Plan {fingerprint(plan)} for {plan.domain}: {len(plan.people)} people, {len(plan.steps)} steps\n")
    host = ""
    for step in plan.steps:
        if step.host != host:
            host = step.host
            write(f"on {host}:\n")
        for line in step.lines:
            write(f"  {clean(line)}\n")
        for change in step.changes if step.act is not Act.RELOAD else ():
            note = "   (Zimbra writes this itself)" if change.implied else ""
            for value in change.before:
                write(f"      - {change.attribute}: {clean(value)}\n")
            for value in change.after:
                write(f"      + {change.attribute}: {clean(value)}{note}\n")
    signs = {Severity.INFO: "i", Severity.WARNING: "!", Severity.ERROR: "E"}
    for finding in plan.findings:
        write(f"{signs[finding.severity]} {finding.message} ({_few(finding.addresses)})\n")
    for refusal in plan.refusals:
        write(f"x {refusal.address} {refusal.reason}\n")


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
