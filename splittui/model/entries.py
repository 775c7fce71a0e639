"""What is known of the people, lists, servers and the domain on both systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from splittui.model.transport import is_lmtp_of


class Side(StrEnum):
    """The two systems of a split domain."""

    ZIMBRA = "zimbra"
    LEGACY = "legacy"

    @property
    def other(self) -> Side:
        return Side.LEGACY if self is Side.ZIMBRA else Side.ZIMBRA


class Role(StrEnum):
    """What Zimbra is for the domain: primary knows every address, secondary forwards what it does not host."""

    PRIMARY = "primary"
    SECONDARY = "secondary"


class Kind(StrEnum):
    """What an entry is, beside its routing."""

    PERSON = "person"
    ADMIN = "admin"
    RESOURCE = "resource"
    LIST = "list"
    SYSTEM = "system"
    ARCHIVE = "archive"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Rare:
    """What few entries of Zimbra's directory have, but mail flow or the address book depends on.

    ``old_address`` still receives after a change of the address (zimbraOldMailAddress). The canonical addresses rewrite
    what is written to the entry. ``keeps_no_copy``: LMTP takes the mail and throws it away
    (zimbraPrefMailLocalDeliveryDisabled). ``dynamic``: a list whose ``members`` the directory computes.
    """

    old_address: str = ""
    canonical: str = ""
    catch_all: tuple[str, ...] = ()
    catch_all_forward: str = ""
    catch_all_canonical: str = ""
    keeps_no_copy: bool = False
    hidden_in_gal: bool = False
    dynamic: bool = False
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZimbraAccount:
    """One account (or calendar resource, or list) of Zimbra's directory; empty text means the attribute is not set.

    ``rare`` is None where there is nothing of it, so that most cost nothing by it.
    """

    address: str
    id: str
    name: str = ""
    given_name: str = ""
    surname: str = ""
    kind: Kind = Kind.PERSON
    transport: str = ""
    host: str = ""
    status: str = "active"
    mail_status: str = "enabled"
    aliases: tuple[str, ...] = ()
    forwards: tuple[str, ...] = ()
    user_forwards: tuple[str, ...] = ()
    rare: Rare | None = None

    @property
    def receives(self) -> bool:
        """Whether Postfix sees the entry at all: every map filter asks for zimbraMailStatus=enabled."""
        return self.mail_status == "enabled"

    @property
    def catch_all(self) -> tuple[str, ...]:
        """The domains, each with an ``@`` in front, whose unknown addresses the account receives."""
        return self.rare.catch_all if self.rare is not None else ()

    @property
    def hidden_in_gal(self) -> bool:
        """Whether the address book does not show it (zimbraHideInGal)."""
        return self.rare is not None and self.rare.hidden_in_gal

    @property
    def members(self) -> tuple[str, ...]:
        """Who gets the mail of a list, however the list comes by them."""
        return (*self.forwards, *self.rare.members) if self.rare is not None else self.forwards


@dataclass(frozen=True, slots=True)
class LegacyAccount:
    """One mailbox (or list, or resource) of the existing mail system.

    ``forwards_to`` is empty where its mail is final there, otherwise the transport or address that it is routed to.
    """

    address: str
    name: str = ""
    given_name: str = ""
    surname: str = ""
    kind: Kind = Kind.PERSON
    aliases: tuple[str, ...] = ()
    enabled: bool = True
    forwards_to: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """One Zimbra server; ``service_hostname`` is what zimbraMailHost and LMTP transports name.

    ``settings`` are its own values of global settings: each hides the global value of the same name.
    """

    name: str
    service_hostname: str
    lmtp_port: int = 7025
    services: frozenset[str] = frozenset()
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def lmtp(self) -> str:
        """The transport by which mail is delivered to mailboxes on this server."""
        return f"lmtp:{self.service_hostname}:{self.lmtp_port}"

    @property
    def has_mailboxes(self) -> bool:
        return "mailbox" in self.services

    def is_transport(self, transport: str) -> bool:
        return is_lmtp_of(transport, self.service_hostname, self.lmtp_port)


DOMAIN_ROUTING = (
    "zimbraDomainType",
    "zimbraDomainStatus",
    "zimbraMailStatus",
    "zimbraMailTransport",
    "zimbraMailCatchAllAddress",
    "zimbraMailCatchAllForwardingAddress",
    "zimbraMailCatchAllCanonicalAddress",
)
"""What Postfix's maps take from a domain."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The split domain as Zimbra holds it; ``exists`` is false where Zimbra does not host it."""

    name: str
    exists: bool = True
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, attribute: str) -> str:
        """The first value of an attribute, or empty text."""
        values = self.attributes.get(attribute, ())
        return values[0] if values else ""

    @property
    def transport(self) -> str:
        return self.one("zimbraMailTransport")

    @property
    def is_alias(self) -> bool:
        """Whether it only stands for another domain, so that Postfix rewrites its addresses."""
        return self.one("zimbraDomainType").lower() == "alias"

    @property
    def catches_all(self) -> bool:
        """Both halves of the pair are set; either half alone has no effect in any Postfix map."""
        at = f"@{self.name}"
        return at in self.attributes.get("zimbraMailCatchAllAddress", ()) and bool(
            self.attributes.get("zimbraMailCatchAllForwardingAddress")
        )
