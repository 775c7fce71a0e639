"""The plan that takes a run back: it expects the values that were written, so that later edits surface as conflicts."""

from __future__ import annotations

from collections.abc import Container, Iterator

from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.planning.plan import MASK, Act, Change, Fact, Finding, Plan, Severity, Step, Target
from splittui.planning.routes import with_reloads


def undo_plan(split: Split, plan: Plan, done: Container[int], made_at: float) -> Plan:
    """Takes back the steps whose indexes are in ``done``, the last one first.

    A placeholder that was only created is deleted again; one that was also moved to Zimbra stays as a placeholder,
    since a mailbox with mail in it may hang on it by now.
    """
    written = [step for index, step in enumerate(plan.steps) if index in done]
    moved = {step.address for step in written if step.act is Act.MODIFY and step.address}
    kept = tuple(step.address for step in written if step.act is Act.CREATE and step.address in moved)
    back = [
        _taken_back(step)
        for step in reversed(written)
        if (step.undo or step.route) and not (step.act is Act.CREATE and step.address in moved)
    ]
    steps = tuple(with_reloads(split, back))
    return Plan(plan.domain, plan.role, made_at, steps, tuple(_findings(steps, kept)))


def _findings(steps: tuple[Step, ...], kept: tuple[str, ...]) -> Iterator[Finding]:
    if kept:
        yield Finding(
            Severity.INFO, "placeholder-stays", "They stay on Zimbra as locked placeholders, as created.", kept
        )
    deleted = tuple(step.address for step in steps if step.act is Act.DELETE and step.address)
    if deleted:
        text = "Deleting these placeholders cannot be taken back, and they leave every list that they are in."
        yield Finding(Severity.WARNING, "cannot-be-undone", text, deleted)


def _taken_back(step: Step) -> Step:
    act = _act_back(step)
    deletes = act is Act.DELETE
    return Step(
        host=step.host,
        act=act,
        tokens=step.undo,
        summary=_summary(step, act),
        address=step.address,
        side=step.side.other if step.side and not deletes else None,
        changes=_changes_back(step),
        expect=step.verify,
        verify=() if deletes else _verify_back(step),
        # A line with a secret in it cannot be sent again: the secret was kept nowhere.
        undo=() if step.act is Act.CREATE or step.secrets else step.tokens,
        route=step.route.inverse if step.route else None,
        target=step.target,
        entry=step.entry,
    )


def _act_back(step: Step) -> Act:
    if step.act is not Act.CREATE:
        return step.act
    return Act.DELETE if step.undo[0] in ("da", "dd") else Act.MODIFY


def _written_by_undo(step: Step) -> dict[str, tuple[str, ...]]:
    """What the undo line of a created mailbox sets."""
    return {name: (value,) for name, value in zip(step.undo[2::2], step.undo[3::2], strict=True)}


def _changes_back(step: Step) -> tuple[Change, ...]:
    if _act_back(step) is Act.MODIFY and step.act is Act.CREATE:
        before = {fact.attribute: fact.values for fact in step.verify}
        return tuple(Change(step.address, n, before.get(n, ()), v) for n, v in _written_by_undo(step).items())
    # What was there in place of a secret is not known, so it stays as it is.
    known = (change for change in step.changes if change.after != (MASK,))
    return tuple(Change(c.entry, c.attribute, c.after, c.before) for c in known)


def _verify_back(step: Step) -> tuple[Fact, ...]:
    if step.act is not Act.CREATE:
        return step.expect
    written = _written_by_undo(step)
    return tuple(Fact(fact.attribute, written.get(fact.attribute, fact.values)) for fact in step.verify)


def _summary(step: Step, act: Act) -> str:
    if step.target is not Target.ACCOUNT:
        named = f" {step.entry}" if step.entry else ""
        return f"taken back: the {step.target}{named} {'is removed' if act is Act.DELETE else 'as before'}"
    if act is Act.DELETE:
        return "taken back: the placeholder is deleted"
    if step.act is Act.CREATE:
        return "taken back: the mailbox becomes a locked placeholder"
    if step.act is Act.ROUTE:
        return f"taken back: the route on {step.host}"
    if step.side is Side.ZIMBRA:
        return "taken back: to the existing mail system, as before"
    return "taken back: to Zimbra, as before"
