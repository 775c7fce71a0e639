"""Placeholders: accounts on Zimbra with an smtp transport, which stand for people on the existing system."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import Scene, addresses, fate, lines
from splittui.mailflow.world import ACCOUNT_STATUS, MAIL_STATUS, TRANSPORT, Keeps
from splittui.model.entries import ZimbraAccount
from splittui.planning.plan import Severity


def without_mailbox(scene: Scene) -> Iterator[Found]:
    """Nobody on the existing system has the address: its mail loops or bounces, by what that system does then."""
    if not scene.knows_all_of_legacy:
        return
    stale = addresses(a for a in scene.by_transport[Leads.LEGACY] if scene.keeps(a.address) is None)
    if stale:
        legacy = scene.split.legacy
        yield Found(
            Severity.ERROR,
            "stale-placeholder",
            "Placeholder for somebody whom the existing system does not have",
            stale,
            f"{TRANSPORT} leads to {legacy}, where no mailbox or alias of that name was read",
            fate(scene.tracer, stale[0]),
            (f"On {legacy}: give them a mailbox again. Or, for those who have left:", *lines("da", stale)),
        )


def looping(scene: Scene) -> Iterator[Found]:
    """Each system sends the address to the other."""
    loops = [a for a in scene.by_transport[Leads.LEGACY] if scene.keeps(a.address) is Keeps.ZIMBRA]
    if loops:
        names, legacy, zimbra = addresses(loops), scene.split.legacy, scene.split.zimbra
        yield Found(
            Severity.ERROR,
            "placeholder-loops",
            "Placeholder for somebody whose mail the existing system sends back",
            names,
            f"{TRANSPORT} leads to {legacy}, and {legacy} routes them to {zimbra}",
            fate(scene.tracer, names[0]),
            (
                f"On {legacy}, for those who live there: remove the route to {zimbra}. For those who live on Zimbra:",
                *(line for account in sorted(loops, key=lambda a: a.address) for line in _to_zimbra(scene, account)),
            ),
        )


def _to_zimbra(scene: Scene, account: ZimbraAccount) -> tuple[str, ...]:
    own = scene.snapshot.zimbra.server_named(account.host) if account.host else None
    if own is not None:
        return lines("ma", (account.address,), ACCOUNT_STATUS, "active", TRANSPORT, own.lmtp)
    server = scene.mailbox_server
    name = server.service_hostname if server is not None else "SERVER"
    return lines("ma", (account.address,), ACCOUNT_STATUS, "active", "zimbraMailHost", name)


def not_locked(scene: Scene) -> Iterator[Found]:
    """A placeholder should be locked: login off, mail on (Zimbra's AccountStatus callback)."""
    active = addresses(a for a in scene.by_transport[Leads.LEGACY] if a.status == "active")
    if active:
        yield Found(
            Severity.WARNING,
            "placeholder-not-locked",
            "Placeholder that is not locked",
            active,
            f"{ACCOUNT_STATUS} is active, {TRANSPORT} leads to {scene.split.legacy}",
            "Their mail arrives, but they can log in to an empty mailbox on Zimbra and take it for theirs.",
            lines("ma", active, ACCOUNT_STATUS, "locked"),
        )


def switched_off(scene: Scene) -> Iterator[Found]:
    """A primary refuses mail for a placeholder that Postfix does not see, although its person has a mailbox."""
    if not scene.primary:
        return
    hidden = [
        a
        for a in scene.switched_off
        if scene.judge.leads(a.transport) is Leads.LEGACY and scene.has_live_box(a.address)
    ]
    if hidden:
        closed = addresses(a for a in hidden if a.status in ("closed", "pending"))
        muted = addresses(a for a in hidden if a.status not in ("closed", "pending"))
        yield Found(
            Severity.ERROR,
            "placeholder-off",
            "Placeholder whose mail is switched off",
            addresses(hidden),
            f"{MAIL_STATUS} is not enabled (closed and pending switch it off), {scene.split.legacy} has their mailbox",
            fate(scene.tracer, addresses(hidden)[0]),
            (*lines("ma", closed, ACCOUNT_STATUS, "locked"), *lines("ma", muted, MAIL_STATUS, "enabled")),
        )


CHECKS = (without_mailbox, looping, not_locked, switched_off)
