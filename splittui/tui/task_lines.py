"""A guide's tasks as the console draws them: a row for the list, and all there is to know of one as a tree. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.planning.route_change import HandWork
from splittui.planning.setup import Guide, State, Task
from splittui.tui.fold_line import FoldLine, counted
from splittui.tui.glyphs import Glyphs
from splittui.tui.guide_lines import Part, parts
from splittui.tui.lines import Line, Tone, count, line
from splittui.tui.preview_lines import changes, remarks
from splittui.tui.row import Row
from splittui.tui.staging import several

_HEADINGS = {
    "missing": "What is not so, or was not seen",
    "MX now": "The MX, as resolvers see it",
    "mail": "What happens to mail",
    "closed by": "The gate is closed, because",
    "by hand": "To be done by hand, in exact words",
    "seen": "What is seen",
    "proof": "What proves it",
    "undo": "To take it back",
}
_TONES = {
    State.DONE: Tone.GOOD,
    State.TO_DO: Tone.STRONG,
    State.BLOCKED: Tone.QUIET,
    State.NO_LONGER: Tone.WARN,
    State.SKIPPED: Tone.QUIET,
}
_MEANINGS = {
    State.DONE: "seen on the systems",
    State.TO_DO: "can be carried out now",
    State.BLOCKED: "waits for another task, or for a mend",
    State.NO_LONGER: "was done, is not now",
    State.SKIPPED: "with a reason, or needed no more",
}
_AT_ONCE = 12
"""Up to so many steps the changes are shown unfolded."""

_MUCH = 30
"""More lines than this under a heading are shown when it is unfolded: somebody has a hundred thousand people."""


def sign_of(state: State, glyphs: Glyphs) -> str:
    """The sign of a state; its word always stands beside it."""
    return {
        State.DONE: glyphs.good,
        State.TO_DO: glyphs.down,
        State.BLOCKED: glyphs.bad,
        State.NO_LONGER: glyphs.warning,
        State.SKIPPED: glyphs.info,
    }[state]


def signs(glyphs: Glyphs) -> list[tuple[str, str]]:
    """Every sign of the list with what it means."""
    told = [(sign_of(state, glyphs), f"{state.value}: {_MEANINGS[state]}") for state in State]
    return [*told, (glyphs.unfold, "next: where to go on")]


def rows(guide: Guide, split: Split, glyphs: Glyphs) -> list[Row]:
    """The tasks in their order; the next one has a sign of its own."""
    following = guide.next
    width = len(str(len(guide.tasks)))
    return [
        Row(
            (glyphs.unfold if task is following else sign_of(task.state, glyphs), _TONES[task.state]),
            f"{number:>{width}} {clean(task.title)}",
            f"{number:>{width}} {clean(_short(task.title, split))}",
            ("next" if task is following else task.state.value, _TONES[task.state]),
            quiet=task.state in (State.BLOCKED, State.SKIPPED),
        )
        for number, task in enumerate(guide.tasks, 1)
    ]


def _short(title: str, split: Split) -> str:
    """The title with the two hosts by what they are: there is no room for their names twice in a row."""
    return title.replace(split.zimbra, "Zimbra").replace(split.legacy, "legacy")


def standing(guide: Guide) -> str:
    """``3 of 12 done, 1 left out``."""
    done = sum(task.state is State.DONE for task in guide.tasks)
    left_out = sum(task.state is State.SKIPPED for task in guide.tasks)
    return f"{done} of {len(guide.tasks)} done" + (f", {left_out} left out" if left_out else "")


def task_lines(
    guide: Guide, task: Task, split: Split, glyphs: Glyphs, first_done: float | None = None
) -> list[FoldLine]:
    """All about a task: what it is for, where it stands, what it would change, its gate, its proof, its undo."""
    number = guide.tasks.index(task) + 1
    told = dict(parts(task, first_done))
    optional = ", may be left out" if task.optional and not task.settled else ""
    state = line((f"{sign_of(task.state, glyphs)} {task.state.value}{optional}", _TONES[task.state]))
    if task.because:
        state = (*state, (f": {clean(task.because)}", Tone.PLAIN))
    lines = [
        FoldLine(0, line((f"{number}  {clean(task.title)}", Tone.STRONG)), hang=3),
        FoldLine(0, state),
        FoldLine(0, ()),
        FoldLine(0, line(clean(f"{task.what} {task.why}")), hang=0),
        *_part(told, "missing"),
        *_waiting(guide, task, glyphs),
        *_part(told, "MX now"),
        *_part(told, "mail"),
        *_part(told, "closed by"),
        *_part(told, "by hand"),
        *_remarks(task, glyphs),
        *_changes(task, split, glyphs),
        *_part(told, "seen"),
        *_part(told, "proof"),
        *_part(told, "undo"),
    ]
    return counted(lines)


def heading(words: str, below: Iterable[Line], hang: int = 2) -> list[FoldLine]:
    """A heading with what stands under it, after an empty line; folded where there is much of it."""
    rows = [FoldLine(1, content, hang=hang) for content in below]
    if len(rows) <= _MUCH:
        return [FoldLine(0, ()), FoldLine(0, line((words, Tone.STRONG))), *rows] if rows else []
    head = line((words, Tone.STRONG), (f": {count(len(rows), 'line')}", Tone.QUIET))
    return [FoldLine(0, ()), FoldLine(0, head, later=lambda: rows)]


def section(part: Part) -> list[FoldLine]:
    """A part of the guide's words."""
    name, texts = part
    return heading(_HEADINGS.get(name, name), (line(clean(text)) for text in texts), 6 if name == "by hand" else 2)


