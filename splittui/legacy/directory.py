"""The existing mail system's half of a snapshot, from wherever the profile says that its people are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from splittui.config.directory import CsvExport, Directory, LdapDirectory, LdifExport
from splittui.legacy.export import read_export
from splittui.legacy.ldif_export import read_ldif
from splittui.legacy.mapping import Mapper, people_filter, rules
from splittui.legacy.people import People
from splittui.model.snapshot import LegacyHalf
from splittui.remote.errors import RemoteError, readable
from splittui.remote.password import Passwords
from splittui.remote.vantage import Vantage

if TYPE_CHECKING:
    from splittui.remote.ldap.connection import LdapConnection

Progress = Callable[[int], None]

# Active Directory always refers to these partitions from its root; nobody is in them (MS-ADTS 3.1.1.1.5).
_EMPTY_PARTITIONS = ("cn=configuration,", "dc=domaindnszones,", "dc=forestdnszones,")


class LegacyDirectory:
    """Reads the people. ``hosts`` are the existing system's own names; ``vantage`` is where its LDAP server is reached
    from; ``routing`` are attributes that its router changes.
    """

    def __init__(
        self,
        settings: Directory,
        domain: str,
        hosts: frozenset[str],
        passwords: Passwords,
        vantage: Vantage | None = None,
        routing: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        self._domain, self._hosts, self._routing = domain, hosts, tuple(routing)
        self._passwords, self._vantage = passwords, vantage
        self._connection: LdapConnection | None = None

    def unlock(self) -> None:
        """Gets the password, if one is needed, so that reading need not ask for it. Raises RemoteError."""
        if isinstance(self._settings, LdapDirectory):
            self._passwords.of(self._settings.server)

    def read(self, read_at: float, progress: Progress) -> LegacyHalf:
        """Everybody. Raises ExportError and RemoteError where nobody can be read; what ends early is partial."""
        match self._settings:
            case CsvExport(path):
                return read_export(path, self._domain, read_at, progress)
            case LdifExport(path, mapping):
                return read_ldif(path, Mapper(mapping, self._domain, self._hosts), read_at, progress)
            case LdapDirectory():
                return self._by_ldap(self._settings, read_at, progress)

    def cancel(self) -> None:
        """Breaks off a reading that goes on in another thread."""
        connection = self._connection
        if connection is not None:
            connection.cancel()

    def _by_ldap(self, settings: LdapDirectory, read_at: float, progress: Progress) -> LegacyHalf:
        from splittui.remote.ldap.connection import LdapConnection
        from splittui.remote.ldap.errors import INVALID_CREDENTIALS, LdapFault
        from splittui.remote.ldap.paging import pages

        mapping, server = settings.mapping, settings.server
        people = People(Mapper(mapping, self._domain, self._hosts), self._routing)
        attributes = tuple(dict.fromkeys((*rules(mapping).attributes(), *self._routing)))
        references: list[str] = []
        connection = self._connection = LdapConnection(server, self._passwords.of(server), self._vantage)
        try:
            with connection:
                filter_ = settings.filter or people_filter(mapping, self._domain)
                for entries in pages(connection, settings.base, filter_, attributes, references):
                    people.add(entries)
                    progress(people.seen)
        except RemoteError as error:
            if isinstance(error, LdapFault) and error.code == INVALID_CREDENTIALS:
                self._passwords.forget(server)
            if not people.seen:
                raise
            people.doubt(f"{error} after {people.seen} entries")
        finally:
            if self._connection is connection:
                self._connection = None
        for reference in references:
            if not any(partition in reference.lower() for partition in _EMPTY_PARTITIONS):
                people.doubt(
                    f"a part of the tree is on another server, which was not read: {readable(reference)} "
                    "(if nobody is there, let base name a part of the tree without it)"
                )
        return people.half(read_at, f"the directory on {server.host} below {readable(settings.base)}")
