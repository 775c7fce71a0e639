"""Moves of people between the two systems, in either role.

The destination becomes final first, then the source becomes a forwarder: to Zimbra, Zimbra first; to the existing
system, that first. Every other order loops or loses mail while it lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from splittui.model.entries import Kind, Role, Server, Side, ZimbraAccount
from splittui.model.home import Home, Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.zmprov_line import UnquotableError
from splittui.planning import accounts, routes
from splittui.planning.advice import findings
from splittui.planning.plan import Act, Plan, Refusal, Step
from splittui.planning.staleness import ground

_NEVER = {
    Kind.SYSTEM: "is a system account: Zimbra's own mail (spam training, quarantine, address book) must stay on Zimbra",
    Kind.ARCHIVE: "is an archive account: it is filled by Zimbra itself",
    Kind.GUEST: "is a guest of a shared folder and has no mailbox to move",
    Kind.LIST: "is a distribution list: its members move, the list stays where it is expanded",
}
_HOMES = {Side.ZIMBRA: Home.ZIMBRA, Side.LEGACY: Home.LEGACY}


class PlanningError(Exception):
    """No plan can be made at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Move:
    """The wish to make ``to`` the home of ``address``."""

    address: str
    to: Side


_LIVES_THERE = "already lives on"


def lives_there(reason: str) -> bool:
    """Whether a ``refusal`` says that nothing is left to do."""
    return reason.startswith(_LIVES_THERE)


def refusal(split: Split, snapshot: Snapshot, row: Person | None, move: Move) -> str:
    """Why this move cannot be planned, or empty text. ``row`` is None where neither system knows the address."""
    if row is None:
        return "is not known on either system"
    if row.zimbra is None and row.kind is Kind.LIST:
        return f"is a distribution list on {split.legacy} only: create it on {split.zimbra} by hand"
    if row.kind in _NEVER:
        return _NEVER[row.kind]
    if row.alias_of:
        return f"is an alias of {row.alias_of} on {split.zimbra}: move that account"
    zimbra = row.zimbra
    if zimbra is not None and zimbra.status in ("closed", "pending", "maintenance"):
        return f"is {zimbra.status} on {split.zimbra}: somebody set that on purpose; set it active or locked first"
    if zimbra is not None and not zimbra.receives:
        return f"has mail switched off on {split.zimbra} ({accounts.MAIL_STATUS} disabled): switch it on first"
    if row.home is _HOMES[move.to] and row.arrives and (row.zimbra is not None or move.to is Side.ZIMBRA):
        return f"{_LIVES_THERE} {split.host_of(move.to)}"
    side = _to_zimbra_refusal if move.to is Side.ZIMBRA else _to_legacy_refusal
    return side(split, snapshot, row) or _nothing_to_mend(split, snapshot, row, move)


def _nothing_to_mend(split: Split, snapshot: Snapshot, row: Person, move: Move) -> str:
    """Why a move would have no step for somebody who is in trouble; empty text where it has one."""
    if row.home is _HOMES[move.to.other] and row.arrives:
        return ""
    try:
        flip = _flip(split, snapshot, row, move)
    except UnquotableError:
        return ""
    if flip.on_zimbra or flip.on_legacy:
        return ""
    if row.home is Home.BOTH and split.router is None:
        return (
            f"{_LIVES_THERE} {split.zimbra} as far as a move can set it, but {split.legacy} still keeps what it "
            f"receives: route the address to {split.zimbra} there, or say in the profile how that is done "
            "(legacy.router)"
        )
    return f"is set already as a move to {split.host_of(move.to)} would set it, which mends nothing ({row.reason})"


def _to_zimbra_refusal(split: Split, snapshot: Snapshot, row: Person) -> str:
    if row.zimbra is None and row.legacy is not None and row.legacy.kind is not Kind.PERSON:
        return f"is a {row.legacy.kind} on {split.legacy}: create it on {split.zimbra} by hand"
    if row.zimbra is not None and row.zimbra.host:
        if snapshot.zimbra.server_named(row.zimbra.host) is None:
            return f"has the mail host {row.zimbra.host}, which is no server of this Zimbra"
        return ""
    if home_server(split, snapshot) is None:
        names = ", ".join(s.service_hostname for s in snapshot.zimbra.servers if s.has_mailboxes) or "none"
        return (
            f"has no mail host, and it is not clear which server it shall get (mailbox servers: {names}): set mail_host"
        )
    return ""


def _to_legacy_refusal(split: Split, snapshot: Snapshot, row: Person) -> str:
    if row.legacy is None:
        return f"has no mailbox on {split.legacy}: create it there first, or its mail would loop or bounce"
    if row.legacy.forwards_to and split.router is None:
        return (
            f"is sent to {row.legacy.forwards_to} by {split.legacy}: make it local there first, or its mail would loop"
        )
    if row.kind is Kind.ADMIN and _admins(snapshot) <= 1:
        return "is the last administrator of this Zimbra"
    return ""


