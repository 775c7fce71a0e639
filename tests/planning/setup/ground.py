"""A site that a guide is tried on: both systems as a world of mail flow, looked at the way a console would look.

Every answer that a guide asks for is computed by the tracer from that world, so what a guide takes for true is what
mail does. A task is carried out step by step, and after each step the world is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from splittui.mailflow.changes import after
from splittui.mailflow.fates import fates
from splittui.mailflow.maps import VAM
from splittui.mailflow.roster import people
from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    CATCH_ALL,
    FORWARD,
    MAIL_HOST,
    MAIL_STATUS,
    TRANSPORT,
    Entry,
    EntryKind,
    Keeps,
    Legacy,
    Names,
    Origin,
    System,
    World,
)
from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Domain, Kind, LegacyAccount, Rare, Role, Server, Side, ZimbraAccount
from splittui.model.router import CommandRouter
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split
from splittui.planning.elsewhere import exchanger
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Step
from splittui.planning.setup import Choices, Goal, Guide, LookKind, Probed, Seen, Standpoint, entrance_after, guide
from tests.mailflow.worlds import DOMAIN, LEGACY, SMTP, ZIMBRA, account, at, domain, listing

NOBODY, OUTSIDER = at("nobody"), "postmaster@example.net"
AWAY = f"smtp:[{ZIMBRA}]:25"
ADDRESSES = {ZIMBRA: ("192.0.2.11",), LEGACY: ("192.0.2.12",), "mx.example.net": ("192.0.2.20",)}
ROUTER = CommandRouter("show {address}", "away {address} {nexthop}", "here {address}", "reload")
CONFIG = {
    "zimbraMtaSmtpDnsSupportLevel": ("enabled",),
    "zimbraMtaRestriction": ("reject_invalid_helo_hostname",),
    "zimbraMtaMyNetworks": ("192.0.2.11/32",),
    "zimbraMtaSmtpdRejectUnlistedRecipient": ("no",),
}
_ORIGINS = {Standpoint.OUTSIDE: Origin.INTERNET, Standpoint.ZIMBRA: Origin.ZIMBRA, Standpoint.LEGACY: Origin.LEGACY}
_SYSTEMS = {Side.ZIMBRA: System.ZIMBRA, Side.LEGACY: System.LEGACY}

Arrivals = dict[tuple[str, str], Outcome]


@dataclass
class Site:
    """``legacy`` are the entries of the existing system's directory; where each is routed stands in the world."""

    world: World
    legacy: dict[str, LegacyAccount]
    role: Role
    router: bool = True
    choices: Choices = field(default_factory=Choices)
    firewalled: bool = False
    off: set[System] = field(default_factory=set)

    @property
    def split(self) -> Split:
        return Split(DOMAIN, self.role, ZIMBRA, LEGACY, SMTP, router=ROUTER if self.router else None)

    def guide(self, goal: Goal, **more: object) -> Guide:
        """The guide, after everything that it wants looked at was looked at."""
        return guide(goal, self.seen(goal, **more))

    def seen(self, goal: Goal, **more: object) -> Seen:
        tracer = Tracer(self.world)
        snapshot = self.snapshot()
        bare = Seen(
            self.split,
            snapshot,
            people(snapshot, tracer),
            NOBODY,
            OUTSIDER,
            choices=self.choices,
            version=(10, 1, 0),
            views=(self.view(),),
            postconf={
                "relayhost": tracer.settings.relay_host,
                "smtp_dns_support_level": "enabled" if tracer.settings.asks_dns else "disabled",
            },
            listed=frozenset(a for a in self.addresses() if tracer.maps.find(VAM, a) is not None),
            quiet_days=9,
        )
        looks = guide(goal, bare).looks
        probes = tuple(self.answered(tracer, look) for look in looks if look.kind is LookKind.RCPT)
        side = entrance_after(goal)
        step = exchanger(self.split, side, self.exchangers(), 300)
        valid = [a for a in self.addresses() if arrives(self, tracer, a)]
        found = replace(bare, probes=probes, fates=fates(tracer, step, side, valid, NOBODY))
        return replace(found, **more)

    def exchangers(self) -> tuple[str, ...]:
        return tuple(host for _, host in self.world.names.mx[DOMAIN])

    def answered(self, tracer: Tracer, look) -> Probed:
        server = Side.ZIMBRA if look.host == ZIMBRA else Side.LEGACY
        shut = self.firewalled and (look.asked_from, server) == (Standpoint.OUTSIDE, Side.ZIMBRA)
        if shut or _SYSTEMS[server] in self.off:
            return Probed(look.asked_from, server, look.subject, 0, "connection refused")
        route = tracer.route(look.subject, _ORIGINS[look.asked_from], _SYSTEMS[server])
        return Probed(look.asked_from, server, look.subject, route.code, route.text)

    def view(self) -> DnsView:
        names = self.world.names
        known = names.addresses.keys() | names.mx.keys()
        answers = {n: DnsAnswer(n, tuple(names.mx.get(n, ())), names.addresses.get(n, ()), ttl=300) for n in known}
        return DnsView("this machine", 0.0, answers)

    def snapshot(self) -> Snapshot:
        entries = self.world.entries
        of_domain = entries.get(DOMAIN)
        found = Domain(DOMAIN, of_domain is not None, of_domain.attributes if of_domain is not None else {})
        accounts = {e.name: _account(e) for e in entries.values() if e.kind is not EntryKind.DOMAIN}
        server = replace(self.world.servers[0], settings=self.world.server_config)
        whole = Reading(True, 0.0)
        return Snapshot(
            ZimbraHalf(whole, accounts, found, (server,), self.world.config), LegacyHalf(whole, self.directory())
        )

    def directory(self) -> dict[str, LegacyAccount]:
        """The existing system's entries, with the routes as they are now; an address with a route alone is one too."""
        routes = self.world.legacy.routes
        aliases = {alias for entry in self.legacy.values() for alias in entry.aliases}
        found = {a: replace(e, forwards_to=_forward(routes[a])) for a, e in self.legacy.items()}
        for address, keeps in routes.items():
            if address not in found and address not in aliases:
                found[address] = LegacyAccount(address, forwards_to=_forward(keeps))
        return found

    def addresses(self) -> list[str]:
        """Every address that somebody has, on either system."""
        entries = [e for e in self.world.entries.values() if e.kind is not EntryKind.DOMAIN]
        here = {a for e in entries for a in (e.name, *e.all(ALIAS))}
        return sorted(here | self.world.legacy.routes.keys())

    def carry_out(self, goal: Goal, made: Guide, key: str) -> Iterator[Step]:
        """Takes the steps of a task one by one; the world is as it is then after each."""
        for step in made.plan(key).steps:
            self.world = after(self.world, [step])
            # An alias is expanded on the existing system itself, and goes where its owner goes.
            aliases = {a: e.address for e in self.legacy.values() for a in e.aliases}
            routes = dict(self.world.legacy.routes)
            routes |= {a: routes[owner] for a, owner in aliases.items() if a in routes}
            self.world = replace(self.world, legacy=replace(self.world.legacy, routes=routes))
            yield step
        self._by_words(goal, key)

    def goes_back(self, address: str) -> None:
        """Whoever has a mailbox on both is moved to the existing system, as the gate asks for, by an ordinary move."""
        snapshot = self.snapshot()
        known = people(snapshot, Tracer(self.world))
        split = replace(self.split, router=ROUTER)
        moved = plan_moves(split, snapshot, known, [Move(address, Side.LEGACY)], 0.0)
        assert moved.steps, moved.refusals
        self.world = after(self.world, moved.steps)

    def _by_words(self, goal: Goal, key: str) -> None:
        """What a person does by words alone, and mail flow does not know as a change of a route."""
        if key == "legacy-relays":
            self.world = replace(self.world, legacy=replace(self.world.legacy, relays_for_zimbra=True))
        elif key == "profile":
            self.role = Role.PRIMARY if goal is Goal.TO_PRIMARY else Role.SECONDARY
        elif key in ("backscatter", "open-to-all"):
            self.firewalled = key == "backscatter"
        elif key in ("legacy-off", "zimbra-off"):
            system = System.LEGACY if key == "legacy-off" else System.ZIMBRA
            self.off.add(system)
            host = LEGACY if system is System.LEGACY else ZIMBRA
            refusing = self.world.names.refusing | {host, *ADDRESSES[host]}
            self.world = replace(self.world, names=replace(self.world.names, refusing=refusing))

    def arrivals(self) -> Arrivals:
        """What becomes of mail for each address, an unknown and an outside one, from whoever can still write."""
        tracer = Tracer(self.world)
        return {
            (address, who): _outcome(route)
            for address in [*self.addresses(), NOBODY]
            for who, route in _routes(self, tracer, address)
        } | ({} if System.ZIMBRA in self.off else {(OUTSIDER, "zimbra"): tracer.route(OUTSIDER, Origin.ZIMBRA).outcome})


