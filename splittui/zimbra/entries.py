"""From directory entries to accounts, servers and the domain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from dataclasses import replace
from sys import intern

from splittui.model.entries import Domain, Kind, Server, ZimbraAccount
from splittui.zimbra.ldif import Attributes

ACCOUNT_ATTRIBUTES = (
    "objectClass",
    "uid",
    "mail",
    "cn",
    "displayName",
    "givenName",
    "sn",
    "zimbraId",
    "zimbraMailDeliveryAddress",
    "zimbraMailAlias",
    "zimbraMailTransport",
    "zimbraMailHost",
    "zimbraMailStatus",
    "zimbraAccountStatus",
    "zimbraMailForwardingAddress",
    "zimbraPrefMailForwardingAddress",
    "zimbraMailCatchAllAddress",
    "zimbraIsSystemAccount",
    "zimbraIsSystemResource",
    "zimbraIsAdminAccount",
    "zimbraIsExternalVirtualAccount",
    "amavisArchiveQuarantineTo",
)

DOMAIN_ATTRIBUTES = (
    "zimbraDomainName",
    "zimbraDomainType",
    "zimbraDomainStatus",
    "zimbraMailStatus",
    "zimbraMailTransport",
    "zimbraMailCatchAllAddress",
    "zimbraMailCatchAllForwardingAddress",
    "zimbraMailCatchAllCanonicalAddress",
    "zimbraDomainMaxAccounts",
    "zimbraGalAccountId",
)

MTA_ATTRIBUTES = (
    "zimbraMtaRelayHost",
    "zimbraMtaFallbackRelayHost",
    "zimbraMtaSmtpDnsSupportLevel",
    "zimbraMtaDnsLookupsEnabled",
    "zimbraMtaMyNetworks",
    "zimbraMtaSmtpdRejectUnlistedRecipient",
    "zimbraMtaRestriction",
    "zimbraMtaRecipientDelimiter",
    "zimbraMtaHopcountLimit",
    "zimbraMtaVirtualAliasExpansionLimit",
    "zimbraMtaMaximalQueueLifetime",
)

CONFIG_ATTRIBUTES = (
    "zimbraSpamIsSpamAccount",
    "zimbraSpamIsNotSpamAccount",
    "zimbraAmavisQuarantineAccount",
    "zimbraLmtpBindPort",
    *MTA_ATTRIBUTES,
)

SERVER_ATTRIBUTES = ("cn", "zimbraServiceHostname", "zimbraServiceEnabled", "zimbraLmtpBindPort", *MTA_ATTRIBUTES)

_SYSTEM_NAME = re.compile(r"(spam|ham|virus-quarantine|galsync)\.[a-z0-9_-]+@")


def one(entry: Attributes, attribute: str) -> str:
    """The first value, or empty text."""
    values = entry.get(attribute.lower())
    return values[0] if values else ""


def classes(entry: Attributes) -> set[str]:
    return {name.lower() for name in entry.get("objectclass", ())}


def account(entry: Attributes) -> ZimbraAccount | None:
    """The account, resource or list that the entry is; None where it is something else (an alias, a folder)."""
    kinds = classes(entry)
    if "zimbradistributionlist" in kinds:
        return _list(entry)
    if "zimbraaccount" not in kinds:
        return None
    delivery = one(entry, "zimbraMailDeliveryAddress").lower()
    return ZimbraAccount(
        address=intern(delivery),
        id=one(entry, "zimbraId"),
        name=intern(one(entry, "displayName") or one(entry, "cn")),
        given_name=intern(one(entry, "givenName")),
        surname=intern(one(entry, "sn")),
        kind=_kind(entry, kinds, delivery),
        transport=intern(one(entry, "zimbraMailTransport")),
        host=intern(one(entry, "zimbraMailHost")),
        status=intern(one(entry, "zimbraAccountStatus")),
        mail_status=intern(one(entry, "zimbraMailStatus")),
        aliases=_addresses(entry, "zimbraMailAlias"),
        forwards=tuple(entry.get("zimbramailforwardingaddress", ())),
        user_forwards=tuple(
            part.strip()
            for value in entry.get("zimbraprefmailforwardingaddress", ())
            for part in value.split(",")
            if part.strip()
        ),
        catch_all=tuple(entry.get("zimbramailcatchalladdress", ())),
    )


def _list(entry: Attributes) -> ZimbraAccount:
    names = [value.lower() for value in entry.get("mail", entry.get("zimbramailalias", ()))]
    uid = one(entry, "uid").lower()
    address = next((name for name in names if name.partition("@")[0] == uid), names[0] if names else "")
    return ZimbraAccount(
        address=address,
        id=one(entry, "zimbraId"),
        name=one(entry, "displayName") or one(entry, "cn"),
        kind=Kind.LIST,
        status="active",
        mail_status=intern(one(entry, "zimbraMailStatus")),
        aliases=tuple(a for a in _addresses(entry, "zimbraMailAlias") if a != address),
        forwards=tuple(entry.get("zimbramailforwardingaddress", ())),
    )


def _kind(entry: Attributes, kinds: set[str], address: str) -> Kind:
    system = one(entry, "zimbraIsSystemAccount"), one(entry, "zimbraIsSystemResource")
    if "TRUE" in system or _SYSTEM_NAME.match(address):
        return Kind.SYSTEM
    if one(entry, "zimbraIsExternalVirtualAccount") == "TRUE":
        return Kind.GUEST
    if "zimbracalendarresource" in kinds:
        return Kind.RESOURCE
    if one(entry, "zimbraIsAdminAccount") == "TRUE":
        return Kind.ADMIN
    return Kind.PERSON


def _addresses(entry: Attributes, attribute: str) -> tuple[str, ...]:
    return tuple(value.lower() for value in entry.get(attribute.lower(), ()))


def server(entry: Attributes, default_lmtp_port: int) -> Server:
    port = one(entry, "zimbraLmtpBindPort")
    return Server(
        name=one(entry, "cn"),
        service_hostname=one(entry, "zimbraServiceHostname") or one(entry, "cn"),
        lmtp_port=int(port) if port.isdigit() else default_lmtp_port,
        services=frozenset(entry.get("zimbraserviceenabled", ())),
        settings=chosen(entry, MTA_ATTRIBUTES),
    )


def domain(name: str, entry: Attributes | None) -> Domain:
    if entry is None:
        return Domain(name, exists=False)
    return Domain(name, True, chosen(entry, DOMAIN_ATTRIBUTES))


def chosen(entry: Attributes, attributes: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Those of the attributes that are set, under their proper names."""
    return {name: tuple(entry[name.lower()]) for name in attributes if name.lower() in entry}


def mark_referenced(
    people: MutableMapping[str, ZimbraAccount],
    config: Mapping[str, tuple[str, ...]],
    domain_: Domain,
    archives: Collection[str],
) -> None:
    """Marks accounts that are special because something names them.

    Older installations lack zimbraIsSystemAccount, so the references of the global configuration and of the domain's
    address book count as well. ``archives`` are the addresses that accounts are archived to.
    """
    kinds = {address.lower(): Kind.ARCHIVE for address in archives}
    for attribute in ("zimbraSpamIsSpamAccount", "zimbraSpamIsNotSpamAccount", "zimbraAmavisQuarantineAccount"):
        kinds.update({value.lower(): Kind.SYSTEM for value in config.get(attribute, ())})
    for address, kind in kinds.items():
        if address in people:
            people[address] = replace(people[address], kind=kind)
    ids = domain_.attributes.get("zimbraGalAccountId", ())
    for found in [account for account in people.values() if account.id in ids] if ids else ():
        people[found.address] = replace(found, kind=Kind.SYSTEM)
