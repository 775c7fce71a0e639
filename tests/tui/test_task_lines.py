"""What the guide says on screen of each task and each undertaking, of a site that is a world of mail flow."""

from __future__ import annotations

import pytest

from splittui.mailflow.world import Keeps, System
from splittui.model.entries import Role
from splittui.planning.plan import MASK
from splittui.planning.setup import Choices, Goal, Guide, Seen, State
from splittui.planning.setup.recommendation import recommended
from splittui.tui.fold_line import FoldLine, counted, made
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.guide_keys import GUIDE_KEYS, guide_help
from splittui.tui.guide_options import options
from splittui.tui.lines import text_of
from splittui.tui.screens.guide import GuideScreen
from splittui.tui.screens.options import option_lines
from splittui.tui.task_lines import advice_for, copied, rows, standing, task_lines
from splittui.tui.undertaking_lines import undertaking_lines, undertaking_rows
from tests.planning.setup.ground import Site, site

ROLES = {Goal.SECONDARY: Role.SECONDARY, Goal.TO_PRIMARY: Role.SECONDARY}


def fresh(goal: Goal) -> Site:
    role = ROLES.get(goal, Role.PRIMARY)
    return site((), {"bar": Keeps.HERE}, role=role, three=False, unknown=Keeps.REJECTS, mx=System.LEGACY, relays=True)


def seen_of(goal: Goal, choices: Choices | None = None) -> tuple[Seen, Guide]:
    known = fresh(goal)
    more = {} if choices is None else {"choices": choices}
    return known.seen(goal, **more), known.guide(goal, **more)


def texts(lines: list[FoldLine]) -> list[str]:
    whole = counted([one for line in lines for one in made(line)])
    return [text_of(line.content) for line in whole]


@pytest.mark.parametrize("goal", Goal)
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_task_says_what_it_is_for_where_it_stands_and_what_it_waits_for(goal: Goal, glyphs: Glyphs) -> None:
    seen, found = seen_of(goal)
    listed = rows(found, seen.split, glyphs)
    assert len(listed) == len(found.tasks)
    for task, row in zip(found.tasks, listed, strict=True):
        told = texts(task_lines(found, task, seen.split, glyphs))
        whole = "\n".join(told)
        assert task.title in told[0]
        assert task.state.value in told[1]
        assert f"{task.what} {task.why}" in told
        assert all(f"  {words}".strip() in whole for words in task.words)
        assert all(missing in whole for missing in task.check.missing)
        if not task.settled:
            assert all(need.because in whole for need in task.needs)
        if task.gate is not None:
            assert all(reason in whole for reason in task.gate.closed_by)
        assert task.undo in whole
        assert row.word[0] in (task.state.value, "next")
        assert row.sign[0].strip()
    assert [row.word[0] for row in listed].count("next") <= 1
    assert standing(found).startswith(f"{sum(task.state is State.DONE for task in found.tasks)} of {len(found.tasks)}")


def test_the_commands_of_a_task_are_there_with_secrets_masked() -> None:
    seen, found = seen_of(Goal.PRIMARY)
    people = found["people"]
    told = texts(task_lines(found, people, seen.split, UNICODE))
    assert any(text.startswith("ca bar@") and MASK in text for text in told)
    assert any("zimbraMailTransport" in text and "+ smtp:" in text for text in told)
    assert copied(people)[0].startswith("ca bar@")


def test_a_task_that_was_seen_done_says_since_when() -> None:
    seen, found = seen_of(Goal.PRIMARY)
    told = texts(task_lines(found, found["reading"], seen.split, UNICODE, 1_700_000_000.0))
    assert any(text.startswith("first seen so 2023-11-") for text in told)


def test_what_cannot_be_carried_out_says_what_to_do() -> None:
    _, found = seen_of(Goal.PRIMARY)
    assert advice_for(found["mx"]) == found["mx"].because
    assert advice_for(found["reading"]).startswith("It is done: ")
    assert "Nothing is to be run here." in advice_for(found["address-book"])


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("goal", Goal)
def test_an_undertaking_in_the_names_of_the_site_with_its_ways_as_chains(goal: Goal, glyphs: Glyphs) -> None:
    seen, _ = seen_of(goal)
    told = texts(undertaking_lines(goal, seen, recommended(seen), glyphs, hosted=True))
    if goal in (Goal.PRIMARY, Goal.SECONDARY):
        assert any(text.startswith("Recommended here: Zimbra as the ") for text in told)
    if goal not in (Goal.FINISH, Goal.ROLL_BACK):
        refused = next(text for text in told if text.endswith("refused: 550"))
        assert refused.startswith("internet")
        assert glyphs.arrow in refused
    assert any(text.strip().startswith("1 Both systems are read") for text in told)
    assert glyphs is UNICODE or all(text.isascii() for text in told)


def test_only_what_fits_the_role_is_for_now() -> None:
    seen, _ = seen_of(Goal.PRIMARY)
    quiet = [row.quiet for row in undertaking_rows(seen.split, None, UNICODE, hosted=True)]
    assert quiet == [False, True, True, False, False, False]
    quiet = [row.quiet for row in undertaking_rows(seen.split, None, UNICODE, hosted=False)]
    assert quiet == [False, True, True, True, True, True]


def test_the_options_of_a_task_come_first_and_what_is_chosen_has_a_mark() -> None:
    seen, found = seen_of(Goal.SECONDARY)
    offered = options(found["backscatter"], Goal.SECONDARY, seen.choices, seen.split, "here")
    assert [option.name for option in offered[:3]] == ["firewall", "verify", "filter"]
    assert offered[-1].setting == "setup.through_legacy"
    lines, owners = option_lines(offered, ASCII)
    shown = {owner: text_of(line.content) for owner, line in zip(owners, lines, strict=True) if owner is not None}
    assert shown[0].startswith("* firewall")
    assert "chosen now" in shown[0]
    assert shown[1].startswith("  verify")


def test_what_needs_a_directory_tells_the_keys_to_write() -> None:
    seen, found = seen_of(Goal.PRIMARY)
    offered = options(found["address-book"], Goal.PRIMARY, seen.choices, seen.split, "here")
    assert offered[0].setting == "setup.address_book.mode"
    assert offered[1].keys[0] == "[profile.here.setup.address_book]"
    offered = options(found["authentication"], Goal.PRIMARY, seen.choices, seen.split, "here")
    assert offered[0].keys[0] == "[profile.here.setup.authentication]"


def test_every_key_of_the_guide_has_an_action_and_a_line_in_its_help() -> None:
    keys = [key for entry in GUIDE_KEYS for key in entry.keys]
    assert len(keys) == len(set(keys))
    for entry in GUIDE_KEYS:
        assert hasattr(GuideScreen, f"action_{entry.action}")
    for glyphs in (UNICODE, ASCII):
        assert all((key.all_shown, key.help) in guide_help(glyphs) for key in GUIDE_KEYS)
    assert all("".join(line).isascii() for line in guide_help(ASCII))
