"""What the DNS said of some names, from where and when it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What is known of one name (lower case, no trailing dot).

    ``mx`` holds preference and exchanger, best first as answered; ``ttl`` is in seconds; ``trouble`` says in words why
    nothing could be learnt (then the rest is empty), and is empty where the name simply has no such records.
    """

    name: str
    mx: tuple[tuple[int, str], ...]
    addresses: tuple[str, ...]
    txt: tuple[str, ...] = ()
    ttl: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class DnsView:
    """The answers by name (lower case, no trailing dot): asked from which host, when (seconds since the epoch)."""

    asked_from: str
    asked_at: float
    answers: Mapping[str, DnsAnswer]
