"""What a step leaves behind, Zimbra's own additions included."""

import pytest

from splittui.mailflow.changes import after, route_to
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ALIAS, FORWARD, MAIL_HOST, MAIL_STATUS, TRANSPORT, Keeps, Origin, System, World
from splittui.model.zmprov_line import parse_line
from splittui.planning.elsewhere import EVERYTHING_ELSE, MX
from splittui.planning.plan import Act, Change, Step
from tests.mailflow.worlds import LEGACY, LMTP, SMTP, ZIMBRA, account, at, listing, primary, secondary


def run(known: World, *lines: str) -> World:
    return after(known, (Step(ZIMBRA, Act.MODIFY, tuple(parse_line(line)), "") for line in lines))


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("ma bar@example.com zimbraAccountStatus closed", "disabled"),
        ("ma bar@example.com zimbraAccountStatus pending", "disabled"),
        ("ma bar@example.com zimbraAccountStatus closed zimbraMailStatus enabled", "disabled"),
        ("ma bar@example.com zimbraAccountStatus locked zimbraMailStatus disabled", "disabled"),
        ("ma bar@example.com zimbraMailStatus disabled", "disabled"),
        ("ma bar@example.com zimbraAccountStatus locked", "enabled"),
        ("ma bar@example.com zimbraAccountStatus maintenance", "enabled"),
    ],
)
def test_the_account_status_writes_the_mail_status(line: str, status: str) -> None:
    assert run(primary(), line).entries[at("bar")].one(MAIL_STATUS) == status


def test_a_later_status_switches_mail_on_again() -> None:
    known = run(
        primary(), "ma bar@example.com zimbraMailStatus disabled", "ma bar@example.com zimbraAccountStatus active"
    )
    assert known.entries[at("bar")].enabled


def test_created_with_a_transport_an_account_has_no_host_and_otherwise_both() -> None:
    known = run(primary(), f"ca x@example.com pw zimbraMailTransport {SMTP}", "ca y@example.com pw")
    assert (known.entries[at("x")].one(TRANSPORT), known.entries[at("x")].one(MAIL_HOST)) == (SMTP, "")
    assert (known.entries[at("y")].one(TRANSPORT), known.entries[at("y")].one(MAIL_HOST)) == (LMTP, ZIMBRA)


def test_a_mail_host_alone_writes_the_transport() -> None:
    known = run(
        primary(), f"ca x@example.com pw zimbraMailTransport {SMTP}", f"ma x@example.com zimbraMailHost {ZIMBRA}"
    )
    assert known.entries[at("x")].one(TRANSPORT) == LMTP


@pytest.mark.parametrize("line", ["ma foo@example.com zimbraAccountStatus closed", "da foo@example.com"])
def test_who_is_closed_or_deleted_leaves_every_list_but_no_forward(line: str) -> None:
    start = primary(
        listing("all", "foo", "f.oo", "bar"),
        account("boss", **{FORWARD: at("foo")}),
        account("foo", **{ALIAS: at("f.oo")}),
    )
    known = run(start, line)
    assert known.entries[at("all")].all(FORWARD) == (at("bar"),)
    assert known.entries[at("boss")].all(FORWARD) == (at("foo"),)


def test_the_three_domain_attributes_go_in_one_command() -> None:
    names = "zimbraMailCatchAllAddress", "zimbraMailCatchAllForwardingAddress", "zimbraMailTransport"
    known = run(secondary(), "md example.com " + " ".join(f'{name} ""' for name in names))
    assert not any(known.entries["example.com"].all(name) for name in names)
    assert Tracer(known).route(at("nobody"), Origin.INTERNET, System.ZIMBRA).code == 550


def test_settings_of_the_server_hide_the_global_ones() -> None:
    known = run(
        primary(), "mcf zimbraMtaRelayHost a.example.net", "ms zimbra.example.com zimbraMtaRelayHost b.example.net"
    )
    assert Tracer(known).settings.relay_host == "b.example.net"
    assert Tracer(run(known, 'ms zimbra.example.com zimbraMtaRelayHost ""')).settings.relay_host == "a.example.net"


def test_values_are_added_and_taken_away() -> None:
    known = run(primary(), "mcf +zimbraMtaMyNetworks 10.0.0.0/8 +zimbraMtaMyNetworks 192.0.2.1/32")
    assert known.config["zimbraMtaMyNetworks"] == ("10.0.0.0/8", "192.0.2.1/32")
    assert run(known, "mcf -zimbraMtaMyNetworks 10.0.0.0/8").config["zimbraMtaMyNetworks"] == ("192.0.2.1/32",)


def test_aliases_lists_and_domains_come_and_go() -> None:
    known = run(
        primary(), "aaa foo@example.com f.oo@example.com", "cdl all@example.com", "adlm all@example.com bar@example.com"
    )
    tracer = Tracer(known)
    assert tracer.route(at("f.oo"), Origin.INTERNET).delivered == (f"zimbra:{at('foo')}",)
    assert tracer.route(at("all"), Origin.INTERNET).delivered == (f"legacy:{at('bar')}",)
    known = run(known, "raa foo@example.com f.oo@example.com", "rdlm all@example.com bar@example.com", "dd example.com")
    assert Tracer(known).route(at("f.oo"), Origin.INTERNET).code == 554
    assert run(known, "cd example.com zimbraDomainStatus closed").entries["example.com"].one(MAIL_STATUS) == "disabled"


def test_routes_of_the_other_side_and_the_mx() -> None:
    def route(entry: str, *to: str) -> Step:
        return Step(LEGACY, Act.ROUTE, ("route",), "", changes=(Change(entry, "route", (), to),))

    known = after(primary(), [route(at("bar"), "smtp:[zimbra.example.com]:25"), route(EVERYTHING_ELSE)])
    assert (known.legacy.keeps(at("bar")), known.legacy.keeps(at("other"))) == (Keeps.ZIMBRA, Keeps.REJECTS)
    assert after(known, [route(at("bar"))]).legacy.keeps(at("bar")) is Keeps.HERE
    step = Step("dns", Act.MODIFY, ("mx",), "", changes=(Change("example.com", MX, (ZIMBRA,), (LEGACY,)),))
    assert after(known, [step]).mx is System.LEGACY


@pytest.mark.parametrize(
    ("text", "keeps"),
    [
        ("smtp:[zimbra.example.com]:25", Keeps.ZIMBRA),
        ("zimbra.example.com", Keeps.ZIMBRA),
        ("esmtp:ZIMBRA.example.com", Keeps.ZIMBRA),
        ("bar@zimbra.example.com", Keeps.ZIMBRA),
        ("smtp:elsewhere.example.net", Keeps.UNKNOWN),
        ("smtp:[broken", Keeps.UNKNOWN),
        ("here", Keeps.HERE),
    ],
)
def test_where_a_route_of_the_other_side_leads(text: str, keeps: Keeps) -> None:
    assert route_to(ZIMBRA, text) is keeps


def test_the_maps_carried_over_answer_like_new_ones() -> None:
    start = primary(account("x", **{ALIAS: at("shared")}), account("y", **{ALIAS: at("shared")}))
    known = run(start, "da x@example.com", "aaa foo@example.com f.oo@example.com", "ca new@example.com pw")
    carried, fresh = Tracer(start).after(known), Tracer(known)
    for local in ("foo", "f.oo", "shared", "x", "y", "new", "bar", "nobody"):
        assert carried.routes(at(local)) == fresh.routes(at(local))
