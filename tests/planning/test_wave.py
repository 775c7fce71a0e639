"""Waves: a list is taken whole or not at all, and nobody in it is passed over without a word."""

import pytest

from splittui.model.entries import Kind, Side
from splittui.planning.moves import Move
from splittui.planning.wave import Standing, State, Wave, WaveError, as_it_is, listed, next_part, wave_name
from tests.sites import SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

A, B, C = "a@example.com", "b@example.com", "c@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "a@example.com\nb@example.com\n",
        "\ufeffA@Example.com\r\n\r\n  # who is on leave\r\n b@EXAMPLE.com \r\n",
        'name,address\n"Bell, Ann",a@example.com\n# later\nBo,b@example.com\n',
        "Address;Name\na@example.com;Ann\nb@example.com;Bo\n",
        "name\taddress\tdesk\nAnn\ta@example.com\t1\nBo\tb@example.com\t2\n",
        "address\na@example.com\nb@example.com",
    ],
)
def test_lines_and_csv(text: str) -> None:
    assert listed(text, "example.com").addresses == (A, B)


def test_who_is_there_twice_is_counted_once_and_named() -> None:
    found = listed("a@example.com\nb@example.com\n\nA@example.com\n", "example.com")
    assert found.addresses == (A, B)
    assert found.doubled == ("line 4: a@example.com is there already, in line 1",)


def test_every_bad_line_is_named_with_its_number() -> None:
    with pytest.raises(WaveError) as caught:
        listed("# first\na@example.com\nnobody\nx@example.org\na..b@example.com\n", "example.com")
    assert str(caught.value).splitlines() == [
        "line 3: 'nobody' is not an address: it must look like name@domain",
        "line 4: x@example.org is not in example.com",
        "line 5: 'a..b@example.com' is not an address: the part before the @ is malformed",
    ]


def test_a_row_without_its_address_is_named() -> None:
    with pytest.raises(WaveError) as caught:
        listed("name,address\nAnn\nBo,\nEve,c@example.com\n", "example.com")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no address"),
        ("# nobody yet\n\n", "no address"),
        ("address,name\n", "no address"),
        ("mail,name\na@example.com,Ann\n", "names no column 'address'"),
        (f"address,name\na@example.com,{'x' * 200_000}\n", "not CSV"),
    ],
)
def test_a_list_that_is_none(text: str, word: str) -> None:
    with pytest.raises(WaveError, match=word):
        listed(text, "example.com")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 65, "\x1b[2J", "a\u202eb"])
def test_names_that_cannot_be_typed_or_shown(name: str) -> None:
    with pytest.raises(WaveError):
        wave_name(name)


def test_a_name_is_kept_without_the_space_around_it() -> None:
    assert wave_name(" week 12, Köln ") == "week 12, Köln"


SEEN = snapshot(
    placeholder("a"),
    on_legacy("a"),
    on_zimbra("b"),
    placeholder("c"),
    on_legacy("c"),
    on_zimbra("list", kind=Kind.LIST),
    placeholder("d"),
    on_legacy("d"),
)
KNOWN = people(SEEN)
ALL = ("nobody@example.com", A, B, "list@example.com", C, "d@example.com")
WAVE = Wave("one", Side.ZIMBRA, ALL, 0.0)
NEW = tuple(Standing(address) for address in ALL)


def test_the_next_ones_are_counted_without_those_who_cannot_be_moved() -> None:
    part = next_part(SPLIT, SEEN, KNOWN, WAVE, NEW, first=2)
    assert part.moves == (Move(A, Side.ZIMBRA), Move(C, Side.ZIMBRA))
    assert [refusal.address for refusal in part.refusals] == ["nobody@example.com", "list@example.com"]
    assert len(next_part(SPLIT, SEEN, KNOWN, WAVE, NEW).moves) == 3


def test_whose_turn_it_is_not_is_left_alone() -> None:
    states = (State.FAILED, State.ROLLED_BACK, State.PLANNED, State.PLANNED, State.PROVISIONED, State.FAILED)
    standings = [Standing(address, state) for address, state in zip(ALL, states, strict=True)]
    assert next_part(SPLIT, SEEN, KNOWN, WAVE, standings).moves == (Move(C, Side.ZIMBRA),)
    again = next_part(SPLIT, SEEN, KNOWN, WAVE, standings, (State.FAILED,))
    assert again.moves == (Move("d@example.com", Side.ZIMBRA),)
    assert [refusal.address for refusal in again.refusals] == ["nobody@example.com"]


def test_what_was_read_goes_before_what_the_journal_knows() -> None:
    def now(address: str, state: State) -> Standing:
        return as_it_is(SPLIT, SEEN, KNOWN, WAVE, Standing(address, state, 7))

    assert now(A, State.PLANNED) == Standing(A, State.PLANNED, 7)
    there = now(B, State.PLANNED)
    assert (there.state, there.note) == (State.MOVED, "lives there already, though not by a run of this wave")
    assert now("nobody@example.com", State.PLANNED).note == "is not known on either system"
    assert "any more" in now("nobody@example.com", State.MOVED).note
    assert "distribution list" in now("list@example.com", State.PLANNED).note
    assert now(A, State.VERIFIED).note.startswith("is elsewhere by now: legacy")
    assert now(B, State.VERIFIED) == Standing(B, State.VERIFIED, 7)


def test_who_failed_and_is_there_all_the_same_has_moved() -> None:
    failed = Standing(B, State.FAILED, 7, "its answer was lost")
    assert as_it_is(SPLIT, SEEN, KNOWN, WAVE, failed) == Standing(
        B, State.MOVED, 7, "lives there by now, though run 7 did not end so"
    )
    back = as_it_is(SPLIT, SEEN, KNOWN, WAVE, Standing(B, State.ROLLED_BACK, 8))
    assert (back.state, back.note) == (State.MOVED, "lives there by now, though run 8 did not end so")


def test_who_failed_and_cannot_be_tried_again_says_both() -> None:
    assert as_it_is(SPLIT, SEEN, KNOWN, WAVE, Standing(A, State.FAILED, 7, "refused")).note == "refused"
    gone = as_it_is(SPLIT, SEEN, KNOWN, WAVE, Standing("nobody@example.com", State.FAILED, 7, "refused"))
    assert (gone.state, gone.note) == (State.FAILED, "refused; is not known on either system")
