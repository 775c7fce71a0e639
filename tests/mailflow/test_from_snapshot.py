"""What was read is what is traced: other domains, groups, old addresses, rewriting, and what the DNS said."""

from dataclasses import replace

import pytest

from splittui.mailflow.from_snapshot import world
from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import EntryKind, Origin, System, World
from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, ZimbraAccount
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from tests.sites import LMTP, SECONDARY, SPLIT, on_legacy, on_zimbra, placeholder, snapshot

ENABLED = {"zimbraDomainType": ("local",), "zimbraMailStatus": ("enabled",)}
ALIAS = Domain(
    "example.org",
    True,
    {
        "zimbraDomainType": ("alias",),
        "zimbraMailStatus": ("enabled",),
        "zimbraMailCatchAllAddress": ("@example.org",),
        "zimbraMailCatchAllForwardingAddress": ("@example.com",),
    },
)
OTHER = Domain("example.net", True, ENABLED)


def seen(*entries: ZimbraAccount | LegacyAccount, neighbours: tuple[ZimbraAccount, ...] = ()) -> Snapshot:
    whole = snapshot(*entries, domain=Domain("example.com", True, ENABLED))
    known = {entry.address: entry for entry in neighbours}
    return replace(whole, zimbra=replace(whole.zimbra, other_domains=(ALIAS, OTHER), neighbours=known))


def from_the_internet(snapshot: Snapshot, address: str, split: Split = SPLIT) -> Route:
    return Tracer(world(split, snapshot)).route(address, Origin.INTERNET)


def ends(route: Route) -> set[tuple[str, str]]:
    return {(end.address, end.outcome.value) for end in route.ends}


def test_an_alias_domain_is_rewritten_and_accepts_whoever_comes() -> None:
    whole = seen(on_zimbra("foo"), placeholder("bar"), on_legacy("bar"))
    assert from_the_internet(whole, "foo@example.org").delivered == ("zimbra:foo@example.com",)
    assert from_the_internet(whole, "bar@example.org").delivered == ("legacy:bar@example.com",)
    assert from_the_internet(whole, "nobody@example.org").outcome is Outcome.BOUNCED
    closed = replace(ALIAS, attributes={**ALIAS.attributes, "zimbraMailStatus": ("disabled",)})
    half = replace(whole.zimbra, other_domains=(closed,))
    assert from_the_internet(replace(whole, zimbra=half), "foo@example.org").code == 554


def test_an_old_address_is_received() -> None:
    whole = seen(on_zimbra("vera", rare=Rare(old_address="maiden@example.com")))
    assert from_the_internet(whole, "Maiden@example.com").delivered == ("zimbra:vera@example.com",)


def test_a_dynamic_group_reaches_its_members_and_those_outside() -> None:
    members = ("foo@example.com", "far@example.net", "mute@example.com", "out@side.example")
    crew = on_zimbra("crew", kind=Kind.LIST, transport="", host="", rare=Rare(dynamic=True, members=members))
    mute = on_zimbra("mute", mail_status="disabled", forwards=("foo@example.com",))
    far = ZimbraAccount("far@example.net", "id", transport=LMTP, host="zimbra.example.com", status="active")
    whole = seen(crew, on_zimbra("foo"), mute, neighbours=(far,))
    assert world(SPLIT, whole).entries["crew@example.com"].kind is EntryKind.GROUP
    assert ends(from_the_internet(whole, "crew@example.com")) == {
        ("foo@example.com", "delivered"),
        ("far@example.net", "delivered"),
        ("mute@example.com", "accepted-then-bounced"),
        ("out@side.example", "delivered"),
    }


def test_who_keeps_no_copy_only_forwards() -> None:
    otto = on_zimbra("otto", rare=Rare(keeps_no_copy=True), user_forwards=("foo@example.com",))
    assert ends(from_the_internet(seen(otto, on_zimbra("foo")), "otto@example.com")) == {
        ("otto@example.com", "discarded"),
        ("foo@example.com", "delivered"),
    }


