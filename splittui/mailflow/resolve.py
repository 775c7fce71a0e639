"""RESOLVE: which transport and next hop an address gets, as trivial-rewrite(8) decides it (Postfix, resolve.c)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.maps import ROUTES, Maps, without_extension
from splittui.mailflow.settings import Settings
from splittui.mailflow.world import Entry, EntryKind


class AddressClass(StrEnum):
    """Postfix's address classes (ADDRESS_CLASS_README), as far as Zimbra uses them."""

    ALIAS = "alias domain"
    VIRTUAL = "hosted domain"
    LOCAL = "local domain"
    DEFAULT = "foreign domain"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The mailer and its next hop; ``source`` is the entry whose zimbraMailTransport (``text``) said so, if any."""

    address: str
    kind: AddressClass
    mailer: str
    nexthop: str
    source: Entry | None = None
    text: str = ""
    relay_host: bool = False

    @property
    def by(self) -> str:
        """Whose transport it is, in a few words: "the placeholder's transport smtp:mail.example.com:25"."""
        if self.source is None:
            return f"the {self.kind} of <{self.address}>"
        if self.source.kind is EntryKind.DOMAIN:
            return f"the domain's transport {self.text}"
        whose = "the account's" if self.mailer == "lmtp" else "the placeholder's"
        return f"{whose} transport {self.text}"

    @property
    def action(self) -> str:
        """What the MTA does, in the words of an arrow chain."""
        if self.source is not None:
            if self.source.kind is EntryKind.DOMAIN:
                return f"account not local, finds domain transport setting {self.text}"
            return f"account transport says to use {self.text}"
        if self.kind is AddressClass.DEFAULT:
            if self.relay_host:
                return f"sends foreign mail to its relay host {self.nexthop}"
            return f"sends it to the mail exchanger of {self.nexthop}"
        return "delivers it to a user of the machine" if self.kind is AddressClass.LOCAL else "has nowhere to send it"

    @property
    def because(self) -> str:
        """Which attribute of which entry decided."""
        domain = self.address.rpartition("@")[2]
        if self.source is not None:
            more = "; no account of its own has one" if self.source.kind is EntryKind.DOMAIN else ""
            return f"zimbraMailTransport of the {self.source.what} (ldap-transport){more}"
        if self.kind is AddressClass.ALIAS:
            return f"{domain} is an alias domain, and no alias covers <{self.address}>"
        if self.kind is AddressClass.VIRTUAL:
            return f"neither an account nor the domain {domain} has a zimbraMailTransport (virtual_transport=error)"
        if self.kind is AddressClass.LOCAL:
            return f"{domain} is in mydestination"
        return f"{domain} is not hosted here" + (", and zimbraMtaRelayHost is set" if self.relay_host else "")


def domain_class(maps: Maps, domain: str) -> AddressClass:
    """Local (``mydestination=localhost``), alias domain (ldap-vad), hosted domain (ldap-vmd), or any other."""
    kind = maps.domain_type(domain)
    if kind == "local":
        return AddressClass.VIRTUAL
    if domain.lower() == "localhost":
        return AddressClass.LOCAL
    return AddressClass.ALIAS if kind else AddressClass.DEFAULT


def resolve(maps: Maps, settings: Settings, address: str) -> Resolution:
    """The route of one address. The transport table is asked for the address, without extension, and for its domain.

    For an alias domain the table is ignored. A transport without next hop goes to the address's own domain; an empty
    transport (``:host``) leaves the mailer as it is (transport(5), update_entry in transport.c).
    """
    domain = address.rpartition("@")[2]
    kind = domain_class(maps, domain)
    if kind is AddressClass.ALIAS:
        return Resolution(address, kind, "error", "5.1.1 User unknown in virtual alias table")
    mailer, nexthop = "smtp", settings.relay_host or domain
    if kind is AddressClass.VIRTUAL:
        mailer, nexthop = "error", domain
    elif kind is AddressClass.LOCAL:
        mailer, nexthop = "local", domain
    answer = maps.find(ROUTES, address)
    if answer is None and settings.delimiters:
        answer = maps.find(ROUTES, without_extension(address, settings.delimiters)[0])
    if answer is None:
        answer = maps.find(ROUTES, domain)
    if answer is None:
        return Resolution(address, kind, mailer, nexthop, relay_host=bool(settings.relay_host))
    first, _, rest = answer.text.partition(":")
    if first:
        mailer = first
        nexthop = rest or ("Address is undeliverable" if first in ("error", "retry") else domain)
    elif rest:
        nexthop = rest
    return Resolution(address, kind, mailer, nexthop, answer.sources[0][0], answer.text)