def _admins(snapshot: Snapshot) -> int:
    return sum(account.kind is Kind.ADMIN for account in snapshot.zimbra.accounts.values())


def home_server(split: Split, snapshot: Snapshot) -> Server | None:
    """The server for a person who has none: the one the profile names, or else the only one with mailboxes."""
    if split.mail_host:
        return snapshot.zimbra.server_named(split.mail_host)
    with_mailboxes = [server for server in snapshot.zimbra.servers if server.has_mailboxes]
    return with_mailboxes[0] if len(with_mailboxes) == 1 else None


def plan_moves(
    split: Split, snapshot: Snapshot, people: Mapping[str, Person], moves: Iterable[Move], made_at: float
) -> Plan:
    """The plan for these moves; what cannot be moved is in its ``refusals``. Raises PlanningError.

    ``people`` is the roster by address, ``made_at`` the time in seconds since the epoch.
    """
    _check_ground(split, snapshot)
    flips: list[_Flip] = []
    refusals: list[Refusal] = []
    for move in dict.fromkeys(moves):
        row = people.get(move.address)
        reason = refusal(split, snapshot, row, move)
        if not reason and row is not None:
            try:
                flips.append(_flip(split, snapshot, row, move))
                continue
            except UnquotableError as error:
                reason = f"has a value that no zmprov line can carry: {error}"
        refusals.append(Refusal(move.address, reason))
    steps = tuple(routes.with_reloads(split, _in_order(flips)))
    return Plan(
        split.domain,
        split.role,
        made_at,
        steps,
        tuple(findings(split, snapshot, people, steps)),
        tuple(refusals),
        ground(split, snapshot),
    )


def _check_ground(split: Split, snapshot: Snapshot) -> None:
    if not snapshot.complete:
        raise PlanningError(
            f"What was read is not complete ({snapshot.why_partial}), so no plan is made from it. Refresh first."
        )
    if not snapshot.zimbra.domain.exists:
        raise PlanningError(f"{split.zimbra} does not host {split.domain}: the domain has to be set up there first.")
    if split.role is Role.SECONDARY and split.router is None:
        raise PlanningError(
            f"With Zimbra as the secondary each move needs a step on {split.legacy}: say in the profile how its "
            "routing is shown and changed (legacy.router)."
        )


@dataclass(frozen=True, slots=True)
class _Flip:
    """One person's move: what is done on Zimbra, and what on the existing system."""

    to: Side
    on_zimbra: tuple[Step, ...]
    on_legacy: tuple[Step, ...]


def _in_order(flips: Iterable[_Flip]) -> Iterator[Step]:
    """All who go to Zimbra: there first. Then all who go to the existing system: there first."""
    flips = list(flips)
    for to in Side:
        for first in (to, to.other):
            for flip in flips:
                if flip.to is to:
                    yield from flip.on_zimbra if first is Side.ZIMBRA else flip.on_legacy


def _flip(split: Split, snapshot: Snapshot, row: Person, move: Move) -> _Flip:
    on_zimbra = tuple(_on_zimbra(split, snapshot, row, move))
    step = None
    if split.router is not None and row.legacy is not None:
        turn = routes.away if move.to is Side.ZIMBRA else routes.here
        flips = any(step.act is Act.MODIFY or step.side is Side.ZIMBRA for step in on_zimbra)
        step = turn(split, split.router, row.legacy, snapshot.legacy.routing.get(row.address, {}), flips=flips)
    return _Flip(move.to, on_zimbra, (step,) if step else ())


def _on_zimbra(split: Split, snapshot: Snapshot, row: Person, move: Move) -> Iterator[Step]:
    account = row.zimbra
    if account is None and row.legacy is not None:
        if move.to is Side.ZIMBRA and split.role is Role.SECONDARY:
            yield accounts.mailbox(split, row.legacy, _server_for(split, snapshot, None))
            return
        yield accounts.placeholder(split, row.legacy)
        if move.to is Side.LEGACY:
            return
        account = accounts.as_placeholder(split, row.address)
    if account is None:
        return
    if move.to is Side.LEGACY:
        step = accounts.to_legacy(split, account)
    else:
        step = accounts.to_zimbra(split, account, _server_for(split, snapshot, account))
    if step is not None:
        yield step


def _server_for(split: Split, snapshot: Snapshot, account: ZimbraAccount | None) -> Server:
    if account is not None and account.host:
        server = snapshot.zimbra.server_named(account.host)
    else:
        server = home_server(split, snapshot)
    if server is None:
        raise PlanningError("No mailbox server is known.")
    return server
