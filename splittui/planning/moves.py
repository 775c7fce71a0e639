"""Moves of people between the two systems, Zimbra being the primary.

The command fits the account (Zimbra's MailHost callback and LMTP decide it): a placeholder that has a zimbraMailHost
gets ``zimbraMailTransport lmtp:<that host>:<port>``; one without gets ``zimbraMailHost`` alone, and Zimbra writes the
transport by itself. Both in one request are refused by Zimbra. A placeholder is created with its transport in the same
``ca``, locked, so that no mail can land in it. After the transports have changed the MTA is reloaded: Postfix's queue
manager keeps its last answer for 30 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from splittui.model.entries import Kind, Role, Server, Side, ZimbraAccount
from splittui.model.home import Home, Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.zmprov_line import UnquotableError, quote_token
from splittui.planning.plan import MASK, Act, Change, Fact, Finding, Plan, Refusal, Severity, Step

TRANSPORT = "zimbraMailTransport"
HOST = "zimbraMailHost"
STATUS = "zimbraAccountStatus"
MAIL_STATUS = "zimbraMailStatus"
ID = "zimbraId"

_NEVER = {
    Kind.SYSTEM: "is a system account: Zimbra's own mail (spam training, quarantine, address book) must stay on Zimbra",
    Kind.ARCHIVE: "is an archive account: it is filled by Zimbra itself",
    Kind.GUEST: "is a guest of a shared folder and has no mailbox to move",
    Kind.LIST: "is a distribution list: its members move, the list stays where it is expanded",
}


class PlanningError(Exception):
    """No plan can be made at all; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Move:
    """The wish to make ``to`` the home of ``address``."""

    address: str
    to: Side


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
        return f"has mail switched off on {split.zimbra} ({MAIL_STATUS} disabled): switch it on first"
    return (
        _to_zimbra_refusal(split, snapshot, row) if move.to is Side.ZIMBRA else _to_legacy_refusal(split, snapshot, row)
    )


def _to_zimbra_refusal(split: Split, snapshot: Snapshot, row: Person) -> str:
    if row.home is Home.ZIMBRA:
        return f"already lives on {split.zimbra}"
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
    if row.home is Home.LEGACY and row.zimbra is not None:
        return f"already lives on {split.legacy}"
    if row.legacy is None:
        return f"has no mailbox on {split.legacy}: create it there first, or its mail would loop or bounce"
    if row.legacy.forwards_to:
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
    if split.role is not Role.PRIMARY:
        raise PlanningError(
            "Moves are planned only where Zimbra is the primary: as a secondary, each move needs a step on "
            f"{split.legacy} between two steps on {split.zimbra}, which is not built yet."
        )
    if not snapshot.complete:
        raise PlanningError(
            f"What was read is not complete ({snapshot.why_partial}), so no plan is made from it. Refresh first."
        )
    steps: list[Step] = []
    refusals: list[Refusal] = []
    for move in dict.fromkeys(moves):
        row = people.get(move.address)
        reason = refusal(split, snapshot, row, move)
        if not reason and row is not None:
            try:
                steps += _steps(split, snapshot, row, move)
                continue
            except UnquotableError as error:
                reason = f"has a value that no zmprov line can carry: {error}"
        refusals.append(Refusal(move.address, reason))
    if any(step.act is Act.MODIFY for step in steps):
        steps.append(reload_step(split))
    return Plan(
        split.domain,
        split.role,
        made_at,
        tuple(steps),
        tuple(_findings(split, snapshot, people, steps)),
        tuple(refusals),
    )


def _steps(split: Split, snapshot: Snapshot, row: Person, move: Move) -> list[Step]:
    if row.zimbra is None:
        created = _provision(split, row)
        if move.to is Side.LEGACY:
            return [created]
        return [created, _to_zimbra(split, snapshot, _as_placeholder(split, row))]
    if move.to is Side.LEGACY:
        return [_to_legacy(split, row.zimbra)]
    return [_to_zimbra(split, snapshot, row.zimbra)]


def _as_placeholder(split: Split, row: Person) -> ZimbraAccount:
    return ZimbraAccount(row.address, "", status="locked", transport=split.legacy_transport)


def _provision(split: Split, row: Person) -> Step:
    legacy = row.legacy
    names = (
        (
            ("displayName", legacy.name),
            ("givenName", legacy.given_name),
            ("sn", legacy.surname),
        )
        if legacy is not None
        else ()
    )
    pairs = [(TRANSPORT, split.legacy_transport), (STATUS, "locked")]
    pairs += [(attribute, value) for attribute, value in names if value]
    tokens = ("ca", row.address, MASK, *(word for pair in pairs for word in pair))
    for token in tokens:
        quote_token(token)
    return Step(
        host=split.zimbra,
        act=Act.CREATE,
        tokens=tokens,
        secrets=(2,),
        summary=f"a placeholder on {split.zimbra}: locked, its mail goes on to {split.legacy}",
        address=row.address,
        side=Side.LEGACY,
        changes=tuple(Change(row.address, attribute, (), (value,)) for attribute, value in pairs),
        verify=(*(Fact(attribute, (value,)) for attribute, value in pairs[:2]), Fact(HOST)),
        undo=("da", row.address),
    )


