"""What became of one message on both systems, in the words of the recorded truth table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.servers.maillog import Attempt
from tests.servers.post import Sent
from tests.servers.stores import Delivery

_LOOPS = ("too many hops", "loops back to myself")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``delivered`` and ``bounced_to`` are ``store:address``; ``bounces`` and ``delays`` are texts of the mail logs."""

    verdict: str
    code: int
    text: str
    delivered: tuple[str, ...]
    bounced_to: tuple[str, ...]
    bounces: tuple[str, ...]
    delays: tuple[str, ...]
    hops: int


def outcome(sent: Sent, attempts: Sequence[Attempt], deliveries: Sequence[Delivery]) -> Outcome:
    """``attempts`` and ``deliveries`` are all that both MTAs and all stores know of it, once nothing moves any more."""
    delivered = tuple(sorted(f"{one.store}:{one.rcpt}" for one in deliveries if not one.bounce))
    bounces, delays = (
        tuple(dict.fromkeys(f"<{one.to}> {one.dsn} {one.why}" for one in attempts if one.status == status))
        for status in ("bounced", "deferred")
    )
    return Outcome(
        _verdict(sent, delivered, bounces, delays),
        sent.code,
        sent.text,
        delivered,
        tuple(sorted(f"{one.store}:{one.rcpt}" for one in deliveries if one.bounce)),
        bounces,
        delays,
        max((one.hops for one in deliveries if not one.bounce), default=0),
    )


def is_loop(why: str) -> bool:
    """Whether a bounce's text says that the message went round in a circle."""
    return any(words in why for words in _LOOPS)


def _verdict(sent: Sent, delivered: Sequence[str], bounces: Sequence[str], delays: Sequence[str]) -> str:
    if not sent.accepted:
        return "rejected"
    if any(is_loop(why) for why in bounces):
        return "looped"
    if bounces:
        return "delivered+bounced" if delivered else "accepted-then-bounced"
    if delivered:
        return "delivered+deferred" if delays else "delivered"
    return "deferred" if delays else "nothing seen"
