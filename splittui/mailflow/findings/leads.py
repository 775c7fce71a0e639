"""Where a zimbraMailTransport leads: to a mailbox here, to the existing system, or into one of the known mistakes.

What Postfix makes of each spelling is transport(5): it splits at the first colon and compares the mailer exactly.
"""

from __future__ import annotations

from enum import StrEnum

from splittui.mailflow.nexthop import NextHop, NextHopError, is_address, parse_nexthop
from splittui.mailflow.world import World
from splittui.model.snapshot import ZimbraHalf
from splittui.model.split import Split

_CONNECTING = ("smtp", "relay", "lmtp")
_ENDING = ("retry", "error", "discard")
_LOCAL = frozenset({"localhost", "localhost.localdomain", "127.0.0.1", "::1"})


class Leads(StrEnum):
    """Where a transport leads. All but the first three are mistakes, or meant for a short time."""

    HERE = "to a mailbox server of this Zimbra"
    LEGACY = "to the existing mail system"
    UNSET = "nowhere: not set"
    OTHER_SPELLING = "to a mailbox server, in another spelling"
    UNKNOWN_SERVER = "by LMTP to a server that is none of this Zimbra"
    OWN_MTA = "back to Zimbra's own MTA"
    BARE_DOMAIN = "to the mail exchanger of the domain itself"
    ELSEWHERE = "to a host that is neither system"
    NO_MAILER = "nowhere: no mailer in front of the host"
    UPPER_CASE = "nowhere: the mailer is not in lower case"
    UNKNOWN_MAILER = "nowhere: no mailer of that name"
    NO_HOST = "to the domain itself: no host behind the mailer"
    EMPTY = "nowhere: neither mailer nor host"
    UNREADABLE = "nowhere: the host cannot be read"
    HOLDS = "nowhere: mail is held"
    ENDS = "nowhere: mail is bounced or thrown away"


class Judge:
    """Says where transports lead; each spelling is looked at once, however many accounts have it."""

    def __init__(self, split: Split, zimbra: ZimbraHalf, world: World) -> None:
        legacy = split.legacy_nexthop
        self._zimbra = zimbra
        self._domain = split.domain.lower()
        self._legacy = (legacy.host, legacy.port or 25)
        self._legacy_addresses = world.legacy.addresses
        hosts = {name.lower() for server in zimbra.servers for name in (server.name, server.service_hostname)}
        self._own = frozenset({split.zimbra.lower(), *hosts}) | _LOCAL | world.zimbra_addresses
        self._seen: dict[str, Leads] = {}

    def leads(self, transport: str) -> Leads:
        """Where this transport leads."""
        found = self._seen.get(transport)
        if found is None:
            found = self._seen[transport] = self._judge(transport)
        return found

    def is_own(self, host: str) -> bool:
        """Whether the host is a server of this Zimbra."""
        return host.lower().removesuffix(".") in self._own

    def _judge(self, text: str) -> Leads:
        if not text.strip():
            return Leads.UNSET
        if self._zimbra.server_of(text) is not None:
            return Leads.HERE
        mailer, _, rest = text.strip().partition(":")
        if not mailer:
            return Leads.EMPTY
        if mailer in _ENDING:
            return Leads.HOLDS if mailer == "retry" else Leads.ENDS
        if mailer not in _CONNECTING:
            return _no_mailer(mailer)
        words = rest.replace(",", " ").split()
        if not words or words[0].startswith((":", "[]")):
            return Leads.NO_HOST
        try:
            hops = [parse_nexthop(word, 24 if mailer == "lmtp" else 25) for word in words]
        except NextHopError:
            return Leads.UNREADABLE
        return self._by_lmtp(hops[0]) if mailer == "lmtp" else self._by_smtp(hops[0])

    def _by_lmtp(self, hop: NextHop) -> Leads:
        host = hop.host.lower().removesuffix(".")
        known = any((s.service_hostname.lower(), s.lmtp_port) == (host, hop.port) for s in self._zimbra.servers)
        return Leads.OTHER_SPELLING if known else Leads.UNKNOWN_SERVER

    def _by_smtp(self, hop: NextHop) -> Leads:
        host = hop.host.lower().removesuffix(".")
        if (host, hop.port) == self._legacy:
            return Leads.LEGACY
        if is_address(host) and host in self._legacy_addresses and hop.port == self._legacy[1]:
            return Leads.LEGACY
        if host in self._own:
            return Leads.OWN_MTA
        return Leads.BARE_DOMAIN if host == self._domain else Leads.ELSEWHERE


def _no_mailer(mailer: str) -> Leads:
    if mailer.lower() in (*_CONNECTING, *_ENDING):
        return Leads.UPPER_CASE
    return Leads.NO_MAILER if "." in mailer or mailer.startswith("[") else Leads.UNKNOWN_MAILER
