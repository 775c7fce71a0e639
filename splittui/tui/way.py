"""The way of mail in one line: the hops that a message takes, and where it ends. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from splittui.mailflow.roster import Roster
from splittui.mailflow.route import End, HopKind, Outcome, Route
from splittui.mailflow.world import Origin, System
from splittui.model.entries import Kind
from splittui.model.home import Person
from splittui.tui.lines import count

WHO = {Origin.INTERNET: "internet", Origin.ZIMBRA: "a Zimbra user", Origin.LEGACY: "a legacy user"}
_THERE = "mailbox there"
_TRACED = 200
"""A list with more members than this is not traced while the cursor passes over it."""

_FATES = {
    Outcome.BOUNCED: "bounced",
    Outcome.LOOPED: "loops",
    Outcome.DEFERRED: "waits",
    Outcome.DISCARDED: "thrown away",
}


@dataclass(frozen=True, slots=True)
class Way:
    """The way of mail from one origin.

    ``hosts`` are those it passes, who writes first; in ``hops`` a transport stands in for the host that it names.
    ``end`` says how and where it ends, ``brief`` the same with no more than is needed behind the last host.
    """

    origin: Origin
    hosts: tuple[str, ...]
    hops: tuple[str, ...]
    end: str
    brief: str
    arrives: bool

    @property
    def place(self) -> str:
        """Where it ends, as short as can be."""
        return self.hosts[-1] if self.arrives and self.brief == _THERE else self.brief


def way(route: Route) -> Way:
    """A traced route in short: up to where its copies part, if there are several."""
    hosts, hops = [WHO[route.origin]], [WHO[route.origin]]
    for hop in route.hops[1:]:
        if hop.kind.ends:
            break
        if hop.host != hosts[-1]:
            again = hop.host in hosts
            hosts.append(hop.host)
            if hop.host not in hops[-1]:
                hops.append(hop.host)
            if again and route.outcome is Outcome.LOOPED:
                break
        if hop.kind is HopKind.EXPANDS and len(route.ends) > 1:
            break
        if hop.kind is HopKind.SENDS and hop.brief:
            hops.append(hop.brief)
    arrives = route.outcome is Outcome.DELIVERED
    if len(route.ends) > 1:
        end = brief = _copies(route)
    else:
        end, brief = _ending(route, route.ends[0])
        if route.ends[0].outcome is Outcome.DELIVERED and route.ends[0].host != hosts[-1]:
            hosts.append(route.ends[0].host)
    return Way(route.origin, tuple(hosts), tuple(hops), end, brief, arrives)


def ways_to(roster: Roster, person: Person) -> tuple[Way, ...]:
    """The ways from all three origins, the internet first; of a long list only where it is expanded."""
    members = person.zimbra.members if person.zimbra is not None and person.kind is Kind.LIST else ()
    if len(members) > _TRACED:
        hosts = (WHO[Origin.INTERNET], roster.split.zimbra)
        end = count(len(members), "member")
        return (Way(Origin.INTERNET, hosts, hosts, end, end, True),)
    return tuple(way(route) for route in roster.tracer.routes(person.address))


def others(ways: Sequence[Way]) -> list[Way]:
    """The ways that end otherwise than the first one does."""
    return [one for one in ways[1:] if (one.end, one.arrives) != (ways[0].end, ways[0].arrives)]


def _copies(route: Route) -> str:
    there, everywhere = len(route.delivered), len(route.ends)
    all_of = count(everywhere, "copy", "copies")
    return f"{all_of}, all delivered" if there == everywhere else f"{there:,} of {all_of} delivered"


def _ending(route: Route, end: End) -> tuple[str, str]:
    if end.outcome is Outcome.DELIVERED:
        if end.system is System.INTERNET:
            return f"{end.host}, outside both systems", "outside both systems"
        if end.address.lower() != route.address.lower():
            return f"mailbox of {end.address} on {end.host}", f"mailbox of {end.address}"
        return f"mailbox on {end.host}", _THERE
    if end.outcome is Outcome.REJECTED:
        return f"refused by {end.host}: {route.code}", f"refused: {route.code}"
    if end.outcome is Outcome.UNKNOWN:
        return f"what {end.host} does then is not known", "not known further"
    fate = _FATES[end.outcome]
    joint = "by" if end.outcome in (Outcome.BOUNCED, Outcome.DISCARDED) else "on"
    return (fate if end.outcome is Outcome.LOOPED else f"{fate} {joint} {end.host}"), fate
