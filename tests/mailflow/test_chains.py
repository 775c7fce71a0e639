"""The arrow chains of the two cases that every split domain is explained by, and the reasons on them."""

from dataclasses import replace

import pytest

from splittui.mailflow.route import Outcome
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import CATCH_ALL, FORWARD, Keeps, Names, Origin
from tests.mailflow.worlds import LEGACY, SMTP, ZIMBRA, account, at, domain, listing, primary, secondary, world


def chain(tracer: Tracer, local: str, origin: Origin) -> list[tuple[str, str]]:
    return [(hop.host, hop.action) for hop in tracer.route(at(local), origin).hops]


def test_case_1_from_the_internet_through_the_primary_to_the_other_system() -> None:
    assert chain(Tracer(primary()), "bar", Origin.INTERNET) == [
        ("internet", f"hands the mail to {ZIMBRA}"),
        (ZIMBRA, "postfix server accepts it"),
        (ZIMBRA, f"account transport says to use {SMTP}"),
        (LEGACY, "existing infrastructure MTA accepts it"),
        (LEGACY, "existing infrastructure mail store keeps it"),
    ]


def test_case_2_from_the_web_client_of_a_secondary_to_the_other_system() -> None:
    assert chain(Tracer(secondary()), "bar", Origin.ZIMBRA) == [
        ("Zimbra's web client", f"hands the mail to {ZIMBRA}"),
        (ZIMBRA, "postfix server accepts it"),
        (ZIMBRA, f"account not local, finds domain transport setting {SMTP}"),
        (LEGACY, "existing infrastructure MTA accepts it"),
        (LEGACY, "existing infrastructure mail store keeps it"),
    ]


def test_every_hop_has_a_reason_that_names_map_attribute_and_entry() -> None:
    hops = Tracer(primary()).route(at("bar"), Origin.INTERNET).hops
    assert all(hop.because for hop in hops)
    assert hops[1].because == "ldap-vam finds the account bar@example.com by its zimbraMailDeliveryAddress"
    assert hops[2].because == "zimbraMailTransport of the account bar@example.com (ldap-transport)"


def test_a_list_reaches_its_members_on_both_sides() -> None:
    route = Tracer(primary(listing("all", "foo", "bar", "gone"))).route(at("all"), Origin.INTERNET)
    assert route.outcome is Outcome.DELIVERED_AND_BOUNCED
    assert route.delivered == (f"legacy:{at('bar')}", f"zimbra:{at('foo')}")


def test_a_deferral_says_until_when() -> None:
    known = primary(account("sick", zimbraAccountStatus="maintenance"))
    end = Tracer(known).route(at("sick"), Origin.INTERNET).ends[0]
    assert (end.outcome, end.until) == (Outcome.DEFERRED, "the account leaves maintenance")


def test_what_is_not_known_of_the_other_side_is_said() -> None:
    known = world(account("bar", SMTP), everything_else=Keeps.UNKNOWN)
    assert Tracer(known).route(at("bar"), Origin.INTERNET).outcome is Outcome.UNKNOWN


def test_the_relay_host_of_both_pointing_at_each_other_loops() -> None:
    known = world(account("foo"), zimbraMtaRelayHost=LEGACY)
    known = replace(known, legacy=replace(known.legacy, outside_to_zimbra=True, addresses=frozenset({"192.0.2.12"})))
    known = replace(known, config={**known.config, "zimbraMtaMyNetworks": ("192.0.2.12/32",)})
    assert Tracer(known).route("someone@elsewhere.test", Origin.ZIMBRA).outcome is Outcome.LOOPED


def test_colliding_catch_alls_answer_every_unknown_with_an_expansion_error() -> None:
    catcher = account("catcher", **{CATCH_ALL: "@example.com"})
    route = Tracer(secondary(catcher)).route(at("bar"), Origin.ZIMBRA)
    assert (route.code, route.text) == (451, "4.6.0 Alias expansion error")
    assert "collide" in route.because


def test_a_server_s_value_hides_the_global_one() -> None:
    known = replace(world(zimbraMtaRelayHost=LEGACY), server_config={"zimbraMtaRelayHost": ("relay.example.net",)})
    assert Tracer(known).settings.relay_host == "relay.example.net"


def test_the_older_dns_switch_has_no_effect() -> None:
    assert Tracer(world(zimbraMtaDnsLookupsEnabled="FALSE")).settings.asks_dns
    assert not Tracer(world(zimbraMtaSmtpDnsSupportLevel="disabled")).settings.asks_dns


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("zimbraMailTransport", "smtp:mail.example.com:99999"), ("zimbraMailTransport", "smtp:[mail")],
)
def test_a_next_hop_that_postfix_cannot_read_holds_the_mail(attribute: str, value: str) -> None:
    route = Tracer(world(account("bar", **{attribute: value}))).route(at("bar"), Origin.INTERNET)
    assert route.outcome is Outcome.DEFERRED


def test_a_wildcard_mx_that_points_back_loops_only_without_brackets() -> None:
    names = Names(mx={LEGACY: ((10, ZIMBRA),)})
    bare = world(account("bar", SMTP), routes={"bar": Keeps.HERE}, names=names)
    bracketed = world(account("bar", f"smtp:[{LEGACY}]:25"), routes={"bar": Keeps.HERE}, names=names)
    assert Tracer(bare).route(at("bar"), Origin.INTERNET).outcome is Outcome.LOOPED
    assert Tracer(bracketed).route(at("bar"), Origin.INTERNET).outcome is Outcome.DELIVERED


def test_mail_for_a_mailbox_on_another_server_waits() -> None:
    known = world(account("foo", zimbraMailHost="other.example.com"))
    end = Tracer(known).route(at("foo"), Origin.INTERNET).ends[0]
    assert (end.outcome, end.text) == (Outcome.DEFERRED, "450 4.2.0 Mailbox is not on this server")


def test_a_closed_domain_refuses_outsiders_and_closes_its_mailboxes() -> None:
    closed = domain(zimbraMailStatus=("disabled",), zimbraDomainStatus=("closed",))
    tracer = Tracer(world(closed, account("foo")))
    assert tracer.route(at("foo"), Origin.INTERNET).code == 554
    assert tracer.route(at("foo"), Origin.ZIMBRA).outcome is Outcome.BOUNCED


def test_forwards_of_a_placeholder_are_followed_beside_its_own_copy() -> None:
    known = primary(account("late", SMTP, **{FORWARD: (at("foo"), "away@elsewhere.test")}))
    known = world(*(e for e in known.entries.values()), routes={"bar": Keeps.HERE, "late": Keeps.HERE})
    route = Tracer(known).route(at("late"), Origin.INTERNET)
    assert route.delivered == ("internet:away@elsewhere.test", f"legacy:{at('late')}", f"zimbra:{at('foo')}")
