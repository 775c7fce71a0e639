"""Each command of the recipe is in the guide, as the README's table says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from splittui.model.entries import Role
from splittui.planning.settings import Restart
from splittui.planning.setup import Choices, Goal
from tests.planning.setup.test_tasks import fresh

README = Path(__file__).parents[3] / "README.md"
ROLES = {Goal.PRIMARY: Role.PRIMARY, Goal.SECONDARY: Role.SECONDARY}


def rows() -> list[tuple[str, str, str]]:
    """The rows of the table: the recipe's step, the guide's tasks, and the command."""
    text = README.read_text(encoding="utf-8")
    table = text[text.index("| recipe | guide | command") :].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return [(recipe, guide, command) for recipe, guide, command in cells]


def commands(choices: Choices | None = None) -> set[tuple[str, str]]:
    """Every task that has a command, with it, over the states that a new site goes through."""
    found = set()
    for goal, role in ROLES.items():
        for three in (None, False, True):
            where = fresh(role, three=three)
            where.choices = choices or Choices()
            found |= {(task.key, step.command) for task in where.guide(goal).tasks for step in task.plan.steps}
    return found


KNOWN = commands()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0][:40])
def test_every_row_names_tasks_of_the_guide_and_its_commands(row: tuple[str, str, str]) -> None:
    _, named, told = row
    tasks = {task.key for goal, role in ROLES.items() for task in fresh(role).guide(goal).tasks}
    keys = [key for key in re.findall(r"`([^`]+)`", named) if key in tasks]
    assert keys or "splittui" in named
    whole = [one for one in re.findall(r"`([^`]+)`", told) if one.startswith(("cd ", "ca ", "md ", "mcf ", "/opt"))]
    for command in whole:
        shown = command.removesuffix(" …")
        fitting = [key for key, line in KNOWN if line == command or (shown != command and key in keys)]
        assert fitting or shown != command, command
        if shown == command:
            assert set(fitting) & set(keys), (command, fitting)


def test_all_of_the_recipe_is_in_the_table() -> None:
    recipe = " ".join(recipe for recipe, _, _ in rows())
    for words in (
        "zmprov ca bar@example.com <some_random_password>",
        "zmprov ma bar@example.com zimbraMailTransport smtp:mail.example.com",
        "zmprov ma bar@example.com zimbraMailTransport lmtp:zimbra.example.com:7025",
        "zmprov md example.com",
        "zmprov mcf zimbraMtaRelayHost mail.example.com",
        "zmprov mcf zimbraMtaDnsLookupsEnabled FALSE",
        "postfix stop",
        "postfix start",
    ):
        assert words in recipe


def test_the_recipe_s_own_way_to_make_it_take_effect_can_be_chosen() -> None:
    found = commands(Choices(restart=Restart.POSTFIX))
    assert any(key == "relay-host" and "postfix stop" in line and "postfix start" in line for key, line in found)
