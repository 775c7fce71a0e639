"""Attributes of a person's entry in the existing mail system's directory: read, changed, and never overwritten blindly.

One modify operation is carried out whole or not at all (RFC 4511, 4.6). It takes away the old values by name, which the
server refuses where they are not there any more, and asserts what is to be there before (RFC 4528, where the server
knows it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from splittui.config.directory import LdapServer
from splittui.legacy.routers.errors import RouteError
from splittui.planning.route_change import EntryChange
from splittui.remote.errors import RemoteError, readable
from splittui.remote.password import Passwords
from splittui.remote.vantage import Vantage

if TYPE_CHECKING:
    from splittui.remote.ldap.connection import LdapConnection, Operation

_OBJECT_CLASS_VIOLATION = 65


class DirectoryEntries:
    """The entries of one directory; connects when first needed, and again after a fault. For one thread."""

    def __init__(self, server: LdapServer, passwords: Passwords, vantage: Vantage | None = None) -> None:
        self._server, self._passwords, self._vantage = server, passwords, vantage
        self._connection: LdapConnection | None = None

    def open(self) -> None:
        """Connects and binds, so that what stands in the way is known at once. Raises RemoteError."""
        self._connected()

    def look(self, change: EntryChange) -> dict[str, tuple[str, ...]]:
        """The attributes as they are now. Raises RouteError and RemoteError."""
        return self._find(change)[1]

    def make(self, change: EntryChange) -> None:
        """Changes all of the attributes, or none. Raises RouteError and RemoteError."""
        from splittui.remote.ldap import errors

        dn, seen = self._find(change)
        if any(sorted(seen[each.attribute]) != sorted(each.before) for each in change.changes):
            raise RouteError(f"{readable(dn)} was changed in between")
        operations: list[tuple[Operation, str, tuple[str, ...]]] = []
        for each in change.changes:
            if each.before != each.after:
                operations += [("MODIFY_DELETE", each.attribute, each.before)] if each.before else []
                operations += [("MODIFY_ADD", each.attribute, each.after)] if each.after else []
        try:
            self._connected().modify(dn, operations, _as_before(change))
        except errors.LdapFault as fault:
            raise self._refused(dn, fault) from fault

    def _refused(self, dn: str, fault: RemoteError) -> Exception:
        from splittui.remote.ldap import errors

        code = fault.code if isinstance(fault, errors.LdapFault) else None
        if code is None:
            self.close()
            return fault
        if code in (errors.NO_SUCH_ATTRIBUTE, errors.VALUE_EXISTS, errors.ASSERTION_FAILED):
            return RouteError(f"{readable(dn)} was changed in between")
        if code == _OBJECT_CLASS_VIOLATION:
            return RouteError(
                f"{fault}: {readable(dn)} needs an object class that allows the attribute (for mailHost and "
                "mailRoutingAddress that is inetLocalMailRecipient)"
            )
        return RouteError(f"{fault}. {fault.next_step}")

    def _find(self, change: EntryChange) -> tuple[str, dict[str, tuple[str, ...]]]:
        """The DN of the one entry, and its attributes."""
        names = [each.attribute for each in change.changes]
        filter_ = f"({change.attribute}={_escaped(change.value)})"
        kept = self._connection is not None
        try:
            answer = self._connected().search(change.base, filter_, names)
        except RemoteError:
            self.close()
            if not kept:
                raise
            # A server ends a connection on which nothing was said for a while.
            answer = self._connected().search(change.base, filter_, names)
        if answer.fault is not None:
            raise RouteError(f"{answer.fault}. {answer.fault.next_step}")
        if len(answer.entries) != 1:
            found = f"{len(answer.entries)} entries" if answer.entries else "no entry"
            where = f"{change.attribute}={change.value} below {change.base}"
            raise RouteError(f"{self._server.host} has {found} with {where}")
        entry: Mapping[str, list[str]] = answer.entries[0]
        return entry["dn"][0], {name: tuple(entry.get(name.lower(), ())) for name in names}

    def _connected(self) -> LdapConnection:
        from splittui.remote.ldap.connection import LdapConnection
        from splittui.remote.ldap.errors import INVALID_CREDENTIALS, LdapFault

        if self._connection is None:
            connection = LdapConnection(self._server, self._passwords.of(self._server), self._vantage)
            try:
                connection.__enter__()
            except LdapFault as fault:
                if fault.code == INVALID_CREDENTIALS:
                    self._passwords.forget(self._server)
                raise
            self._connection = connection
        return self._connection

    def close(self) -> None:
        """Ends the connection; safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _as_before(change: EntryChange) -> str:
    """A filter that holds as long as the entry is as it was."""
    parts = []
    for each in change.changes:
        parts += [f"({each.attribute}={_escaped(value)})" for value in each.before] or [f"(!({each.attribute}=*))"]
    return f"(&{''.join(parts)})"


def _escaped(value: str) -> str:
    """RFC 4515: what would be read as structure becomes ``\\xx``."""
    return "".join(f"\\{ord(char):02x}" if char in "\\*()\0" else char for char in value)
