"""Who lives where, for everybody of a snapshot: by the tracer, never by mere existence."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.mailflow.alike import Alike
from splittui.mailflow.home import home
from splittui.mailflow.roster import roster
from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, Side, ZimbraAccount
from splittui.model.home import Home
from splittui.model.snapshot import Reading, Snapshot
from splittui.model.split import Split
from tests.mailflow.snapshots import AWAY, THREE, snapshots
from tests.sites import SECONDARY, SMTP, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

CASES = [
    (on_zimbra("a"), None, Home.ZIMBRA, ""),
    (on_zimbra("a"), on_legacy("a"), Home.BOTH, "old box"),
    (on_zimbra("a"), on_legacy("a", forwards_to=AWAY), Home.ZIMBRA, ""),
    (on_zimbra("a", status="locked"), None, Home.ZIMBRA, "locked"),
    (on_zimbra("a", status="maintenance"), None, Home.ZIMBRA, "maintenance"),
    (on_zimbra("a", host=""), None, Home.ODD, "no host"),
    (on_zimbra("a", host=""), on_legacy("a"), Home.LEGACY, "no host"),
    (on_zimbra("a", host="other.example.com"), None, Home.ODD, "other host"),
    (on_zimbra("a", transport="lmtp:gone.example.com:7025"), None, Home.ODD, "unknown server"),
    (on_zimbra("a", transport="lmtp:ZIMBRA.example.com:7025"), None, Home.ZIMBRA, ""),
    (on_zimbra("a", transport="SMTP:mail.example.com:25"), on_legacy("a"), Home.LEGACY, "odd transport"),
    (on_zimbra("a", transport="mail.example.com"), on_legacy("a"), Home.LEGACY, "odd transport"),
    (on_zimbra("a", transport="smtp:elsewhere.example.com"), on_legacy("a"), Home.ODD, "other host"),
    (on_zimbra("a", transport=""), None, Home.NOWHERE, "no transport"),
    (on_zimbra("a", status="closed", mail_status="disabled"), None, Home.NOWHERE, "closed"),
    (on_zimbra("a", mail_status="disabled"), None, Home.NOWHERE, "mail off"),
    (placeholder("a"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", host="zimbra.example.com"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", transport="smtp:[mail.example.com]"), on_legacy("a"), Home.LEGACY, ""),
    (placeholder("a", status="active"), on_legacy("a"), Home.LEGACY, "not locked"),
    (placeholder("a"), None, Home.NOWHERE, "no mailbox"),
    (placeholder("a"), on_legacy("a", forwards_to=AWAY), Home.NOWHERE, "loops"),
    (None, on_legacy("a"), Home.LEGACY, "not on Zimbra"),
    (None, on_legacy("a", forwards_to=AWAY), Home.NOWHERE, "not on Zimbra"),
]


@pytest.mark.parametrize(("zimbra", "legacy", "home_", "state"), CASES)
def test_with_zimbra_as_the_primary(
    zimbra: ZimbraAccount | None, legacy: LegacyAccount | None, home_: Home, state: str
) -> None:
    person = people(snapshot(*filter(None, (zimbra, legacy))))["a@example.com"]
    assert (person.home, person.state) == (home_, state)
    assert re.match(f"(?i){home_}", person.reason)


def test_with_zimbra_as_the_secondary() -> None:
    seen = snapshot(
        on_zimbra("both"),
        on_legacy("both"),
        on_zimbra("moved"),
        on_legacy("moved", forwards_to=AWAY),
        on_zimbra("unrouted"),
        on_legacy("there"),
        placeholder("ghost"),
        on_zimbra("closed", status="closed", mail_status="disabled"),
        on_legacy("closed"),
        on_zimbra("lost", status="closed", mail_status="disabled"),
        on_legacy("lost", forwards_to=AWAY),
        domain=Domain("example.com", True, THREE),
    )
    everybody = people(seen, SECONDARY).values()
    assert {person.address.partition("@")[0]: (person.home, person.state, person.arrives) for person in everybody} == {
        "both": (Home.BOTH, "two boxes", True),
        "moved": (Home.ZIMBRA, "", True),
        "unrouted": (Home.ZIMBRA, "not on legacy", False),
        "there": (Home.LEGACY, "not on Zimbra", True),
        "ghost": (Home.NOWHERE, "no mailbox", False),
        "closed": (Home.LEGACY, "closed", True),
        "lost": (Home.NOWHERE, "closed", False),
    }


def test_an_account_without_transport_takes_the_domains() -> None:
    domain = Domain("example.com", True, {"zimbraMailTransport": (SMTP,)})
    person = people(snapshot(placeholder("a", transport=""), on_legacy("a"), domain=domain))["a@example.com"]
    assert (person.home, person.reason) == (Home.LEGACY, f"legacy, by the domain's transport {SMTP}")


def test_a_partial_legacy_half_proves_nobody_missing() -> None:
    partial = Reading(False, 0.0, "cut off")
    person = people(snapshot(placeholder("a"), legacy=partial))["a@example.com"]
    assert (person.home, person.side) == (Home.LEGACY, Side.LEGACY)


def test_aliases_are_found_on_both_sides() -> None:
    everybody = people(
        snapshot(
            on_zimbra("a", aliases=("b@example.com",)),
            on_legacy("b"),
            placeholder("c"),
            on_legacy("d", aliases=("c@example.com",)),
        )
    )
    alias = everybody["b@example.com"]
    assert (alias.alias_of, alias.state, alias.home) == ("a@example.com", "alias", Home.BOTH)
    assert everybody["c@example.com"].home is Home.LEGACY


def test_lists_kinds_and_panes() -> None:
    everybody = people(
        snapshot(
            on_zimbra("team", kind=Kind.LIST, transport="", host="", forwards=("a@example.com",)),
            on_zimbra("boss", kind=Kind.ADMIN),
            on_zimbra("old", kind=Kind.ADMIN),
            on_legacy("a"),
            on_legacy("old"),
            on_zimbra("n", host=""),
        )
    )
    rows = {address.partition("@")[0]: (row.side, row.state) for address, row in everybody.items()}
    assert list(rows.items()) == [
        ("a", (Side.LEGACY, "not on Zimbra")),
        ("boss", (Side.ZIMBRA, "admin")),
        ("n", (Side.ZIMBRA, "no host")),
        ("old", (Side.ZIMBRA, "old box")),
        ("team", (Side.ZIMBRA, "list")),
    ]
    assert everybody["team@example.com"].home is Home.ZIMBRA


@settings(max_examples=300, deadline=None)
@given(split=st.sampled_from([SPLIT, SECONDARY]), seen=snapshots)
def test_the_home_that_is_shared_is_the_one_traced_alone(split: Split, seen: Snapshot) -> None:
    made = roster(split, seen)
    for address, person in made.people.items():
        alone = home(made.tracer, address)
        assert person.residence == (replace(alone, state="alias") if person.alias_of else alone)
        assert len(person.state) <= 14


def crowd(number: int) -> Snapshot:
    return snapshot(*(e for n in range(number) for e in (on_zimbra(f"z{n}"), placeholder(f"p{n}"), on_legacy(f"p{n}"))))


def test_a_crowd_shares_a_few_homes() -> None:
    made = roster(SPLIT, crowd(500))
    assert len({id(person.residence) for person in made.people.values()}) == 2
    alike = Alike(made.tracer)
    assert len({alike.situation(address) for address in made.people}) == 2


@pytest.mark.parametrize(
    "person",
    [
        on_zimbra("a", forwards=("b@example.com",)),
        on_zimbra("a", user_forwards=("b@elsewhere.test",)),
        on_zimbra("a", rare=Rare(canonical="b@example.com")),
        on_zimbra("a", rare=Rare(catch_all=("@example.com",))),
        on_zimbra("a", transport="local:"),
        on_zimbra("a", kind=Kind.LIST),
        on_zimbra("a%b"),
        on_zimbra("ä"),
        on_zimbra("shared"),
    ],
)
def test_whose_way_depends_on_an_address_is_traced_alone(person: ZimbraAccount) -> None:
    made = roster(SPLIT, snapshot(person, on_zimbra("other", aliases=("shared@example.com",))))
    alike = Alike(made.tracer)
    assert alike.situation(person.address) is None
    assert alike.situation("other@example.com") is not None
