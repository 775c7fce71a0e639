"""The provisioning store: the directory as zmprov sees it, with the error texts of its LDAP layer.

Holds what all commands share: the directory, the schema, the console, and how this process was started.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from splittui.lab.directory import AnyAttrs, EntryExistsError, LdapLike
from splittui.lab.prov.account_cache import AccountCache
from splittui.lab.prov.addresses import domain_dn, is_id, to_ascii_domain
from splittui.lab.prov.console import Console
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import no_such
from splittui.lab.prov.schema import Schema

CONFIG_DN = "cn=config,cn=zimbra"
COS_BASE = "cn=cos,cn=zimbra"
SERVER_BASE = "cn=servers,cn=zimbra"
DEFAULT_LMTP_PORT = "7025"


@dataclass
class Store:
    """What a command works on.

    ``ldap_mode`` is ``-l``, ``ldap_host`` the HOST:PORT that LDAP errors name, ``local_server`` the host of this
    server, ``safeguarded`` lower-case names; ``confirm`` shows a warning and asks; ``program_frames`` are the Java
    frames around the command that runs; ``may_replace`` is ``-r``.
    """

    directory: LdapLike
    schema: Schema
    console: Console
    ldap_mode: bool
    ldap_host: str
    zimbra_home: str
    local_server: str
    safeguarded: frozenset[str]
    confirm: Callable[[str], bool]
    program_frames: Callable[[], tuple[str, ...]]
    may_replace: bool = False
    warned_about_rights: bool = False
    accounts: AccountCache = field(default_factory=AccountCache)

    def log(self, level: str, message: str) -> None:
        """A log line of the provisioning code: on stderr in LDAP mode, in mailboxd's log (not shown) otherwise."""
        if self.ldap_mode:
            self.console.log(level, message)

    def entry(self, dn: str) -> Entry | None:
        """The entry at ``dn``."""
        attrs = self.directory.entry(dn)
        return None if attrs is None else Entry(dn, attrs)

    def find(self, attribute: str, value: str) -> Iterator[Entry]:
        """Entries that have the value."""
        for dn, attrs in self.directory.find(attribute, value):
            yield Entry(dn, attrs)

    def under(self, base: str) -> Iterator[Entry]:
        """The subtree at ``base``."""
        for dn, attrs in self.directory.under(base):
            yield Entry(dn, attrs)

    def config(self) -> Entry:
        """The global configuration."""
        return self.entry(CONFIG_DN) or Entry(CONFIG_DN, {})

    def domain(self, name: str) -> Entry | None:
        """The domain of that name (any case, Unicode or xn--)."""
        found = self.find("zimbraDomainName", to_ascii_domain(name))
        return next((entry for entry in found if entry.has_class("zimbraDomain")), None)

    def domain_by_key(self, key: str) -> Entry:
        """The domain of that name or id. Raises account.NO_SUCH_DOMAIN."""
        found = self.by_id(key, "zimbraDomain") if is_id(key) else self.domain(key)
        if found is None:
            raise no_such("domain", key)
        return found

    def domains(self) -> Iterator[Entry]:
        """All domains, oldest first."""
        found = (Entry(dn, attrs) for dn, attrs in self.directory.having("zimbraDomainName"))
        return (entry for entry in found if entry.has_class("zimbraDomain"))

    def by_id(self, key: str, object_class: str) -> Entry | None:
        """The entry with that zimbraId and object class."""
        return next((entry for entry in self.find("zimbraId", key) if entry.has_class(object_class)), None)

    def real_address(self, name: str) -> str:
        """``name`` lower-cased, its domain in xn-- form, and an alias domain replaced by the domain it stands for."""
        local, at, domain = name.strip().lower().rpartition("@")
        if not at:
            return name.strip().lower()
        domain = to_ascii_domain(domain)
        found = self.domain(domain)
        if found is not None and found.get("zimbraDomainType") == "alias":
            target = self.by_id(found.get("zimbraDomainAliasTargetId"), "zimbraDomain")
            domain = target.get("zimbraDomainName") if target else domain
        return f"{local}@{domain}"

    def account_or_none(self, key: str) -> Entry | None:
        """The account (or resource) with that name, alias, bare name or id."""
        if is_id(key):
            return self.by_id(key, "zimbraAccount")
        name = key if "@" in key or not key else f"{key}@{self.config().get('zimbraDefaultDomainName')}"
        return self._by_address(self.real_address(name), "zimbraAccount") if name else None

    def account(self, key: str) -> Entry:
        """See account_or_none. Raises account.NO_SUCH_ACCOUNT."""
        found = self.account_or_none(key)
        if found is None:
            raise no_such("account", key)
        return found

    def seen_account(self, key: str) -> Entry:
        """The account as this process knows it, which may be older than the directory. Raises NO_SUCH_ACCOUNT."""
        known = self.accounts.get(key.strip()) if self.ldap_mode else None
        if known is not None:
            return known
        found = self.account(key)
        self.accounts.put(found)
        return found

    def group(self, key: str) -> Entry:
        """The distribution list or dynamic group with that name, alias or id. Raises NO_SUCH_DISTRIBUTION_LIST."""
        for object_class in ("zimbraDistributionList", "zimbraGroup"):
            found = (
                self.by_id(key, object_class) if is_id(key) else self._by_address(self.real_address(key), object_class)
            )
            if found is not None:
                return found
        raise no_such("distribution list", key)

    def _by_address(self, address: str, object_class: str) -> Entry | None:
        for attribute in ("zimbraMailDeliveryAddress", "zimbraMailAlias", "zimbraOldMailAddress"):
            for entry in self.find(attribute, address):
                if entry.has_class(object_class):
                    return entry
        return None

    def servers(self) -> list[Entry]:
        """All servers, by name."""
        found = (entry for entry in self.under(SERVER_BASE) if entry.has_class("zimbraServer"))
        return sorted(found, key=lambda entry: entry.get("cn"))

    def server(self, key: str) -> Entry:
        """The server of that name or id. Raises account.NO_SUCH_SERVER."""
        wanted = "zimbraId" if is_id(key) else "cn"
        for entry in self.servers():
            if entry.get(wanted).lower() == key.lower():
                return entry
        raise no_such("server", key)

    def server_by_hostname(self, hostname: str) -> Entry | None:
        """The server whose zimbraServiceHostname is ``hostname`` (any case)."""
        found = (entry for entry in self.servers() if entry.get("zimbraServiceHostname").lower() == hostname.lower())
        return next(found, None)

    def cos(self, key: str) -> Entry | None:
        """The class of service of that name or id."""
        wanted = "zimbraId" if is_id(key) else "cn"
        for entry in self.under(COS_BASE):
            if entry.has_class("zimbraCOS") and entry.get(wanted).lower() == key.lower():
                return entry
        return None

    def cos_of(self, account: Entry, domain: Entry | None) -> Entry | None:
        """The class of service that applies: the account's, its domain's default, or ``default``."""
        for key in (account.get("zimbraCOSId"), domain.get("zimbraDomainDefaultCOSId") if domain else ""):
            found = self.cos(key) if key else None
            if found is not None:
                return found
        return self.entry(f"cn=default,{COS_BASE}")

    def domain_of(self, entry: Entry) -> Entry | None:
        """The domain that an account, list or alias lies in."""
        _, people, base = entry.dn.partition(",ou=people,")
        return self.entry(base) if people else None

    def lmtp_transport(self, server: Entry) -> str:
        """The transport that delivers to a server: lmtp:HOST:PORT, the port from the server or the global config."""
        port = server.get("zimbraLmtpBindPort") or self.config().get("zimbraLmtpBindPort") or DEFAULT_LMTP_PORT
        return f"lmtp:{server.get('zimbraServiceHostname')}:{port}"

    def add(self, dn: str, attrs: AnyAttrs) -> None:
        """A new entry. Raises EntryExistsError."""
        self.directory.add(dn, attrs)

    def replace(self, entry: Entry) -> None:
        """Write the entry's attributes; attributes without values are left out."""
        written = Entry(entry.dn, {name: values for name, values in entry.attrs.items() if values})
        self.directory.replace(written.dn, written.attrs)
        if written.has_class("zimbraAccount"):
            self.accounts.put(written)

    def delete(self, entry: Entry) -> None:
        """Take the entry away."""
        self.directory.delete(entry.dn)
        self.accounts.forget(entry)

    def ensure(self, dn: str, attrs: AnyAttrs) -> None:
        """A container entry, unless it is there."""
        if self.directory.entry(dn) is None:
            try:
                self.directory.add(dn, attrs)
            except EntryExistsError:
                return

    def ensure_domain_containers(self, name: str) -> None:
        """The dc entries above a domain."""
        labels = name.split(".")
        for start in range(len(labels) - 1, 0, -1):
            label = labels[start]
            attrs = {"objectClass": ["organization", "dcObject"], "o": [f"{label} domain"], "dc": [label]}
            self.ensure(domain_dn(".".join(labels[start:])), attrs)


