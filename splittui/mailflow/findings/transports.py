"""Transports of accounts that lead nowhere, or not where they should (transport(5); Zimbra's MailHost callback)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import Scene, addresses, lines
from splittui.mailflow.world import ACCOUNT_STATUS, MAIL_HOST, TRANSPORT
from splittui.model.entries import ZimbraAccount
from splittui.planning.plan import Severity


@dataclass(frozen=True, slots=True)
class _Mistake:
    severity: Severity
    code: str
    title: str
    consequence: str


_WAITS = "Their mail is accepted, waits in Zimbra's queue (mail transport unavailable) and bounces after days."
_MISTAKES = {
    Leads.UNKNOWN_SERVER: _Mistake(
        Severity.ERROR,
        "lmtp-unknown-server",
        "Transport to an LMTP server that is none of this Zimbra",
        "Their mail is accepted, then bounces at once or waits for a server that does not answer.",
    ),
    Leads.OTHER_SPELLING: _Mistake(
        Severity.WARNING,
        "lmtp-other-spelling",
        "Transport to a mailbox server in another spelling",
        "Their mail arrives, but Zimbra compares the text exactly and takes them for not migrated: no shares, "
        "free/busy is asked elsewhere, and a later change of zimbraMailHost is refused.",
    ),
    Leads.OWN_MTA: _Mistake(
        Severity.ERROR,
        "transport-to-own-mta",
        "Transport that leads back to Zimbra's own MTA",
        "Their mail bounces: on port 25 at once (loops back to myself), on any other port after about 50 hops.",
    ),
    Leads.ELSEWHERE: _Mistake(
        Severity.WARNING,
        "transport-elsewhere",
        "Transport to a host or port that is neither system of this split",
        "Their mail leaves the split: it arrives only if that host takes it, bounces if its name does not exist and "
        "waits if it does not answer.",
    ),
    Leads.NO_MAILER: _Mistake(
        Severity.ERROR, "transport-without-mailer", "Transport without smtp: in front of the host", _WAITS
    ),
    Leads.UPPER_CASE: _Mistake(Severity.ERROR, "transport-upper-case", "Mailer of the transport in upper case", _WAITS),
    Leads.UNKNOWN_MAILER: _Mistake(
        Severity.ERROR, "transport-unknown-mailer", "Transport by a mailer that Zimbra's Postfix does not have", _WAITS
    ),
    Leads.EMPTY: _Mistake(
        Severity.ERROR,
        "transport-empty",
        "Transport without a mailer",
        "Their mail is accepted and bounced: Zimbra's virtual_transport=error stays in force.",
    ),
    Leads.HOLDS: _Mistake(
        Severity.WARNING,
        "transport-holds",
        "Transport that holds mail",
        "Their mail waits in Zimbra's queue, and bounces after days if the transport is not changed before.",
    ),
    Leads.ENDS: _Mistake(
        Severity.ERROR,
        "transport-ends",
        "Transport that bounces mail or throws it away",
        "Their mail is accepted, and nobody ever reads it.",
    ),
}


def wrong_transports(scene: Scene) -> Iterator[Found]:
    """One finding for each kind of mistake and each value, with the line that makes the account what it looks like."""
    domain = scene.split.domain
    for leads, mistake in _mistakes(scene):
        if leads is Leads.UNKNOWN_SERVER and not scene.snapshot.zimbra.servers:
            continue
        by_value: dict[str, list[ZimbraAccount]] = {}
        for account in scene.by_transport[leads]:
            if leads is Leads.OTHER_SPELLING and not account.host:
                # Nothing arrives without a mail host, in whatever spelling: no-mail-host says so.
                continue
            by_value.setdefault(account.transport, []).append(account)
        for value, accounts in sorted(by_value.items()):
            yield Found(
                mistake.severity,
                mistake.code,
                mistake.title,
                addresses(accounts),
                f"{TRANSPORT} is {value!r}; to {domain}'s existing system it is {scene.split.legacy_transport!r}",
                mistake.consequence,
                mend(scene, accounts),
            )


def _mistakes(scene: Scene) -> Iterator[tuple[Leads, _Mistake]]:
    # smtp: without a host, and smtp:example.com, both go to the domain's mail exchanger: the primary.
    domain, primary = scene.split.domain, scene.primary
    severity = Severity.ERROR if primary else Severity.WARNING
    what = "That is Zimbra itself: it loops and bounces." if primary else f"That is {scene.split.legacy} as long as "
    more = "" if primary else "the MX is there and Zimbra asks DNS; it loops as soon as either changes."
    consequence = f"Their mail goes to the mail exchanger of {domain}. {what}{more}"
    yield Leads.BARE_DOMAIN, _Mistake(severity, "transport-bare-domain", "Transport to the bare domain", consequence)
    yield Leads.NO_HOST, _Mistake(severity, "transport-without-host", "Transport without a host", consequence)
    yield from _MISTAKES.items()


def mend(scene: Scene, accounts: Iterable[ZimbraAccount]) -> tuple[str, ...]:
    """The lines that give accounts the transport that they look meant to have."""
    told: list[str] = []
    for account in sorted(accounts, key=lambda entry: entry.address):
        told += lines("ma", (account.address,), TRANSPORT, _meant(scene, account))
    return tuple(told)


def _meant(scene: Scene, account: ZimbraAccount) -> str:
    """A mailbox on Zimbra that legacy does not claim gets its own server's LMTP form; everybody else is relayed."""
    text = account.transport.lower()
    own = scene.snapshot.zimbra.server_named(account.host) if account.host else None
    if own is not None and scene.judge.leads(account.transport) is Leads.OTHER_SPELLING:
        return own.lmtp
    # Without all of legacy, somebody whose transport names it may well have a mailbox there.
    claimed = not scene.knows_all_of_legacy and scene.split.legacy_nexthop.host in text
    if own is None or claimed or scene.has_live_box(account.address):
        return scene.split.legacy_transport
    return own.lmtp


