"""A route: the hops that a message takes, each with its reason, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.world import Origin, System


class Outcome(StrEnum):
    """How a message ends. The last two are for messages with several recipients: lists and forwards."""

    DELIVERED = "delivered"
    REJECTED = "rejected"
    BOUNCED = "accepted-then-bounced"
    DEFERRED = "deferred"
    LOOPED = "looped"
    DISCARDED = "discarded"
    UNKNOWN = "unknown"
    DELIVERED_AND_BOUNCED = "delivered+bounced"
    DELIVERED_AND_DEFERRED = "delivered+deferred"


class HopKind(StrEnum):
    """What happens at a hop."""

    HANDS_IN = "hands in"
    ACCEPTS = "accepts"
    REFUSES = "refuses the recipient"
    REFUSES_DATA = "refuses after the data"
    EXPANDS = "expands"
    SENDS = "sends on"
    MEETS_AGAIN = "meets its own mail again"
    DELIVERS = "delivers"
    BOUNCES = "bounces"
    DEFERS = "defers"
    DISCARDS = "discards"
    UNKNOWN = "not known"

    @property
    def ends(self) -> bool:
        """Whether a copy of the message comes to its end there."""
        return self in _ENDS


_ENDS = frozenset({HopKind.DELIVERS, HopKind.BOUNCES, HopKind.DEFERS, HopKind.DISCARDS, HopKind.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happens to the message: on which host, what, and why.

    ``brief`` is the action in fewer words: what part of the host acts, which transport it takes, what it answers.
    """

    host: str
    kind: HopKind
    action: str
    because: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """How the message ends for one recipient: where, with which words of the server that ended it."""

    outcome: Outcome
    system: System
    host: str
    address: str
    text: str = ""
    until: str = ""

    @property
    def place(self) -> str:
        return f"{self.system}:{self.address}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What an SMTP server answers to the recipient or after the data: code, enhanced status and text."""

    code: int
    text: str = ""
    loops: bool = False

    @property
    def accepted(self) -> bool:
        return self.code < 400

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


OK = Reply(250)


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one message to one address. ``code`` and ``text`` are what the first server answered."""

    address: str
    origin: Origin
    hops: tuple[Hop, ...]
    outcome: Outcome
    code: int
    text: str = ""
    ends: tuple[End, ...] = ()

    @property
    def delivered(self) -> tuple[str, ...]:
        """Where copies arrived, as ``system:address``, sorted."""
        return tuple(sorted(end.place for end in self.ends if end.outcome is Outcome.DELIVERED))

    @property
    def because(self) -> str:
        """Why it ended as it did: the reason of the last hop."""
        return self.hops[-1].because if self.hops else ""


def outcome_of(ends: Sequence[End]) -> Outcome:
    """One word for all recipients: a loop is worst, then a bounce, then a wait."""
    if len(ends) == 1:
        return ends[0].outcome
    found = {end.outcome for end in ends}
    if len(found) == 1:
        return found.pop()
    if Outcome.LOOPED in found:
        return Outcome.LOOPED
    if Outcome.BOUNCED in found:
        return Outcome.DELIVERED_AND_BOUNCED if Outcome.DELIVERED in found else Outcome.BOUNCED
    if Outcome.DEFERRED in found:
        return Outcome.DELIVERED_AND_DEFERRED if Outcome.DELIVERED in found else Outcome.DEFERRED
    if Outcome.UNKNOWN in found:
        return Outcome.UNKNOWN
    return Outcome.DELIVERED