def _routes(site: Site, tracer: Tracer, address: str):
    for route in tracer.routes(address):
        if System(route.origin) not in site.off:
            yield route.origin.value, route
    late = System.LEGACY if site.world.mx is System.ZIMBRA else System.ZIMBRA
    # Strangers do not hand in mail at a secondary that no MX ever named; once one did, some go on for a while.
    if late not in site.off and site.world.mx is System.ZIMBRA:
        yield "late", tracer.route(address, Origin.INTERNET, late)


def _outcome(route: Route) -> Outcome:
    """A refusal for now is no refusal: the client keeps the mail."""
    put_off = route.outcome is Outcome.REJECTED and route.code < 500
    return Outcome.DEFERRED if put_off else route.outcome


def arrives(site: Site, tracer: Tracer, address: str) -> bool:
    """Whether mail for the address arrives now, from all who can write."""
    return all(route.outcome is Outcome.DELIVERED for _, route in _routes(site, tracer, address))


def _forward(keeps: Keeps) -> str:
    return AWAY if keeps is Keeps.ZIMBRA else ""


def _account(entry: Entry) -> ZimbraAccount:
    is_list = entry.kind is EntryKind.LIST
    caught = entry.all(CATCH_ALL)
    return ZimbraAccount(
        entry.name,
        f"id-{entry.name}",
        kind=Kind.LIST if is_list else Kind.PERSON,
        transport=entry.one(TRANSPORT),
        host=entry.one(MAIL_HOST),
        status=entry.one(ACCOUNT_STATUS) or "active",
        mail_status=entry.one(MAIL_STATUS),
        aliases=tuple(a for a in entry.all(ALIAS) if a != entry.name),
        forwards=entry.all(FORWARD),
        rare=Rare(catch_all=caught) if caught else None,
    )