def _to_zimbra(split: Split, snapshot: Snapshot, account: ZimbraAccount) -> Step:
    server = snapshot.zimbra.server_named(account.host) if account.host else home_server(split, snapshot)
    if server is None:
        raise PlanningError(f"{account.address}: no mailbox server for it is known")
    change = Change(account.address, TRANSPORT, _values(account.transport), (server.lmtp,), implied=not account.host)
    changes = [_status_change(account, "active"), change]
    undo: tuple[str, ...]
    if account.host:
        summary = "to Zimbra: transport to their own mail host, account unlocked"
        undo = (TRANSPORT, account.transport)
    else:
        changes.append(Change(account.address, HOST, (), (server.service_hostname,)))
        summary = "to Zimbra: a mail host (Zimbra then writes the transport), account unlocked"
        undo = (HOST, "", TRANSPORT, account.transport)
    return _modify(split, account, Side.ZIMBRA, summary, [c for c in changes if c.before != c.after], undo)


def _to_legacy(split: Split, account: ZimbraAccount) -> Step:
    changes = [
        _status_change(account, "locked"),
        Change(account.address, TRANSPORT, _values(account.transport), (split.legacy_transport,)),
    ]
    summary = "to the existing mail system: transport to it, account locked (mail host kept)"
    undo = (TRANSPORT, account.transport)
    return _modify(split, account, Side.LEGACY, summary, [c for c in changes if c.before != c.after], undo)


def _status_change(account: ZimbraAccount, status: str) -> Change:
    return Change(account.address, STATUS, (account.status,), (status,))


def _modify(
    split: Split, account: ZimbraAccount, side: Side, summary: str, changes: Sequence[Change], undo: tuple[str, ...]
) -> Step:
    words = tuple(w for c in changes if not c.implied for w in (c.attribute, *c.after))
    status_back = (STATUS, account.status) if any(c.attribute == STATUS for c in changes) else ()
    tokens = ("ma", account.address, *words)
    for token in tokens:
        quote_token(token)
    after = {change.attribute: change.after for change in changes}
    return Step(
        host=split.zimbra,
        act=Act.MODIFY,
        tokens=tokens,
        summary=summary,
        address=account.address,
        side=side,
        changes=tuple(changes),
        expect=facts_of(account),
        verify=tuple(Fact(fact.attribute, after.get(fact.attribute, fact.values)) for fact in facts_of(account)),
        undo=("ma", account.address, *status_back, *undo),
    )


def facts_of(account: ZimbraAccount) -> tuple[Fact, ...]:
    """The routing of an account as it was seen; the identity is left out where the account does not exist yet."""
    return (
        *((Fact(ID, (account.id,)),) if account.id else ()),
        Fact(STATUS, _values(account.status)),
        Fact(HOST, _values(account.host)),
        Fact(MAIL_STATUS, _values(account.mail_status)),
        Fact(TRANSPORT, _values(account.transport)),
    )


def _values(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def reload_step(split: Split) -> Step:
    """Ends the 30 seconds for which Postfix's queue manager keeps its last answer. It stops no mail."""
    return Step(
        host=split.zimbra,
        act=Act.RELOAD,
        tokens=(f"{split.zimbra_home}/bin/zmmtactl", "reload", "norewrite"),
        summary="Postfix forgets the old routes",
    )


def _findings(
    split: Split, snapshot: Snapshot, people: Mapping[str, Person], steps: Sequence[Step]
) -> Iterable[Finding]:
    to_zimbra = tuple(s.address for s in steps if s.side is Side.ZIMBRA and s.act is Act.MODIFY)
    to_legacy = tuple(s.address for s in steps if s.side is Side.LEGACY and s.act is Act.MODIFY)
    still_there = tuple(a for a in to_zimbra if people[a].legacy is not None)
    if still_there:
        yield Finding(
            Severity.WARNING,
            "old-mailbox",
            f"{split.legacy} still has a mailbox for them: what its own users send stays there until {split.legacy} "
            f"sends it to {split.zimbra}. Afterwards copy once more what arrived there.",
            still_there,
        )
    if to_legacy:
        yield Finding(
            Severity.WARNING,
            "legacy-first",
            f"{split.legacy} must already keep their mail and not send it to {split.zimbra}: otherwise it loops.",
            to_legacy,
        )
    created = [people[s.address] for s in steps if s.act is Act.CREATE]
    strays = tuple(alias for row in created if row.legacy is not None for alias in row.legacy.aliases)
    if strays:
        yield Finding(
            Severity.WARNING,
            "aliases-not-carried",
            f"{split.legacy} knows these aliases of people new to {split.zimbra}, which rejects mail for them until "
            "they are added there (zmprov aaa).",
            strays,
        )
    odd = tuple(a for a in (*to_zimbra, *to_legacy) if people[a].home in (Home.NOWHERE, Home.ODD) and people[a].zimbra)
    if odd:
        yield Finding(Severity.INFO, "was-unreachable", "Mail for them does not arrive now; the plan mends it.", odd)
    others = [s.service_hostname for s in snapshot.zimbra.servers if "mta" in s.services and s.name != split.zimbra]
    if others and (to_zimbra or to_legacy):
        yield Finding(
            Severity.WARNING,
            "other-mtas",
            "These MTAs keep an old route for up to 30 seconds, as only one is reloaded: " + ", ".join(others),
        )
