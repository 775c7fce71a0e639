"""Postfix transports, as they stand in ``zimbraMailTransport``: ``mailer:nexthop`` (Postfix, transport(5)).

Postfix splits at the first colon and compares the mailer exactly: ``SMTP:`` is an unknown mailer, a missing prefix too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NEXTHOP = re.compile(r"(?:\[(?P<literal>[^\[\]\s]+)\]|(?P<name>[^\[\]:\s]+))(?::(?P<port>\d{1,5}))?")


class TransportError(ValueError):
    """The text is not a transport that Postfix could use; the message says why."""


@dataclass(frozen=True, slots=True)
class Transport:
    """One transport. ``bracketed`` (``smtp:[host]``) means no MX look-up; ``port`` None is the mailer's own."""

    mailer: str
    host: str
    port: int | None = None
    bracketed: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.bracketed else self.host
        return f"{self.mailer}:{host}" + (f":{self.port}" if self.port is not None else "")


def parse_transport(text: str) -> Transport:
    """Reads ``lmtp:host:port``, ``smtp:host[:port]``, ``smtp:[host][:port]``. Raises TransportError with the reason."""
    mailer, colon, nexthop = text.strip().partition(":")
    if not colon:
        raise TransportError(f"{text!r} has no mailer in front (as in smtp:{text.strip() or 'host'}:25)")
    if mailer not in ("smtp", "lmtp", "relay"):
        known = f"; Postfix wants {mailer.lower()!r}" if mailer.lower() in ("smtp", "lmtp", "relay") else ""
        raise TransportError(f"{text!r}: {mailer!r} is not a mailer that delivers to a host{known}")
    match = _NEXTHOP.fullmatch(nexthop)
    if match is None:
        raise TransportError(f"{text!r}: {nexthop!r} is not host, host:port, [host] or [host]:port")
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65536:
        raise TransportError(f"{text!r}: {port} is not a port")
    return Transport(mailer, (match["literal"] or match["name"]).lower(), port, match["literal"] is not None)


def same_nexthop(one: Transport, other: Transport) -> bool:
    """Whether both end at the same host and port; brackets are left aside, a missing port is SMTP's 25 (RFC 5321)."""
    return (one.host, one.port or 25) == (other.host, other.port or 25)


def is_lmtp_of(text: str, service_hostname: str, port: int) -> bool:
    """Zimbra's own test of "delivered here" (``Server.mailTransportMatches``): three parts, host compared exactly."""
    return text.split(":") == ["lmtp", service_hostname, str(port)]
