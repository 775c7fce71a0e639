"""``postqueue -j``: one JSON object a line for each message in the queue (postqueue(1), since Postfix 3.1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recipient who waits, and what the server that is to take it last said; empty where nobody was asked yet."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Queued:
    """One message. ``queue`` is maildrop, incoming, active, deferred or hold; ``arrived`` in seconds since the epoch,
    ``size`` in bytes."""

    id: str
    queue: str
    sender: str
    recipients: tuple[Waiting, ...]
    arrived: float
    size: int


def queued(text: str) -> tuple[Queued, ...]:
    """All messages in the output. Raises ValueError for a line that is none of postqueue's."""
    return tuple(_message(line) for line in text.splitlines() if line.strip())


def _message(line: str) -> Queued:
    found = json.loads(line)
    if not isinstance(found, dict) or not isinstance(found.get("queue_id"), str):
        raise ValueError(f"{line[:200]!r} is not a message as postqueue -j lists it")
    return Queued(
        found["queue_id"],
        _text(found, "queue_name"),
        _text(found, "sender"),
        tuple(_waiting(found.get("recipients", ()))),
        float(_number(found, "arrival_time")),
        int(_number(found, "message_size")),
    )


def _waiting(recipients: Iterable[object]) -> Iterator[Waiting]:
    for recipient in recipients:
        if isinstance(recipient, dict):
            yield Waiting(_text(recipient, "address"), _text(recipient, "delay_reason"))


def _text(found: Mapping[str, object], key: str) -> str:
    value = found.get(key, "")
    return value if isinstance(value, str) else ""


def _number(found: Mapping[str, object], key: str) -> float:
    value = found.get(key, 0)
    return value if isinstance(value, int | float) else 0.0