def site(
    zimbra: Mapping[str, Entry] | tuple[Entry, ...] = (),
    legacy: Mapping[str, Keeps] | None = None,
    *,
    role: Role,
    three: bool | None,
    unknown: Keeps,
    mx: System,
    aliases: Mapping[str, tuple[str, ...]] | None = None,
    kinds: Mapping[str, Kind] | None = None,
    attributes: Mapping[str, tuple[str, ...]] | None = None,
    settings: Mapping[str, tuple[str, ...]] | None = None,
    config: Mapping[str, tuple[str, ...]] | None = None,
    relays: bool = False,
    **more: object,
) -> Site:
    """A site by local parts. ``three``: the domain has the three attributes, has none, or (None) is not there."""
    from tests.mailflow.worlds import THE_THREE

    entries = {e.name: e for e in (zimbra.values() if isinstance(zimbra, Mapping) else zimbra)}
    if three is not None:
        entries[DOMAIN] = domain(**(THE_THREE if three else {}), **dict(attributes or {}))
    given = {at(local): tuple(map(at, names)) for local, names in (aliases or {}).items()}
    keeps = {at(local): k for local, k in (legacy or {}).items()}
    directory = {
        a: LegacyAccount(a, kind=(kinds or {}).get(a.partition("@")[0], Kind.PERSON), aliases=given.get(a, ()))
        for a in keeps
    }
    routes = {**keeps, **{alias: keeps[a] for a in keeps for alias in given.get(a, ())}}
    names = Names(
        mx={DOMAIN: ((10, ZIMBRA if mx is System.ZIMBRA else LEGACY),), "example.net": ((10, "mx.example.net"),)},
        addresses=ADDRESSES,
        complete=True,
    )
    known = World(
        domain=DOMAIN,
        zimbra=ZIMBRA,
        legacy=Legacy(LEGACY, routes, unknown, frozenset(ADDRESSES[LEGACY]), relays_for_zimbra=relays),
        entries=entries,
        config={**CONFIG, **(config or {})},
        server_config=dict(settings or {}),
        servers=(Server(ZIMBRA, ZIMBRA, 7025, frozenset({"mailbox", "mta"})),),
        zimbra_addresses=frozenset(ADDRESSES[ZIMBRA]),
        names=names,
        mx=mx,
        outsider="192.0.2.99",
    )
    return Site(known, directory, role, **more)


__all__ = ["AWAY", "NOBODY", "OUTSIDER", "Site", "account", "arrives", "listing", "site"]
