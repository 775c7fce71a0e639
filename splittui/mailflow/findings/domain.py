"""The domain on Zimbra: a primary without catch-all and transport, a secondary with all three attributes."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import Scene, fate
from splittui.mailflow.world import (
    CATCH_ALL,
    CATCH_ALL_CANONICAL,
    CATCH_ALL_FORWARD,
    DOMAIN_STATUS,
    DOMAIN_TYPE,
    MAIL_STATUS,
    TRANSPORT,
)
from splittui.model.entries import Kind
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity

_TRIPLE = (CATCH_ALL, CATCH_ALL_FORWARD, TRANSPORT)


def not_hosted(scene: Scene) -> Iterator[Found]:
    """A domain that ldap-vmd does not find is foreign: Zimbra relays for it no more than for any other."""
    split, domain = scene.split, scene.snapshot.zimbra.domain
    if not domain.exists:
        create = () if scene.primary else _pairs(_wanted(scene))
        yield Found(
            Severity.ERROR,
            "domain-not-hosted",
            "Zimbra does not host the domain",
            (),
            f"no zimbraDomain entry has zimbraDomainName {split.domain}",
            f"Outsiders get 554 Relay access denied from {split.zimbra}; its own mail goes to the domain's MX.",
            (quote_line(("cd", split.domain, *create)),),
        )
    elif domain.one(DOMAIN_TYPE).lower() == "alias":
        yield Found(
            Severity.ERROR,
            "domain-is-alias",
            "The domain is an alias domain",
            (),
            f"{DOMAIN_TYPE} is alias",
            "Postfix rewrites its addresses and ignores every transport of theirs.",
        )


def not_active(scene: Scene) -> Iterator[Found]:
    """A closed domain has zimbraMailStatus disabled and is as good as not hosted; others only stop its mailboxes."""
    domain = scene.snapshot.zimbra.domain
    status = domain.one(DOMAIN_STATUS).lower()
    mail = domain.one(MAIL_STATUS).lower()
    repair = (quote_line(("md", scene.split.domain, DOMAIN_STATUS, "active")),)
    if domain.exists and (status == "closed" or mail == "disabled"):
        yield Found(
            Severity.ERROR,
            "domain-closed",
            "Mail of the domain is switched off",
            (),
            f"{DOMAIN_STATUS} is {status or 'not set'}, {MAIL_STATUS} is {mail or 'not set'}",
            "Outsiders get 554 Relay access denied for every address of the domain.",
            repair,
        )
    elif domain.exists and status in ("maintenance", "suspended", "shutdown"):
        yield Found(
            Severity.WARNING,
            "domain-in-maintenance",
            "Mailboxes of the domain take no mail",
            (),
            f"{DOMAIN_STATUS} is {status}",
            "Mail for mailboxes on Zimbra waits in its queue (450 4.2.1) and bounces after days.",
            repair,
        )


def on_a_primary(scene: Scene) -> Iterator[Found]:
    """A primary must refuse what it does not know: no catch-all, no transport of the domain."""
    domain = scene.snapshot.zimbra.domain
    if not scene.primary or not domain.exists:
        return
    clear = (quote_line(("md", domain.name, *(word for name in _TRIPLE for word in (name, "")))),)
    if domain.catches_all:
        yield Found(
            Severity.ERROR,
            "catch-all-on-primary",
            "Catch-all on a primary",
            (),
            _shown(scene),
            f"Zimbra accepts mail for addresses that nobody has. {fate(scene.tracer, _nobody(scene))}",
            clear,
        )
        return
    if domain.transport:
        yield Found(
            Severity.WARNING,
            "domain-transport-on-primary",
            "Transport of the domain on a primary",
            (),
            _shown(scene),
            f"Accounts without a transport of their own go to {domain.transport}, and so does what Zimbra's own users "
            f"write to addresses that nobody has. {fate(scene.tracer, _nobody(scene))}",
            clear,
        )
    elif _half(scene):
        yield Found(
            Severity.WARNING,
            "half-catch-all",
            "Half a catch-all pair",
            (),
            _shown(scene),
            "Either attribute alone has no effect; with the other, mail for unknown addresses loops.",
            clear,
        )


def on_a_secondary(scene: Scene) -> Iterator[Found]:
    """A secondary hands on what it does not know: both halves of the pair make it listed, the transport relays it."""
    domain = scene.snapshot.zimbra.domain
    if scene.primary or not domain.exists:
        return
    mend = (quote_line(("md", domain.name, *_pairs(_wanted(scene)))),)
    if not domain.catches_all or not domain.transport:
        half = _half(scene)
        yield Found(
            Severity.ERROR,
            "half-catch-all" if half else "secondary-incomplete",
            "Half a catch-all pair" if half else "Secondary without all of its three attributes",
            (),
            _shown(scene),
            f"Mail for people whom only {scene.split.legacy} knows: {fate(scene.tracer, _only_there(scene))}",
            mend,
        )
    elif f"@{domain.name}" not in domain.attributes[CATCH_ALL_FORWARD]:
        yield Found(
            Severity.ERROR,
            "catch-all-elsewhere",
            "Catch-all that leads to another domain",
            (),
            _shown(scene),
            "Mail for everybody who has no entry on Zimbra is rewritten to that domain.",
            mend,
        )
    leads = scene.judge.leads(domain.transport)
    if domain.transport and leads not in (Leads.LEGACY, Leads.UNREADABLE):
        yield Found(
            Severity.ERROR,
            "domain-transport-elsewhere",
            "Transport of the domain that does not lead to the existing system",
            (),
            f"{TRANSPORT} of {domain.name} is {domain.transport!r}: {leads}",
            f"Mail for everybody who has no entry on Zimbra does not reach {scene.split.legacy}.",
            (quote_line(("md", domain.name, TRANSPORT, scene.split.legacy_transport)),),
        )


def rewriting(scene: Scene) -> Iterator[Found]:
    """ldap-canonical rewrites addresses before anything is routed."""
    domain = scene.snapshot.zimbra.domain
    value = domain.one(CATCH_ALL_CANONICAL)
    if domain.exists and value:
        yield Found(
            Severity.WARNING,
            "catch-all-canonical",
            "Canonical rewriting of the whole domain",
            (),
            f"{CATCH_ALL_CANONICAL} of {domain.name} is {value}",
            "Addresses of the domain are rewritten, in headers too, before accounts and transports are looked up.",
            (quote_line(("md", domain.name, CATCH_ALL_CANONICAL, "")),),
        )


def full(scene: Scene) -> Iterator[Found]:
    """Placeholders count against zimbraDomainMaxAccounts; resources, guests and system accounts do not."""
    domain = scene.snapshot.zimbra.domain
    text = domain.one("zimbraDomainMaxAccounts")
    limit = int(text) if text.isdigit() else 0
    if not limit:
        return
    counted = (Kind.PERSON, Kind.ADMIN)
    number = sum(account.kind in counted for account in scene.snapshot.zimbra.accounts.values())
    if number >= limit:
        yield Found(
            Severity.WARNING,
            "domain-full",
            "No more accounts fit into the domain",
            (),
            f"zimbraDomainMaxAccounts is {limit}, and there are {number} accounts",
            "None: but no placeholder and no mailbox can be created any more.",
            (quote_line(("md", domain.name, "zimbraDomainMaxAccounts", "0")),),
        )


def _half(scene: Scene) -> bool:
    domain = scene.snapshot.zimbra.domain
    return not domain.catches_all and bool(domain.one(CATCH_ALL) or domain.one(CATCH_ALL_FORWARD))


def _wanted(scene: Scene) -> dict[str, str]:
    at = f"@{scene.split.domain}"
    return {TRANSPORT: scene.split.legacy_transport, CATCH_ALL: at, CATCH_ALL_FORWARD: at}


def _pairs(values: dict[str, str]) -> tuple[str, ...]:
    return tuple(word for pair in values.items() for word in pair)


def _shown(scene: Scene) -> str:
    domain = scene.snapshot.zimbra.domain
    return ", ".join(f"{name} is {', '.join(domain.attributes.get(name, ())) or 'not set'}" for name in _TRIPLE)


def _nobody(scene: Scene) -> str:
    return f"nobody-has-this-address@{scene.split.domain}"


def _only_there(scene: Scene) -> str:
    """Somebody whom Zimbra does not know, or an address that stands for one."""
    rows = (person for person in scene.people.values() if person.zimbra is None and not person.alias_of)
    return next((p.address for p in rows if scene.has_live_box(p.address)), _nobody(scene))


CHECKS = (not_hosted, not_active, on_a_primary, on_a_secondary, rewriting, full)
