"""Findings of what few have: dynamic groups, other domains, rewriting, the address book, what the DNS said."""

from dataclasses import replace

import pytest

from splittui.mailflow.findings import Found, findings
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.tracer import Tracer
from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, ZimbraAccount
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.plan import Severity
from tests.sites import SECONDARY, SMTP, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

AT = ("@example.com",)
TRIPLE = {"zimbraMailTransport": (SMTP,), "zimbraMailCatchAllAddress": AT, "zimbraMailCatchAllForwardingAddress": AT}
BASE = {"zimbraDomainType": ("local",), "zimbraDomainStatus": ("active",), "zimbraMailStatus": ("enabled",)}
ALIAS = Domain(
    "example.org",
    True,
    {
        "zimbraDomainName": ("example.org",),
        "zimbraDomainType": ("alias",),
        "zimbraMailStatus": ("enabled",),
        "zimbraMailCatchAllAddress": ("@example.org",),
        "zimbraMailCatchAllForwardingAddress": AT,
    },
)
FILTER = "check_recipient_access ldap:/opt/zimbra/conf/ldap-splitdomain.cf"


def seen(*entries: ZimbraAccount | LegacyAccount, role: Split = SPLIT, **domain: tuple[str, ...]) -> Snapshot:
    triple = TRIPLE if role is SECONDARY else {}
    return snapshot(*entries, domain=Domain("example.com", True, {**BASE, **triple, **domain}))


def found_in(snapshot: Snapshot, split: Split = SPLIT) -> dict[str, Found]:
    return {f.code: f for f in findings(split, snapshot, people(snapshot, split), Tracer(world(split, snapshot)))}


def group(local: str, *members: str) -> ZimbraAccount:
    return on_zimbra(local, kind=Kind.LIST, transport="", host="", rare=Rare(dynamic=True, members=members))


def test_what_is_rare_and_right_is_not_found() -> None:
    entries = (
        on_zimbra("foo", rare=Rare(old_address="was@example.com", canonical="foo@example.com")),
        on_zimbra("f.oo", aliases=("first@example.com",), rare=Rare(canonical="First@example.com")),
        on_zimbra("otto", rare=Rare(keeps_no_copy=True), user_forwards=("foo@example.com",)),
        placeholder("bar", rare=Rare(hidden_in_gal=True)),
        on_legacy("bar"),
        group("crew", "foo@example.com", "bar@example.com", "x@elsewhere.example"),
        on_zimbra("team", kind=Kind.LIST, transport="", host="", forwards=("was@example.com", "crew@example.com")),
    )
    whole = seen(*entries, zimbraGalMode=("both",), zimbraGalLdapURL=("ldap://dc.example.com",))
    whole = replace(whole, zimbra=replace(whole.zimbra, other_domains=(ALIAS,)))
    assert found_in(whole) == {}


def test_a_dynamic_group_is_a_list() -> None:
    empty = found_in(seen(group("crew")))["empty-list"]
    assert empty.addresses == ("crew@example.com",)
    unknown = found_in(seen(group("crew", "nobody@example.com")))["unknown-member"]
    assert unknown.fix == ("rdlm crew@example.com nobody@example.com",)
    moved = on_legacy("foo", forwards_to="smtp:[zimbra.example.com]:25")
    alone = seen(group("crew", "foo@example.com"), on_zimbra("foo"), moved, role=SECONDARY)
    assert set(found_in(alone, SECONDARY)) == {"list-only-on-zimbra"}


def test_an_account_that_keeps_no_copy_and_forwards_to_nobody() -> None:
    [one] = found_in(seen(on_zimbra("otto", rare=Rare(keeps_no_copy=True)))).values()
    assert (one.code, one.severity) == ("mail-thrown-away", Severity.ERROR)
    assert one.fix == ("ma otto@example.com zimbraPrefMailLocalDeliveryDisabled FALSE",)


def test_an_account_whose_mail_is_rewritten_to_somebody_else() -> None:
    foo = on_zimbra("foo", rare=Rare(canonical="pen@example.com"))
    [one] = found_in(seen(foo)).values()
    assert (one.code, one.fix[1]) == (
        "canonical-elsewhere",
        'ma foo@example.com zimbraMailCanonicalAddress ""',
    )
    assert "is accepted and bounced" in one.consequence
    assert "canonical-elsewhere" not in found_in(seen(replace(foo, aliases=("pen@example.com",))))
    assert "canonical-elsewhere" in found_in(seen(foo, on_zimbra("pen")))


def test_people_who_stand_in_the_address_book_twice() -> None:
    both = {"zimbraGalMode": ("both",), "zimbraGalLdapURL": ("ldap://dc.example.com:3268",)}
    entries = (on_zimbra("foo"), placeholder("bar"), placeholder("baz"), on_legacy("bar"), on_legacy("baz"))
    [one] = found_in(seen(*entries, **both)).values()
    assert (one.code, one.severity, one.addresses) == (
        "gal-doubles",
        Severity.WARNING,
        ("bar@example.com", "baz@example.com"),
    )
    assert one.fix[1] == "md example.com zimbraGalMode zimbra"
    assert one.fix[3] == "ma bar@example.com zimbraHideInGal TRUE"
    assert "ldap://dc.example.com:3268" in one.evidence
    assert found_in(seen(*entries, **{**both, "zimbraGalMode": ("zimbra",)})) == {}
    assert found_in(seen(*entries, zimbraGalMode=("both",))) == {}


