"""Postfix's mail log, read line by line: what happened to each message, by its queue id.

Only lines that Postfix writes about a queue id count; the date in front of them, in whatever form, is left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_ABOUT = re.compile(r" [^ \[/:]*(?:/[^ \[/:]+)*/(?P<agent>[a-z]+)(?:\[\d+\])?: (?P<id>[0-9A-Za-z]{6,}): (?P<what>.+)")
_DELIVERY = re.compile(
    r"to=<(?P<to>.*?)>, (?:orig_to=<(?P<original>.*?)>, )?relay=(?P<relay>.*?), .*?"
    r"dsn=(?P<dsn>[245]\.\d+\.\d+), status=(?P<status>[a-z-]+) \((?P<said>.*)\)"
)
_MESSAGE_ID = re.compile(r"(?:resent-)?message-id=(<.*>)")
_ACTIVE = re.compile(r"from=<.*?>, size=\d+, nrcpt=(\d+) \(queue active\)")
_QUEUED_AS = re.compile(r"\bqueued as ([0-9A-Za-z]{6,})\b")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt for one recipient, who was ``original`` before aliases were expanded.

    ``agent`` is smtp, lmtp, local, error, ...; ``relay`` is whom it was given to, as Postfix writes it; ``status`` is
    sent, bounced, deferred or expired; ``said`` are the words in brackets.
    """

    agent: str
    to: str
    original: str
    relay: str
    dsn: str
    status: str
    said: str

    @property
    def next_id(self) -> str:
        """The queue id that the next Postfix gave the message, empty where it told none."""
        found = _QUEUED_AS.search(self.said) if self.status == "sent" else None
        return found[1] if found else ""


@dataclass(slots=True)
class Message:
    """All that one queue id's lines say. ``recipients`` is how many there are, 0 as long as that is not known."""

    id: str
    message_id: str = ""
    recipients: int = 0
    removed: bool = False
    refused: str = ""
    deliveries: dict[str, Delivery] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Whether something is known of every recipient's fate, if only that it has to wait."""
        return self.removed or bool(self.refused) or 0 < self.recipients <= len(self.deliveries)


def messages(lines: Iterable[str]) -> dict[str, Message]:
    """What the lines say, by queue id. Of several attempts for one recipient the last one counts."""
    found: dict[str, Message] = {}
    for line in lines:
        about = _ABOUT.search(line)
        if about is None or about["id"] == "NOQUEUE":
            continue
        message = found.setdefault(about["id"], Message(about["id"]))
        _take(message, about["agent"], about["what"])
    return found


def _take(message: Message, agent: str, what: str) -> None:
    if delivery := _DELIVERY.fullmatch(what):
        to, original = delivery["to"].lower(), (delivery["original"] or delivery["to"]).lower()
        relay, dsn, status, said = delivery.group("relay", "dsn", "status", "said")
        message.deliveries[to] = Delivery(agent, to, original, relay, dsn, status, said)
    elif named := _MESSAGE_ID.match(what):
        message.message_id = named[1]
    elif active := _ACTIVE.match(what):
        message.recipients = int(active[1])
    elif what == "removed":
        message.removed = True
    elif agent == "cleanup" and what.startswith(("reject:", "milter-reject:", "discard:", "milter-discard:")):
        message.refused = what
