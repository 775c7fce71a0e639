"""Why mail for an address does not arrive from everywhere, in a word or two for its row (at most 14 characters)."""

from __future__ import annotations

from collections.abc import Sequence

from splittui.mailflow.nexthop import NextHopError, parse_nexthop
from splittui.mailflow.resolve import Resolution, resolve
from splittui.mailflow.route import End, Outcome
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ACCOUNT_STATUS, MAIL_HOST, Entry, System, World

_BY_OUTCOME = {
    Outcome.LOOPED: "loops",
    Outcome.BOUNCED: "bounces",
    Outcome.REJECTED: "refused",
    Outcome.DEFERRED: "waits",
    Outcome.UNKNOWN: "not known",
}
_BAD = frozenset({Outcome.LOOPED, Outcome.BOUNCED, Outcome.REJECTED})


def trouble_word(tracer: Tracer, address: str, account: Entry | None, ends: Sequence[End]) -> str:
    """The nearest cause: ``ends`` are those that are not deliveries."""
    known = address.lower() in tracer.world.legacy.routes
    if account is None:
        if address.lower() in tracer.world.entries:
            return "mail off"
        return "not on Zimbra" if known else "unknown"
    status = account.one(ACCOUNT_STATUS)
    if not account.enabled:
        return status if status in ("closed", "pending") else "mail off"
    route = resolve(tracer.maps, tracer.settings, account.name)
    by_transport = _transport_word(tracer.world, route, account)
    if by_transport:
        return by_transport
    if status in ("maintenance", "closed", "pending"):
        return status
    outcomes = {end.outcome for end in ends}
    if route.mailer != "lmtp" and not known and outcomes & _BAD:
        return "no mailbox"
    if not known and any(end.system is System.LEGACY and end.outcome is Outcome.REJECTED for end in ends):
        return "not on legacy"
    return next((word for outcome, word in _BY_OUTCOME.items() if outcome in outcomes), "odd")


def _transport_word(world: World, route: Resolution, account: Entry) -> str:
    """What is wrong with the transport itself; empty text where it leads to one of the two systems."""
    if route.source is None:
        return "no transport"
    if route.mailer not in ("lmtp", "smtp", "relay"):
        return "odd transport"
    try:
        hop = parse_nexthop(route.nexthop.replace(",", " ").split()[0], 24)
    except (NextHopError, IndexError):
        return "odd transport"
    if route.mailer != "lmtp":
        return ""
    if all(server.service_hostname.lower() != hop.host.lower() for server in world.servers):
        return "unknown server"
    host = account.one(MAIL_HOST)
    if not host:
        return "no host"
    return "" if host.lower() == hop.host.lower() else "other host"
