"""The tracer: asks for the way of mail in one world, from any origin."""

from __future__ import annotations

from dataclasses import replace

from splittui.mailflow.deliver import owner
from splittui.mailflow.maps import Maps
from splittui.mailflow.nexthop import exchangers_of
from splittui.mailflow.route import End, Hop, Outcome, Route, outcome_of
from splittui.mailflow.settings import settings
from splittui.mailflow.walk import Ground, Passage, Walk
from splittui.mailflow.world import Client, Origin, System, World

_HANDS_IN = {
    Origin.INTERNET: "internet",
    Origin.ZIMBRA: "Zimbra's web client",
    Origin.LEGACY: "user of the existing mail system",
}


class Tracer:
    """Answers for one world. Its indexes are built once; ``after`` carries them over to a changed world."""

    def __init__(self, world: World, maps: Maps | None = None) -> None:
        self.world = world
        self.settings = settings(world)
        self.maps = maps or Maps(world.entries.values())
        self._ground = Ground(world, self.maps, self.settings)

    def after(self, world: World) -> Tracer:
        """The tracer of a world that differs in a few entries."""
        before, now = self.world.entries, world.entries
        if now is before:
            return Tracer(world, self.maps)
        names = before.keys() | now.keys()
        pairs = ((before.get(name), now.get(name)) for name in names if before.get(name) is not now.get(name))
        return Tracer(world, self.maps.replaced(pairs))

    def route(self, address: str, origin: Origin, to: System | None = None, authenticated: bool = False) -> Route:
        """The way of one message. ``to`` is the server it is handed to, if not the one that the origin uses."""
        return self._route(address, origin, to, authenticated, {})

    def routes(self, address: str) -> tuple[Route, Route, Route]:
        """The ways from all three origins: the internet, a Zimbra user, a user of the existing mail system."""
        passages: dict[str, Passage] = {}
        return (
            self._route(address, Origin.INTERNET, None, False, passages),
            self._route(address, Origin.ZIMBRA, None, False, passages),
            self._route(address, Origin.LEGACY, None, False, passages),
        )

    def _route(
        self, address: str, origin: Origin, to: System | None, authenticated: bool, passages: dict[str, Passage]
    ) -> Route:
        client = self._client(origin, authenticated)
        walk = Walk(self._ground, passages)
        system, why = (to, "handed to it directly") if to else self._entrance(address, origin)
        host = self.world.zimbra if system is System.ZIMBRA else self.world.legacy.host
        walk.hops.append(Hop(_HANDS_IN[origin], f"hands the mail to {host}", why))
        reply = walk.hand_over(address, client, system, 1)
        if reply.accepted:
            ends = tuple(walk.ends)
            outcome = outcome_of(ends)
        else:
            outcome = Outcome.REJECTED
            ends = (End(outcome, system, host, address, str(reply)),)
        return Route(address, origin, tuple(walk.hops), outcome, reply.code, reply.text, ends)

    def _client(self, origin: Origin, authenticated: bool) -> Client:
        client = self._ground.clients[origin]
        return replace(client, authenticated=True) if authenticated else client

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
