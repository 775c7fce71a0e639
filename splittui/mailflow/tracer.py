"""The tracer: asks for the way of mail in one world, from any origin."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.mailflow.deliver import owner
from splittui.mailflow.hops import hands_in
from splittui.mailflow.maps import Maps
from splittui.mailflow.nexthop import exchangers_of
from splittui.mailflow.overlay import differing
from splittui.mailflow.route import End, Hop, Outcome, Route, outcome_of
from splittui.mailflow.settings import settings
from splittui.mailflow.walk import Ground, Passage, Walk
from splittui.mailflow.world import Client, Origin, System, World

_HANDS_IN = {
    Origin.INTERNET: "internet",
    Origin.ZIMBRA: "Zimbra's web client",
    Origin.LEGACY: "user of the existing mail system",
}


@dataclass(frozen=True, slots=True)
class _Start:
    """Where mail from an origin enters: as which client, on which system, and the hop that says so."""

    origin: Origin
    client: Client
    system: System
    hop: Hop


class Tracer:
    """Answers for one world. Its indexes are built once; ``after`` carries them over to a changed world."""

    def __init__(self, world: World, maps: Maps | None = None) -> None:
        self.world = world
        self.settings = settings(world)
        self.maps = maps or Maps(world.entries)
        self._ground = Ground(world, self.maps, self.settings)
        # Only the MX may depend on the address; everything else about a start is the same for all.
        fixed = [origin for origin in Origin if origin is not Origin.INTERNET or world.mx is not None]
        self._starts = {origin.value: self._start("", origin, None, False) for origin in fixed}

    def after(self, world: World) -> Tracer:
        """The tracer of a world that differs in a few entries."""
        if world.entries is self.world.entries:
            return Tracer(world, self.maps)
        return Tracer(world, self.maps.replaced(world.entries, differing(self.world.entries, world.entries)))

    def route(self, address: str, origin: Origin, to: System | None = None, authenticated: bool = False) -> Route:
        """The way of one message. ``to`` is the server it is handed to, if not the one that the origin uses."""
        start = self._starts.get(origin.value)
        if to is not None or authenticated or start is None:
            start = self._start(address, origin, to, authenticated)
        return self._route(address, start, {})

    def routes(self, address: str) -> tuple[Route, Route, Route]:
        """The ways from all three origins: the internet, a Zimbra user, a user of the existing mail system."""
        passages: dict[str, Passage] = {}
        internet = self._starts.get("internet") or self._start(address, Origin.INTERNET, None, False)
        return (
            self._route(address, internet, passages),
            self._route(address, self._starts["zimbra"], passages),
            self._route(address, self._starts["legacy"], passages),
        )

    def _route(self, address: str, start: _Start, passages: dict[str, Passage]) -> Route:
        walk = Walk(self._ground, passages)
        walk.hops.append(start.hop)
        reply = walk.hand_over(address, start.client, start.system, 1)
        if reply.accepted:
            ends = tuple(walk.ends)
            outcome = outcome_of(ends)
        else:
            outcome = Outcome.REJECTED
            ends = (End(outcome, start.system, self._host(start.system), address, str(reply)),)
        return Route(address, start.origin, tuple(walk.hops), outcome, reply.code, reply.text, ends)

    def _host(self, system: System) -> str:
        return self.world.zimbra if system is System.ZIMBRA else self.world.legacy.host

    def _start(self, address: str, origin: Origin, to: System | None, authenticated: bool) -> _Start:
        system, why = (to, "handed to it directly") if to else self._entrance(address, origin)
        hop = hands_in(_HANDS_IN[origin], self._host(system), why)
        return _Start(origin, self._ground.client(origin, authenticated), system, hop)

    def _entrance(self, address: str, origin: Origin) -> tuple[System, str]:
        if origin is Origin.ZIMBRA:
            return System.ZIMBRA, "Zimbra's web client uses its own MTA"
        if origin is Origin.LEGACY:
            return System.LEGACY, "its users use its own MTA"
        if self.world.mx is not None:
            return self.world.mx, f"the MX of {self.world.domain}"
        domain = address.rpartition("@")[2]
        found = exchangers_of(domain, self.world.names, frozenset(), detect_loop=False)
        for host in found.hosts:
            system = owner(self.world, host)
            if system is not System.INTERNET:
                return system, found.because
        return System.ZIMBRA, f"no MX of {domain} is known"
