"""Where people live: by routing, never by mere existence."""

import pytest

from splittui.model.entries import Domain, Kind, Side, ZimbraAccount
from splittui.model.home import Home
from splittui.model.snapshot import Reading
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

PRIMARY_CASES = [
    (on_zimbra("a"), None, Home.ZIMBRA, ""),
    (on_zimbra("a"), on_legacy("a"), Home.ZIMBRA, "old box"),
    (on_zimbra("a", status="maintenance"), None, Home.ZIMBRA, "maintenance"),
    (on_zimbra("a", host=""), None, Home.NOWHERE, "no host"),
    (on_zimbra("a", host="other.example.com"), None, Home.ODD, "other host"),
    (on_zimbra("a", transport="lmtp:gone.example.com:7025"), None, Home.ODD, "unknown server"),
    (on_zimbra("a", transport="lmtp:ZIMBRA.example.com:7025"), None, Home.ODD, "unknown server"),
    (on_zimbra("a", transport="SMTP:mail.example.com:25"), on_legacy("a"), Home.ODD, "odd transport"),
    (on_zimbra("a", transport="mail.example.com"), on_legacy("a"), Home.ODD, "odd transport"),
    (on_zimbra("a", transport="smtp:elsewhere.example.com"), on_legacy("a"), Home.ODD, "other host"),
    (on_zimbra("a", transport=""), None, Home.NOWHERE, "no transport"),
    (on_zimbra("a", status="closed", mail_status="disabled"), None, Home.NOWHERE, "closed"),
    (on_zimbra("a", mail_status="disabled"), None, Home.NOWHERE, "mail off"),
    (placeholder("a"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", host="zimbra.example.com"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", transport="smtp:[mail.example.com]"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", status="active"), on_legacy("a"), Home.LEGACY, "placeholder active"),
    (placeholder("a"), None, Home.NOWHERE, "no mailbox"),
    (placeholder("a"), on_legacy("a", forwards_to="smtp:[zimbra.example.com]:25"), Home.NOWHERE, "loops"),
    (None, on_legacy("a"), Home.LEGACY, "not on Zimbra"),
    (None, on_legacy("a", forwards_to="smtp:[zimbra.example.com]:25"), Home.NOWHERE, "not on Zimbra"),
]


@pytest.mark.parametrize(("zimbra", "legacy", "home", "state"), PRIMARY_CASES)
def test_primary(zimbra: ZimbraAccount | None, legacy, home: Home, state: str) -> None:
    person = people(snapshot(*filter(None, (zimbra, legacy))))["a@example.com"]
    assert (person.home, person.state) == (home, state)
    assert person.reason


def test_secondary() -> None:
    seen = snapshot(
        on_zimbra("both"),
        on_legacy("both"),
        on_zimbra("moved"),
        on_legacy("moved", forwards_to="smtp:[zimbra.example.com]:25"),
        on_legacy("there"),
        on_zimbra("closed", status="closed", mail_status="disabled"),
        on_legacy("closed"),
        on_zimbra("lost", status="closed", mail_status="disabled"),
        on_legacy("lost", forwards_to="smtp:[zimbra.example.com]:25"),
    )
    homes = {address.partition("@")[0]: person.home for address, person in people(seen, SECONDARY).items()}
    assert homes == {
        "both": Home.BOTH,
        "moved": Home.ZIMBRA,
        "there": Home.LEGACY,
        "closed": Home.LEGACY,
        "lost": Home.NOWHERE,
    }


def test_an_account_without_transport_takes_the_domains() -> None:
    domain = Domain("example.com", True, {"zimbraMailTransport": ("smtp:mail.example.com:25",)})
    person = people(snapshot(on_zimbra("a", transport=""), on_legacy("a"), domain=domain))["a@example.com"]
    assert person.home is Home.LEGACY
    assert "the domain's transport" in person.reason


def test_a_partial_legacy_half_proves_nobody_missing() -> None:
    partial = Reading(False, 0.0, "cut off")
    assert people(snapshot(placeholder("a"), legacy=partial))["a@example.com"].home is Home.LEGACY


def test_aliases_are_found_on_both_sides() -> None:
    seen = snapshot(
        on_zimbra("a", aliases=("b@example.com",)),
        on_legacy("b"),
        placeholder("c"),
        on_legacy("d", aliases=("c@example.com",)),
    )
    everybody = people(seen)
    assert everybody["b@example.com"].alias_of == "a@example.com"
    assert everybody["c@example.com"].home is Home.LEGACY


def test_lists_and_panes() -> None:
    seen = snapshot(on_zimbra("team", kind=Kind.LIST, transport="", host=""), on_legacy("a"), on_zimbra("n", host=""))
    everybody = people(seen, SPLIT)
    assert everybody["team@example.com"].home is Home.ZIMBRA
    assert everybody["team@example.com"].state == "list"
    assert everybody["a@example.com"].side is Side.LEGACY
    assert everybody["n@example.com"].side is Side.ZIMBRA
