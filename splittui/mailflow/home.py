"""Where an address is final, from its routes: what arrives where, whoever writes."""

from __future__ import annotations

from splittui.mailflow.resolve import resolve
from splittui.mailflow.route import End, Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ACCOUNT_STATUS, EntryKind, Origin, System
from splittui.model.home import Home, Residence

_FROM = {
    Origin.INTERNET: "internet mail",
    Origin.ZIMBRA: "mail of Zimbra's users",
    Origin.LEGACY: "mail of the existing system's users",
}


def home(tracer: Tracer, address: str) -> Residence:
    """The home of an address, a word or two for its row, and the sentence that says why."""
    return home_of(tracer, address, tracer.routes(address))


def home_of(tracer: Tracer, address: str, routes: tuple[Route, ...]) -> Residence:
    """The same, from routes that are already known."""
    own = _own(tracer, address)
    if own is None:
        return Residence(Home.ZIMBRA, "list", f"Zimbra: {tracer.world.zimbra} expands it for its members")
    ends = {route.origin: _end(route, own) for route in routes}
    where = {origin: end.system for origin, end in ends.items() if end.outcome is Outcome.DELIVERED}
    systems = set(where.values())
    trouble = "; ".join(_trouble(route, ends[route.origin]) for route in routes if route.origin not in where)
    if System.INTERNET in systems or any(e.outcome in (Outcome.UNKNOWN, Outcome.DISCARDED) for e in ends.values()):
        return Residence(Home.ODD, "odd", f"odd: {_where_to(routes, ends)}")
    if len(systems) > 1:
        return Residence(Home.BOTH, "two boxes", f"both: {_where_to(routes, ends)}")
    if not systems:
        return _nowhere(tracer, ends, trouble)
    reason = _reason(tracer, own, systems.pop())
    if reason.startswith("Zimbra"):
        return Residence(Home.ZIMBRA, _state(tracer, own, trouble), _joined(reason, trouble))
    return Residence(Home.LEGACY, _state(tracer, own, trouble), _joined(reason, trouble))


def _joined(reason: str, trouble: str) -> str:
    return f"{reason}; but {trouble}" if trouble else reason


def _own(tracer: Tracer, address: str) -> str | None:
    """The address under which the person's own copy arrives; None for a list, which has no mailbox."""
    account = tracer.maps.account(address)
    if account is not None:
        return account.name
    entry = tracer.world.entries.get(address.lower())
    if entry is not None and entry.kind in (EntryKind.LIST, EntryKind.GROUP) and entry.enabled:
        return None
    return address


def _end(route: Route, own: str) -> End:
    mine = [end for end in route.ends if end.address.lower() == own.lower()]
    return (mine or [*route.ends])[0]


def _state(tracer: Tracer, own: str, trouble: str) -> str:
    account = tracer.maps.account(own)
    if account is None:
        return "not on Zimbra"
    if trouble:
        return "not from everywhere"
    status = account.one(ACCOUNT_STATUS)
    return "" if status in ("active", "locked") else status


def _reason(tracer: Tracer, own: str, system: System) -> str:
    route = resolve(tracer.maps, tracer.settings, own)
    if system is System.ZIMBRA:
        host = route.text.partition(":")[2].rpartition(":")[0] or tracer.world.zimbra
        return f"Zimbra ({route.mailer} to its own mail host {host})"
    if route.source is not None and route.mailer in ("smtp", "relay"):
        return f"legacy, by {route.by}"
    return f"legacy: {tracer.world.legacy.host} keeps its mail, and {tracer.world.zimbra} does not send it there"


def _nowhere(tracer: Tracer, ends: dict[Origin, End], trouble: str) -> Residence:
    waiting = [end for end in ends.values() if end.outcome is Outcome.DEFERRED]
    if waiting and len(waiting) == len(ends):
        end = waiting[0]
        account = tracer.maps.account(end.address)
        if account is not None and account.one(ACCOUNT_STATUS) == "maintenance" and end.text.startswith("450 4.2.1"):
            reason = f"Zimbra (lmtp to its own mail host {end.host}); its mail waits until {end.until}"
            return Residence(Home.ZIMBRA, "maintenance", reason)
        return Residence(Home.ODD, "waits", f"odd: its mail waits on {end.host} until {end.until}: {end.text}")
    state = "loops" if any(end.outcome is Outcome.LOOPED for end in ends.values()) else "unknown"
    return Residence(Home.NOWHERE, state, f"nowhere: {trouble}")


def _trouble(route: Route, end: End) -> str:
    who = _FROM[route.origin]
    if end.outcome is Outcome.LOOPED:
        hosts = list(dict.fromkeys(hop.host for hop in route.hops[1:]))
        return f"{who} loops between {' and '.join(hosts)}" if len(hosts) > 1 else f"{who} loops back to {end.host}"
    words = {
        Outcome.REJECTED: f"is refused by {end.host}",
        Outcome.BOUNCED: f"is accepted and bounced by {end.host}",
        Outcome.DEFERRED: f"waits on {end.host} until {end.until}",
    }
    return f"{who} {words.get(end.outcome, 'ends in a way that is not known')} ({end.text})"


def _where_to(routes: tuple[Route, ...], ends: dict[Origin, End]) -> str:
    told = []
    for route in routes:
        end = ends[route.origin]
        if end.outcome is Outcome.DELIVERED:
            told.append(f"{_FROM[route.origin]} arrives on {end.host}")
        elif end.outcome is Outcome.DISCARDED:
            told.append(f"{_FROM[route.origin]} is thrown away on {end.host}")
        else:
            told.append(_trouble(route, end))
    return "; ".join(told)
