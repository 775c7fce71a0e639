"""What decides the way of mail, as data: directory entries, settings, names, and what is known of the existing system.

An entry is its attributes, because that is all that Postfix's LDAP maps look at: the filters that Zimbra writes
(``zmmtainit``) never ask for an object class, only for attributes and for ``zimbraMailStatus=enabled``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from splittui.model.entries import Server

Attributes = Mapping[str, tuple[str, ...]]

DELIVERY = "zimbraMailDeliveryAddress"
ALIAS = "zimbraMailAlias"
OLD = "zimbraOldMailAddress"
CATCH_ALL = "zimbraMailCatchAllAddress"
CATCH_ALL_FORWARD = "zimbraMailCatchAllForwardingAddress"
CATCH_ALL_CANONICAL = "zimbraMailCatchAllCanonicalAddress"
CANONICAL = "zimbraMailCanonicalAddress"
FORWARD = "zimbraMailForwardingAddress"
USER_FORWARD = "zimbraPrefMailForwardingAddress"
MEMBER = "member"
TRANSPORT = "zimbraMailTransport"
MAIL_HOST = "zimbraMailHost"
MAIL_STATUS = "zimbraMailStatus"
ACCOUNT_STATUS = "zimbraAccountStatus"
LOCAL_DELIVERY_OFF = "zimbraPrefMailLocalDeliveryDisabled"
DOMAIN_NAME = "zimbraDomainName"
DOMAIN_TYPE = "zimbraDomainType"
DOMAIN_STATUS = "zimbraDomainStatus"


class EntryKind(StrEnum):
    """What a person calls the entry; only LMTP cares, which delivers to accounts."""

    DOMAIN = "domain"
    ACCOUNT = "account"
    LIST = "distribution list"
    GROUP = "dynamic group"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of Zimbra's directory; ``name`` is its address, or the name of a domain."""

    name: str
    kind: EntryKind
    attributes: Attributes

    def all(self, attribute: str) -> tuple[str, ...]:
        return self.attributes.get(attribute, ())

    def one(self, attribute: str) -> str:
        """The first value of an attribute, or empty text."""
        values = self.attributes.get(attribute)
        return values[0] if values else ""

    @property
    def enabled(self) -> bool:
        """What every map asks for. Zimbra always writes the attribute; an entry without it matches no filter."""
        return self.one(MAIL_STATUS).lower() == "enabled"

    @property
    def what(self) -> str:
        return f"{self.kind} {self.name}"


class System(StrEnum):
    """Who has a message."""

    ZIMBRA = "zimbra"
    LEGACY = "legacy"
    INTERNET = "internet"


class Origin(StrEnum):
    """Who writes: an outsider, a user of Zimbra's web client, a user of the existing mail system."""

    INTERNET = "internet"
    ZIMBRA = "zimbra"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Client:
    """An SMTP client as the server sees it.

    ``address`` is its IP address where that is known; ``trusted``: Zimbra relays for it.
    """

    system: System
    address: str = ""
    authenticated: bool = False
    trusted: bool = False


class Keeps(StrEnum):
    """What the existing mail system does with mail for an address of the domain."""

    HERE = "here"
    ZIMBRA = "zimbra"
    REJECTS = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Legacy:
    """The existing mail system, by what is known of it.

    ``routes`` holds the addresses it knows, ``everything_else`` what it does with all others of the domain;
    ``outside_to_zimbra`` is a smart host that points at Zimbra. ``ports`` are those where it takes mail.
    ``claims_subdomains``: it takes every sub-domain for its own and knows nobody there, as Postfix does with the names
    in ``relay_domains`` (parent_domain_matches_subdomains).
    """

    host: str
    routes: Mapping[str, Keeps] = field(default_factory=dict)
    everything_else: Keeps = Keeps.UNKNOWN
    addresses: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset({25})
    relays_for_zimbra: bool = True
    outside_to_zimbra: bool = False
    claims_subdomains: bool = False
    hop_limit: int = 50

    def keeps(self, address: str) -> Keeps:
        return self.routes.get(address.lower(), self.everything_else)


@dataclass(frozen=True, slots=True)
class Names:
    """What name look-ups answered. Nothing is ever asked from here.

    ``mx`` holds preference and host; ``hosts_file`` is used only where Postfix uses the native resolver
    (``smtp_dns_support_level=disabled``). ``complete``: a name that stands nowhere is known not to exist.
    """

    mx: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts_file: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refusing: frozenset[str] = frozenset()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """One state of both systems. ``entries`` are keyed by name in lower case.

    ``server_config`` is the entry of the server that the MTA runs on: its value hides the global one of the same name.
    ``zimbra_addresses`` are the IP addresses that Zimbra's MTA listens on.
    """

    domain: str
    zimbra: str
    legacy: Legacy
    entries: Mapping[str, Entry]
    config: Attributes = field(default_factory=dict)
    server_config: Attributes = field(default_factory=dict)
    servers: tuple[Server, ...] = ()
    zimbra_addresses: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)
    mx: System | None = None
    outsider: str = ""

    def setting(self, attribute: str) -> tuple[str, ...]:
        """The values in force: the server's own where it has any, otherwise the global ones."""
        return self.server_config.get(attribute) or self.config.get(attribute, ())
