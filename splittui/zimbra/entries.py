"""From directory entries to accounts, servers and the domain."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from dataclasses import replace
from sys import intern

from splittui.model.entries import DOMAIN_ROUTING, Domain, Kind, Rare, Server, ZimbraAccount
from splittui.planning.setup.directories import ATTRIBUTES as DIRECTORIES
from splittui.remote.ldap.decoder import Attributes

PERSON_ATTRIBUTES = (
    "cn",
    "displayName",
    "givenName",
    "sn",
    "zimbraId",
    "zimbraMailDeliveryAddress",
    "zimbraMailAlias",
    "zimbraOldMailAddress",
    "zimbraMailTransport",
    "zimbraMailHost",
    "zimbraMailStatus",
    "zimbraAccountStatus",
    "zimbraMailForwardingAddress",
    "zimbraPrefMailForwardingAddress",
    "zimbraPrefMailLocalDeliveryDisabled",
    "zimbraMailCanonicalAddress",
    "zimbraMailCatchAllAddress",
    "zimbraMailCatchAllForwardingAddress",
    "zimbraMailCatchAllCanonicalAddress",
    "zimbraHideInGal",
    "zimbraIsSystemAccount",
    "zimbraIsSystemResource",
    "zimbraIsAdminAccount",
    "zimbraIsExternalVirtualAccount",
    "amavisArchiveQuarantineTo",
)
"""What an account is read by. Its object classes are not among them: the search says what it finds."""

ENTRY_ATTRIBUTES = (*PERSON_ATTRIBUTES, "objectClass", "uid", "mail", "member")
"""What resources, lists, dynamic groups and entries of other domains are read by. Whoever names ``member`` makes the
directory compute it (slapo-dynlist), as Postfix does."""

ROUTING_ATTRIBUTES = ("zimbraDomainName", *DOMAIN_ROUTING)

DOMAIN_ATTRIBUTES = (
    *ROUTING_ATTRIBUTES,
    "zimbraDomainMaxAccounts",
    "zimbraGalAccountId",
    *DIRECTORIES,
    "zimbraPublicServiceHostname",
    "zimbraPublicServiceProtocol",
    "zimbraPublicServicePort",
)
"""No password is ever read."""

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
_ESCAPED = re.compile(r"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_UNSET = [""]
_RARE = frozenset(
    name.lower()
    for name in (
        "zimbraOldMailAddress",
        "zimbraPrefMailLocalDeliveryDisabled",
        "zimbraMailCanonicalAddress",
        "zimbraMailCatchAllAddress",
        "zimbraMailCatchAllForwardingAddress",
        "zimbraMailCatchAllCanonicalAddress",
        "zimbraHideInGal",
    )
)
_HIDDEN = Rare(hidden_in_gal=True)


def one(entry: Attributes, attribute: str) -> str:
    """The first value, or empty text."""
    return entry.get(attribute.lower(), _UNSET)[0]


def classes(entry: Attributes) -> set[str]:
    return {name.lower() for name in entry.get("objectclass", ())}


def account(entry: Attributes, kinds: Collection[str] = ()) -> ZimbraAccount:
    """The account or resource that the entry is; ``kinds`` are its object classes in lower case, where they are known.

    Without an address it is one whose attributes the directory hides.
    """
    get = entry.get
    delivery = intern(get("zimbramaildeliveryaddress", _UNSET)[0].lower())
    written = get("zimbraprefmailforwardingaddress")
    return ZimbraAccount(
        address=delivery,
        id=get("zimbraid", _UNSET)[0],
        name=intern((get("displayname") or get("cn", _UNSET))[0]),
        given_name=intern(get("givenname", _UNSET)[0]),
        surname=intern(get("sn", _UNSET)[0]),
        kind=_kind(entry, kinds, delivery),
        transport=intern(get("zimbramailtransport", _UNSET)[0]),
        host=intern(get("zimbramailhost", _UNSET)[0]),
        status=intern(get("zimbraaccountstatus", _UNSET)[0]),
        mail_status=intern(get("zimbramailstatus", _UNSET)[0]),
        aliases=_addresses(entry, "zimbramailalias"),
        forwards=tuple(get("zimbramailforwardingaddress", ())),
        user_forwards=tuple(p.strip() for value in written for p in value.split(",") if p.strip()) if written else (),
        rare=None if _RARE.isdisjoint(entry) else _rare(entry),
    )


def distribution_list(entry: Attributes) -> ZimbraAccount:
    """The list that the entry is; its members are its forwards."""
    address = _list_address(entry)
    return ZimbraAccount(
        address=intern(address),
        id=one(entry, "zimbraId"),
        name=one(entry, "displayName") or one(entry, "cn"),
        kind=Kind.LIST,
        status="active",
        mail_status=intern(one(entry, "zimbraMailStatus")),
        aliases=tuple(a for a in _addresses(entry, "zimbramailalias") if a != address),
        forwards=tuple(entry.get("zimbramailforwardingaddress", ())),
    )


def dynamic_group(entry: Attributes, members: tuple[str, ...]) -> ZimbraAccount:
    """The dynamic group that the entry is, with the members that the directory has computed."""
    return replace(distribution_list(entry), forwards=(), rare=Rare(dynamic=True, members=members))


def _list_address(entry: Attributes) -> str:
    # Its own address stands among its aliases and other names; which one it is, its place tells.
    names = _addresses(entry, "mail") or _addresses(entry, "zimbramailalias")
    own = address_of_dn(one(entry, "dn"))
    return own if own in names or not names else names[0]


def address_of_dn(dn: str) -> str:
    """The address of what lies there: ``uid=bar,ou=people,dc=example,dc=com``, ``cn=team,cn=groups,dc=example,dc=com``.

    Empty text where it is the place of nothing with an address (LdapDIT).
    """
    parts = [part.strip() for part in re.split(r"(?<!\\),", dn)]
    labels = [part[3:] for part in parts if part[:3].lower() == "dc="]
    kind, _, local = parts[0].partition("=")
    if kind.lower() not in ("uid", "cn") or len(parts) != len(labels) + 2:
        return ""
    return f"{_ESCAPED.sub(_unescaped, local)}@{'.'.join(labels)}".lower()


def _unescaped(escape: re.Match[str]) -> str:
    # RFC 4514: an escaped byte, or a character that would be read as structure.
    return chr(int(escape[1], 16)) if len(escape[1]) == 2 else escape[1]


def _rare(entry: Attributes) -> Rare | None:
    rare = Rare(
        old_address=one(entry, "zimbraOldMailAddress"),
        canonical=one(entry, "zimbraMailCanonicalAddress"),
        catch_all=tuple(entry.get("zimbramailcatchalladdress", ())),
        catch_all_forward=one(entry, "zimbraMailCatchAllForwardingAddress"),
        catch_all_canonical=one(entry, "zimbraMailCatchAllCanonicalAddress"),
        keeps_no_copy=one(entry, "zimbraPrefMailLocalDeliveryDisabled") == "TRUE",
        hidden_in_gal=one(entry, "zimbraHideInGal") == "TRUE",
    )
    if rare == _HIDDEN:
        return _HIDDEN
    return rare if rare != Rare() else None


def _kind(entry: Attributes, kinds: Collection[str], address: str) -> Kind:
    get = entry.get
    if (
        get("zimbraissystemaccount", _UNSET)[0] == "TRUE"
        or get("zimbraissystemresource", _UNSET)[0] == "TRUE"
        or _SYSTEM_NAME.match(address)
    ):
        return Kind.SYSTEM
    if get("zimbraisexternalvirtualaccount", _UNSET)[0] == "TRUE":
        return Kind.GUEST
    if "zimbracalendarresource" in kinds:
        return Kind.RESOURCE
    return Kind.ADMIN if get("zimbraisadminaccount", _UNSET)[0] == "TRUE" else Kind.PERSON


def _addresses(entry: Attributes, attribute: str) -> tuple[str, ...]:
    values = entry.get(attribute)
    return tuple(value.lower() for value in values) if values else ()


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


def other_domain(entry: Attributes) -> Domain:
    """Another domain of this Zimbra: what decides where its mail goes."""
    return Domain(one(entry, "zimbraDomainName").lower(), True, chosen(entry, ROUTING_ATTRIBUTES))


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
