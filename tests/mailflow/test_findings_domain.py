"""Findings of the domain, of the MTA's settings, and of mail exchangers."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from splittui.mailflow.findings import Found, findings
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Names
from splittui.model.entries import Domain
from splittui.model.split import Split
from splittui.planning.plan import Severity
from tests.sites import SECONDARY, SMTP, SPLIT, on_zimbra, people, snapshot

AT = ("@example.com",)
PAIR = {"zimbraMailCatchAllAddress": AT, "zimbraMailCatchAllForwardingAddress": AT}
TRIPLE = {**PAIR, "zimbraMailTransport": (SMTP,)}
CLEAR = 'md example.com zimbraMailCatchAllAddress "" zimbraMailCatchAllForwardingAddress "" zimbraMailTransport ""'
SET = (
    f"md example.com zimbraMailTransport {SMTP} zimbraMailCatchAllAddress @example.com "
    "zimbraMailCatchAllForwardingAddress @example.com"
)
FILTER = "check_recipient_access ldap:/opt/zimbra/conf/ldap-splitdomain.cf"
Values = Mapping[str, tuple[str, ...]]


def check(
    split: Split,
    attributes: Values,
    config: Values | None = None,
    names: Names | None = None,
    server_config: Values | None = None,
    exists: bool = True,
) -> list[Found]:
    base = {"zimbraDomainType": ("local",), "zimbraDomainStatus": ("active",), "zimbraMailStatus": ("enabled",)}
    seen = snapshot(domain=Domain("example.com", exists, {**base, **attributes}))
    seen = replace(seen, zimbra=replace(seen.zimbra, config=config or {}))
    traced = replace(world(split, seen, names), server_config=server_config or {})
    return list(findings(split, seen, people(seen, split), Tracer(traced)))


def only(found: list[Found]) -> Found:
    [one] = found
    return one


def test_a_catch_all_on_a_primary() -> None:
    one = only(check(SPLIT, TRIPLE))
    assert (one.code, one.severity, one.fix) == ("catch-all-on-primary", Severity.ERROR, (CLEAR,))
    assert "loops" in one.consequence
    assert "accepted and bounced" in only(check(SPLIT, PAIR)).consequence


def test_a_transport_of_the_domain_on_a_primary() -> None:
    one = only(check(SPLIT, {"zimbraMailTransport": (SMTP,)}))
    assert (one.code, one.severity, one.fix) == ("domain-transport-on-primary", Severity.WARNING, (CLEAR,))


@pytest.mark.parametrize("half", list(PAIR))
def test_half_a_pair(half: str) -> None:
    assert only(check(SPLIT, {half: AT})).code == "half-catch-all"
    one = only(check(SECONDARY, {half: AT, "zimbraMailTransport": (SMTP,)}))
    assert (one.code, one.severity, one.fix) == ("half-catch-all", Severity.ERROR, (SET,))


def test_a_secondary_without_the_three() -> None:
    for attributes in ({}, PAIR, {"zimbraMailTransport": (SMTP,)}):
        one = only(check(SECONDARY, attributes))
        assert (one.code, one.severity, one.fix) == ("secondary-incomplete", Severity.ERROR, (SET,))
    assert check(SECONDARY, TRIPLE) == []


def test_a_secondary_that_leads_elsewhere() -> None:
    other = only(check(SECONDARY, {**TRIPLE, "zimbraMailCatchAllForwardingAddress": ("@zimbra.com",)}))
    assert other.code == "catch-all-elsewhere"
    wrong = only(check(SECONDARY, {**TRIPLE, "zimbraMailTransport": ("mail.example.com:25",)}))
    assert (wrong.code, wrong.fix) == ("domain-transport-elsewhere", (f"md example.com zimbraMailTransport {SMTP}",))


def test_a_domain_that_is_not_hosted() -> None:
    assert only(check(SPLIT, {}, exists=False)).fix == ("cd example.com",)
    one = only(check(SECONDARY, {}, exists=False))
    assert (one.code, one.fix) == ("domain-not-hosted", (SET.replace("md ", "cd "),))
    assert "domain-is-alias" in {f.code for f in check(SPLIT, {"zimbraDomainType": ("alias",)})}


def test_the_status_of_the_domain() -> None:
    closed = only(check(SPLIT, {"zimbraDomainStatus": ("closed",), "zimbraMailStatus": ("disabled",)}))
    assert (closed.code, closed.severity) == ("domain-closed", Severity.ERROR)
    assert only(check(SPLIT, {"zimbraDomainStatus": ("suspended",)})).code == "domain-in-maintenance"
    assert check(SPLIT, {"zimbraDomainStatus": ("locked",)}) == []


def test_rewriting_and_a_limit_that_is_reached() -> None:
    assert only(check(SPLIT, {"zimbraMailCatchAllCanonicalAddress": AT})).code == "catch-all-canonical"
    full = {"zimbraDomainMaxAccounts": ("1",)}
    seen = snapshot(on_zimbra("foo"), domain=Domain("example.com", True, full))
    one = only(list(findings(SPLIT, seen, people(seen), Tracer(world(SPLIT, seen)))))
    assert (one.code, one.severity) == ("domain-full", Severity.WARNING)
    assert check(SPLIT, {"zimbraDomainMaxAccounts": ("0",)}) == []


def test_the_deprecated_dns_switch() -> None:
    config = {"zimbraMtaDnsLookupsEnabled": ("FALSE",), "zimbraMtaSmtpDnsSupportLevel": ("enabled",)}
    assert only(check(SPLIT, {}, config)).code == "dns-switch-without-effect"
    assert check(SPLIT, {}, {"zimbraMtaDnsLookupsEnabled": ("FALSE",)}) == []


@pytest.mark.parametrize("host", ["[zimbra.example.com]:25", "ZIMBRA.example.com:25", "[127.0.0.1]:25"])
def test_a_relay_host_that_is_zimbra(host: str) -> None:
    one = only(check(SECONDARY, TRIPLE, {"zimbraMtaRelayHost": (host,)}))
    assert (one.code, one.fix) == ("relay-host-is-zimbra", ("mcf zimbraMtaRelayHost [mail.example.com]:25",))


def test_a_relay_host_that_leads_to_zimbra_by_what_the_dns_says() -> None:
    names = Names(
        mx={"relay.example.com": ((10, "mx.example.com"),)},
        addresses={"zimbra.example.com": ("192.0.2.2",), "mx.example.com": ("192.0.2.2",)},
    )
    one = only(check(SPLIT, {}, {"zimbraMtaRelayHost": ("relay.example.com",)}, names))
    assert (one.code, "the MX of relay.example.com is mx.example.com" in one.evidence) == ("relay-host-is-zimbra", True)
    assert check(SPLIT, {}, {"zimbraMtaRelayHost": ("[mail.example.com]:25",)}, names) == []


def test_a_relay_host_that_is_the_mta_s_own_name() -> None:
    one = only(check(SECONDARY, TRIPLE, {"zimbraMtaRelayHost": ("ZIMBRA.example.com",)}))
    assert (one.code, one.severity) == ("relay-host-is-own-name", Severity.ERROR)
    assert one.fix[0] == "mcf zimbraMtaRelayHost [mail.example.com]:25"
    [hidden, own] = check(
        SPLIT,
        {},
        {"zimbraMtaRelayHost": ("smart.example",)},
        server_config={"zimbraMtaRelayHost": ("zimbra.example.com",)},
    )[::-1]
    assert (hidden.code, own.code) == ("server-hides-global", "relay-host-is-own-name")
    assert own.fix[0] == 'ms zimbra.example.com zimbraMtaRelayHost ""'


@pytest.mark.parametrize("host", ["mail.example.com.", "[mail.example.com", "mail.example.com:x"])
def test_a_relay_host_that_cannot_be_read(host: str) -> None:
    one = only(check(SECONDARY, TRIPLE, {"zimbraMtaRelayHost": (host,)}))
    assert (one.code, one.fix) == ("relay-host-unreadable", ("mcf zimbraMtaRelayHost [mail.example.com]:25",))
    assert "dies of it" in one.consequence
    fallback = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaFallbackRelayHost": (host,)}
    other = only(check(SECONDARY, TRIPLE, fallback))
    assert (other.code, other.fix) == ("relay-host-unreadable", ('mcf zimbraMtaFallbackRelayHost ""',))


def test_a_transport_of_a_domain_that_cannot_be_read() -> None:
    one = only(check(SECONDARY, {**TRIPLE, "zimbraMailTransport": ("smtp:mail.example.com.",)}))
    assert (one.code, one.fix) == ("domain-transport-unreadable", (f"md example.com zimbraMailTransport {SMTP}",))
    found = check(SPLIT, {"zimbraMailTransport": ("lmtp:[x",)})
    assert [each.code for each in found] == ["domain-transport-unreadable", "domain-transport-on-primary"]
    assert "Nearly all mail for mailboxes on Zimbra waits" in found[0].consequence
    assert found[0].fix == ('md example.com zimbraMailTransport ""',)


def test_no_dns_and_no_relay_host() -> None:
    config = {"zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
    assert only(check(SPLIT, {}, config)).fix == ("mcf zimbraMtaSmtpDnsSupportLevel enabled",)
    one = only(check(SECONDARY, TRIPLE, config))
    assert (one.code, one.severity) == ("dns-off-without-relay-host", Severity.WARNING)
    sure = only(check(SECONDARY, TRIPLE, config, server_config={"zimbraMtaMyNetworks": ("127.0.0.0/8",)}))
    assert sure.severity is Severity.ERROR
    own = {"zimbraMtaRelayHost": ("[mail.example.com]:25",)}
    assert check(SECONDARY, TRIPLE, config, server_config=own) == []


def test_the_split_domain_filter() -> None:
    alone = only(check(SPLIT, {}, {"zimbraMtaRestriction": (FILTER,)}))
    assert (alone.code, alone.fix) == ("split-filter-without-reject", ("mcf +zimbraMtaRestriction reject",))
    config = {"zimbraMtaRestriction": (FILTER, "reject")}
    server = {"zimbraMtaMyNetworks": ("127.0.0.0/8",)}
    names = Names(addresses={"mail.example.com": ("192.0.2.3",)})
    assert check(SECONDARY, TRIPLE, config, server_config=server) == []
    assert check(SECONDARY, TRIPLE, config, names) == []
    one = only(check(SECONDARY, TRIPLE, config, names, server))
    assert one.code == "split-filter-against-legacy"
    assert one.fix == ('ms zimbra.example.com zimbraMtaMyNetworks "127.0.0.0/8 192.0.2.3"',)
    assert check(SECONDARY, TRIPLE, config, names, {"zimbraMtaMyNetworks": ("127.0.0.0/8 192.0.2.0/28",)}) == []


def test_a_server_value_that_hides_the_global_one() -> None:
    name = "zimbraMtaRelayHost"
    one = only(check(SECONDARY, TRIPLE, {name: ("[mail.example.com]:25",)}, server_config={name: ("relay.example",)}))
    assert (one.code, one.fix) == ("server-hides-global", ('ms zimbra.example.com zimbraMtaRelayHost ""',))


def test_mail_exchangers() -> None:
    at_legacy = Names(mx={"example.com": ((10, "mail.example.com"),)})
    at_zimbra = Names(mx={"example.com": ((10, "zimbra.example.com"),)})
    assert only(check(SPLIT, {}, names=at_legacy)).code == "mx-not-primary"
    assert only(check(SECONDARY, TRIPLE, names=at_zimbra)).code == "mx-not-primary"
    assert check(SPLIT, {}, names=Names(mx={"example.com": ((10, "filter.elsewhere.example"),)})) == []
    wild = Names(mx={"mail.example.com": ((10, "zimbra.example.com"),)})
    one = only(check(SECONDARY, TRIPLE, names=wild))
    assert (one.code, "smtp:[mail.example.com]:25" in one.fix[0]) == ("next-hop-mx-is-zimbra", True)
    off = {"zimbraMtaSmtpDnsSupportLevel": ("disabled",), "zimbraMtaRelayHost": ("[mail.example.com]:25",)}
    assert check(SECONDARY, TRIPLE, off, names=wild) == []
