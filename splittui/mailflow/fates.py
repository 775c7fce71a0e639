"""What a change of the MX would do to mail, for the gate that stands before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from splittui.mailflow.changes import after
from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Origin, System
from splittui.model.entries import Side
from splittui.planning.plan import Step
from splittui.planning.setup.seen import Fate

_ORIGINS = {
    Origin.INTERNET: "the internet",
    Origin.ZIMBRA: "Zimbra's users",
    Origin.LEGACY: "users of the existing system",
}
LATE = "a sender that remembers the old MX"


def fates(tracer: Tracer, change: Step, to: Side, valid: Iterable[str], nobody: str) -> tuple[Fate, ...]:
    """For each address that somebody has, and one that nobody has: mail of every origin, now and after the change.

    Who remembers the old MX counts as an origin of its own.
    """
    later = tracer.after(after(tracer.world, [change]))
    old = System.LEGACY if to is Side.ZIMBRA else System.ZIMBRA
    return tuple(
        fate
        for address, known in [*((address, True) for address in valid), (nobody, False)]
        for fate in _of(tracer, later, address, old, known=known)
    )


def _of(now: Tracer, later: Tracer, address: str, old: System, *, known: bool) -> Iterator[Fate]:
    for before, after_ in zip(now.routes(address), later.routes(address), strict=True):
        yield _fate(_ORIGINS[before.origin], before, after_, known=known)
    late = later.route(address, Origin.INTERNET, old)
    yield _fate(LATE, now.route(address, Origin.INTERNET, old), late, known=known)


def _fate(origin: str, before: Route, later: Route, *, known: bool) -> Fate:
    # Who is unknown is best refused; a bounce tells the sender too. A loop is good for nobody.
    good = later.outcome is Outcome.DELIVERED if known else later.outcome in (Outcome.REJECTED, Outcome.BOUNCED)
    astray = known and before.outcome is later.outcome is Outcome.DELIVERED and _boxes(before) != _boxes(later)
    return Fate(origin, later.address, _told(before), _told(later), good and not astray, astray=astray)


def _boxes(route: Route) -> frozenset[System]:
    """The systems whose mailboxes a message ends in."""
    return frozenset(end.system for end in route.ends)


def _told(route: Route) -> str:
    host = route.ends[0].host if route.ends else ""
    return f"{route.outcome} on {host}" if host else str(route.outcome)
