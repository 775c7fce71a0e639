"""What every check looks at: both halves, who has which name, where each account's transport leads, and the tracer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from splittui.mailflow.findings.leads import Judge, Leads
from splittui.mailflow.maps import without_extension
from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Keeps, Origin
from splittui.model.entries import Kind, Role, Server, ZimbraAccount
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.zmprov_line import quote_line

PEOPLE = frozenset({Kind.PERSON, Kind.ADMIN, Kind.RESOURCE})
MACHINES = frozenset({Kind.SYSTEM, Kind.ARCHIVE, Kind.GUEST})

_FROM = {
    Origin.INTERNET: "the internet",
    Origin.ZIMBRA: "Zimbra's users",
    Origin.LEGACY: "the existing system's users",
}
_FATE = {
    Outcome.DELIVERED: "arrives",
    Outcome.REJECTED: "is refused",
    Outcome.BOUNCED: "is accepted and bounced",
    Outcome.DEFERRED: "waits in the queue",
    Outcome.LOOPED: "loops until it bounces",
    Outcome.DISCARDED: "is thrown away",
    Outcome.UNKNOWN: "ends in a way that is not known",
    Outcome.DELIVERED_AND_BOUNCED: "arrives in part and bounces in part",
    Outcome.DELIVERED_AND_DEFERRED: "arrives in part and waits in part",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """One state of the split, sorted for the checks. ``made`` builds it in single passes."""

    split: Split
    snapshot: Snapshot
    people: Mapping[str, Person]
    tracer: Tracer
    judge: Judge
    by_transport: Mapping[Leads, tuple[ZimbraAccount, ...]]
    switched_off: tuple[ZimbraAccount, ...]
    machines: tuple[ZimbraAccount, ...]
    lists: tuple[ZimbraAccount, ...]
    aliases: Mapping[str, tuple[ZimbraAccount, ...]]
    old_addresses: frozenset[str]

    @property
    def primary(self) -> bool:
        return self.split.role is Role.PRIMARY

    @property
    def knows_all_of_zimbra(self) -> bool:
        """Only then is somebody who was not read somebody who is not there."""
        return self.snapshot.zimbra.reading.complete

    @property
    def knows_all_of_legacy(self) -> bool:
        return self.snapshot.legacy.reading.complete

    @property
    def knows_every_name(self) -> bool:
        """Whether an address that was not read is one that nobody has: lists read by name only hide their aliases."""
        return self.snapshot.complete and all(read_whole(entry) for entry in self.lists)

    @property
    def mailbox_server(self) -> Server | None:
        """The server for people who have none: the site's choice, or the only one there is."""
        servers = [server for server in self.snapshot.zimbra.servers if server.has_mailboxes]
        if self.split.mail_host:
            return self.snapshot.zimbra.server_named(self.split.mail_host)
        return servers[0] if len(servers) == 1 else None

    def keeps(self, address: str) -> Keeps | None:
        """What the existing system does with an address that it knows; None where it does not know it."""
        return self.tracer.world.legacy.routes.get(address)

    def has_live_box(self, address: str) -> bool:
        """Whether the existing system keeps mail for the address in a mailbox that is not disabled."""
        person = self.people.get(address)
        legacy = person.legacy if person is not None else None
        return legacy is not None and legacy.enabled and self.keeps(address) is Keeps.HERE

    def nobody_has(self, address: str) -> bool:
        """Whether neither system has an account, list or alias of that name, in the domain of the split."""
        name = without_extension(address.strip().lower(), self.tracer.settings.delimiters)[0]
        if name.rpartition("@")[2] != self.split.domain:
            return False
        known = name in self.snapshot.zimbra.accounts or name in self.aliases or name in self.old_addresses
        return not known and self.keeps(name) is None


def made(split: Split, snapshot: Snapshot, people: Mapping[str, Person], tracer: Tracer) -> Scene:
    """The scene, in one pass over Zimbra's entries."""
    judge = Judge(split, snapshot.zimbra, tracer.world)
    by_transport: dict[Leads, list[ZimbraAccount]] = {leads: [] for leads in Leads}
    switched_off: list[ZimbraAccount] = []
    machines: list[ZimbraAccount] = []
    lists: list[ZimbraAccount] = []
    aliases: dict[str, tuple[ZimbraAccount, ...]] = {}
    old_addresses: set[str] = set()
    for entry in (*snapshot.zimbra.neighbours.values(), *snapshot.zimbra.accounts.values()):
        for alias in entry.aliases:
            aliases[alias] = (*aliases.get(alias, ()), entry)
        if entry.rare is not None and entry.rare.old_address:
            old_addresses.add(entry.rare.old_address.lower())
    for entry in snapshot.zimbra.accounts.values():
        if entry.kind is Kind.LIST:
            lists.append(entry)
        elif entry.kind in MACHINES:
            machines.append(entry)
        elif entry.receives:
            by_transport[judge.leads(entry.transport)].append(entry)
        else:
            switched_off.append(entry)
    return Scene(
        split,
        snapshot,
        people,
        tracer,
        judge,
        {leads: tuple(found) for leads, found in by_transport.items()},
        tuple(switched_off),
        tuple(machines),
        tuple(lists),
        aliases,
        frozenset(old_addresses),
    )


def read_whole(entry: ZimbraAccount) -> bool:
    """False where sudo allows zmprov alone: a list is then read by name, which stands in for its identifier."""
    return entry.id != entry.address


def addresses(entries: Iterable[ZimbraAccount]) -> tuple[str, ...]:
    return tuple(sorted(entry.address for entry in entries))


def lines(command: str, names: Iterable[str], *words: str) -> tuple[str, ...]:
    """One zmprov line for each name."""
    return tuple(quote_line((command, name, *words)) for name in names)


def fate(tracer: Tracer, address: str) -> str:
    """What happens to mail for one address, from wherever it comes, in one sentence."""
    told: dict[str, list[str]] = {}
    for route in tracer.routes(address):
        told.setdefault(_fate(route), []).append(_FROM[route.origin])
    if len(told) == 1:
        return f"Mail for <{address}> {next(iter(told))}, whoever writes."
    return (
        f"Mail for <{address}>: " + "; ".join(f"from {' and '.join(who)} it {what}" for what, who in told.items()) + "."
    )


def _fate(route: Route) -> str:
    end = route.ends[0] if route.ends else None
    words = _FATE[route.outcome]
    return (
        f"{words} by {end.host}" if end is not None and route.outcome in (Outcome.REJECTED, Outcome.BOUNCED) else words
    )
