"""People whom one system does not know, who have two mailboxes or none in sight, and accounts that are not people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import PEOPLE, Scene, addresses, fate, lines
from splittui.mailflow.world import ACCOUNT_STATUS, CATCH_ALL, MAIL_STATUS, TRANSPORT, Keeps
from splittui.model.entries import Kind
from splittui.planning.plan import Severity

_OFF = ("closed", "pending")


def unknown_to_zimbra(scene: Scene) -> Iterator[Found]:
    """A primary must know every address of the domain; a secondary every address that is routed to it."""
    if not scene.knows_all_of_zimbra:
        return
    people: list[str] = []
    others: list[str] = []
    routed: list[str] = []
    for person in scene.people.values():
        if person.zimbra is not None or person.alias_of or person.legacy is None or not person.legacy.enabled:
            continue
        keeps = scene.keeps(person.address)
        if keeps is Keeps.ZIMBRA:
            routed.append(person.address)
        elif keeps is Keeps.HERE and scene.primary:
            (people if person.kind in (Kind.PERSON, Kind.ADMIN) else others).append(person.address)
    legacy, transport = scene.split.legacy, scene.split.legacy_transport
    for severity, code, title, found in (
        (Severity.ERROR, "unknown-to-primary", "People on the existing system whom Zimbra does not know", people),
        (Severity.WARNING, "unknown-address", "Lists and resources there that Zimbra does not know", others),
    ):
        if found:
            yield Found(
                severity,
                code,
                title,
                tuple(found),
                f"{legacy} keeps their mail, and Zimbra, the primary, has no account, list or alias of that name",
                fate(scene.tracer, found[0]),
                (
                    *lines("ca", found, "", TRANSPORT, transport, ACCOUNT_STATUS, "locked"),
                    *_their_aliases(scene, found),
                ),
            )
    if routed:
        yield Found(
            Severity.WARNING if scene.primary else Severity.ERROR,
            "routed-but-missing",
            "Addresses that the existing system sends to Zimbra, where nobody has them",
            tuple(routed),
            f"{legacy} routes them to {scene.split.zimbra}, which has no account, list or alias of that name",
            fate(scene.tracer, routed[0]),
            (f"On {legacy}: remove their routes to {scene.split.zimbra}; or create them on Zimbra before.",),
        )


def _their_aliases(scene: Scene, found: Iterable[str]) -> Iterator[str]:
    for address in found:
        for alias in scene.snapshot.legacy.accounts[address].aliases:
            if alias not in scene.aliases and alias not in scene.snapshot.zimbra.accounts:
                yield from lines("aaa", (address,), alias)


def unknown_to_legacy(scene: Scene) -> Iterator[Found]:
    """With Zimbra as the secondary, the existing system refuses whom it does not know, and the MX is there."""
    if scene.primary or not scene.knows_all_of_legacy:
        return
    here = scene.by_transport[Leads.HERE]
    missing = addresses(a for a in here if a.kind in PEOPLE and scene.keeps(a.address) is None)
    if missing:
        yield Found(
            Severity.ERROR,
            "unknown-to-primary",
            "People on Zimbra whom the existing system does not know",
            missing,
            f"their {TRANSPORT} is local, and {scene.split.legacy}, the primary, has no such address",
            fate(scene.tracer, missing[0]),
            (f"On {scene.split.legacy}: route each of them to {scene.split.zimbra}.",),
        )


def two_mailboxes(scene: Scene) -> Iterator[Found]:
    """Both systems keep mail for the address: mail is split by where it comes from."""
    both = addresses(
        a for a in scene.by_transport[Leads.HERE] if a.host and a.kind in PEOPLE and scene.has_live_box(a.address)
    )
    if both:
        legacy, zimbra = scene.split.legacy, scene.split.zimbra
        primary = scene.primary
        yield Found(
            Severity.WARNING if primary else Severity.ERROR,
            "old-box" if primary else "two-boxes",
            "Old mailbox that still takes mail" if primary else "Two mailboxes, and mail is split between them",
            both,
            f"{TRANSPORT} is local, and {legacy} keeps what it receives for them",
            f"What {legacy}'s own users send stays in the old mailbox, the rest arrives on Zimbra."
            if primary
            else f"Mail of Zimbra's users arrives on Zimbra, internet mail in the mailbox on {legacy}.",
            (f"On {legacy}: route each of them to {zimbra}, then copy once more what arrived there.",),
        )


def switched_off(scene: Scene) -> Iterator[Found]:
    """No map of Postfix sees an entry whose zimbraMailStatus is not enabled; closed and pending switch it off."""
    routed, muted = [], []
    for account in scene.switched_off:
        address = account.address
        placeholder = scene.judge.leads(account.transport) is Leads.LEGACY
        if not scene.primary and scene.keeps(address) is Keeps.ZIMBRA:
            routed.append(account)
        elif account.status in _OFF or (scene.has_live_box(address) and (placeholder or not scene.primary)):
            # Refused as meant, a placeholder with a finding of its own, or prepared for a move on a secondary.
            continue
        else:
            muted.append(account)
    legacy, zimbra = scene.split.legacy, scene.split.zimbra
    if routed:
        names = addresses(routed)
        yield Found(
            Severity.ERROR,
            "off-but-routed",
            "Accounts whose mail is off, while the existing system sends it there",
            names,
            f"{MAIL_STATUS} is not enabled (closed and pending switch it off), and {legacy} routes them to {zimbra}",
            fate(scene.tracer, names[0]),
            (
                f"On {legacy}: remove their routes to {zimbra}. Or, to take their mail again:",
                *lines("ma", addresses(a for a in routed if a.status in _OFF), ACCOUNT_STATUS, "active"),
                *lines("ma", addresses(a for a in routed if a.status not in _OFF), MAIL_STATUS, "enabled"),
            ),
        )
    if muted:
        names = addresses(muted)
        yield Found(
            Severity.WARNING,
            "mail-off",
            "Accounts whose mail is switched off, though they are not closed",
            names,
            f"{MAIL_STATUS} is not enabled, {ACCOUNT_STATUS} is {', '.join(sorted({a.status for a in muted}))}",
            fate(scene.tracer, names[0]),
            lines("ma", names, MAIL_STATUS, "enabled"),
        )


def still_locked(scene: Scene) -> Iterator[Found]:
    """Somebody with a row on the existing system that leads to Zimbra was moved, and a move ends with active."""
    locked = addresses(
        a
        for a in scene.by_transport[Leads.HERE]
        if a.status == "locked" and a.kind in PEOPLE and scene.keeps(a.address) is Keeps.ZIMBRA
    )
    if locked:
        yield Found(
            Severity.INFO,
            "moved-but-locked",
            "People who live on Zimbra and are locked",
            locked,
            f"{ACCOUNT_STATUS} is locked, {TRANSPORT} is local, and {scene.split.legacy} routes them to Zimbra",
            "Their mail arrives, but they cannot log in: a lock of a placeholder may have been left behind.",
            lines("ma", locked, ACCOUNT_STATUS, "active"),
        )


def machines(scene: Scene) -> Iterator[Found]:
    """System, archive and guest accounts must stay on Zimbra: spam training, quarantine and address book need them."""
    away = [a for a in scene.machines if a.receives and scene.judge.leads(a.transport) is Leads.LEGACY]
    if away:
        told: list[str] = []
        for account in sorted(away, key=lambda a: a.address):
            server = scene.snapshot.zimbra.server_named(account.host) if account.host else scene.mailbox_server
            told += lines(
                "ma", (account.address,), TRANSPORT, server.lmtp if server is not None else "lmtp:SERVER:7025"
            )
        yield Found(
            Severity.ERROR,
            "system-account-away",
            "System account that sends its mail to the existing system",
            addresses(away),
            f"{TRANSPORT} is {', '.join(sorted({a.transport for a in away}))}",
            f"Spam reports, quarantined mail or archives leave Zimbra for {scene.split.legacy}, which bounces them.",
            tuple(told),
        )


def catch_all_accounts(scene: Scene) -> Iterator[Found]:
    """An account's catch-all beside the domain's makes ldap-vam answer twice: 451 4.6.0, Alias expansion error."""
    at = f"@{scene.split.domain}"
    zimbra = scene.snapshot.zimbra
    catchers = addresses(a for a in zimbra.accounts.values() if a.catch_all and a.receives and at in a.catch_all)
    if catchers:
        pair = zimbra.domain.catches_all
        yield Found(
            Severity.ERROR if pair else Severity.WARNING,
            "catch-all-account",
            "Account that catches all mail of the domain",
            catchers,
            f"{CATCH_ALL} of the account is {at}" + (", and the domain has the catch-all pair too" if pair else ""),
            "Mail for every address that has no entry on Zimbra is answered 451 4.6.0 (Alias expansion error)."
            if pair
            else "It swallows mail for every unknown address, and for everybody on the existing system without entry.",
            lines("ma", catchers, f"-{CATCH_ALL}", at),
        )


CHECKS = (
    unknown_to_zimbra,
    unknown_to_legacy,
    two_mailboxes,
    switched_off,
    still_locked,
    machines,
    catch_all_accounts,
)
