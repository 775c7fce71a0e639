"""One message on its way through both systems, until every copy of it has come to its end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from splittui.mailflow import legacy, mailbox
from splittui.mailflow.accept import accept
from splittui.mailflow.deliver import Door, Halt, Handover, connect, deliver, owner
from splittui.mailflow.expand import expand
from splittui.mailflow.hops import accepts, ends, meets_again, refuses, refuses_data
from splittui.mailflow.maps import Maps
from splittui.mailflow.nexthop import exchangers_of
from splittui.mailflow.resolve import resolve
from splittui.mailflow.route import OK, End, Hop, HopKind, Outcome, Reply
from splittui.mailflow.settings import Settings
from splittui.mailflow.world import Client, Keeps, Origin, System, World

_TOO_MANY_HOPS = "5.4.0 Error: too many hops"


class Ground:
    """What all messages of one world share: its indexes and settings, and what has been found out once already."""

    __slots__ = ("_places", "legacy", "maps", "settings", "web", "world")

    def __init__(self, world: World, maps: Maps, settings: Settings) -> None:
        self.world, self.maps, self.settings = world, maps, settings
        self.web = self.client(Origin.ZIMBRA)
        self.legacy = self.client(Origin.LEGACY)
        self._places: dict[tuple[str, str], Handover | Halt] = {}

    def client(self, origin: Origin, authenticated: bool = False) -> Client:
        """The SMTP client that hands in mail from an origin."""
        known = {
            Origin.INTERNET: (System.INTERNET, self.world.outsider),
            Origin.ZIMBRA: (System.ZIMBRA, min(self.world.zimbra_addresses, default="")),
            Origin.LEGACY: (System.LEGACY, min(self.world.legacy.addresses, default="")),
        }
        system, address = known[origin]
        plain = Client(system, address, authenticated)
        return replace(plain, trusted=self.settings.trusts(plain))

    def place(self, mailer: str, nexthop: str) -> Handover | Halt:
        """Where a mailer takes mail for a next hop."""
        found = self._places.get((mailer, nexthop))
        if found is None:
            found = self._places[mailer, nexthop] = connect(self.world, self.settings, mailer, nexthop)
        return found


@dataclass(frozen=True, slots=True)
class Passage:
    """What becomes of an address once Zimbra has accepted it; ``depth`` is how many more servers saw it."""

    reply: Reply
    hops: tuple[Hop, ...]
    ends: tuple[End, ...]
    depth: int


class Walk:
    """One message on its way. ``_path`` holds where it is now: (system, address, client) seen twice is a loop."""

    __slots__ = ("_deepest", "_ground", "_passages", "_path", "_turned_back", "_world", "ends", "hops")

    def __init__(self, ground: Ground, passages: dict[str, Passage]) -> None:
        self._ground, self._world, self._passages = ground, ground.world, passages
        self.hops: list[Hop] = []
        self.ends: list[End] = []
        self._path: list[tuple[System, str, System]] = []
        self._turned_back = 0
        self._deepest = 0

    def hand_over(self, address: str, client: Client, to: System, received: int) -> Reply:
        """Hands one recipient to a system's MTA. ``received`` counts the Received headers, the new one included."""
        here = (to, address.lower(), client.system)
        host = self._world.zimbra if to is System.ZIMBRA else self._world.legacy.host
        if here in self._path:
            because = "it has been here before and takes the same way each time, until it has too many Received headers"
            self.hops.append(meets_again(host, because))
            self._turned_back += 1
            return Reply(554, _TOO_MANY_HOPS, loops=True)
        self._path.append(here)
        if received > self._deepest:
            self._deepest = received
        reply = (self._zimbra if to is System.ZIMBRA else self._legacy)(address, client, received)
        self._path.pop()
        return reply

    def _zimbra(self, address: str, client: Client, received: int) -> Reply:
        host, ground = self._world.zimbra, self._ground
        reply, because = accept(ground.maps, ground.settings, address, client)
        if not reply.accepted:
            self.hops.append(refuses(host, reply, because))
            return reply
        self.hops.append(accepts(host, System.ZIMBRA, because))
        limit = ground.settings.hop_limit
        if received >= limit:
            return self._too_many(host, limit)
        known = self._passages.get(address)
        if known is not None and received + known.depth < min(limit, self._world.legacy.hop_limit):
            self.hops += known.hops
            self.ends += known.ends
            return known.reply
        return self._pass(address, received)

    def _pass(self, address: str, received: int) -> Reply:
        # Who sent a message does not matter once it is accepted, so the same address takes the same way from each
        # origin, except where a loop or the hop limit cuts it short.
        hops, ends, cuts = len(self.hops), len(self.ends), self._turned_back
        deepest, self._deepest = self._deepest, received
        reply = self._expand(address, received)
        if self._turned_back == cuts:
            depth = self._deepest - received
            self._passages[address] = Passage(reply, tuple(self.hops[hops:]), tuple(self.ends[ends:]), depth)
        self._deepest = max(self._deepest, deepest)
        return reply

    def _expand(self, address: str, received: int) -> Reply:
        host = self._world.zimbra
        expansion = expand(self._ground.maps, self._ground.settings, address)
        if expansion.error:
            reply = Reply(451, "4.6.0 Alias expansion error")
            self.hops.append(refuses_data(host, str(reply), expansion.error))
            return reply
        if expansion.because:
            action = "expands it to " + ", ".join(expansion.addresses)
            self.hops.append(Hop(host, HopKind.EXPANDS, action, expansion.because))
        for recipient in expansion.addresses:
            self._send(recipient, received)
        return OK

    def _send(self, address: str, received: int) -> None:
        host = self._world.zimbra
        route = resolve(self._ground.maps, self._ground.settings, address)
        self.hops.append(Hop(host, HopKind.SENDS, route.action, route.because, route.text))
        step = deliver(route) or self._ground.place(route.mailer, route.nexthop)
        if isinstance(step, Halt):
            self._end(step.outcome, System.ZIMBRA, host, address, step.text, step.because, step.until)
        elif step.door is Door.LMTP:
            self._mailbox(step, address)
        elif step.system is System.INTERNET:
            self._outside(step.host, address, step.because)
        else:
            self._pass_on(address, self._ground.web, host, step.system, step.host, received)

    def _mailbox(self, step: Handover, address: str) -> None:
        if step.system is not System.ZIMBRA:
            self._end(
                Outcome.UNKNOWN, step.system, step.host, address, "", f"{step.host} is no mailbox server of Zimbra"
            )
            return
        servers = self._world.servers
        named = next((s for s in servers if s.service_hostname.lower() == step.host.lower()), servers[0])
        mail = mailbox.receive(self._world, self._ground.maps, address, named.service_hostname)
        where = named.service_hostname
        text = "" if mail.outcome is Outcome.DELIVERED else str(mail.reply)
        self._end(mail.outcome, System.ZIMBRA, where, mail.address, text, mail.because, mail.until)

    def _pass_on(self, address: str, client: Client, sender: str, to: System, name: str, received: int) -> None:
        reply = self.hand_over(address, client, to, received + 1)
        if reply.accepted:
            return
        text = f"host {name} said: {reply}"
        if reply.loops:
            self._end(Outcome.LOOPED, client.system, sender, address, text, f"the mail circulates through {name}")
        elif reply.code >= 500:
            self._end(
                Outcome.BOUNCED, client.system, sender, address, text, f"{name} refuses it, so {sender} bounces it"
            )
        else:
            until = f"{name} accepts it"
            self._end(Outcome.DEFERRED, client.system, sender, address, text, f"{name} puts it off", until)

    def _legacy(self, address: str, client: Client, received: int) -> Reply:
        known = self._world.legacy
        reply, keeps, because = legacy.receive(self._world, address, client)
        if not reply.accepted:
            self.hops.append(refuses(known.host, reply, because))
            return reply
        self.hops.append(accepts(known.host, System.LEGACY, because))
        if received >= known.hop_limit:
            return self._too_many(known.host, known.hop_limit)
        if keeps is Keeps.HERE:
            self._end(Outcome.DELIVERED, System.LEGACY, known.host, address, "", because)
        elif keeps is Keeps.UNKNOWN:
            self._end(Outcome.UNKNOWN, System.LEGACY, known.host, address, "", because)
        elif keeps is Keeps.ZIMBRA or known.outside_to_zimbra:
            self._back(address, received)
        else:
            self._abroad(address, received)
        return OK

    def _back(self, address: str, received: int) -> None:
        known, zimbra = self._world.legacy, self._world.zimbra
        if zimbra.lower() in self._world.names.refusing:
            text, until = f"4.4.1 connect to {zimbra}: Connection refused", f"{zimbra} answers again"
            self._end(Outcome.DEFERRED, System.LEGACY, known.host, address, text, f"{zimbra} does not answer", until)
            return
        self._pass_on(address, self._ground.legacy, known.host, System.ZIMBRA, zimbra, received)

    def _abroad(self, address: str, received: int) -> None:
        known, domain = self._world.legacy, address.rpartition("@")[2]
        found = exchangers_of(domain, self._world.names, known.addresses, detect_loop=True)
        for host in found.hosts:
            if host.address in self._world.names.refusing or host.name.lower() in self._world.names.refusing:
                continue
            system = owner(self._world, host)
            if system is System.ZIMBRA:
                self._pass_on(address, self._ground.legacy, known.host, system, host.name, received)
            else:
                self._outside(host.name, address, found.because or f"{domain} is a foreign domain")
            return
        if found.hosts:
            until = f"{domain} answers again"
            text = f"4.4.1 connect to {found.hosts[0].name}: Connection refused"
            self._end(Outcome.DEFERRED, System.LEGACY, known.host, address, text, f"{domain} does not answer", until)
        else:
            outcome = Outcome.LOOPED if found.loops else Outcome.BOUNCED
            self._end(outcome, System.LEGACY, known.host, address, found.failure, found.because)

    def _outside(self, name: str, address: str, because: str) -> None:
        self._end(Outcome.DELIVERED, System.INTERNET, name, address, "", because or f"{name} takes it")

    def _too_many(self, host: str, limit: int) -> Reply:
        self._turned_back += 1
        self.hops.append(refuses_data(host, "too many hops", f"hopcount_limit is {limit}"))
        return Reply(554, _TOO_MANY_HOPS, loops=True)

    def _end(
        self, outcome: Outcome, system: System, host: str, address: str, text: str, because: str, until: str = ""
    ) -> None:
        end = End(outcome, system, host, address, text, until)
        self.ends.append(end)
        self.hops.append(ends(end, because))
