"""Everything known about a person, on both sides."""

from dataclasses import replace

import pytest

from splittui.model.home import Home, Residence
from splittui.tui.lines import cells, text_of
from splittui.tui.screens.details import DetailsScreen, details
from tests.sites import SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot
from tests.tui.plans import HOSTILE, HostApp, mixed_plan

KNOWN = people(
    snapshot(
        on_zimbra(
            "carol", name="Carol Chen", aliases=("cc@example.com", "chen@example.com"), forwards=("x@y.example",)
        ),
        on_legacy("carol", name="Carol C.", aliases=("carol.chen@example.com",)),
        on_legacy("dave", name="Dave Diaz"),
        placeholder("eve"),
    )
)


def told(name: str, width: int = 100) -> str:
    return "\n".join(text_of(line) for line in details(KNOWN[f"{name}@example.com"], SPLIT, width))


def test_both_sides_stand_beside_each_other() -> None:
    text = told("carol")
    assert "mail.example.com" + " " * 29 + "zimbra.example.com" in text
    assert "aliases     carol.chen@example.com" in text
    assert "cc@example.com" in text
    assert "forwards    -" in text
    assert "lmtp:zimbra.example.com:7025" in text
    assert text.startswith("lives on both: mail is split between two mailboxes")
    assert "\ninternet and Zimbra users' mail arrives on zimbra.example.com; legacy users' mail arrives on" in text


def test_one_who_is_on_one_side_only_has_nothing_on_the_other() -> None:
    assert "nothing under this address" in told("dave")
    assert told("eve").startswith("lives nowhere: mail does not arrive")


def test_what_a_move_would_run_is_told_where_it_is_known() -> None:
    plan, known = mixed_plan()
    lines = details(known.people["bar@example.com"], SPLIT, 120, plan)
    text = "\n".join(text_of(line) for line in lines)
    assert "A move would run" in text
    assert plan.steps[0].command in text
    assert "not possible: already lives on" in text


@pytest.mark.parametrize("width", [20, 58, 78, 200])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    person = replace(KNOWN["carol@example.com"], residence=Residence(Home.ODD, "", HOSTILE * 9), alias_of="a@b.example")
    for line in details(person, SPLIT, width, mixed_plan()[0]):
        assert cells(text_of(line)) <= max(width, 12 + 8 + 2 + 8)


async def test_y_copies_the_address_and_escape_goes_back() -> None:
    app = HostApp(DetailsScreen(KNOWN["carol@example.com"], SPLIT))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "carol@example.com   Carol Chen" in app.shown()
        await pilot.press("y")
        assert app.clipboard == "carol@example.com"
        await pilot.press("escape")
    assert app.answers == [None]


async def test_hostile_people_are_only_text() -> None:
    person = people(snapshot(on_zimbra("x", name=HOSTILE, aliases=(HOSTILE,))))["x@example.com"]
    app = HostApp(DetailsScreen(person, SPLIT))
    async with app.run_test(size=(80, 24)):
        shown = app.shown()
    assert "\x1b" not in shown
    assert "[/b]" in shown
