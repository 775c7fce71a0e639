"""Every finding by the smallest snapshot that has it, and none where nothing is wrong."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from splittui.mailflow.findings import Found, findings
from splittui.mailflow.findings import scene as scenes
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Names
from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, Server, ZimbraAccount
from splittui.model.snapshot import Reading, Snapshot
from splittui.model.split import Split
from splittui.planning.plan import Severity
from tests.sites import LMTP, SECONDARY, SERVER, SMTP, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

TO_ZIMBRA = "smtp:[zimbra.example.com]:25"
AT = ("@example.com",)
TRIPLE = {
    "zimbraMailTransport": (SMTP,),
    "zimbraMailCatchAllAddress": AT,
    "zimbraMailCatchAllForwardingAddress": AT,
}
FILTER = "check_recipient_access ldap:/opt/zimbra/conf/ldap-splitdomain.cf"
PARTIAL = Reading(False, 0.0, "the directory's size limit was reached")
Entry = ZimbraAccount | LegacyAccount
Config = Mapping[str, tuple[str, ...]]


def domain(**attributes: tuple[str, ...]) -> Domain:
    base = {"zimbraDomainType": ("local",), "zimbraDomainStatus": ("active",), "zimbraMailStatus": ("enabled",)}
    return Domain("example.com", True, {**base, **attributes})


def mailing_list(local: str, *members: str, **changes: object) -> ZimbraAccount:
    values: dict[str, object] = {"kind": Kind.LIST, "transport": "", "host": "", "forwards": members, **changes}
    return on_zimbra(local, **values)


def check(split: Split, seen: Snapshot, config: Config | None = None, names: Names | None = None) -> dict[str, Found]:
    """What is found, by its code."""
    whole = replace(seen, zimbra=replace(seen.zimbra, config=config or {}))
    return {f.code: f for f in findings(split, whole, people(whole, split), Tracer(world(split, whole, names)))}


def on_primary(*entries: Entry, config: Config | None = None, **attributes: tuple[str, ...]) -> dict[str, Found]:
    return check(SPLIT, snapshot(*entries, domain=domain(**attributes)), config)


def on_secondary(*entries: Entry, config: Config | None = None, **attributes: tuple[str, ...]) -> dict[str, Found]:
    return check(SECONDARY, snapshot(*entries, domain=domain(**{**TRIPLE, **attributes})), config)


def gone(local: str) -> LegacyAccount:
    """A row that the existing system keeps of somebody who lives on Zimbra."""
    return on_legacy(local, forwards_to=TO_ZIMBRA)


HEALTHY = (
    on_zimbra("foo", aliases=("fighter@example.com",), forwards=("bar@example.com", "foo@elsewhere.example")),
    on_zimbra("room", kind=Kind.RESOURCE),
    on_zimbra("leaver", status="closed", mail_status="disabled"),
    on_zimbra("away", status="maintenance"),
    on_zimbra("spam.x1", kind=Kind.SYSTEM),
    on_zimbra("foo.archive", kind=Kind.ARCHIVE),
    placeholder("bar", aliases=("bell@example.com",)),
    placeholder("bert", host="zimbra.example.com", transport="smtp:[mail.example.com]:25"),
    placeholder("cora", transport="smtp:mail.example.com"),
    on_legacy("bar", aliases=("bell@example.com",)),
    on_legacy("bert"),
    on_legacy("cora"),
    on_legacy("old", enabled=False),
    mailing_list("team", "foo@example.com", "bar@example.com", "Fighter@example.com", "x@elsewhere.example"),
)


def test_a_clean_primary_has_no_findings() -> None:
    config = {"zimbraMtaSmtpDnsSupportLevel": ("enabled",), "zimbraMtaDnsLookupsEnabled": ("TRUE",)}
    names = Names(mx={"example.com": ((10, "zimbra.example.com"),)})
    seen = snapshot(*HEALTHY, on_legacy("moved", forwards_to=TO_ZIMBRA), on_zimbra("moved"), domain=domain())
    assert check(SPLIT, seen, config, names) == {}
    assert check(SPLIT, seen) == {}


def test_a_clean_secondary_has_no_findings() -> None:
    config = {
        "zimbraMtaRelayHost": ("[mail.example.com]:25",),
        "zimbraMtaSmtpDnsSupportLevel": ("disabled",),
        "zimbraMtaDnsLookupsEnabled": ("FALSE",),
        "zimbraMtaMyNetworks": ("127.0.0.0/8 192.0.2.0/28",),
    }
    names = Names(
        mx={"example.com": ((10, "mail.example.com"),)},
        addresses={"mail.example.com": ("192.0.2.3",), "zimbra.example.com": ("192.0.2.2",)},
    )
    routed = (
        replace(gone("foo"), aliases=("fighter@example.com",)),
        *map(gone, ("room", "away", "team")),
        on_legacy("only.there"),
        on_zimbra("prepared", mail_status="disabled"),
        on_legacy("prepared"),
    )
    assert check(SECONDARY, snapshot(*HEALTHY, *routed, domain=domain(**TRIPLE)), config, names) == {}


@pytest.mark.parametrize(
    ("transport", "code", "severity"),
    [
        ("mail.example.com:25", "transport-without-mailer", Severity.ERROR),
        ("mail.example.com", "transport-without-mailer", Severity.ERROR),
        ("[mail.example.com]:25", "transport-without-mailer", Severity.ERROR),
        ("SMTP:mail.example.com:25", "transport-upper-case", Severity.ERROR),
        ("smpt:mail.example.com:25", "transport-unknown-mailer", Severity.ERROR),
        ("smtp:", "transport-without-host", Severity.ERROR),
        ("smtp::25", "transport-without-host", Severity.ERROR),
        (":", "transport-empty", Severity.ERROR),
        ("smtp:mail.example.com.", "transport-unreadable", Severity.ERROR),
        ("smtp:mail.example.com:25:25", "transport-unreadable", Severity.ERROR),
        ("smtp:[mail.example.com", "transport-unreadable", Severity.ERROR),
        ("relay:mail.example.com:nonsense", "transport-unreadable", Severity.ERROR),
        ("smtp:mail.example.com,[x", "transport-unreadable", Severity.ERROR),
        ("lmtp:zimbra.example.com.:7025", "transport-unreadable", Severity.ERROR),
        ("smtp:[zimbra.example.com]:25", "transport-to-own-mta", Severity.ERROR),
        ("smtp:localhost:25", "transport-to-own-mta", Severity.ERROR),
        ("smtp:example.com:25", "transport-bare-domain", Severity.ERROR),
        ("smtp:old.example.com:25", "transport-elsewhere", Severity.WARNING),
        ("smtp:mail.example.com:2525", "transport-elsewhere", Severity.WARNING),
        ("lmtp:mbox9.example.com:7025", "lmtp-unknown-server", Severity.ERROR),
        ("retry:4.3.2 moving", "transport-holds", Severity.WARNING),
        ("error:5.1.1 left", "transport-ends", Severity.ERROR),
        ("discard:", "transport-ends", Severity.ERROR),
    ],
)
def test_transports_that_lead_nowhere(transport: str, code: str, severity: Severity) -> None:
    found = on_primary(placeholder("bar", transport=transport), on_legacy("bar"))
    assert list(found) == [code]
    assert found[code].severity is severity
    assert found[code].addresses == ("bar@example.com",)
    assert repr(transport) in found[code].evidence
    assert ("dies of it" in found[code].consequence) is (code == "transport-unreadable")
    assert found[code].fix == (f"ma bar@example.com zimbraMailTransport {SMTP}",)


@pytest.mark.parametrize("transport", ["relay:mail.example.com", "smtp:MAIL.example.com:25 "])
def test_transports_that_are_spelled_otherwise_and_work(transport: str) -> None:
    assert on_primary(placeholder("bar", transport=transport), on_legacy("bar")) == {}


def test_a_wrong_transport_of_a_mailbox_on_zimbra_is_mended_to_its_own_server() -> None:
    found = on_primary(on_zimbra("foo", transport="lmtp:mbox9.example.com:7025"))
    assert found["lmtp-unknown-server"].fix == (f"ma foo@example.com zimbraMailTransport {LMTP}",)


def test_a_wrong_transport_is_mended_with_care_for_the_mailbox_on_the_other_side() -> None:
    spelled = on_primary(on_zimbra("foo", transport="lmtp:ZIMBRA.example.com:7025"), on_legacy("foo"))
    assert spelled["lmtp-other-spelling"].fix == (f"ma foo@example.com zimbraMailTransport {LMTP}",)
    assert list(on_primary(on_zimbra("foo", transport="lmtp:ZIMBRA.example.com:7025", host=""))) == ["no-mail-host"]
    assert list(on_primary(on_zimbra("foo", transport="lmtp:[zimbra.example.com]:7025"))) == ["lmtp-other-spelling"]
    shout = placeholder("bar", transport="SMTP:mail.example.com:25", host="zimbra.example.com")
    found = check(SPLIT, snapshot(shout, domain=domain(), legacy=PARTIAL))
    assert found["transport-upper-case"].fix == (f"ma bar@example.com zimbraMailTransport {SMTP}",)


def test_an_account_without_transport() -> None:
    [one] = on_primary(on_zimbra("foo", transport="")).values()
    assert (one.code, one.severity, one.fix) == (
        "no-transport",
        Severity.ERROR,
        (f"ma foo@example.com zimbraMailTransport {LMTP}",),
    )
    [other] = on_secondary(on_zimbra("foo", transport=""), gone("foo")).values()
    assert (other.code, other.severity) == ("no-transport", Severity.WARNING)
    assert SMTP in other.evidence


def test_a_mailbox_without_mail_host_or_on_another_one() -> None:
    [one] = on_primary(on_zimbra("hugo", host="")).values()
    assert (one.code, one.fix) == ("no-mail-host", ("ma hugo@example.com zimbraMailHost zimbra.example.com",))
    [placed] = on_primary(on_zimbra("hugo", host=""), on_legacy("hugo")).values()
    assert placed.fix == (f"ma hugo@example.com zimbraAccountStatus locked zimbraMailTransport {SMTP}",)
    two = Server("mbox2.example.com", "mbox2.example.com", 7026, frozenset({"mailbox"}))
    seen = snapshot(on_zimbra("foo", host="mbox2.example.com"), domain=domain(), servers=(SERVER, two))
    [other] = check(SPLIT, seen).values()
    assert other.code == "mail-host-differs"
    assert other.fix == ("ma foo@example.com zimbraMailTransport lmtp:mbox2.example.com:7026",)


def test_a_placeholder_for_nobody_loops_on_a_primary_and_bounces_on_a_secondary() -> None:
    [one] = on_primary(placeholder("ghost")).values()
    assert (one.code, "loops" in one.consequence, one.fix[-1]) == ("stale-placeholder", True, "da ghost@example.com")
    [other] = on_secondary(placeholder("ghost")).values()
    assert (other.code, "refused by mail.example.com" in other.consequence) == ("stale-placeholder", True)


def test_a_placeholder_whose_mail_comes_back() -> None:
    [one] = on_primary(placeholder("loop", host="zimbra.example.com"), gone("loop")).values()
    assert (one.code, "loops" in one.consequence) == ("placeholder-loops", True)
    assert one.fix[-1] == f"ma loop@example.com zimbraAccountStatus active zimbraMailTransport {LMTP}"


def test_a_placeholder_that_can_be_logged_in_to_or_that_postfix_does_not_see() -> None:
    [one] = on_primary(placeholder("bar", status="active"), on_legacy("bar")).values()
    assert (one.code, one.fix) == ("placeholder-not-locked", ("ma bar@example.com zimbraAccountStatus locked",))
    closed = placeholder("bar", status="closed", mail_status="disabled")
    [other] = on_primary(closed, on_legacy("bar")).values()
    assert (other.code, "is refused by zimbra.example.com" in other.consequence) == ("placeholder-off", True)
    assert on_secondary(closed, on_legacy("bar")) == {}


def test_people_whom_the_primary_does_not_know() -> None:
    found = on_primary(on_legacy("dave", aliases=("david@example.com",)), on_legacy("all", kind=Kind.LIST))
    assert set(found) == {"unknown-to-primary", "unknown-address"}
    assert found["unknown-to-primary"].fix == (
        f'ca dave@example.com "" zimbraMailTransport {SMTP} zimbraAccountStatus locked',
        "aaa dave@example.com david@example.com",
    )
    assert "from the internet it is refused" in found["unknown-to-primary"].consequence
    [one] = on_secondary(on_zimbra("foo")).values()
    assert (one.code, one.addresses) == ("unknown-to-primary", ("foo@example.com",))
    assert "On mail.example.com" in one.fix[0]


def test_addresses_that_are_routed_to_nobody() -> None:
    [one] = on_secondary(gone("bar")).values()
    assert (one.code, one.severity, "loops" in one.consequence) == ("routed-but-missing", Severity.ERROR, True)
    assert list(on_secondary(replace(gone("all"), kind=Kind.LIST))) == ["routed-but-missing"]
    [other] = on_primary(gone("bar")).values()
    assert (other.code, other.severity) == ("routed-but-missing", Severity.WARNING)


def test_two_mailboxes() -> None:
    assert list(on_primary(on_zimbra("mona"), on_legacy("mona"))) == ["old-box"]
    assert list(on_secondary(on_zimbra("mona"), on_legacy("mona"))) == ["two-boxes"]


@pytest.mark.parametrize("status", ["closed", "pending", "active"])
def test_mail_that_is_off_while_the_secondary_is_sent_it(status: str) -> None:
    [one] = on_secondary(on_zimbra("bar", status=status, mail_status="disabled"), gone("bar")).values()
    assert (one.code, "loops" in one.consequence) == ("off-but-routed", True)


def test_mail_that_is_off_though_the_account_is_active() -> None:
    [one] = on_primary(on_zimbra("mute", mail_status="disabled")).values()
    assert (one.code, one.fix) == ("mail-off", ("ma mute@example.com zimbraMailStatus enabled",))


def test_somebody_moved_and_still_locked() -> None:
    [one] = on_primary(on_zimbra("foo", status="locked"), gone("foo")).values()
    assert (one.code, one.severity) == ("moved-but-locked", Severity.INFO)
    assert on_primary(on_zimbra("foo", status="locked")) == {}


def test_a_system_account_that_was_sent_away() -> None:
    [one] = on_primary(on_zimbra("spam.x1", kind=Kind.SYSTEM, transport=SMTP)).values()
    assert (one.code, one.fix) == ("system-account-away", (f"ma spam.x1@example.com zimbraMailTransport {LMTP}",))


def test_a_catch_all_account() -> None:
    [one] = on_primary(on_zimbra("catcher", rare=Rare(catch_all=AT))).values()
    assert (one.code, one.severity) == ("catch-all-account", Severity.WARNING)
    [other] = on_secondary(on_zimbra("catcher", rare=Rare(catch_all=AT)), gone("catcher")).values()
    assert (other.code, other.severity, "451 4.6.0" in other.consequence) == ("catch-all-account", Severity.ERROR, True)
    assert other.fix == ("ma catcher@example.com -zimbraMailCatchAllAddress @example.com",)


def test_one_alias_on_two_entries() -> None:
    info = ("info@example.com",)
    [one] = on_primary(on_zimbra("foo", aliases=info), on_zimbra("bob", aliases=info)).values()
    assert (one.code, one.addresses) == ("alias-on-two-entries", info)
    assert one.fix == ("one of: raa foo@example.com info@example.com | raa bob@example.com info@example.com",)
    [other] = on_primary(on_zimbra("foo", aliases=("bob@example.com",)), on_zimbra("bob")).values()
    assert other.fix == ("raa foo@example.com bob@example.com",)


def test_an_alias_that_hides_a_mailbox() -> None:
    [one] = on_primary(on_zimbra("foo", aliases=("bar@example.com",)), on_legacy("bar")).values()
    assert (one.code, one.fix) == ("alias-hides-mailbox", ("raa foo@example.com bar@example.com",))


def test_an_alias_on_one_side_only() -> None:
    aliases = ("bobby@example.com",)
    [one] = on_primary(placeholder("bob"), on_legacy("bob", aliases=aliases)).values()
    assert (one.code, one.fix) == ("alias-only-on-legacy", ("aaa bob@example.com bobby@example.com",))
    assert on_primary(placeholder("bob", aliases=aliases), on_legacy("bob")) == {}
    assert on_secondary(on_legacy("bob", aliases=aliases), placeholder("bob")) == {}
    [looping] = on_secondary(on_zimbra("bob"), replace(gone("bob"), aliases=aliases)).values()
    assert (looping.code, looping.severity, "loops" in looping.consequence) == (one.code, Severity.ERROR, True)
    [refused] = on_secondary(on_zimbra("bob", aliases=aliases), gone("bob")).values()
    assert (refused.code, "refused by mail.example.com" in refused.consequence) == ("alias-only-on-zimbra", True)


def test_forwards_to_nobody() -> None:
    forwards = ("gone@example.com", "x@elsewhere.example")
    user = ("gone@example.com", "foo@example.com")
    [one] = on_primary(on_zimbra("foo", forwards=forwards, user_forwards=user)).values()
    assert (one.code, "gone@example.com" in one.evidence) == ("dangling-forward", True)
    assert one.fix == (
        "ma foo@example.com -zimbraMailForwardingAddress gone@example.com "
        "zimbraPrefMailForwardingAddress foo@example.com",
    )
    extended = on_zimbra("foo", forwards=("foo+old@example.com",))
    assert on_primary(extended, config={"zimbraMtaRecipientDelimiter": ("+",)}) == {}


def test_lists() -> None:
    [one] = on_primary(on_zimbra("foo"), mailing_list("team", "foo@example.com", "gone@example.com")).values()
    assert (one.code, one.fix) == ("unknown-member", ("rdlm team@example.com gone@example.com",))
    [two] = on_primary(mailing_list("team")).values()
    assert two.code == "empty-list"
    assert on_primary(replace(mailing_list("team"), id="team@example.com")) == {}
    by_name = replace(mailing_list("other"), id="other@example.com")
    assert on_primary(by_name, mailing_list("team", "alias.of.other@example.com")) == {}
    member = mailing_list("team", "x@elsewhere.example")
    assert list(on_primary(member, on_legacy("team", kind=Kind.LIST))) == ["list-on-both"]
    assert list(on_secondary(member)) == ["list-only-on-zimbra"]


def test_the_split_domain_filter_and_entries_with_several_values() -> None:
    config = {"zimbraMtaRestriction": (FILTER, "reject")}
    plain = (on_zimbra("foo"), placeholder("bar"), on_legacy("bar"), mailing_list("one", "foo@example.com"))
    assert on_primary(*plain, config=config) == {}
    several = (
        on_zimbra("fred", user_forwards=("a@elsewhere.example", "b@elsewhere.example")),
        mailing_list("two", "foo@example.com", "bar@example.com"),
    )
    [one] = on_primary(*plain, *several, config=config).values()
    assert (one.code, one.addresses) == ("split-filter-two-values", ("fred@example.com", "two@example.com"))
    assert one.fix == (f'mcf -zimbraMtaRestriction "{FILTER}"',)
    assert on_primary(*plain, *several) == {}


def test_nothing_is_concluded_from_absence_in_a_half_that_is_not_complete() -> None:
    seen = (placeholder("bar"), on_legacy("dave"), on_zimbra("foo", forwards=("x@example.com",)), gone("bert"))
    assert check(SPLIT, snapshot(*seen, domain=domain(), zimbra=PARTIAL, legacy=PARTIAL)) == {}
    secondary = snapshot(*seen, mailing_list("team", "y@example.com"), domain=domain(**TRIPLE), legacy=PARTIAL)
    assert set(check(SECONDARY, secondary)) == {"routed-but-missing"}


def test_one_pass_over_many(monkeypatch: pytest.MonkeyPatch) -> None:
    traced: list[str] = []
    fate = scenes.Tracer.routes
    many = [placeholder(f"p{number}") for number in range(2000)]
    seen = snapshot(*many, *[on_legacy(f"q{number}") for number in range(2000)], domain=domain())
    roster = people(seen)
    monkeypatch.setattr(
        scenes.Tracer, "routes", lambda tracer, address: traced.append(address) or fate(tracer, address)
    )
    found = {one.code: one for one in findings(SPLIT, seen, roster, Tracer(world(SPLIT, seen)))}
    assert {code: len(one.addresses) for code, one in found.items()} == {
        "unknown-to-primary": 2000,
        "stale-placeholder": 2000,
    }
    assert len(traced) == 2