def entry_name(entry: Entry) -> str:
    """The name zmprov prints for an entry of any kind."""
    if entry.has_class("zimbraDomain"):
        return entry.get("zimbraDomainName")
    if entry.has_class("zimbraAlias"):
        local, _, base = entry.dn.partition(",ou=people,")
        return f"{entry.get('uid') or local.removeprefix('uid=')}@{dn_domain(base)}"
    if entry.has_class("zimbraDistributionList"):
        _, _, base = entry.dn.partition(",ou=people,")
        return f"{entry.get('uid')}@{dn_domain(base)}"
    if entry.has_class("zimbraAccount"):
        _, _, base = entry.dn.partition(",ou=people,")
        return entry.get("zimbraMailDeliveryAddress") or f"{entry.get('uid')}@{dn_domain(base)}"
    return entry.get("mail") if entry.has_class("zimbraGroup") else entry.get("cn")


def dn_domain(dn: str) -> str:
    """dc=example,dc=com -> example.com."""
    return ".".join(part.strip()[3:] for part in dn.split(",") if part.strip().lower().startswith("dc="))


def new_id() -> str:
    """A fresh zimbraId: a random UUID (version 4)."""
    data = bytearray(os.urandom(16))
    data[6] = data[6] & 0x0F | 0x40
    data[8] = data[8] & 0x3F | 0x80
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def gentime() -> str:
    """Now, as an LDAP generalized time with milliseconds, UTC."""
    now = time.time()
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03d}Z"
