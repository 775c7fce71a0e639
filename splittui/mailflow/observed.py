"""The way that one message really took, put together from both systems' mail logs.

The result is a ``Route`` in the tracer's own words, so that the two can be shown side by side and compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from splittui.mailflow import hops
from splittui.mailflow.postfix_log import Delivery, Message
from splittui.mailflow.route import End, Hop, HopKind, Outcome, Reply, Route, outcome_of
from splittui.mailflow.world import Origin, System
from splittui.model.address import domain_of
from splittui.model.split import Split

Sights = Mapping[System, Mapping[str, Message]]
"""What each system's log says of the message, by queue id. A system whose log cannot be read is not in it."""

_LOOPS = re.compile(r"too many hops|loops back to myself|mail forwarding loop")
_OWN = re.compile(r"(127\.[0-9.]+|::1|localhost)?\Z")
_MAILBOX_AGENTS = frozenset({"lmtp", "local", "virtual", "pipe"})


@dataclass(frozen=True, slots=True)
class HandedIn:
    """How the message came in: who writes, to which system, what it said, and its queue id there if it told one.

    ``by`` names the point of view that it was sent from; ``server`` is the one that it was sent to.
    """

    origin: Origin
    by: str
    server: str
    system: System
    reply: Reply
    queue_id: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The way as far as it was seen. ``open``: more is to come.

    ``out_of_sight`` are those whose mail the existing system took over from Zimbra, without a log that could be read.
    """

    route: Route
    open: bool = False
    out_of_sight: frozenset[str] = frozenset()


def observed(split: Split, address: str, handed: HandedIn, sights: Sights) -> Seen:
    """The way of one message. ``sights`` hold nothing but the messages that have its Message-ID."""
    reply = handed.reply
    host = _host(split, handed.system)
    writer = "internet" if handed.origin is Origin.INTERNET else f"user of {host}"
    start = hops.hands_in(writer, host, f"sent from {handed.by} to {handed.server}")
    if not reply.accepted:
        no = hops.refuses(host, reply, f"it said so to {handed.by}")
        end = End(Outcome.REJECTED, handed.system, host, address, str(reply))
        return Seen(Route(address, handed.origin, (start, no), Outcome.REJECTED, reply.code, reply.text, (end,)))
    walk = _Walk(split, sights)
    walk.hops.append(start)
    walk.follow(handed.system, handed.queue_id, address)
    ends = tuple(walk.ends)
    route = Route(address, handed.origin, tuple(walk.hops), outcome_of(ends), reply.code, reply.text, ends)
    return Seen(route, walk.open, frozenset(walk.out_of_sight))


class _Walk:
    """Follows one message from queue to queue."""

    def __init__(self, split: Split, sights: Sights) -> None:
        self._split, self._sights = split, sights
        self._path: list[tuple[System, str, str]] = []
        self._looping = False
        self.hops: list[Hop] = []
        self.ends: list[End] = []
        self.open = False
        self.out_of_sight: set[str] = set()

    def follow(self, system: System, queue_id: str, address: str) -> None:
        """The way on from a queue, for one recipient."""
        host = _host(self._split, system)
        if system not in self._sights:
            self._hop(hops.accepts(host, system, "its log cannot be read, so what it does then is not seen"))
            self._end(Outcome.UNKNOWN, system, address, f"{host} took it; what it does then cannot be seen")
            if self._path and system is System.LEGACY:
                self.out_of_sight.add(address)
            return
        found = self._sights[system]
        queue_id = queue_id if queue_id in found else self._next_in(system)
        message = found.get(queue_id)
        if message is None:
            self.open = True
            self._end(Outcome.UNKNOWN, system, address, f"the log of {host} does not show it (yet)")
            return
        filtered = bool(self._path) and self._path[-1][0] is system
        looping = self._looping
        if not filtered and any((s, a) == (system, address) for s, _, a in self._path):
            self._hop(hops.meets_again(host, f"queue id {queue_id}"))
            self._looping = True
        self._path.append((system, queue_id, address))
        if filtered:
            self._hop(_sends(host, "content filter passes it on", f"queue id {queue_id}"))
        else:
            self._hop(hops.accepts(host, system, f"queue id {queue_id}"))
        self._deliveries(system, host, message, address)
        self._path.pop()
        self._looping = looping

    def _deliveries(self, system: System, host: str, message: Message, address: str) -> None:
        mine = [one for one in message.deliveries.values() if address in (one.to, one.original)]
        mine = mine or (list(message.deliveries.values()) if message.settled else [])
        if message.refused:
            self._end(Outcome.BOUNCED, system, address, message.refused)
            return
        if not message.settled:
            self.open = True
        if not mine:
            self._end(Outcome.UNKNOWN, system, address, f"it is in the queue of {host}, and nothing was tried yet")
        elif [one.to for one in mine] != [address]:
            action = "expands it to " + ", ".join(one.to for one in mine)
            self._hop(Hop(host=host, kind=HopKind.EXPANDS, action=action, because=f"queue id {message.id}"))
        for delivery in mine:
            self._delivery(system, host, delivery)

    def _delivery(self, system: System, host: str, delivery: Delivery) -> None:
        if delivery.status == "deferred":
            self._end(Outcome.DEFERRED, system, delivery.to, delivery.said)
        elif delivery.status != "sent":
            looped = _LOOPS.search(delivery.said)
            self._end(Outcome.LOOPED if looped else Outcome.BOUNCED, system, delivery.to, delivery.said)
        elif delivery.agent == "discard":
            self._end(Outcome.DISCARDED, system, delivery.to, delivery.said)
        else:
            self._sent(system, host, delivery)

    def _sent(self, system: System, host: str, delivery: Delivery) -> None:
        there = next((s for s in self._sights if delivery.next_id in self._sights[s]), None)
        if there is None and delivery.agent not in _MAILBOX_AGENTS:
            there = self._target(system, delivery)
        if there is None and delivery.agent not in _MAILBOX_AGENTS and domain_of(delivery.to) != self._split.domain:
            self._end(Outcome.DELIVERED, System.INTERNET, delivery.to, "", host=delivery.relay.partition("[")[0])
            return
        self._hop(_sends(host, f"hands it to {delivery.relay}", delivery.said))
        if there is None:
            self._end(Outcome.DELIVERED, system, delivery.to, "")
        else:
            self.follow(there, delivery.next_id, delivery.to)

    def _target(self, system: System, delivery: Delivery) -> System | None:
        """Whose Postfix or filter a delivery by SMTP went to; None where it left both systems, or is in a mailbox."""
        relay = delivery.relay.partition("[")[0].lower()
        if _OWN.match(relay):
            return system
        for known, name in ((System.ZIMBRA, self._split.zimbra), (System.LEGACY, self._split.legacy)):
            if relay == name.lower():
                return known
        inside = domain_of(delivery.to) == self._split.domain
        return System.LEGACY if system is System.ZIMBRA and inside else None

    def _next_in(self, system: System) -> str:
        """A queue id that is not on the way yet, for a server that does not tell what it called the message."""
        passed = {queue_id for _, queue_id, _ in self._path}
        return next((queue_id for queue_id in self._sights.get(system, {}) if queue_id not in passed), "")

    def _hop(self, hop: Hop) -> None:
        # The rounds of a loop are all the same: one is told.
        if not self._looping:
            self.hops.append(hop)

    def _end(self, outcome: Outcome, system: System, address: str, text: str, host: str = "") -> None:
        host = host or _host(self._split, system)
        until = "the next attempt succeeds" if outcome is Outcome.DEFERRED else ""
        end = End(outcome, system, host, address, text, until)
        self.ends.append(end)
        self.hops.append(hops.ends(end, "as its log says"))


def _sends(host: str, action: str, because: str) -> Hop:
    return Hop(host=host, kind=HopKind.SENDS, action=action, because=because)


def _host(split: Split, system: System) -> str:
    return split.zimbra if system is System.ZIMBRA else split.legacy
