"""RESOLVE: which transport and next hop an address gets, as trivial-rewrite(8) decides it (Postfix, resolve.c)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.maps import ROUTES, VAD, VMD, Maps, without_extension
from splittui.mailflow.settings import Settings
from splittui.mailflow.world import EntryKind


class AddressClass(StrEnum):
    """Postfix's address classes (ADDRESS_CLASS_README), as far as Zimbra uses them."""

    ALIAS = "virtual alias domain"
    VIRTUAL = "hosted domain"
    LOCAL = "local"
    DEFAULT = "foreign domain"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The mailer and its next hop, whose transport said so, and the sentence that says why."""

    kind: AddressClass
    mailer: str
    nexthop: str
    action: str
    because: str


def domain_class(maps: Maps, domain: str) -> AddressClass:
    """Local (``mydestination=localhost``), alias domain (ldap-vad), hosted domain (ldap-vmd), or any other."""
    if domain.lower() == "localhost":
        return AddressClass.LOCAL
    if maps.find(VAD, domain):
        return AddressClass.ALIAS
    return AddressClass.VIRTUAL if maps.find(VMD, domain) else AddressClass.DEFAULT


def resolve(maps: Maps, settings: Settings, address: str) -> Resolution:
    """The route of one address. The transport table is asked for the address, without extension, and for its domain.

    For an alias domain the table is ignored. A transport without next hop goes to the address's own domain; an empty
    transport (``:host``) leaves the mailer as it is (transport(5), update_entry in transport.c).
    """
    domain = address.rpartition("@")[2]
    kind = domain_class(maps, domain)
    if kind is AddressClass.ALIAS:
        return Resolution(
            kind,
            "error",
            "5.1.1 User unknown in virtual alias table",
            "has nowhere to send it",
            f"{domain} is an alias domain, and no alias covers <{address}>",
        )
    mailer, nexthop, action, because = _default(settings, kind, domain)
    answer = maps.find(ROUTES, address)
    if answer is None and settings.delimiters:
        answer = maps.find(ROUTES, without_extension(address, settings.delimiters)[0])
    if answer is None:
        answer = maps.find(ROUTES, domain)
    if answer is None:
        return Resolution(kind, mailer, nexthop, action, because)
    text, entry = answer.text, answer.sources[0][0]
    first, _, rest = text.partition(":")
    if first:
        mailer = first
        nexthop = rest or ("Address is undeliverable" if first in ("error", "retry") else domain)
    elif rest:
        nexthop = rest
    if entry.kind is EntryKind.DOMAIN:
        action = f"account not local, finds domain transport {text}"
        because = f"zimbraMailTransport of the domain {entry.name} (ldap-transport); no account of its own has one"
    else:
        action = f"account transport says to use {text}"
        because = f"zimbraMailTransport of the {entry.what} (ldap-transport)"
    return Resolution(kind, mailer, nexthop, action, because)


def _default(settings: Settings, kind: AddressClass, domain: str) -> tuple[str, str, str, str]:
    if kind is AddressClass.VIRTUAL:
        return (
            "error",
            domain,
            "has nowhere to send it",
            f"neither an account nor the domain {domain} has a zimbraMailTransport (virtual_transport=error)",
        )
    if kind is AddressClass.LOCAL:
        return "local", domain, "delivers to a user of the machine", f"{domain} is in mydestination"
    if settings.relay_host:
        return (
            "smtp",
            settings.relay_host,
            f"sends foreign mail to its relay host {settings.relay_host}",
            f"{domain} is not hosted here, and zimbraMtaRelayHost is set",
        )
    return "smtp", domain, f"sends it to the mail exchanger of {domain}", f"{domain} is not hosted here"
