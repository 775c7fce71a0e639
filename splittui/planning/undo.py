"""The plan that takes a run back: it expects the values that were written, so that later edits surface as conflicts."""

from __future__ import annotations

from collections.abc import Container

from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.planning.moves import reload_step
from splittui.planning.plan import Act, Change, Finding, Plan, Severity, Step


def undo_plan(split: Split, plan: Plan, done: Container[int], made_at: float) -> Plan:
    """Takes back the steps whose indexes are in ``done``, the last one first.

    A placeholder that was only created is deleted again; one that was also moved to Zimbra stays as a placeholder,
    since a mailbox with mail in it may hang on it by now.
    """
    written = [step for index, step in enumerate(plan.steps) if index in done]
    moved = {step.address for step in written if step.act is Act.MODIFY}
    kept = tuple(step.address for step in written if step.act is Act.CREATE and step.address in moved)
    steps = [_taken_back(step) for step in reversed(written) if step.undo and step.address not in kept]
    steps = [
        *(_taken_back(step) for step in reversed(written) if step.act is Act.MODIFY and step.address in kept),
        *steps,
    ]
    if any(step.act is Act.MODIFY for step in steps):
        steps.append(reload_step(split))
    findings = []
    if kept:
        findings.append(
            Finding(Severity.INFO, "placeholder-stays", "They stay on Zimbra as locked placeholders, as created.", kept)
        )
    deleted = tuple(step.address for step in steps if step.act is Act.DELETE)
    if deleted:
        findings.append(
            Finding(Severity.WARNING, "cannot-be-undone", "Deleting these placeholders cannot be taken back.", deleted)
        )
    return Plan(plan.domain, plan.role, made_at, tuple(steps), tuple(findings))


def _taken_back(step: Step) -> Step:
    deletes = step.act is Act.CREATE
    return Step(
        host=step.host,
        act=Act.DELETE if deletes else step.act,
        tokens=step.undo,
        summary=_summary(step),
        address=step.address,
        side=step.side.other if step.side and not deletes else None,
        changes=tuple(Change(c.entry, c.attribute, c.after, c.before) for c in step.changes),
        expect=step.verify,
        verify=() if deletes else step.expect,
        undo=() if deletes else step.tokens,
    )


def _summary(step: Step) -> str:
    if step.act is Act.CREATE:
        return "taken back: the placeholder is deleted"
    if step.side is Side.ZIMBRA:
        return "taken back: to the existing mail system, as before"
    return "taken back: to Zimbra, as before"
