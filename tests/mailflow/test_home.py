"""The home of an address as its routes tell it, with a line that a person understands."""

import pytest

from splittui.mailflow.home import home
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ALIAS, Keeps, World
from splittui.model.home import Home
from tests.mailflow.worlds import LMTP, SMTP, account, at, listing, primary, secondary, with_route, world


def line(known: World, local: str) -> tuple[Home, str]:
    found = home(Tracer(known), at(local))
    return found.home, found.reason


def test_zimbra_by_its_own_mail_host() -> None:
    assert line(primary(), "foo") == (Home.ZIMBRA, "Zimbra (lmtp to its own mail host zimbra.example.com)")


def test_legacy_by_the_placeholder_s_transport() -> None:
    assert line(primary(), "bar") == (Home.LEGACY, f"legacy, by the placeholder's transport {SMTP}")


def test_legacy_by_the_domain_s_transport() -> None:
    assert line(secondary(), "bar") == (Home.LEGACY, f"legacy, by the domain's transport {SMTP}")


def test_an_alias_lives_where_its_account_does() -> None:
    known = primary(account("late", SMTP, **{ALIAS: at("alias")}))
    assert line(with_route(known, "late", Keeps.HERE), "alias")[0] is Home.LEGACY


def test_both_where_each_side_keeps_what_it_gets() -> None:
    home_, reason = line(with_route(primary(), "foo", Keeps.HERE), "foo")
    assert home_ is Home.BOTH
    assert reason == (
        "both: internet mail arrives on zimbra.example.com; mail of Zimbra's users arrives on zimbra.example.com; "
        "mail of the existing system's users arrives on mail.example.com"
    )


def test_nowhere_where_it_loops() -> None:
    home_, reason = line(with_route(primary(), "bar", Keeps.ZIMBRA), "bar")
    assert home_ is Home.NOWHERE
    assert reason.startswith("nowhere: internet mail loops between zimbra.example.com and mail.example.com; ")


def test_nowhere_where_nobody_knows_it() -> None:
    found = home(Tracer(primary()), at("nobody"))
    assert (found.home, found.state) == (Home.NOWHERE, "unknown")
    assert "internet mail is refused by zimbra.example.com (550 5.1.1" in found.reason


def test_a_person_unknown_to_the_primary_lives_on_legacy_but_not_for_everybody() -> None:
    found = home(Tracer(with_route(primary(), "baz", Keeps.HERE)), at("baz"))
    assert (found.home, found.state) == (Home.LEGACY, "not on Zimbra")
    assert "; but internet mail is refused by zimbra.example.com" in found.reason


@pytest.mark.parametrize(
    ("entry", "expected", "state"),
    [
        (account("x", zimbraAccountStatus="maintenance"), Home.ZIMBRA, "maintenance"),
        (account("x", "SMTP:mail.example.com"), Home.ODD, "waits"),
        (account("x", "discard:"), Home.ODD, "odd"),
        (account("x", "smtp:elsewhere.example.net"), Home.ODD, "odd"),
        (account("x", ""), Home.NOWHERE, "unknown"),
        (account("x", zimbraMailStatus="disabled", zimbraAccountStatus="closed"), Home.NOWHERE, "unknown"),
        (account("x", LMTP, zimbraMailHost=""), Home.ODD, "waits"),
        (listing("x", "foo"), Home.ZIMBRA, "list"),
    ],
)
def test_the_rest(entry: object, expected: Home, state: str) -> None:
    found = home(Tracer(primary(entry)), at("x"))
    assert (found.home, found.state) == (expected, state)


def test_without_knowledge_of_the_other_side_the_home_is_odd() -> None:
    assert line(world(account("x", SMTP), everything_else=Keeps.UNKNOWN), "x")[0] is Home.ODD