def test_an_unreadable_transport_of_another_domain_or_of_somebody_in_it() -> None:
    local = {**ALIAS.attributes, "zimbraDomainType": ("local",), "zimbraMailTransport": ("smtp:mail.example.org.",)}
    far = ZimbraAccount("far@example.org", "id", transport="lmtp:[x", status="active")
    whole = seen(on_zimbra("foo", forwards=("far@example.org",)))
    half = replace(whole.zimbra, other_domains=(replace(ALIAS, attributes=local),), neighbours={far.address: far})
    found = found_in(replace(whole, zimbra=half))
    assert set(found) == {"domain-transport-unreadable", "transport-unreadable"}
    assert (
        "zimbraMailTransport of example.org is 'smtp:mail.example.org.'"
        in found["domain-transport-unreadable"].evidence
    )
    assert found["transport-unreadable"].addresses == ("far@example.org",)


def test_what_the_split_filter_refuses() -> None:
    whole = seen(group("crew", "foo@example.com"), on_zimbra("foo"))
    config = {"zimbraMtaRestriction": (FILTER, "reject")}
    half = replace(whole.zimbra, config=config, other_domains=(ALIAS,))
    one = found_in(replace(whole, zimbra=half))["split-filter-refuses"]
    assert one.addresses == ("crew@example.com",)
    assert "dynamic groups and every address of the alias domain example.org" in one.evidence
    assert "split-filter-refuses" not in found_in(replace(whole, zimbra=replace(half, config={})))


def answer(name: str, *addresses: str, mx: tuple[tuple[int, str], ...] = (), trouble: str = "") -> DnsAnswer:
    return DnsAnswer(name, mx, addresses, trouble=trouble)


def asked(*answers: DnsAnswer, split: Split = SPLIT, asked_from: str = "zimbra.example.com") -> dict[str, Found]:
    view = DnsView(asked_from, 1700000000.0, {one.name: one for one in answers})
    return found_in(replace(seen(role=split), dns=view), split)


ZIMBRA = answer("zimbra.example.com", "192.0.2.2")
LEGACY = answer("mail.example.com", "192.0.2.3")
AT_ZIMBRA = answer("example.com", mx=((10, "mx.example.com"),))


def test_the_dns_is_as_it_should_be() -> None:
    mx = answer("mx.example.com", "192.0.2.2")
    assert asked(AT_ZIMBRA, mx, ZIMBRA, LEGACY) == {}
    filtered = answer("example.com", mx=((10, "filter.elsewhere.example"),))
    assert asked(filtered, answer("filter.elsewhere.example", "203.0.113.9"), ZIMBRA, LEGACY) == {}
    at_legacy = answer("example.com", mx=((5, "mail.example.com"),))
    assert asked(at_legacy, ZIMBRA, LEGACY, split=SECONDARY) == {}


def test_the_mx_leads_to_the_secondary() -> None:
    one = asked(AT_ZIMBRA, answer("mx.example.com", "192.0.2.3"), ZIMBRA, LEGACY)["mx-not-primary"]
    assert one.evidence == (
        "the MX of example.com is mx.example.com (asked from zimbra.example.com, 2023-11-14 22:13 UTC)"
    )
    other = asked(AT_ZIMBRA, answer("mx.example.com", "192.0.2.2"), ZIMBRA, LEGACY, split=SECONDARY)
    assert set(other) == {"mx-not-primary"}


def test_no_mx_or_no_answer() -> None:
    bare = asked(answer("example.com", "192.0.2.9"), ZIMBRA, LEGACY)["no-mx"]
    assert (bare.severity, "goes to 192.0.2.9" in bare.consequence) == (Severity.WARNING, True)
    none = asked(answer("example.com"), ZIMBRA, LEGACY)["no-mx"]
    assert (none.severity, none.consequence) == (Severity.ERROR, "Internet mail bounces.")
    assert none.fix == ("In DNS: let the MX of example.com name zimbra.example.com.",)
    [silent] = asked(answer("example.com", trouble="192.0.2.53 does not answer"), ZIMBRA, LEGACY).values()
    assert (silent.code, silent.severity) == ("mx-not-known", Severity.INFO)


def test_the_next_hop_has_zimbra_for_its_mx() -> None:
    wild = answer("mail.example.com", "192.0.2.3", mx=((10, "zimbra.example.com"),))
    one = asked(answer("example.com", mx=((10, "zimbra.example.com"),)), wild, ZIMBRA)["next-hop-mx-is-zimbra"]
    assert "asked from zimbra.example.com" in one.evidence


@pytest.mark.parametrize(("asked_from", "severity"), [("zimbra.example.com", "error"), ("this machine", "warning")])
def test_the_next_hop_is_unknown(asked_from: str, severity: str) -> None:
    known = answer("example.com", mx=((10, "zimbra.example.com"),))
    [one] = asked(known, answer("mail.example.com"), ZIMBRA, asked_from=asked_from).values()
    assert (one.code, one.severity.value) == ("next-hop-unknown", severity)
    assert asked(known, answer("mail.example.com", trouble="no answer"), ZIMBRA, asked_from=asked_from) == {}
