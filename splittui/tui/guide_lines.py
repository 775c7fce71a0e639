"""A guide and its tasks in words, as the screen and the commands tell them."""

from __future__ import annotations

import time
from collections.abc import Mapping

from splittui.model.text import clean
from splittui.planning.plan_json import Json
from splittui.planning.setup import Guide, State, Task
from splittui.planning.setup.recommendation import Recommendation, RoleWords

MARKS = {State.DONE: "+", State.BLOCKED: "x", State.SKIPPED: "-", State.TO_DO: " ", State.NO_LONGER: "!"}

Part = tuple[str, tuple[str, ...]]
"""A heading, and what stands under it."""


def why(task: Task) -> tuple[str, ...]:
    """What a list of tasks says of one: what is seen, what it waits for, or what is not so."""
    if task.state is State.DONE:
        return tuple(map(clean, task.check.evidence))
    found = (task.because,) if task.because else task.check.missing
    return tuple(map(clean, found)) or ("nothing is known to be wrong, but it is not seen either",)


def parts(task: Task, first_done: float | None = None) -> tuple[Part, ...]:
    """All about one task, its commands left aside; parts of which there is nothing are left out.

    ``first_done`` is when it was first seen done, in seconds since the epoch.
    """
    gate, done = task.gate, task.check.done
    since = (f"first seen so {_day(first_done)}",) if first_done is not None else ()
    found: tuple[Part, ...] = (
        ("state", (f"{task.state.value}{f': {task.because}' if task.because else ''}",)),
        ("what", (task.what,)),
        ("why", (task.why,)),
        ("seen", (*task.check.evidence, *since) if done else ()),
        ("missing", task.check.missing),
        ("waits for", tuple(f"{need.key}: {need.because}" for need in task.needs) if not done else ()),
        ("MX now", gate.now if gate else ()),
        ("mail", _fates(task)),
        ("closed by", gate.closed_by if gate else ()),
        ("by hand", task.words),
        ("proof", tuple(f"{look.kind}, {look.host}: {look.subject}, {look.wanted}" for look in task.proof)),
        ("undo", (task.undo,) if task.undo else ()),
    )
    return tuple((name, tuple(map(clean, texts))) for name, texts in found if texts)


def _fates(task: Task) -> tuple[str, ...]:
    """What becomes of mail at the change of the MX: each kind of change once, with how many it concerns."""
    counted: dict[tuple[str, str, str], list[str]] = {}
    for fate in task.gate.fates if task.gate else ():
        counted.setdefault((fate.origin, fate.now, fate.after), []).append(fate.address)
    return tuple(
        f"from {origin}, {_few(addresses)}: now {now}; after the change {after}"
        for (origin, now, after), addresses in counted.items()
    )


def _few(addresses: list[str]) -> str:
    more = f" and {len(addresses) - 1:,} more" if len(addresses) > 1 else ""
    return f"{addresses[0]}{more}"


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def whole(task: Task, first_done: float | None = None) -> str:
    """One task as text."""
    lines = [f"{task.key}: {task.title}"]
    for name, texts in parts(task, first_done):
        lines += [f"  {name if not number else '':9}  {text}" for number, text in enumerate(texts)]
    return "\n".join([*lines, ""])


def overview(guide: Guide, first_done: Mapping[str, float]) -> str:
    """The guide as text: each task with its state and the reason for it, and what comes next."""
    width = max(len(task.key) for task in guide.tasks)
    lines = [guide.title, ""]
    for task in guide.tasks:
        since = f", since {_day(first_done[task.key])}" if task.state is State.DONE and task.key in first_done else ""
        lines.append(f"  {MARKS[task.state]} {task.key:{width}}  {task.title}  [{task.state.value}{since}]")
        lines += [f"    {'':{width}}  {words}" for words in why(task)]
    following = guide.next
    told = f"Next: splittui setup --task {following.key}" if following else "Nothing can be done now."
    return "\n".join([*lines, "", "All of it is so." if guide.finished else told])


def role(words: RoleWords) -> tuple[Part, ...]:
    """What a role means at this site."""
    name = f"Zimbra as the {words.role}"
    return ((name, (words.means,)), ("needs", words.needs), ("ways of mail", words.ways))


def advice(found: Recommendation) -> tuple[Part, ...]:
    """Which role to take, and why."""
    parts: tuple[Part, ...] = (
        ("recommended", (f"Zimbra as the {found.role}",)),
        ("for it", found.reasons),
        ("against it", found.against),
    )
    return tuple((name, texts) for name, texts in parts if texts)


def as_json(task: Task) -> dict[str, Json]:
    """One task as ``setup --json`` shows it."""
    return {
        "task": task.key,
        "title": task.title,
        "state": task.state.value,
        "because": task.because,
        "what": task.what,
        "why": task.why,
        "evidence": list(task.check.evidence) if task.check.done else [],
        "missing": list(task.check.missing),
        "needs": [need.key for need in task.needs],
        "optional": task.optional,
        "commands": [step.command for step in task.plan.steps],
        "by_hand": list(task.words),
        "undo": task.undo,
        "closed_by": list(task.gate.closed_by) if task.gate else [],
    }