def _part(told: dict[str, Sequence[str]] | dict[str, tuple[str, ...]], name: str) -> list[FoldLine]:
    return section((name, tuple(told.get(name, ()))))


def _waiting(guide: Guide, task: Task, glyphs: Glyphs) -> list[FoldLine]:
    if task.check.done:
        return []
    needed = [(guide[need.key], need.because) for need in task.needs]
    return heading(
        "Rests on",
        (
            line(
                (f"{sign_of(other.state, glyphs)} ", _TONES[other.state]),
                f"{guide.tasks.index(other) + 1} {clean(other.title)}",
                (f" ({other.state.value}): {clean(because)}", Tone.QUIET),
            )
            for other, because in needed
        ),
    )


def _remarks(task: Task, glyphs: Glyphs) -> list[FoldLine]:
    """What there is to know before it is carried out, and whom it leaves untouched."""
    plan = task.plan
    much = len(plan.refusals) + sum(len(finding.addresses) for finding in plan.findings)
    if task.settled or not (plan.findings or plan.refusals):
        return []

    def below() -> list[FoldLine]:
        return [replace(row, depth=row.depth + 1) for row in remarks(plan, glyphs)]

    head = line(("To know of it", Tone.STRONG))
    if much > _MUCH:
        return [FoldLine(0, ()), FoldLine(0, (*head, (f": {much:,} addresses", Tone.QUIET)), later=below)]
    return [FoldLine(0, ()), FoldLine(0, head), *below()]


def _changes(task: Task, split: Split, glyphs: Glyphs) -> Iterator[FoldLine]:
    """The attributes before and after, and the commands; what is done by hand stands in words already."""
    plan = replace(task.plan, steps=tuple(s for s in task.plan.steps if not isinstance(s.route, HandWork)))
    if not plan.steps or task.settled:
        return
    yield FoldLine(0, ())
    many = len(plan.steps) > _AT_ONCE
    head = line(
        ("What it changes", Tone.STRONG),
        (f"{glyphs.dot}{count(len(plan.steps), 'step')}, nothing is changed yet", Tone.QUIET),
    )
    if many:
        yield FoldLine(0, head, later=lambda: _below(plan, split, glyphs))
    else:
        yield FoldLine(0, head)
        yield from _below(plan, split, glyphs)


def _below(plan: Plan, split: Split, glyphs: Glyphs) -> list[FoldLine]:
    return [replace(row, depth=row.depth + 1) for row in changes(plan, split, glyphs)]


def advice_for(task: Task) -> str:
    """What to do about a task that has nothing to run, or cannot be carried out now."""
    if task.state is State.DONE:
        return f"It is done: {'; '.join(map(clean, task.check.evidence)) or 'as it is seen on the systems'}."
    if task.state is State.SKIPPED:
        return f"It is left out: {clean(task.because)}. s takes it in again, where somebody left it out."
    if task.state is State.BLOCKED:
        return clean(task.because)
    missing = "; ".join(map(clean, task.check.missing))
    if task.plan.refusals:
        return f"Nothing can be run for those who are left: {several(task.plan.refusals)}"
    return f"Nothing is to be run here. {missing}. When that is mended, or has come about by itself, r looks again."


def copied(task: Task) -> tuple[str, str]:
    """The words for the other administrator with a name for them; without any, the commands, secrets masked."""
    if task.words:
        return "\n".join(map(clean, task.words)), "The words"
    text = "\n".join(text for step in task.plan.steps for text in step.lines)
    return text, count(len(task.plan.steps), "step")
