"""What a pane shows: filters, sorts, marks and guests, against plain and slow ways to say the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.mailflow.roster import Roster, roster
from splittui.model.entries import Kind, Side
from splittui.model.home import Home, Person, Residence
from splittui.planning.moves import Move
from splittui.tui.roster_view import Filter, RosterView, Sheet, Sort, Trouble, sheet, trouble_of
from splittui.tui.staging import Staging

from .conftest import FIRST, LAST, SPLIT, Zoo, ZooSite, small_zoo


def roster_of(zoo: Zoo) -> Roster:
    return roster(SPLIT, ZooSite(zoo).snapshot())


def view_of(zoo: Zoo, side: Side = Side.LEGACY) -> RosterView:
    view = RosterView()
    view.load(side, sheet(roster_of(zoo)))
    return view


def shown(view: RosterView) -> list[str]:
    return [row.address.partition("@")[0] for row in view.rows()]


def test_each_person_stands_on_one_side() -> None:
    loaded = sheet(roster_of(small_zoo()))
    left, right = ({row.address for row in loaded.sides[side]} for side in Side)
    assert not left & right
    assert left | right == set(loaded.roster.people)


def test_filter_words_all_occur_and_negated_ones_do_not() -> None:
    view = view_of(small_zoo(), Side.ZIMBRA)
    view.set_filter("AN !frank")
    assert shown(view)
    assert all("an" in row.address + row.name.lower() for row in view.rows())
    assert "frank.jansen" not in shown(view)
    view.set_filter("system")
    assert shown(view) == ["spam.x1y2z3"]


def test_filter_finds_people_by_their_aliases() -> None:
    zoo = small_zoo()
    zoo.on_zimbra("mueller", "Eva Müller", aliases=("sales@example.com",))
    view = view_of(zoo, Side.ZIMBRA)
    view.set_filter("sales")
    assert shown(view) == ["mueller"]
    view.set_filter("MÜLLER")
    assert shown(view) == ["mueller"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="abn! .", max_size=6), min_size=1, max_size=6))
def test_typing_ends_where_starting_anew_ends(texts: list[str]) -> None:
    view = view_of(small_zoo())
    for text in texts:
        view.set_filter(text)
        fresh = Filter.parse(text)
        expected = [
            row.address
            for row in view._rows
            if all(w in f"{row.address} {row.name} {row.state}".casefold() for w in fresh.wanted)
            and not any(w in f"{row.address} {row.name} {row.state}".casefold() for w in fresh.unwanted)
        ]
        assert [row.address for row in view.rows()] == expected


def test_a_hundred_thousand_rows_are_filtered_right() -> None:
    people = {f"{FIRST[i % 20]}.{LAST[i * 7 % 15]}{i}@example.com".lower(): i for i in range(100_000)}
    there = Residence(Home.LEGACY, "", "")
    rows = [Person(address, f"Number {i}", Kind.PERSON, there) for address, i in sorted(people.items())]
    haystacks = {row.address: f"{row.address} {row.name.lower()}" for row in rows}
    sides = {Side.LEGACY: rows, Side.ZIMBRA: []}
    view = RosterView()
    view.load(Side.LEGACY, Sheet(roster_of(Zoo()), sides, haystacks))
    for text in ("a", "an", "ann", "ann.", "ann.adams", "ann.adams !7"):
        view.set_filter(text)
    wanted = [row for row in view._rows if "ann.adams" in row.address and "7" not in row.address]
    assert [row.address for row in view.rows()] == [row.address for row in wanted]
    assert view.total == 100_000
    assert view.passing == len(wanted) > 100
    view.set_filter("")
    assert len(view) == 100_000


@pytest.mark.parametrize("sort", list(Sort))
def test_sorts_and_reverses(sort: Sort) -> None:
    view = view_of(small_zoo(), Side.ZIMBRA)
    view.set_sort(sort, False)
    upwards = shown(view)
    assert sorted(upwards) == sorted(row.address.partition("@")[0] for row in view._own)
    view.set_sort(sort, True)
    assert shown(view) == upwards[::-1]
    if sort is Sort.STATE:
        assert upwards[0] == "admin"
        assert view[0].state == ""


def test_marks_survive_filter_and_sort_and_are_counted_when_hidden() -> None:
    view = view_of(small_zoo())
    view.marked = {"ann.adams@example.com", "bo.bell@example.com"}
    view.set_filter("bo.")
    assert view.hidden_marks == 1
    view.set_sort(Sort.NAME, True)
    assert view.marked == {"ann.adams@example.com", "bo.bell@example.com"}
    view.set_filter("")
    assert view.hidden_marks == 0


def test_marks_of_people_who_are_gone_go() -> None:
    zoo = small_zoo()
    view = view_of(zoo)
    view.marked = {"ann.adams@example.com", "bo.bell@example.com"}
    del zoo.legacy["ann.adams@example.com"], zoo.zimbra["ann.adams@example.com"]
    view.load(Side.LEGACY, sheet(roster_of(zoo)))
    assert view.marked == {"bo.bell@example.com"}


@pytest.mark.parametrize("sort", list(Sort))
def test_guests_stand_in_order_and_are_not_counted_or_marked(sort: Sort) -> None:
    loaded = roster_of(small_zoo())
    view = RosterView()
    view.load(Side.ZIMBRA, sheet(loaded))
    before = view.total
    guests = [loaded.people["ann.adams@example.com"], loaded.people["sven.chen@example.com"]]
    view.set_incoming(guests)
    view.set_sort(sort, False)
    assert view.incoming == 2
    assert view.total == view.passing == before == len(view) - 2
    assert not view.markable(guests)
    if sort is Sort.ADDRESS:
        assert shown(view) == sorted(shown(view))
    assert view.find("ann.adams@example.com") is not None
    view.set_filter("chen")
    assert view.passing == 0
    view.set_incoming([])
    assert shown(view) == []


@pytest.mark.parametrize(("sort", "descending"), [(Sort.ADDRESS, False), (Sort.ADDRESS, True), (Sort.NAME, False)])
def test_find_agrees_with_looking_at_every_row(sort: Sort, descending: bool) -> None:
    view = view_of(small_zoo())
    view.set_sort(sort, descending)
    view.set_filter("an")
    for row in view._own:
        at = view.find(row.address)
        assert at == next((i for i, one in enumerate(view.rows()) if one.address == row.address), None)
    assert view.find("nobody@example.com") is None


def test_patterns_are_globs_on_addresses_or_filters() -> None:
    view = view_of(small_zoo())
    assert view.matching("*.bell") == {"bo.bell@example.com", "rosa.bell@example.com"}
    assert view.matching("bo.b???") == {"bo.bell@example.com"}
    assert view.matching("*@example.com") == {row.address for row in view.rows()}
    assert view.matching("bell !rosa") == {"bo.bell@example.com"}


def test_trouble_is_bad_only_where_mail_does_not_arrive() -> None:
    people = roster_of(small_zoo()).people
    found = {name: trouble_of(people[f"{name}@example.com"]) for name in ("nohost", "dave.diaz", "admin")}
    assert found == {"nohost": Trouble.BAD, "dave.diaz": Trouble.WARNING, "admin": Trouble.NOTE}


def test_staging_refuses_revises_and_plans() -> None:
    zoo = small_zoo()
    loaded = roster_of(zoo)
    staging = Staging()
    moves = [Move(f"{name}@example.com", Side.ZIMBRA) for name in ("ann.adams", "bo.bell", "nobody")]
    refused = staging.stage(SPLIT, loaded.snapshot, loaded.people, moves)
    assert [one.address for one in refused] == ["nobody@example.com"]
    assert staging.count(Side.ZIMBRA) == len(staging) == 2
    plan = staging.plan(SPLIT, loaded.snapshot, loaded.people, 0.0)
    assert plan.people == ("ann.adams@example.com", "bo.bell@example.com")

    zoo.on_zimbra("ann.adams", "Ann Adams")
    again = roster_of(zoo)
    dropped = staging.revise(SPLIT, again.snapshot, again.people)
    assert [one.address for one in dropped] == ["ann.adams@example.com"]
    assert dropped[0].reason.startswith("already lives on zimbra.example.com as far as a move can set it, but mail.")
    assert staging.unstage(["bo.bell@example.com", "ann.adams@example.com"]) == 1
    assert staging.clear() == 0


def test_a_row_is_a_person() -> None:
    row = view_of(small_zoo())[0]
    assert isinstance(row, Person)
    assert row.home is Home.LEGACY
