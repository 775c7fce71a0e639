"""Who is known where: the people of both systems, by what was read of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from splittui.model.address import domain_of
from splittui.model.entries import Kind, LegacyAccount, Server, ZimbraAccount
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.transport import TransportError, parse_transport, same_nexthop
from splittui.planning.plan import Refusal
from splittui.planning.setup.names import detour
from splittui.planning.setup.seen import Seen

_OWN_KINDS = (Kind.SYSTEM, Kind.ARCHIVE, Kind.GUEST)
"""Entries that Zimbra keeps for itself: no mail from elsewhere is meant for them."""


def leads_to_legacy(seen: Seen, transport: str) -> bool:
    """Whether mail with this transport reaches the existing system, and not by a next hop whose MX leads back."""
    try:
        hop = parse_transport(transport)
    except TransportError:
        return False
    same = hop.mailer != "lmtp" and same_nexthop(hop, seen.split.legacy_nexthop)
    return same and (hop.bracketed or not detour(seen, hop.host))


def sends_to_zimbra(split: Split, snapshot: Snapshot, account: LegacyAccount) -> bool:
    """Whether the existing system hands this person's mail to Zimbra."""
    to = account.forwards_to
    if not to:
        return False
    host = _host(to) or domain_of(to) or to.strip("[]")
    own = (split.zimbra, *(server.service_hostname for server in snapshot.zimbra.servers))
    return host.lower() in map(str.lower, own)


@lru_cache(maxsize=1024)
def _host(transport: str) -> str:
    """The host of a transport; empty where Postfix could not use it. A site has few, and many people."""
    try:
        return parse_transport(transport).host
    except TransportError:
        return ""


def dwellers(seen: Seen) -> Iterator[LegacyAccount]:
    """Everybody whose mail is final on the existing system, or sent on by it to somewhere else."""
    for account in seen.snapshot.legacy.accounts.values():
        if domain_of(account.address) == seen.split.domain and not sends_to_zimbra(seen.split, seen.snapshot, account):
            yield account


def residents(seen: Seen) -> Iterator[ZimbraAccount]:
    """Every entry of the domain whose mail is final on Zimbra, or that Zimbra expands."""
    server_of = cache(seen.snapshot.zimbra.server_of)
    for account in seen.snapshot.zimbra.accounts.values():
        here = account.kind is Kind.LIST or server_of(account.transport) is not None
        if here and account.receives and account.kind not in _OWN_KINDS:
            yield account


def placeholders(seen: Seen) -> Iterator[ZimbraAccount]:
    """The accounts whose transport leads to the existing system."""
    leads = cache(lambda transport: leads_to_legacy(seen, transport))
    for account in seen.snapshot.zimbra.accounts.values():
        if account.kind not in _OWN_KINDS and leads(account.transport):
            yield account


def owners(snapshot: Snapshot) -> Mapping[str, ZimbraAccount]:
    """Zimbra's entries by their aliases; those whose mail is switched off are left out."""
    return {alias: a for a in snapshot.zimbra.accounts.values() if a.receives for alias in a.aliases}


