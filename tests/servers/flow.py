"""Steady mail to one address from all sides, while a test moves the mailbox, and what became of every message.

with Flow(lab, "bar@example.com") as flow:
    flow.go_on(3)
    ...
    flow.go_on(3)
    flow.settle()
assert not flow.result().lost
"""

from __future__ import annotations

import smtplib
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.servers.ground import wait_until
from tests.servers.lab import Lab
from tests.servers.outcome import is_loop
from tests.servers.post import Origin, Sent

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the flow. ``at`` is when it was handed in, ``boxes`` are the stores that it ended in.

    ``refused`` is what the server said who did not take it. ``looped``: it came to one MTA more than once, even where
    it arrived in the end. ``waiting``: it is in a queue still.
    """

    origin: Origin
    at: float
    refused: str
    boxes: tuple[str, ...]
    bounced: bool
    looped: bool
    waiting: bool
    hops: int


@dataclass(frozen=True, slots=True, repr=False)
class FlowResult:
    """All messages of a flow, in the order in which they were handed in."""

    messages: tuple[Message, ...]

    @property
    def lost(self) -> list[Message]:
        """Taken, and then nowhere: in no box, in no queue, and its sender was not told."""
        return [m for m in self.messages if not (m.refused or m.boxes or m.bounced or m.waiting)]

    @property
    def duplicated(self) -> list[Message]:
        return [m for m in self.messages if len(m.boxes) > 1]

    @property
    def bounced(self) -> list[Message]:
        """Their senders were told that they could not be delivered."""
        return [m for m in self.messages if m.bounced]

    @property
    def looped(self) -> list[Message]:
        return [m for m in self.messages if m.looped]

    @property
    def refused(self) -> list[Message]:
        return [m for m in self.messages if m.refused]

    @property
    def waiting(self) -> list[Message]:
        return [m for m in self.messages if m.waiting]

    def boxes(self, since: float = 0.0) -> Counter[str]:
        """How many messages that were handed in from then on (time.time) are in which store."""
        return Counter(box for m in self.messages if m.at >= since for box in m.boxes)

    @property
    def unharmed(self) -> bool:
        """There were messages, and each was taken, went straight, and is in exactly one box."""
        whole = [m for m in self.messages if len(m.boxes) == 1 and not (m.bounced or m.looped or m.refused)]
        return 0 < len(whole) == len(self.messages)

    def __repr__(self) -> str:
        counts = {
            name: len(getattr(self, name)) for name in ("lost", "duplicated", "bounced", "looped", "refused", "waiting")
        }
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        hops = max((m.hops for m in self.messages), default=0)
        return f"{len(self.messages)} messages: {dict(self.boxes())}, at most {hops} hops; {told or 'nothing amiss'}"


class Flow:
    """Sends until it is told to stop. ``rate``: messages per second of each origin.

    ``senders``: between how many sender addresses an origin alternates. Postfix's queue manager keeps the last answer
    for a pair of sender and recipient, so a single sender of a single origin shows what several hide.
    """

    def __init__(
        self,
        lab: Lab,
        address: str,
        *,
        rate: float = 5.0,
        origins: Sequence[Origin] = tuple(Origin),
        senders: int = 2,
    ) -> None:
        self._lab, self._address, self._pause, self._senders = lab, address, 1 / rate, senders
        self._sent: dict[Origin, list[tuple[float, Sent]]] = {origin: [] for origin in origins}
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(origin,)) for origin in origins]

    def __enter__(self) -> Flow:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._halt()

    def go_on(self, count: int) -> float:
        """Waits until every origin has handed in so many more messages; returns when that was (time.time)."""
        wanted = {origin: len(sent) + count for origin, sent in self._sent.items()}
        wait_until(
            lambda: all(len(self._sent[origin]) >= number for origin, number in wanted.items()),
            f"{count} more messages are handed in",
            SECONDS,
        )
        return time.time()

    def settle(self) -> None:
        """Ends the flow, and waits until no mail moves any more."""
        self._halt()
        self._lab.settle()

    def result(self) -> FlowResult:
        """What became of all messages, after ``settle``."""
        handed_in = sorted(
            ((at, origin, sent) for origin, all_sent in self._sent.items() for at, sent in all_sent),
            key=lambda one: one[0],
        )
        held = self._lab.zimbra.held() | self._lab.legacy.held()
        return FlowResult(tuple(self._message(at, origin, sent, held) for at, origin, sent in handed_in))

    def _halt(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self, origin: Origin) -> None:
        number = 0
        while not self._stop.is_set():
            at = time.time()
            sender = f"{origin}{number % self._senders}@internet.test"
            try:
                sent = self._lab.send(self._address, origin=origin, sender=sender)
            except (OSError, smtplib.SMTPException) as error:
                sent = Sent("", 0, f"{type(error).__name__}: {error}")
            self._sent[origin].append((at, sent))
            number += 1
            self._stop.wait(max(0.0, at + self._pause - time.time()))

    def _message(self, at: float, origin: Origin, sent: Sent, held: set[str]) -> Message:
        if not sent.accepted:
            return Message(origin, at, f"{sent.code} {sent.text}", (), False, False, False, 0)
        found = self._lab.deliveries(sent.mark)
        mtas = (self._lab.zimbra, self._lab.legacy)
        attempts = [one for mta in mtas for one in mta.log.attempts(sent.message_id)]
        passes = [mta.log.queue_ids(sent.message_id) for mta in mtas]
        return Message(
            origin,
            at,
            "",
            tuple(one.store for one in found if not one.bounce),
            bounced=any(one.bounce for one in found),
            looped=any(len(ids) > 1 for ids in passes) or any(is_loop(one.why) for one in attempts),
            waiting=any(held.intersection(ids) for ids in passes),
            hops=max((one.hops for one in found if not one.bounce), default=0),
        )
