"""How people, aliases and lists look as entries of Zimbra's directory, and as rows of the legacy system's export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from splittui.lab.directory import Attrs
from splittui.lab.prov.addresses import domain_dn
from splittui.lab.prov.groups import group_entries

DOMAIN = "example.com"
ALIAS_DOMAIN = "example.org"
SERVER = "zimbra.example.com"
LEGACY = "mail.example.com"
ON_ZIMBRA = f"lmtp:{SERVER}:7025"
ON_LEGACY = f"smtp:{LEGACY}:25"
BACK_TO_ZIMBRA = f"smtp:[{SERVER}]:25"
"""What the legacy system's routing says of a person who has moved."""

PEOPLE_BASE = "ou=people,dc=example,dc=com"
DEFAULT_COS = "e00428a1-0c00-11d9-836a-000d93afea2a"

LEGACY_HEADER = ("address", "name", "given_name", "surname", "aliases", "kind", "enabled", "forwards_to")

Found = tuple[str, Attrs]


@dataclass(frozen=True, slots=True)
class Name:
    """What somebody is called; all three as typed by whoever entered them."""

    display: str
    given: str = ""
    surname: str = ""


@dataclass(frozen=True, slots=True)
class LegacyRow:
    """One line of the legacy export. ``forwards_to`` is empty where mail is final there."""

    address: str
    name: Name
    aliases: Sequence[str] = ()
    kind: str = "person"
    enabled: bool = True
    forwards_to: str = ""

    def cells(self) -> tuple[str, ...]:
        """The values of LEGACY_HEADER."""
        aliases, enabled = ";".join(self.aliases), "yes" if self.enabled else "no"
        name = self.name
        return self.address, name.display, name.given, name.surname, aliases, self.kind, enabled, self.forwards_to


@dataclass(frozen=True, slots=True)
class Inhabitant:
    """One address and what belongs to it, on either system or on both."""

    address: str
    entries: Sequence[Found] = ()
    row: LegacyRow | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """An account's routing; an empty ``transport`` or ``host`` is an attribute that is not set."""

    transport: str = ON_ZIMBRA
    host: str = SERVER
    status: str = "active"
    mail_status: str = "enabled"


AT_ZIMBRA = Routing()
HOSTLESS = Routing(ON_LEGACY, "", "locked")
HOSTED = Routing(ON_LEGACY, SERVER, "locked")


@dataclass(slots=True)
class Registry:
    """Hands out what must be unique in a directory, in an order that the seed alone decides."""

    random: Random
    taken: set[str] = field(default_factory=set)

    def new_id(self) -> str:
        """A version 4 UUID (RFC 9562)."""
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"

    def new_time(self) -> str:
        """Some moment of the last years, as LDAP writes it."""
        number = self.random.getrandbits(40)
        day, hour, minute = 1 + number % 28, number // 28 % 24, number // 672 % 60
        return f"{2014 + number % 11}{1 + number % 12:02d}{day:02d}{hour:02d}{minute:02d}00.000Z"

    def free(self, local: str) -> str:
        """``local``, or the first of its numbered forms that nobody has; it is taken afterwards."""
        name, number = local, 1
        while name in self.taken:
            number += 1
            name = f"{local}{number}"
        self.taken.add(name)
        return name


def people_dn(address: str) -> str:
    """Where Zimbra keeps an account, an alias or a list."""
    local, _, domain = address.partition("@")
    return f"uid={local},{PEOPLE_BASE if domain == DOMAIN else f'ou=people,{domain_dn(domain)}'}"


def account(
    registry: Registry,
    address: str,
    name: Name,
    routing: Routing,
    aliases: Sequence[str] = (),
    extra: Mapping[str, Sequence[str]] | None = None,
    resource: bool = False,
) -> list[Found]:
    """An account's entry, as ``ca`` leaves it, and those of its aliases."""
    local = address.partition("@")[0]
    identity = registry.new_id()
    resource_class = ["zimbraCalendarResource"] if resource else []
    attrs: Attrs = {
        "objectClass": ["inetOrgPerson", "zimbraAccount", "amavisAccount", *resource_class],
        "uid": [local],
        "cn": [name.display or local],
        "sn": [name.surname or name.display or local],
        "mail": [address, *aliases],
        "zimbraId": [identity],
        "zimbraCOSId": [DEFAULT_COS],
        "zimbraCreateTimestamp": [registry.new_time()],
        "zimbraAccountStatus": [routing.status],
        "zimbraMailStatus": [routing.mail_status],
        "zimbraMailDeliveryAddress": [address],
    }
    if name.display:
        attrs["displayName"] = [name.display]
    if name.given:
        attrs["givenName"] = [name.given]
    if routing.transport:
        attrs["zimbraMailTransport"] = [routing.transport]
    if routing.host:
        attrs["zimbraMailHost"] = [routing.host]
    if aliases:
        attrs["zimbraMailAlias"] = list(aliases)
    attrs.update({key: list(values) for key, values in (extra or {}).items()})
    return [(people_dn(address), attrs), *(_alias(registry, alias, identity) for alias in aliases)]


def _alias(registry: Registry, alias: str, target: str) -> Found:
    attrs = {
        "objectClass": ["zimbraAlias"],
        "uid": [alias.partition("@")[0]],
        "zimbraId": [registry.new_id()],
        "zimbraAliasTargetId": [target],
        "zimbraCreateTimestamp": [registry.new_time()],
    }
    return people_dn(alias), attrs


def distribution_list(registry: Registry, address: str, display: str, members: Sequence[str]) -> Found:
    """A list's entry, as ``cdl`` and ``adlm`` leave it."""
    attrs: Attrs = {
        "objectClass": ["zimbraDistributionList", "zimbraMailRecipient"],
        "uid": [address.partition("@")[0]],
        "cn": [display],
        "displayName": [display],
        "mail": [address],
        "zimbraMailAlias": [address],
        "zimbraMailStatus": ["enabled"],
        "zimbraId": [registry.new_id()],
        "zimbraCreateTimestamp": [registry.new_time()],
        "zimbraMailForwardingAddress": list(members),
    }
    return people_dn(address), attrs


def dynamic_group(
    registry: Registry, address: str, group: str, display: str, outside: Sequence[str] = ()
) -> list[Found]:
    """A dynamic group's entries, as ``cddl`` leaves them; whoever carries its id ``group`` is a member."""
    units = registry.new_id(), registry.new_id()
    (dn, main), *below = group_entries(address, group, units, outside)
    shown = {"displayName": [display], "zimbraCreateTimestamp": [registry.new_time()]}
    return [(dn, {**main, **shown}), *below]
