"""``splittui setup``: where the guided set-up stands, as both systems show it; looks at everything, changes nothing."""

from __future__ import annotations

import argparse
import sys
import time

from splittui.cli.carry_out import print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.plan_text import show_plan
from splittui.cli.reading import read, site
from splittui.execution.guidance import Guidance
from splittui.mailflow.danger import with_dangers
from splittui.model.router import System
from splittui.model.text import clean
from splittui.planning.plan_json import Json
from splittui.planning.setup import Choices, Goal, Guide, State, Task
from splittui.remote import RemoteError

GOALS = {
    "primary": Goal.PRIMARY,
    "secondary": Goal.SECONDARY,
    "to-primary": Goal.TO_PRIMARY,
    "to-secondary": Goal.TO_SECONDARY,
    "finish": Goal.FINISH,
    "roll-back": Goal.ROLL_BACK,
}
_MARKS = {State.DONE: "+", State.BLOCKED: "x", State.SKIPPED: "-", State.TO_DO: " ", State.NO_LONGER: "!"}


def setup(options: argparse.Namespace) -> Exit:
    """The guide, or one task of it with its exact commands and words, as text or as JSON."""
    with site(options) as opened:
        goal = GOALS[options.goal or opened.split.role.value]
        seen = read(opened)
        choices = Choices(system=System(options.system), skipped=_skipped(options.skip))
        try:
            version = opened.version()
        except RemoteError:
            version = ""
        guide = Guidance(opened, goal, choices).look(seen, version, time.time(), _tell)
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
    task = _named(guide, options.task) if options.task else None
    if options.json:
        print_json(as_json(task) if task else [as_json(one) for one in guide.tasks])
    elif task is not None:
        print(_whole(task))
        show_plan(with_dangers(seen.tracer.world, task.plan), sys.stdout.write)
    else:
        print(_overview(guide))
    return Exit.OK if guide.finished else Exit.PENDING


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[Klooking: {words}", end="", file=sys.stderr, flush=True)


def _skipped(said: list[str]) -> dict[str, str]:
    found = {}
    for one in said:
        key, equals, reason = one.partition("=")
        if not equals or not reason.strip():
            raise CommandError(f"--skip {one}: write it as TASK=REASON")
        found[key.strip()] = reason.strip()
    return found


def _named(guide: Guide, key: str) -> Task:
    try:
        return guide[key]
    except KeyError:
        known = ", ".join(task.key for task in guide.tasks)
        raise CommandError(f"There is no task {key}; there are: {known}") from None


def _overview(guide: Guide) -> str:
    width = max(len(task.key) for task in guide.tasks)
    lines = [guide.title, ""]
    for task in guide.tasks:
        lines.append(f"  {_MARKS[task.state]} {task.key:{width}}  {task.title}  [{task.state.value}]")
        lines += [f"    {'':{width}}  {clean(words)}" for words in _why(task)]
    following = guide.next
    told = f"Next: splittui setup --task {following.key}" if following else "Nothing can be done now."
    return "\n".join([*lines, "", "All of it is so." if guide.finished else told])


def _why(task: Task) -> tuple[str, ...]:
    """What the overview says of a task: what is seen, what it waits for, or what is not so."""
    if task.state is State.DONE:
        return task.check.evidence
    return (task.because,) if task.because else task.check.missing


def _whole(task: Task) -> str:
    gate = task.gate
    parts = {
        "state": (f"{task.state.value}{f': {task.because}' if task.because else ''}",),
        "what": (task.what,),
        "why": (task.why,),
        "seen": task.check.evidence if task.check.done else (),
        "missing": task.check.missing,
        "MX now": gate.now if gate else (),
        "closed by": gate.closed_by if gate else (),
        "by hand": task.words,
        "undo": (task.undo,) if task.undo else (),
    }
    lines = [f"{task.key}: {task.title}"]
    for name, texts in parts.items():
        lines += [f"  {name if not number else '':9}  {clean(text)}" for number, text in enumerate(texts)]
    return "\n".join([*lines, ""])


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
