"""Where legacy sends whom, as the router's own place says, beside what the directory or an export says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from splittui.legacy.routers.reading import with_routes
from splittui.model.router import CommandRouter, LdapRouter, PostfixRouter
from splittui.model.snapshot import LegacyHalf, Reading
from tests.legacy.tables import Table
from tests.sites import SPLIT, on_legacy

TO_ZIMBRA = "smtp:[zimbra.example.com]:25"
NAMES = ("here", "away", "other")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


def half(*, forwards_to: str = "", routing: dict[str, dict[str, tuple[str, ...]]] | None = None) -> LegacyHalf:
    accounts = {f"{name}@example.com": on_legacy(name, forwards_to=forwards_to) for name in NAMES}
    return LegacyHalf(Reading(True, 1.0), accounts, routing or {}, without_address=3)


def sent(read: LegacyHalf) -> dict[str, str]:
    return {address.partition("@")[0]: account.forwards_to for address, account in read.accounts.items()}


def test_a_table_says_who_is_sent_away(table: Table) -> None:
    table.write(f"Away@example.com {TO_ZIMBRA}\nother@example.com relay:[b.example.com]\nnobody@example.com x:\n")
    read = with_routes(half(forwards_to="smtp:stale"), SPLIT, PostfixRouter(table.name), table.at_work())
    assert sent(read) == {"here": "", "away": TO_ZIMBRA, "other": "relay:[b.example.com]"}
    assert read.routing == {
        "away@example.com": {"route": (TO_ZIMBRA,)},
        "other@example.com": {"route": ("relay:[b.example.com]",)},
    }
    assert read.reading.complete
    assert read.without_address == 3


def test_a_table_where_those_without_a_line_are_sent_away(table: Table) -> None:
    table.write(f"here@example.com virtual:\nexample.com {TO_ZIMBRA}\nother@example.com relay:[b.example.com]\n")
    router = PostfixRouter(table.name, away="", here="virtual:")
    read = with_routes(half(), SPLIT, router, table.at_work())
    assert sent(read) == {"here": "", "away": TO_ZIMBRA, "other": "relay:[b.example.com]"}


def test_a_table_that_sends_the_whole_domain_on_does_not_fit_a_profile_that_says_otherwise(table: Table) -> None:
    table.write(f"example.com {TO_ZIMBRA}\n")
    read = with_routes(half(), SPLIT, PostfixRouter(table.name), table.at_work())
    assert not read.reading.complete
    assert 'say so in the profile with away = ""' in read.reading.why_partial
    table.write("example.com local:\n")
    assert with_routes(half(), SPLIT, PostfixRouter(table.name), table.at_work()).reading.complete


def test_a_table_that_cannot_be_read_makes_the_half_partial(table: Table) -> None:
    read = with_routes(half(), SPLIT, PostfixRouter(table.name), table.at_work())
    assert not read.reading.complete
    assert "cannot be read: mail.example.com: there is no file" in read.reading.why_partial
    read = with_routes(read, SPLIT, PostfixRouter(table.name), None)
    assert "there is no file" in read.reading.why_partial
    assert "no login on mail.example.com" in read.reading.why_partial


ENTRY = LdapRouter(
    "dc=example",
    away=(("mailHost", "{zimbra}"), ("mailRoutingAddress", "{local}@{zimbra}")),
    here=(("mailHost", "{legacy}"),),
)
AWAY = {"mailhost": ("zimbra.example.com",), "mailroutingaddress": ("away@zimbra.example.com",)}
HERE = {"mailhost": ("mail.example.com",)}


def test_attributes_say_who_is_sent_away_and_the_directory_says_the_rest() -> None:
    routing = {
        "here@example.com": HERE,
        "away@example.com": AWAY,
        "other@example.com": {"mailhost": ("b.example.com",)},
    }
    read = with_routes(half(forwards_to="b.example.com", routing=routing), SPLIT, ENTRY, None)
    assert sent(read) == {"here": "", "away": TO_ZIMBRA, "other": "b.example.com"}
    only_here = replace(ENTRY, here=())
    read = with_routes(half(forwards_to="b.example.com", routing={"away@example.com": AWAY}), SPLIT, only_here, None)
    assert sent(read) == {"here": "", "away": TO_ZIMBRA, "other": ""}


def test_commands_and_no_router_leave_what_the_directory_says() -> None:
    read = half(forwards_to="smtp:x")
    assert with_routes(read, SPLIT, CommandRouter("a {address}", "b {address}", "c {address}"), None) is read
    assert with_routes(read, SPLIT, None, None) is read
