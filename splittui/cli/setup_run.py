"""Carrying out a guided set-up from the command line: look, do the next task that can be done, look again."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field

from splittui.cli.carry_out import carry_out, print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.reading import read
from splittui.execution.guidance import SETTLING, Stand
from splittui.execution.undertaking import ROLE_DURING, Undertaking
from splittui.model.text import clean
from splittui.planning.brake import brake
from splittui.planning.plan import Act, Plan
from splittui.planning.route_change import HandWork
from splittui.planning.setup import State, Task
from splittui.tui.guide_lines import as_json, why

_LOOK_AGAIN = 3.0


def look(under: Undertaking) -> Stand:
    """Reads both systems and looks at all that the tasks ask for, and tells of it meanwhile. Raises CommandError."""
    found = read(under.site)
    try:
        stand = under.look(found, time.time(), _tell)
    except OSError as error:
        raise CommandError(f"What was seen done cannot be remembered: {error}") from error
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return stand


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[Klooking: {words}", end="", file=sys.stderr, flush=True)


@dataclass(slots=True)
class _Done:
    """What this call has done: the plans it ran, by task, and when it last did something."""

    plans: dict[str, tuple[str, ...]] = field(default_factory=dict)
    at: float = 0.0


def by_itself(under: Undertaking, options: argparse.Namespace) -> Exit:
    """Carries out one task after the other, as far as no person is needed.

    Ends with OK where all is so, with FAILED where a run did not come about, with REFUSED where a person has to do or
    to say something, and with PENDING where only waiting helps.
    """
    _right_role(under)
    done = _Done()
    while True:
        stand = look(under)
        task = _next(stand, done, options)
        if task is None:
            if _settles(stand, done):
                time.sleep(_LOOK_AGAIN)
                continue
            return _told(stand, options)
        print(f"{task.key}: {task.title}", file=sys.stderr)
        done.plans[task.key] = _commands(task.plan)
        ended = _carried_out(under, stand, task, options)
        done.at = time.monotonic()
        if ended is not Exit.OK:
            return ended
        if options.task:
            return Exit.OK if look(under).guide[options.task].settled else Exit.FAILED


def _right_role(under: Undertaking) -> None:
    """A set-up in a role is only carried out by a profile that says so: what is found wrong goes by it."""
    wanted, said = ROLE_DURING.get(under.goal), under.site.split.role
    if wanted is not None and wanted is not said:
        raise CommandError(
            f"Nothing was done: the profile says that Zimbra is the {said}. Write the other role into it first: "
            f"splittui connect --role {wanted}",
            Exit.REFUSED,
        )


def _next(stand: Stand, done: _Done, options: argparse.Namespace) -> Task | None:
    """The first task that can be carried out now and was not tried in vain; deletions only by their own name."""
    for task in stand.guide.tasks:
        if options.task:
            if task.key == options.task and task.key not in done.plans and _is_open(task):
                return task
        elif _is_open(task) and done.plans.get(task.key) != _commands(task.plan) and not _deletes(task.plan):
            return task
    return None


def _is_open(task: Task) -> bool:
    """Whether there is something to be done that this call can do: hand work needs somebody at the terminal."""
    if not task.free:
        return False
    if task.key == "profile":
        return True
    first = next(iter(task.plan.steps), None)
    return first is not None and (sys.stdin.isatty() or not isinstance(first.route, HandWork))


def _deletes(plan: Plan) -> bool:
    return any(step.act is Act.DELETE for step in plan.steps)


def _commands(plan: Plan) -> tuple[str, ...]:
    return tuple(step.command for step in plan.steps)


def _carried_out(under: Undertaking, stand: Stand, task: Task, options: argparse.Namespace) -> Exit:
    opened = under.site
    if task.key == "profile":
        under.say_role()
        print(f"Written: {opened.profile.file}", file=sys.stderr)
        return Exit.OK
    plan = stand.plan(task.key)
    said = argparse.Namespace(**vars(options))
    said.json = False
    held = brake(plan, stand.found.people, opened.limits)
    if held is not None and options.confirm == plan.domain and not _deletes(plan):
        # Whoever types the domain's name has let the whole undertaking go, which concerns everybody in it.
        said.confirm = held.word
    return carry_out(opened, plan, stand.found.people, said)


def _settles(stand: Stand, done: _Done) -> bool:
    """Whether something was done just now that takes a while to show by itself."""
    return bool(done.at) and time.monotonic() - done.at <= SETTLING and stand.settles


def _told(stand: Stand, options: argparse.Namespace) -> Exit:
    """What is left, at the end of it: what a person has to do, in exact words, and what is waited for."""
    guide = stand.guide
    left = [task for task in guide.tasks if task.free and (options.task in (None, task.key))]
    by_hand = [task for task in left if task.plan.steps and not (task.optional and _deletes(task.plan))]
    if options.json:
        print_json([as_json(task) for task in guide.tasks])
    for task in left:
        print(f"\n{task.key}: {task.title}" + ("  (it may be left out)" if task.optional else ""), file=sys.stderr)
        for words in task.words or why(task):
            print(f"  {clean(words)}", file=sys.stderr)
        if _deletes(task.plan):
            print(f"  It deletes, so it is run by its name alone: --task {task.key} --yes", file=sys.stderr)
    blocked = [task for task in guide.tasks if task.state is State.BLOCKED]
    for task in blocked:
        print(f"\n{task.key}: {task.title}\n  {clean(task.because)}", file=sys.stderr)
    if options.task:
        return Exit.OK if guide[options.task].settled else Exit.REFUSED
    if guide.finished:
        print("\nAll of it is so.", file=sys.stderr)
        return Exit.OK
    print("\nDo what stands here, then say the same again: splittui setup", file=sys.stderr)
    return Exit.REFUSED if by_hand else Exit.PENDING
