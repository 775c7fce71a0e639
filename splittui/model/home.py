"""Where an address is final, computed from routing and never from mere existence.

``home`` looks at the way mail takes: the entry's transport as Postfix would read it (transport(5)), the mail status
that every map of Zimbra asks for, the mail host that LMTP asks for, and whether the existing system keeps the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from sys import intern

from splittui.model.entries import Kind, LegacyAccount, Role, Side, ZimbraAccount
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.transport import TransportError, parse_transport, same_nexthop


class Home(StrEnum):
    """Where an address is final."""

    ZIMBRA = "zimbra"
    LEGACY = "legacy"
    BOTH = "both"
    NOWHERE = "nowhere"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Residence:
    """An address's home, a word or two for the row, and the sentence that says why."""

    home: Home
    state: str
    reason: str


def residence(
    split: Split, snapshot: Snapshot, address: str, zimbra: ZimbraAccount | None, legacy: LegacyAccount | None
) -> Residence:
    """Where ``address`` lives, given what either system has under that name (``None``: nothing)."""
    if zimbra is None:
        return _without_entry(split, legacy)
    if zimbra.kind is Kind.LIST:
        return Residence(Home.ZIMBRA, "list", f"a distribution list that {split.zimbra} expands")
    if not zimbra.receives:
        return _invisible(split, zimbra, legacy)
    return _by_transport(split, snapshot, zimbra, legacy, zimbra.transport)


def _without_entry(split: Split, legacy: LegacyAccount | None) -> Residence:
    if legacy is None:
        return Residence(Home.NOWHERE, "unknown", "neither system knows the address")
    if legacy.forwards_to:
        return Residence(
            Home.NOWHERE,
            "not on Zimbra",
            f"{split.legacy} sends its mail to {legacy.forwards_to}, and {split.zimbra} does not know the address",
        )
    if split.role is Role.PRIMARY:
        reason = f"lives on {split.legacy} only: {split.zimbra} does not know the address and rejects mail for it"
    else:
        reason = f"lives on {split.legacy}, which {split.zimbra} sends every address it does not know to"
    return Residence(Home.LEGACY, "not on Zimbra", reason)


def _invisible(split: Split, zimbra: ZimbraAccount, legacy: LegacyAccount | None) -> Residence:
    state = zimbra.status if zimbra.status in ("closed", "pending") else "mail off"
    because = f"the account on {split.zimbra} is {state}, so Postfix does not see it"
    if split.role is Role.SECONDARY and legacy is not None and not legacy.forwards_to:
        return Residence(
            Home.LEGACY, state, f"lives on {split.legacy}: {because} and the catch-all sends its mail there"
        )
    if legacy is not None and legacy.forwards_to:
        return Residence(Home.NOWHERE, state, f"{because}, and {split.legacy} sends its mail to {legacy.forwards_to}")
    return Residence(Home.NOWHERE, state, f"{because}: mail for it is rejected")


def _by_transport(
    split: Split, snapshot: Snapshot, zimbra: ZimbraAccount, legacy: LegacyAccount | None, text: str
) -> Residence:
    if not text:
        inherited = snapshot.zimbra.domain.transport
        if inherited:
            return _by_transport(split, snapshot, zimbra, legacy, inherited)
        return Residence(
            Home.NOWHERE,
            "no transport",
            f"{split.zimbra} accepts its mail and bounces it: the account has no transport",
        )
    if snapshot.zimbra.server_of(text) is not None:
        return _local(split, zimbra, legacy, text)
    try:
        transport = parse_transport(text)
    except TransportError as error:
        return Residence(Home.ODD, "odd transport", f"Postfix cannot use the transport: {error}")
    if transport.mailer == "lmtp":
        return Residence(
            Home.ODD, "unknown server", f"{text} is no mailbox server of this Zimbra: its mail waits or bounces"
        )
    if not same_nexthop(transport, split.legacy_nexthop):
        return Residence(Home.ODD, "other host", f"its transport {text} leads to neither system of this split")
    return _relayed(split, snapshot, zimbra, legacy, text)


