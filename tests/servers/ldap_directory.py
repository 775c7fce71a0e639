"""The directory of the emulated zmprov on a real LDAP server, and that zmprov as a program.

``python -m tests.servers.ldap_directory ARGS`` is ``python -m splittui.lab.zmprov ARGS``, except that it works on the
server that the ZIMBRA_HOME's localconfig names, as the real one does: ``ldap_url``, ``zimbra_ldap_userdn``,
``zimbra_ldap_password``.
"""

from __future__ import annotations

import base64
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPEntryAlreadyExistsResult,
    LDAPException,
    LDAPNoSuchObjectResult,
    LDAPNotAllowedOnNotLeafResult,
    LDAPOperationResult,
)
from ldap3.utils.conv import escape_filter_chars

from splittui.lab.directory import (
    INDEXED,
    INDEXED_CLASSES,
    AnyAttrs,
    Attrs,
    DirectoryDownError,
    DirectoryError,
    EntryExistsError,
    NoSuchEntryError,
    NotALeafError,
    dn_path,
)
from splittui.lab.home import Home
from splittui.lab.prov.errors import failure
from splittui.lab.prov.rules import LdapRefusalError
from splittui.lab.prov.schema import Schema
from splittui.lab.zmprov import main

PAGE = 1000
SECONDS = 30
"""How long a connection may take to come about (Zimbra's ldap_connect_timeout)."""

# How zm-mailbox's LdapException names a refusal, by LDAP result code (RFC 4511).
_REFUSALS = {17: "name", 19: "value", 21: "value", 65: "class"}
# The syntax Certificate travels with this option, or not at all (RFC 4523).
_TRANSFER = {"userCertificate": "userCertificate;binary"}

