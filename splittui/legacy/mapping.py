"""From a directory's entry to a person of the existing mail system, by the rules of its schema.

``inetorgperson``: ``mail`` and what holds further addresses beside it (RFC 2798 has none: each product has its own).
``inetlocalmailrecipient``: ``mailLocalAddress``, ``mailRoutingAddress``, ``mailHost`` (draft-lachman-laser-ldap-mail-
routing; sendmail's FEATURE(ldap_routing)). ``ad``: Active Directory as Exchange uses it, where ``proxyAddresses``
decides, ``SMTP:`` is the main address and ``smtp:`` another one, and ``mail`` is but a copy (MS-OXOABK 2.2.3.23).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from sys import intern

from splittui.config.directory import EntryMapping, Schema
from splittui.model.address import AddressError, parse_address, parse_domain
from splittui.model.entries import Kind, LegacyAccount
from splittui.model.transport import TransportError, parse_transport

Attributes = Mapping[str, list[str]]
"""An entry: its values by attribute name in lower case, and its DN as ``dn``."""

_MAILERS = ("smtp:", "lmtp:", "relay:")
_PLAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_LOCAL_PART = 64
"""Characters before the @ at most (RFC 5321, 4.5.3.1.1)."""

_LISTS = {"group", "groupofnames", "groupofuniquenames", "groupofurls", "mailgroup", "msexchdynamicdistributionlist"}
_RESOURCES = {"room", "publicfolder"}
_NO_MAIL = {"computer"}
_CONTACT = "contact"

# msExchRecipientTypeDetails (Exchange): rooms and equipment, shared mailboxes, and those of the system itself (system,
# attendant, arbitration, discovery, monitoring, audit log). The accounts of all these are disabled on purpose.
_AD_RESOURCES = {"16", "32", "8589934592", "17179869184"}
_AD_SHARED = {"4", "34359738368"}
_AD_SYSTEM = {"8192", "16384", "8388608", "536870912", "549755813888", "4398046511104"}
_AD_DISABLED = 0x2

# Of a status: no mail is delivered (qmail-ldap's "noaccess" and Sun's "hold" still take it).
_OFF = {"inactive", "disabled", "deleted", "removed", "false", "no", "0"}
_LOCKS = {"nsaccountlock"}


class Skipped(Enum):
    """Why an entry is nobody of the domain: it has no address at all, or all are elsewhere, or it has no mail."""

    NO_ADDRESS = "no address"
    ELSEWHERE = "elsewhere"
    NO_MAIL = "no mail"


class Unreadable(ValueError):
    """An address of the domain cannot be used; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Which attributes say what. Of ``address`` the first that has an address of the domain is asked; ``forwards_to``

    are where mail is sent on to, ``status`` says whether the account is in use.
    """

    address: tuple[str, ...]
    aliases: tuple[str, ...]
    name: tuple[str, ...] = ("displayName", "cn")
    given_name: tuple[str, ...] = ("givenName",)
    surname: tuple[str, ...] = ("sn",)
    forwards_to: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    always: tuple[str, ...] = ("objectClass",)

    def attributes(self) -> tuple[str, ...]:
        """All that have to be read."""
        found = (*self.always, *self.address, *self.aliases, *self.name, *self.given_name, *self.surname)
        return tuple(dict.fromkeys((*found, *self.forwards_to, *self.status)))


_RULES = {
    Schema.INETORGPERSON: Rules(
        address=("mail",),
        aliases=("mailAlternateAddress", "mailEquivalentAddress", "mailAlias", "alias"),
        status=("inetUserStatus", "mailUserStatus", "accountStatus", "nsAccountLock"),
    ),
    Schema.INETLOCALMAILRECIPIENT: Rules(
        address=("mailLocalAddress", "mail"),
        aliases=("mailLocalAddress",),
        forwards_to=("mailHost", "mailRoutingAddress"),
        status=("inetUserStatus", "mailUserStatus", "accountStatus", "nsAccountLock"),
    ),
    Schema.AD: Rules(
        address=("proxyAddresses", "mail"),
        aliases=("proxyAddresses",),
        forwards_to=("targetAddress",),
        always=("objectClass", "userAccountControl", "msExchRecipientTypeDetails"),
    ),
}
_PEOPLE = {
    Schema.INETORGPERSON: "(objectClass=inetOrgPerson)",
    Schema.INETLOCALMAILRECIPIENT: "(objectClass=inetOrgPerson)(objectClass=inetLocalMailRecipient)",
    # SAM_NORMAL_USER_ACCOUNT: users, and neither machines nor trusts (MS-SAMR 2.2.1.9).
    Schema.AD: "(sAMAccountType=805306368)",
}


def rules(mapping: EntryMapping) -> Rules:
    """The schema's rules with what the profile says instead."""
    base = _RULES[mapping.schema]
    changed = mapping.attributes
    return Rules(
        address=changed.get("address", base.address),
        aliases=changed.get("aliases", base.aliases),
        name=changed.get("name", base.name),
        given_name=changed.get("given_name", base.given_name),
        surname=changed.get("surname", base.surname),
        forwards_to=changed.get("forwards_to", base.forwards_to),
        status=changed.get("status", base.status),
        always=base.always,
    )