@dataclass(frozen=True, slots=True)
class Unknown:
    """What of the existing system Zimbra does not know.

    ``accounts`` have no entry, ``aliases`` are pairs of owner and alias, ``mend`` have an entry whose transport does
    not lead there, and ``broken`` need a person's decision. ``in_both`` have a mailbox on each system.
    """

    accounts: tuple[LegacyAccount, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    mend: tuple[ZimbraAccount, ...] = ()
    broken: tuple[Refusal, ...] = ()
    in_both: tuple[str, ...] = ()

    @property
    def nobody(self) -> bool:
        return not (self.accounts or self.aliases or self.mend or self.broken)


def unknown(seen: Seen) -> Unknown:
    """Everybody of the existing system whom Zimbra would refuse, or whose mail it could not hand on."""
    snapshot = seen.snapshot
    aliases = owners(snapshot)
    new: list[LegacyAccount] = []
    mend: list[ZimbraAccount] = []
    broken: list[Refusal] = []
    both: list[str] = []
    leads = cache(lambda transport: leads_to_legacy(seen, transport))
    server_of = cache(snapshot.zimbra.server_of)
    for person in dwellers(seen):
        account = snapshot.zimbra.accounts.get(person.address)
        if account is not None:
            server = server_of(account.transport)
            why = _trouble(seen, account, server)
            if why:
                broken.append(Refusal(person.address, why))
            elif account.kind is Kind.LIST or server is not None:
                both.append(person.address)
            elif not leads(account.transport):
                mend.append(account)
        elif person.address in aliases:
            owner = aliases[person.address].address
            why = (
                f"is an alias of {owner} on {seen.split.zimbra}, who gets the mail: zmprov raa {owner} {person.address}"
            )
            broken.append(Refusal(person.address, why))
        else:
            new.append(person)
    bad = {refusal.address for refusal in broken}
    return Unknown(tuple(new), _aliases(seen, aliases, bad), tuple(mend), tuple(broken), tuple(both))


def _trouble(seen: Seen, account: ZimbraAccount, server: Server | None) -> str:
    """Why an account that stands for somebody on the existing system cannot simply become a placeholder."""
    off = account.status if account.status in ("closed", "pending") else "switched off for mail"
    if not account.receives:
        return (
            f"is {off} on {seen.split.zimbra}, so mail for them is refused. If nobody meant that: "
            f"zmprov ma {account.address} zimbraAccountStatus locked"
        )
    if account.kind is Kind.LIST:
        return ""
    if server is not None and account.host != server.service_hostname:
        return f"has the transport {account.transport}, and its zimbraMailHost is {account.host or 'not set'}"
    if server is None and account.transport and not _same_host(seen.split, account.transport):
        return f"has the transport {account.transport}, which leads to neither system"
    return ""


def _same_host(split: Split, transport: str) -> bool:
    return _host(transport) == _host(split.legacy_transport)


def _aliases(seen: Seen, known: Mapping[str, ZimbraAccount], broken: set[str]) -> tuple[tuple[str, str], ...]:
    snapshot = seen.snapshot
    found: dict[str, str] = {}
    for person in snapshot.legacy.accounts.values():
        owner = person.address
        new = owner not in snapshot.zimbra.accounts
        gone = new and sends_to_zimbra(seen.split, snapshot, person)
        if owner in broken or gone or domain_of(owner) != seen.split.domain:
            continue
        for alias in person.aliases:
            taken = alias in snapshot.zimbra.accounts or alias in known or alias in snapshot.legacy.accounts
            if domain_of(alias) == seen.split.domain and not taken:
                found.setdefault(alias, owner)
    return tuple((owner, alias) for alias, owner in found.items())


def addresses(seen: Seen) -> Iterator[str]:
    """Every address of the domain that the existing system has, aliases included."""
    for person in seen.snapshot.legacy.accounts.values():
        for address in (person.address, *person.aliases):
            if domain_of(address) == seen.split.domain:
                yield address


def unrouted(seen: Seen, *, with_boxes: bool) -> tuple[str, ...]:
    """The addresses of those on Zimbra whom the existing system does not send there.

    Those whom it has a mailbox of its own for count only ``with_boxes``.
    """
    snapshot = seen.snapshot
    entries = {alias: entry for entry in snapshot.legacy.accounts.values() for alias in entry.aliases}
    entries.update(snapshot.legacy.accounts)
    found: list[str] = []
    for resident in residents(seen):
        for address in (resident.address, *resident.aliases):
            entry = entries.get(address)
            if domain_of(address) != seen.split.domain:
                continue
            if entry is None or (with_boxes and not sends_to_zimbra(seen.split, snapshot, entry)):
                found.append(address)
    return tuple(found)


def without_mailbox(seen: Seen) -> tuple[str, ...]:
    """The addresses of those on Zimbra for whom the existing system has no mailbox, alias or list of that name.

    One that it sends to Zimbra has none, unless its router is known, which then turns it around.
    """
    snapshot, turns = seen.snapshot, seen.split.router is not None
    have: set[str] = set()
    for entry in snapshot.legacy.accounts.values():
        if turns or not sends_to_zimbra(seen.split, snapshot, entry):
            have.update((entry.address, *entry.aliases))
    wanted = (a for resident in residents(seen) for a in (resident.address, *resident.aliases))
    return tuple(a for a in wanted if domain_of(a) == seen.split.domain and a not in have)