T = TypeVar("T")
Found = tuple[str, Attrs]
Change = tuple[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class Account:
    """Where the server is, and who works on it."""

    url: str
    user: str
    password: str = field(repr=False)


class LdapDirectory:
    """``LdapLike`` over one connection. Use it as a context manager. Raises DirectoryDownError, DirectoryError.

    A change is whole by itself, and there is nothing larger; what a command changed before it failed stays changed.
    ``replace`` sends only what differs from the entry as this command read it, so that two processes that change
    different attributes of an entry both keep their changes. Refusals of the server raise LdapRefusalError.
    """

    def __init__(self, account: Account, schema: Schema) -> None:
        self._account = account
        self._schema = schema
        self._command = 0
        self._read: dict[str, Attrs] = {}
        try:
            self._connection = self._connect()
        except LDAPCommunicationError as error:
            raise DirectoryDownError(f"{account.url} does not answer: {error}") from error
        except LDAPException as error:
            raise DirectoryError(f"{account.url} does not let {account.user} in: {error}") from error

    def __enter__(self) -> LdapDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.unbind()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """The time of one command: entries count as they were when it first read them. May be nested."""
        self._command += 1
        try:
            yield
        finally:
            self._command -= 1
            if not self._command:
                self._read.clear()

    def entry(self, dn: str) -> Attrs | None:
        """See LdapLike."""
        try:
            return next((attrs for _, attrs in self._search(dn, ldap3.BASE)), None)
        except NoSuchEntryError:
            return None

    def under(self, base: str) -> Iterator[Found]:
        """See LdapLike. It is read before the first entry is handed out: the connection does one search at a time."""
        try:
            found = self._search(base)
        except NoSuchEntryError:
            return
        yield from found

    def find(self, attribute: str, value: str) -> list[Found]:
        """See LdapLike. In the server's order, as ``having`` and ``under``."""
        if attribute.lower() != "objectclass" or value.lower() not in INDEXED_CLASSES:
            _check_indexed(attribute)
        return self._search("", query=f"({attribute}={escape_filter_chars(value)})")

    def having(self, attribute: str) -> Iterator[Found]:
        """See LdapLike."""
        _check_indexed(attribute)
        return iter(self._search("", query=f"({attribute}=*)"))

    def add(self, dn: str, attrs: AnyAttrs) -> None:
        """See LdapLike. The entry above it must be there."""
        attributes = {_TRANSFER.get(name, name): self._raw(name, values) for name, values in attrs.items() if values}
        self._ask(lambda connection: connection.add(dn, attributes=attributes))
        self._remember(dn, attrs)

    def replace(self, dn: str, attrs: AnyAttrs) -> None:
        """See LdapLike."""
        before = self._read.get(dn_path(dn)) or self.entry(dn)
        if before is None:
            raise NoSuchEntryError(f"no such entry: {dn}")
        changes = {_TRANSFER.get(name, name): change for name, change in self._changes(before, attrs)}
        if changes:
            self._ask(lambda connection: connection.modify(dn, changes))
        self._remember(dn, attrs)

    def delete(self, dn: str) -> None:
        """See LdapLike."""
        self._ask(lambda connection: connection.delete(dn))
        self._read.pop(dn_path(dn), None)

    def _changes(self, before: AnyAttrs, after: AnyAttrs) -> Iterator[tuple[str, list[Change]]]:
        """What zmprov sends for ``+attribute``, ``-attribute`` and ``attribute``: a value more, one less, new ones."""
        for name in dict.fromkeys((*before, *after)):
            old, new = before.get(name, ()), after.get(name, ())
            more = [value for value in new if value not in old]
            less = [value for value in old if value not in new]
            if not more and not less:
                continue
            info = self._schema.get(name)
            has_values = info is not None and info.multi and not info.binary
            if has_values and new and not (more and less):
                kind = ldap3.MODIFY_ADD if more else ldap3.MODIFY_DELETE
                yield name, [(kind, self._raw(name, more or less))]
            else:
                yield name, [(ldap3.MODIFY_REPLACE, self._raw(name, new))]

    def _raw(self, name: str, values: Sequence[str]) -> list[bytes]:
        info = self._schema.get(name)
        if info is not None and info.binary:
            return [base64.b64decode(value) for value in values]
        return [value.encode("utf-8", "surrogateescape") for value in values]

    def _text(self, name: str, values: Sequence[bytes]) -> list[str]:
        info = self._schema.get(name)
        if info is not None and info.binary:
            return [base64.b64encode(value).decode() for value in values]
        return [value.decode("utf-8", "surrogateescape") for value in values]

    def _search(self, base: str, scope: str = ldap3.SUBTREE, query: str = "(objectClass=*)") -> list[Found]:
        def pages(connection: ldap3.Connection) -> list[dict[str, Any]]:
            search = connection.extend.standard.paged_search
            found: list[dict[str, Any]] = search(base, query, scope, attributes="*", paged_size=PAGE, generator=False)
            return found

        found: list[Found] = []
        for answer in self._ask(pages):
            raw = {name.partition(";")[0]: values for name, values in answer["raw_attributes"].items()}
            attrs = {name: self._text(name, values) for name, values in raw.items()}
            found.append((answer["dn"], attrs))
            if self._command:
                self._read.setdefault(dn_path(answer["dn"]), _copy(attrs))
        return found

    def _remember(self, dn: str, attrs: AnyAttrs) -> None:
        if self._command:
            self._read[dn_path(dn)] = _copy(attrs)

    def _connect(self) -> ldap3.Connection:
        server = ldap3.Server(self._account.url, get_info=ldap3.NONE, connect_timeout=SECONDS)
        return ldap3.Connection(
            server,
            self._account.user,
            self._account.password,
            auto_bind=True,
            check_names=False,
            raise_exceptions=True,
        )

    def _ask(self, operation: Callable[[ldap3.Connection], T]) -> T:
        try:
            try:
                return operation(self._connection)
            except LDAPCommunicationError:
                # zmprov tries once more, on a new connection (zm-mailbox, LdapConnectionPool).
                self._connection = self._connect()
                return operation(self._connection)
        except LDAPEntryAlreadyExistsResult as error:
            raise EntryExistsError(error.message) from error
        except LDAPNoSuchObjectResult as error:
            raise NoSuchEntryError(f"no such entry, or none above it: {error.dn}") from error
        except LDAPNotAllowedOnNotLeafResult as error:
            raise NotALeafError(error.message) from error
        except LDAPOperationResult as error:
            raise LdapRefusalError(_REFUSALS.get(error.result, "other"), error.message or error.description) from error
        except LDAPException as error:
            raise failure(f"LDAP error:  - {self._account.url}: {error}") from error


def _check_indexed(attribute: str) -> None:
    if attribute.lower() not in INDEXED:
        raise KeyError(f"{attribute} is not indexed")


def _copy(attrs: AnyAttrs) -> Attrs:
    return {name: list(values) for name, values in attrs.items()}


def of_localconfig(home: Home) -> LdapDirectory:
    """The directory that a home's localconfig names."""
    keys = home.localconfig()
    account = Account(keys["ldap_url"].split()[0], keys["zimbra_ldap_userdn"], keys["zimbra_ldap_password"])
    return LdapDirectory(account, Schema())


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main([os.fsencode(argument) for argument in sys.argv[1:]], dict(os.environ), of_localconfig))