def test_mail_is_rewritten_and_caught() -> None:
    pen = on_zimbra("foo", rare=Rare(canonical="bar@example.com"))
    whole = seen(pen, placeholder("bar"), on_legacy("bar"))
    assert from_the_internet(whole, "foo@example.com").delivered == ("legacy:bar@example.com",)
    catcher = on_zimbra("catcher", rare=Rare(catch_all=("@example.com",)))
    assert from_the_internet(seen(catcher), "nobody@example.com").delivered == ("zimbra:catcher@example.com",)
    onward = on_zimbra("catcher", rare=Rare(catch_all=("@x.example",), catch_all_forward="@example.com"))
    assert world(SPLIT, seen(onward)).entries["catcher@example.com"].one("zimbraMailCatchAllForwardingAddress")


def test_somebody_of_another_domain_may_own_an_address_here() -> None:
    far = ZimbraAccount(
        "far@example.net",
        "id",
        transport=LMTP,
        host="zimbra.example.com",
        status="active",
        aliases=("near@example.com",),
    )
    assert from_the_internet(seen(neighbours=(far,)), "near@example.com").delivered == ("zimbra:far@example.net",)


def looked_up(*answers: tuple[str, tuple[str, ...], tuple[tuple[int, str], ...]]) -> DnsView:
    told = (DnsAnswer(name, mx, addresses) for name, addresses, mx in answers)
    return DnsView("zimbra.example.com", 0.0, {answer.name: answer for answer in told})


HOSTS = (
    ("zimbra.example.com", ("192.0.2.2",), ()),
    ("mail.example.com", ("192.0.2.3",), ()),
    ("mx.example.com", ("192.0.2.3",), ()),
    ("filter.example", ("203.0.113.9",), ()),
)


def with_mx(host: str, split: Split = SPLIT, **config: str) -> World:
    whole = seen(on_zimbra("foo"), placeholder("bar"), on_legacy("bar"))
    half = replace(whole.zimbra, config={name: (value,) for name, value in config.items()})
    view = looked_up(("example.com", (), ((10, host),)), *HOSTS)
    return world(split, replace(whole, zimbra=half, dns=view))


def test_internet_mail_goes_where_the_mx_leads() -> None:
    made = with_mx("mx.example.com")
    assert (made.mx, made.zimbra_addresses, made.legacy.addresses) == (None, {"192.0.2.2"}, {"192.0.2.3"})
    hops = Tracer(made).route("bar@example.com", Origin.INTERNET).hops
    assert [hop.host for hop in hops][1] == "mail.example.com"
    assert Tracer(with_mx("zimbra.example.com")).route("foo@example.com", Origin.INTERNET).hops[1].host == (
        "zimbra.example.com"
    )


@pytest.mark.parametrize(("split", "system"), [(SPLIT, System.ZIMBRA), (SECONDARY, System.LEGACY)])
def test_behind_a_filter_the_role_says_where_it_goes(split: Split, system: System) -> None:
    assert with_mx("filter.example", split).mx is system


def test_the_web_client_is_trusted_by_localhost_whatever_the_dns_says_of_zimbra() -> None:
    for networks in ({}, {"zimbraMtaMyNetworks": "127.0.0.0/8 10.0.0.0/8"}):
        tracer = Tracer(with_mx("zimbra.example.com", **networks))
        assert tracer.route("nobody@example.com", Origin.ZIMBRA).code == 250
        assert tracer.route("nobody@elsewhere.example", Origin.LEGACY, System.ZIMBRA).code == 554


def test_a_name_that_loops_by_its_address_is_seen() -> None:
    whole = seen(on_zimbra("foo", transport="smtp:[mx.example.net]:25"))
    view = looked_up(*HOSTS, ("mx.example.net", ("192.0.2.2",), ()))
    route = from_the_internet(replace(whole, dns=view), "foo@example.com")
    assert route.outcome is Outcome.LOOPED
