"""The home of an address as its routes tell it, with a line that a person understands."""

import pytest

from splittui.mailflow.home import home
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ALIAS, FORWARD, LOCAL_DELIVERY_OFF, Entry, EntryKind, Keeps, World
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
        "both: internet and Zimbra users' mail arrives on zimbra.example.com; "
        "legacy users' mail arrives on mail.example.com"
    )


def test_nowhere_where_it_loops() -> None:
    home_, reason = line(with_route(primary(), "bar", Keeps.ZIMBRA), "bar")
    assert home_ is Home.NOWHERE
    assert reason == "nowhere: all mail loops between zimbra.example.com and mail.example.com"


def test_nowhere_where_nobody_knows_it() -> None:
    found = home(Tracer(primary()), at("nobody"))
    assert (found.home, found.state) == (Home.NOWHERE, "unknown")
    assert found.reason.startswith(
        "nowhere: internet mail is refused by zimbra.example.com (550 5.1.1 Recipient address rejected: example.com); "
        "Zimbra users' mail is accepted and bounced by zimbra.example.com (5.0.0 example.com); "
    )


def test_a_person_unknown_to_the_primary_lives_on_legacy_but_not_for_everybody() -> None:
    found = home(Tracer(with_route(primary(), "baz", Keeps.HERE)), at("baz"))
    assert (found.home, found.state) == (Home.LEGACY, "not on Zimbra")
    assert found.reason.startswith(
        "legacy: mail.example.com keeps its mail, and zimbra.example.com does not send it there; "
        "but internet mail is refused by zimbra.example.com (550 5.1.1"
    )
    assert not found.arrives


def test_no_reason_names_the_address_so_that_people_can_share_it() -> None:
    for local in ("nobody", "foo", "bar"):
        assert at(local) not in line(with_route(primary(), "bar", Keeps.ZIMBRA), local)[1]


def test_who_keeps_no_copy_still_lives_where_it_is_sent_on_from() -> None:
    settings = {LOCAL_DELIVERY_OFF: "TRUE", FORWARD: (at("foo"), "x@elsewhere.test")}
    found = home(Tracer(primary(account("x", **settings))), at("x"))
    assert (found.home, found.state, found.arrives) == (Home.ZIMBRA, "sent on", True)
    assert found.reason == "Zimbra: zimbra.example.com keeps no copy and sends it on"
    alone = home(Tracer(primary(account("x", **{LOCAL_DELIVERY_OFF: "TRUE"}))), at("x"))
    assert (alone.home, alone.state) == (Home.ODD, "thrown away")
    bad = home(Tracer(primary(account("x", **{LOCAL_DELIVERY_OFF: "TRUE", FORWARD: at("nobody")}))), at("x"))
    assert bad.home is Home.NOWHERE


@pytest.mark.parametrize(
    ("entry", "expected", "state"),
    [
        (account("x", zimbraAccountStatus="maintenance"), Home.ZIMBRA, "maintenance"),
        (account("x", "SMTP:mail.example.com"), Home.ODD, "odd transport"),
        (account("x", "smtp:mail.example.com:25:25"), Home.ODD, "odd transport"),
        (account("x", "discard:"), Home.ODD, "thrown away"),
        (account("x", "retry:"), Home.ODD, "odd transport"),
        (account("x", "smtp:elsewhere.example.net"), Home.ODD, "other host"),
        (account("x", ""), Home.NOWHERE, "no transport"),
        (account("x", zimbraMailStatus="disabled", zimbraAccountStatus="closed"), Home.NOWHERE, "closed"),
        (account("x", zimbraAccountStatus="closed"), Home.NOWHERE, "closed"),
        (account("x", LMTP, zimbraMailHost=""), Home.ODD, "no host"),
        (listing("x", "foo"), Home.ZIMBRA, "list"),
        (Entry(at("x"), EntryKind.LIST, {ALIAS: (at("x"),), FORWARD: (at("foo"),)}), Home.NOWHERE, "mail off"),
    ],
)
def test_the_rest(entry: object, expected: Home, state: str) -> None:
    found = home(Tracer(primary(entry)), at("x"))
    assert (found.home, found.state) == (expected, state)


def test_what_was_not_read_of_the_other_side_proves_nothing() -> None:
    found = home(Tracer(world(account("x", SMTP), everything_else=Keeps.UNKNOWN)), at("x"))
    assert (found.home, found.state, found.arrives) == (Home.LEGACY, "not known", True)
    assert found.reason.endswith("all mail is handed to mail.example.com, and what becomes of it there is not known")
    here = home(Tracer(world(account("x"), everything_else=Keeps.UNKNOWN)), at("x"))
    assert (here.home, here.state, here.arrives) == (Home.ZIMBRA, "", True)


def test_an_address_that_is_routed_elsewhere_is_odd() -> None:
    found = home(Tracer(world(account("x", SMTP), routes={"x": Keeps.UNKNOWN})), at("x"))
    assert (found.home, found.state) == (Home.ODD, "not known")
