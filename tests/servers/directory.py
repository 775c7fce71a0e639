"""Zimbra's directory in the lab: a real slapd, and what a test changes in it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Literal

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_filter_chars

from splittui.lab.home import ADMIN_DN
from tests.servers import zimbra_schema
from tests.servers.capsule import Capsule
from tests.servers.first_entries import (
    ACCESS,
    ADMIN_PASSWORD,
    CONFIG_DN,
    SERVER_DN,
    domain_dn,
    first_entries,
    person_dn,
)
from tests.servers.ground import wait_until
from tests.servers.hosts import DOMAIN, LDAP_PORT, ON_ZIMBRA, ZIMBRA
from tests.servers.slapd import Slapd

Values = str | Sequence[str] | None
"""An attribute's value or values; None for none."""
Entry = dict[str, list[str]]
Scope = Literal["BASE", "LEVEL", "SUBTREE"]

SECONDS = 10


class DirectoryDown(Exception):
    """slapd does not answer."""


class ZimbraDirectory:
    """Use it as a context manager. All names in it are those of a Zimbra directory, whose suffix is empty."""

    def __init__(self, capsule: Capsule) -> None:
        self._capsule = capsule
        self._lock = threading.Lock()
        self._connection: ldap3.Connection | None = None
        folder = capsule.folder / "ldap"
        folder.mkdir()
        (folder / "zimbra.schema").write_text(zimbra_schema.schema())
        self.server = Slapd(
            folder,
            suffix="",
            schemas=("core", "cosine", "inetorgperson", folder / "zimbra.schema"),
            globals=zimbra_schema.GLOBALS,
            database=(*zimbra_schema.DATABASE, *ACCESS),
            address=ZIMBRA.address,
            port=LDAP_PORT,
            command=capsule.enter_network,
        )

    def __enter__(self) -> ZimbraDirectory:
        self.server.load(first_entries())
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def start(self) -> None:
        """Starts slapd, the first time or after ``server.stop``."""
        self.server.start()
        wait_until(lambda: self._capsule.listens(self.server.address, self.server.port), "slapd answers", SECONDS)

    def account_of(self, address: str) -> Entry | None:
        """The account with this delivery address or alias, as Zimbra's mailbox server looks for it. DirectoryDown."""
        named = escape_filter_chars(address)
        either = f"(|(zimbraMailDeliveryAddress={named})(zimbraMailAlias={named}))"
        found = self.search("", f"(&(objectClass=zimbraAccount){either})")
        return next(iter(found.values()), None)

    def search(self, base: str, query: str, scope: Scope = ldap3.SUBTREE) -> dict[str, Entry]:
        """Entries by their names. Raises DirectoryDown."""
        with self._lock:
            try:
                connection = self._connected()
                connection.search(base, query, scope, attributes=["*"])
            except LDAPException as error:
                self._connection = None
                raise DirectoryDown(str(error)) from error
            return {
                item["dn"]: {
                    name: [value.decode() for value in values] for name, values in item["raw_attributes"].items()
                }
                for item in connection.response or ()
                if "dn" in item
            }

    def change(self, dn: str, changes: Mapping[str, Values]) -> None:
        """Replaces the values of these attributes."""
        self._do("modify", dn, {name: [(ldap3.MODIFY_REPLACE, _values(values))] for name, values in changes.items()})

    def add(self, dn: str, classes: Sequence[str], attributes: Mapping[str, Values]) -> None:
        given = {name: _values(values) for name, values in attributes.items()}
        self._do("add", dn, list(classes), {name: values for name, values in given.items() if values})

    def remove(self, dn: str) -> None:
        self._do("delete", dn)

    def account(self, local: str, **attributes: Values) -> None:
        """A new account, as Zimbra makes it: on its own server, active, with the transport to its mailbox.

        ``zimbraMailTransport=None`` leaves out an attribute that has a default. closed and pending accounts are hidden
        from Postfix, as Zimbra does it (zm-mailbox, AccountStatus).
        """
        status = attributes.get("zimbraAccountStatus", "active")
        address = f"{local}@{DOMAIN}"
        defaults: dict[str, Values] = {
            "cn": local,
            "sn": local,
            "zimbraId": str(uuid.uuid4()),
            "mail": address,
            "zimbraMailDeliveryAddress": address,
            "zimbraAccountStatus": "active",
            "zimbraMailStatus": "disabled" if status in ("closed", "pending") else "enabled",
            "zimbraMailHost": ZIMBRA.name,
            "zimbraMailTransport": ON_ZIMBRA,
        }
        self.add(person_dn(local), ("inetOrgPerson", "zimbraAccount"), {**defaults, **attributes})

    def distribution_list(self, local: str, members: Sequence[str]) -> None:
        address = f"{local}@{DOMAIN}"
        given = {"mail": address, "zimbraMailAlias": address, "zimbraMailForwardingAddress": members}
        classes = ("zimbraDistributionList", "zimbraMailRecipient")
        self.add(person_dn(local), classes, {**given, "zimbraId": str(uuid.uuid4()), "zimbraMailStatus": "enabled"})

    def alias_domain(self, name: str) -> None:
        """Another name for the domain, as the administrator's page makes it."""
        attributes = {
            "o": f"{name} domain",
            "zimbraId": str(uuid.uuid4()),
            "zimbraDomainName": name,
            "zimbraDomainType": "alias",
            "zimbraMailStatus": "enabled",
            "zimbraMailCatchAllAddress": f"@{name}",
            "zimbraMailCatchAllForwardingAddress": f"@{DOMAIN}",
        }
        parent = domain_dn(name).partition(",")[2]
        if not self.search(parent, "(objectClass=*)", ldap3.BASE):
            self.add(parent, ("dcObject", "organization"), {"o": parent})
        self.add(domain_dn(name), ("dcObject", "organization", "zimbraDomain"), attributes)

    def effective_settings(self) -> Entry:
        """The global configuration, with the server's own values in front: those hide the global ones."""
        general = self.search(CONFIG_DN, "(objectClass=*)", ldap3.BASE)[CONFIG_DN]
        return {**general, **self.search(SERVER_DN, "(objectClass=*)", ldap3.BASE)[SERVER_DN]}

    def _do(self, operation: str, dn: str, *arguments: object) -> None:
        with self._lock:
            connection = self._connected()
            done = getattr(connection, operation)(dn, *arguments)
            assert done, f"{operation} {dn}: {connection.result['description']} {connection.result['message']}"

    def _connected(self) -> ldap3.Connection:
        if self._connection is None or self._connection.closed:
            server = ldap3.Server(ZIMBRA.address, LDAP_PORT, get_info=ldap3.NONE, connect_timeout=SECONDS)
            with self._capsule.network():
                self._connection = ldap3.Connection(
                    server, ADMIN_DN, ADMIN_PASSWORD, auto_bind=True, receive_timeout=SECONDS
                )
        return self._connection


def _values(values: Values) -> list[str]:
    if values is None:
        return []
    return [values] if isinstance(values, str) else list(values)
