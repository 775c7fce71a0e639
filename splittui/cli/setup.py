"""``splittui setup``: where the guided set-up stands, as both systems show it, and its tasks carried out one by one."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from splittui.cli.carry_out import print_json
from splittui.cli.connect import typed
from splittui.cli.exits import CommandError, Exit
from splittui.cli.plan_text import show_plan
from splittui.cli.reading import site
from splittui.cli.setup_run import by_itself, look
from splittui.cli.snippet_files import save
from splittui.config.write import Value, change
from splittui.execution.site import Site
from splittui.execution.undertaking import Undertaking
from splittui.model.entries import Role
from splittui.model.router import System
from splittui.model.text import clean
from splittui.planning.setup import Choices, Goal, Guide, Seen, Task
from splittui.planning.setup.recommendation import meaning, recommended
from splittui.tui.guide_lines import Part, advice, as_json, overview, role, whole

GOALS = {
    "primary": Goal.PRIMARY,
    "secondary": Goal.SECONDARY,
    "to-primary": Goal.TO_PRIMARY,
    "to-secondary": Goal.TO_SECONDARY,
    "finish": Goal.FINISH,
    "roll-back": Goal.ROLL_BACK,
}


def setup(options: argparse.Namespace) -> Exit:
    """The guide, one task of it, or both carried out; as text or as JSON."""
    with site(options) as opened:
        under = Undertaking(opened, GOALS[options.goal or opened.split.role.value], _choices(opened, options))
        if options.yes:
            return by_itself(under, options)
        stand = look(under)
        if options.save is not None:
            for file in save(stand.seen, Path(options.save)):
                print(file)
            return Exit.OK
        if options.roles:
            _tell_roles(stand.seen, options)
            return Exit.OK
        guide, first_done = stand.guide, under.first_done
        task = named(guide, options.task) if options.task else None
        if options.json:
            print_json(as_json(task) if task else [as_json(one) for one in guide.tasks])
        elif task is not None:
            print(whole(task, first_done.get(task.key)))
            show_plan(stand.judged(task.plan), sys.stdout.write)
        else:
            print(overview(guide, first_done))
        return Exit.OK if guide.finished else Exit.PENDING


def _choices(opened: Site, options: argparse.Namespace) -> Choices:
    """What the profile says, what ``--choose`` writes there now, and what this call alone leaves out."""
    if options.choose:
        opened.renew(change(opened.profile, {f"setup.{name}": value for name, value in _pairs(options.choose)}))
    chosen = opened.profile.setup.choices
    system = System(options.system) if options.system else chosen.system
    return replace(chosen, system=system, skipped={**chosen.skipped, **_skipped(options.skip)})


def _pairs(said: list[str]) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"--choose {one}: write it as NAME=VALUE, such as backscatter=verify")
        found.append((name.strip(), typed(value.strip())))
    return found


def _skipped(said: list[str]) -> dict[str, str]:
    found = {}
    for one in said:
        key, equals, reason = one.partition("=")
        if not equals or not reason.strip():
            raise CommandError(f"--skip {one}: write it as TASK=REASON")
        found[key.strip()] = reason.strip()
    return found


def named(guide: Guide, key: str) -> Task:
    """The task of that key. Raises CommandError."""
    try:
        return guide[key]
    except KeyError:
        known = ", ".join(task.key for task in guide.tasks)
        raise CommandError(f"There is no task {key}; there are: {known}") from None


def _tell_roles(seen: Seen, options: argparse.Namespace) -> None:
    """What either role means at this site, and which one is recommended."""
    found = recommended(seen)
    words = [meaning(seen, one) for one in Role]
    if options.json:
        print_json(
            {
                "recommended": found.role.value,
                "reasons": list(found.reasons),
                "against": list(found.against),
                "roles": {
                    one.role.value: {"means": one.means, "needs": list(one.needs), "ways": list(one.ways)}
                    for one in words
                },
            }
        )
        return
    for part in (*(part for one in words for part in role(one)), *advice(found)):
        print(_block(part))


def _block(part: Part) -> str:
    name, texts = part
    return "\n".join([f"{name}:", *(f"  {clean(text)}" for text in texts), ""])
