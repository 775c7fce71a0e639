"""Hops in the tracer's words, whether they are foretold from a snapshot or seen in a log."""

from __future__ import annotations

from splittui.mailflow.route import End, Hop, HopKind, Outcome, Reply
from splittui.mailflow.world import System

_MTA, _STORE = "existing infrastructure MTA", "existing infrastructure mail store"
_ACCEPTS = {
    System.ZIMBRA: (HopKind.ACCEPTS, "postfix server accepts it", "postfix server"),
    System.LEGACY: (HopKind.ACCEPTS, f"{_MTA} accepts it", _MTA),
}
_ARRIVALS = {
    System.ZIMBRA: (HopKind.DELIVERS, "delivers it to the mailbox", ""),
    System.LEGACY: (HopKind.DELIVERS, f"{_STORE} keeps it", _STORE),
    System.INTERNET: (HopKind.DELIVERS, "takes it", ""),
}
_ENDS = {
    Outcome.BOUNCED: (HopKind.BOUNCES, "bounces it"),
    Outcome.LOOPED: (HopKind.BOUNCES, "bounces it, since it loops"),
    Outcome.DEFERRED: (HopKind.DEFERS, "keeps it waiting"),
    Outcome.DISCARDED: (HopKind.DISCARDS, "throws it away"),
    Outcome.UNKNOWN: (HopKind.UNKNOWN, "does with it what is not known"),
}
_LATE = "refuses it after the data"


def hands_in(who: str, host: str, because: str) -> Hop:
    """The first hop: who writes, and which host he hands the mail to."""
    return Hop(who, HopKind.HANDS_IN, f"hands the mail to {host}", because)


def accepts(host: str, system: System, because: str) -> Hop:
    """An MTA of one of the two systems takes the mail on."""
    kind, action, part = _ACCEPTS[system]
    return Hop(host, kind, action, because, part)


def refuses(host: str, reply: Reply, because: str) -> Hop:
    """An MTA says no to the recipient, or not now."""
    return Hop(host, HopKind.REFUSES, f"refuses it: {reply}", because, f"refuses it: {reply.code}")


def refuses_data(host: str, why: str, because: str) -> Hop:
    """An MTA says no when it has the whole message."""
    return Hop(host, HopKind.REFUSES_DATA, f"{_LATE}: {why}", because, _LATE)


def meets_again(host: str, because: str) -> Hop:
    """The mail has been there before."""
    return Hop(host, HopKind.MEETS_AGAIN, "meets its own mail again", because)


def ends(end: End, because: str) -> Hop:
    """The last hop of a copy."""
    ending = _ENDS.get(end.outcome)
    if ending is None:
        kind, action, brief = _ARRIVALS[end.system]
        return Hop(end.host, kind, action, because, brief)
    kind, brief = ending
    if end.until:
        brief = f"{brief} until {end.until}"
    return Hop(end.host, kind, f"{brief}: {end.text}" if end.text else brief, because, brief)