def people_filter(mapping: EntryMapping, domain: str) -> str:
    """All people, with mail or without, and whatever else has an address of the domain. ``domain`` is in ASCII form."""
    found = rules(mapping)
    addresses = dict.fromkeys((*found.address, *found.aliases))
    return f"(|{_PEOPLE[mapping.schema]}{''.join(f'({name}=*@{domain})' for name in addresses)})"


class Mapper:
    """Reads the entries of one domain. ``hosts`` are the existing system's own names, in lower case."""

    def __init__(self, mapping: EntryMapping, domain: str, hosts: frozenset[str]) -> None:
        found = rules(mapping)
        self._ad = mapping.schema is Schema.AD
        self._domain, self._at = domain, f"@{domain}"
        self._hosts = hosts | set(mapping.hosts)
        self._address, self._aliases = _lower(found.address), _lower(found.aliases)
        self._name, self._given, self._surname = _lower(found.name), _lower(found.given_name), _lower(found.surname)
        self._forwards, self._status = _lower(found.forwards_to), _lower(found.status)
        self._rare = {*self._address[1:], *self._aliases, *self._forwards, *self._status, "useraccountcontrol"}
        self._kinds: dict[tuple[str, ...], tuple[Kind | None, bool]] = {}

    def account(self, entry: Attributes) -> LegacyAccount | Skipped:
        """The person, list or resource that the entry is. Raises Unreadable."""
        kind = self._kind(entry)
        if kind is None:
            return Skipped.NO_MAIL
        name, given = intern(_first(entry, self._name)), intern(_first(entry, self._given))
        surname = intern(_first(entry, self._surname))
        only = self._only(entry) if self._rare.isdisjoint(entry) else ""
        if only:
            return LegacyAccount(intern(only), name, given, surname, kind)
        addresses = self._addresses(entry)
        if not addresses:
            return self._nobody(entry, kind)
        return LegacyAccount(
            *(intern(addresses[0]), name, given, surname, kind, tuple(addresses[1:])),
            enabled=self._enabled(entry, kind),
            forwards_to=self._forward(entry, addresses),
        )

    def _only(self, entry: Attributes) -> str:
        """The address of somebody who has but one, an ordinary one, as most have; empty where more is to be seen."""
        values = entry.get(self._address[0])
        if values is not None and len(values) == 1:
            lower = values[0].lower()
            local = len(lower) - len(self._at)
            if local <= _LOCAL_PART and lower.endswith(self._at) and _PLAIN.fullmatch(lower, 0, local):
                return lower
        return ""

    def _addresses(self, entry: Attributes) -> list[str]:
        """Those in the domain, the main one first."""
        main: list[str] = []
        for position, attribute in enumerate(self._address):
            values = entry.get(attribute)
            if values is not None and (main := self._chosen(values)):
                if len(main) > 1:
                    self._sort(entry, values, main, self._address[position + 1 :])
                break
        for attribute in self._aliases:
            values = entry.get(attribute)
            if values is not None:
                main += [found for value in values if (found := self._parsed(_untyped(value)))]
        return main if len(main) < 2 else list(dict.fromkeys(main))

    def _chosen(self, values: list[str]) -> list[str]:
        """The values that are addresses of the domain; ``SMTP:`` ones go first."""
        if len(values) > 1:
            values = sorted(values, key=lambda value: not value.startswith("SMTP:"))
        return [found for value in values if (found := self._parsed(_untyped(value)))]

    def _sort(self, entry: Attributes, values: list[str], main: list[str], others: tuple[str, ...]) -> None:
        """Of several untyped addresses, that one goes first which another attribute names as well."""
        if any(value.startswith("SMTP:") for value in values):
            return
        named = {found for name in others for value in entry.get(name, ()) if (found := self._parsed(_untyped(value)))}
        main.sort(key=lambda address: address not in named)

    def _parsed(self, text: str) -> str:
        """The address in its canonical form; empty where it is none, or none of the domain. Raises Unreadable."""
        lower = text.strip().lower()
        if not lower.endswith(self._at):
            domain = lower.rpartition("@")[2]
            if domain.isascii() or not self._is_domain(domain):
                return ""
        try:
            return parse_address(text)
        except AddressError as error:
            raise Unreadable(str(error)) from error

    def _is_domain(self, text: str) -> bool:
        try:
            return parse_domain(text) == self._domain
        except AddressError:
            return False

    def _nobody(self, entry: Attributes, kind: Kind) -> Skipped:
        if kind is Kind.LIST or any("@" in value for name in self._address for value in entry.get(name, ())):
            return Skipped.ELSEWHERE
        return Skipped.NO_ADDRESS

    def _kind(self, entry: Attributes) -> Kind | None:
        """What the entry is; None where it is nothing that mail is kept for or sent on by."""
        if self._ad and (details := entry.get("msexchrecipienttypedetails")):
            if details[0] in _AD_SYSTEM:
                return Kind.SYSTEM
            if details[0] in _AD_RESOURCES:
                return Kind.RESOURCE
        key = tuple(entry.get("objectclass", ()))
        known = self._kinds.get(key)
        if known is None:
            classes = {name.lower() for name in key}
            known = self._kinds[key] = (_kind_of(classes), _CONTACT in classes)
        kind, contact = known
        # A contact has no mailbox: without a target it is but a note of somebody's address.
        return None if contact and not any(name in entry for name in self._forwards) else kind

    def _enabled(self, entry: Attributes, kind: Kind) -> bool:
        if self._ad:
            control = _first(entry, ("useraccountcontrol",))
            on_purpose = kind is not Kind.PERSON or _first(entry, ("msexchrecipienttypedetails",)) in _AD_SHARED
            if control.isdigit() and int(control) & _AD_DISABLED and not on_purpose:
                return False
        for name in self._status:
            for value in entry.get(name, ()):
                if (value.strip().lower() == "true") if name in _LOCKS else (value.strip().lower() in _OFF):
                    return False
        return True

    def _forward(self, entry: Attributes, addresses: list[str]) -> str:
        """Where the existing system sends the mail on to; empty where it keeps it."""
        for name in self._forwards:
            for value in entry.get(name, ()):
                typed = "@" in value and value[:5].lower() == "smtp:"
                target = (value[5:] if typed else value).strip()
                if target and self._leads_away(target.lower(), addresses):
                    return intern(target)
        return ""

    def _leads_away(self, target: str, addresses: list[str]) -> bool:
        if "@" in target:
            # Exchange has no mailbox of its own where there is a target, whatever it is.
            own = target in addresses and not self._ad
            return not own and target.rpartition("@")[2] not in self._hosts
        try:
            return parse_transport(target if target.startswith(_MAILERS) else f"smtp:{target}").host not in self._hosts
        except TransportError:
            return True


def _kind_of(classes: set[str]) -> Kind | None:
    if classes & _NO_MAIL:
        return None
    if classes & _LISTS:
        return Kind.LIST
    return Kind.RESOURCE if classes & _RESOURCES else Kind.PERSON


def _untyped(value: str) -> str:
    """An address without the type that Exchange writes in front; empty where it is of another type (X500:, sip:)."""
    kind, colon, rest = value.partition(":")
    if not colon:
        return value
    return rest if kind.lower() == "smtp" else ""


def _first(entry: Attributes, names: tuple[str, ...]) -> str:
    for name in names:
        values = entry.get(name)
        if values and values[0]:
            return values[0]
    return ""


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)