def _local(split: Split, zimbra: ZimbraAccount, legacy: LegacyAccount | None, text: str) -> Residence:
    server = text.split(":")[1]
    if not zimbra.host:
        return Residence(
            Home.NOWHERE,
            "no host",
            f"{text} finds no mailbox: the account has no zimbraMailHost, so its mail waits and bounces",
        )
    if zimbra.host != server:
        return Residence(
            Home.ODD, "other host", f"mail goes to {server}, but the mailbox is on {zimbra.host}: it waits and bounces"
        )
    why = f"lives on {split.zimbra}: lmtp to its own mail host {zimbra.host}"
    if split.role is Role.SECONDARY and legacy is not None and not legacy.forwards_to:
        return Residence(
            Home.BOTH, "two boxes", f"{why}, but {split.legacy} keeps what it receives: mail is split between the two"
        )
    state = "" if zimbra.status == "active" else zimbra.status
    if legacy is not None and not legacy.forwards_to:
        return Residence(
            Home.ZIMBRA,
            state or "old box",
            f"{why}; {split.legacy} still keeps what its own users send to its old mailbox",
        )
    return Residence(Home.ZIMBRA, state, why)


def _relayed(
    split: Split, snapshot: Snapshot, zimbra: ZimbraAccount, legacy: LegacyAccount | None, text: str
) -> Residence:
    by = f"the placeholder's transport {text}" if zimbra.transport else f"the domain's transport {text}"
    if legacy is not None and legacy.forwards_to:
        return Residence(
            Home.NOWHERE, "loops", f"{by} sends mail to {split.legacy}, which sends it to {legacy.forwards_to}"
        )
    if legacy is None and snapshot.legacy.reading.complete:
        return Residence(
            Home.NOWHERE, "no mailbox", f"{by} sends mail to {split.legacy}, where nobody has that address"
        )
    state = "" if zimbra.status == "locked" else f"placeholder {zimbra.status}"
    return Residence(Home.LEGACY, state, f"lives on {split.legacy}, by {by}")


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the roster: an address, what both systems have under it, and where it lives."""

    address: str
    name: str
    kind: Kind
    home: Home
    state: str
    reason: str
    zimbra: ZimbraAccount | None = None
    legacy: LegacyAccount | None = None
    alias_of: str = ""

    @property
    def side(self) -> Side:
        """The pane the row stands in: where its home is, or else where its trouble can be mended."""
        if self.home is Home.LEGACY or self.zimbra is None:
            return Side.LEGACY
        return Side.ZIMBRA


def person(
    split: Split,
    snapshot: Snapshot,
    address: str,
    zimbra: ZimbraAccount | None,
    legacy: LegacyAccount | None,
    alias_of: str = "",
) -> Person:
    """One row of the roster; ``alias_of`` names the Zimbra account that already owns the address as an alias."""
    if alias_of:
        found = Residence(Home.ODD, "alias", f"on {split.zimbra} the address is an alias of {alias_of}, not an account")
    else:
        found = residence(split, snapshot, address, zimbra, legacy)
    kind = zimbra.kind if zimbra is not None else legacy.kind if legacy is not None else Kind.PERSON
    name = (zimbra.name if zimbra is not None else "") or (legacy.name if legacy is not None else "")
    state = found.state or (kind.value if kind is not Kind.PERSON else "")
    return Person(address, name, kind, found.home, state, intern(found.reason), zimbra, legacy, alias_of)


def roster(split: Split, snapshot: Snapshot) -> list[Person]:
    """Everybody whom either system knows in the domain, sorted by address."""
    zimbra, legacy = snapshot.zimbra.accounts, snapshot.legacy.accounts
    owners = {alias: account.address for account in zimbra.values() for alias in account.aliases}
    known = {alias: entry for entry in legacy.values() for alias in entry.aliases}
    known.update(legacy)
    people = [person(split, snapshot, address, entry, known.get(address)) for address, entry in zimbra.items()]
    people += [
        person(split, snapshot, address, None, entry, owners.get(address, ""))
        for address, entry in legacy.items()
        if address not in zimbra
    ]
    people.sort(key=lambda row: row.address)
    return people