def without_transport(scene: Scene) -> Iterator[Found]:
    """An account without its own transport takes the domain's, or none (``virtual_transport=error``)."""
    accounts = scene.by_transport[Leads.UNSET]
    if not accounts:
        return
    inherited = scene.snapshot.zimbra.domain.transport
    yield Found(
        Severity.WARNING if inherited else Severity.ERROR,
        "no-transport",
        "Account without a transport",
        addresses(accounts),
        f"{TRANSPORT} is not set; the domain's is {inherited!r}" if inherited else f"{TRANSPORT} is not set",
        f"Their mail goes by the domain's transport to {inherited}, even if their mailbox is on Zimbra."
        if inherited
        else "Their mail is accepted and then bounced: neither the account nor the domain says where it should go.",
        mend(scene, accounts),
    )


def wrong_mail_hosts(scene: Scene) -> Iterator[Found]:
    """LMTP answers ``450 4.2.0 Mailbox is not on this server`` where zimbraMailHost is another server or none."""
    homeless, elsewhere = [], []
    for account in (*scene.by_transport[Leads.HERE], *scene.by_transport[Leads.OTHER_SPELLING]):
        if not account.host:
            homeless.append(account)
        elif account.transport.split(":")[1].strip("[].").lower() != account.host.lower():
            elsewhere.append(account)
    waits = "LMTP answers 450 4.2.0 (Mailbox is not on this server): their mail waits in the queue, then bounces."
    if homeless:
        yield Found(
            Severity.ERROR,
            "no-mail-host",
            "Transport to a mailbox server, but no mail host",
            addresses(homeless),
            f"{TRANSPORT} is an LMTP transport, {MAIL_HOST} is not set",
            waits,
            _housed(scene, addresses(homeless)),
        )
    if elsewhere:
        yield Found(
            Severity.ERROR,
            "mail-host-differs",
            "Transport to another server than the mail host",
            addresses(elsewhere),
            "; ".join(sorted({f"{TRANSPORT} {a.transport}, {MAIL_HOST} {a.host}" for a in elsewhere})),
            waits,
            _to_their_hosts(scene, elsewhere),
        )


def _housed(scene: Scene, names: Iterable[str]) -> tuple[str, ...]:
    """Whoever has a mailbox on the existing system becomes a placeholder; the others get a mail host."""
    server = scene.mailbox_server
    host = server.service_hostname if server is not None else "SERVER"
    relayed = [name for name in names if scene.has_live_box(name)]
    housed = [name for name in names if not scene.has_live_box(name)]
    return (
        *lines("ma", housed, MAIL_HOST, host),
        *lines("ma", relayed, ACCOUNT_STATUS, "locked", TRANSPORT, scene.split.legacy_transport),
    )


def _to_their_hosts(scene: Scene, accounts: Iterable[ZimbraAccount]) -> tuple[str, ...]:
    told: list[str] = []
    for account in sorted(accounts, key=lambda entry: entry.address):
        server = scene.snapshot.zimbra.server_named(account.host)
        if server is not None:
            told += lines("ma", (account.address,), TRANSPORT, server.lmtp)
        else:
            told.append(
                f"{account.address}: its mail host {account.host} is no server of this Zimbra; find its mailbox"
            )
    return tuple(told)


CHECKS = (wrong_transports, without_transport, wrong_mail_hosts)
