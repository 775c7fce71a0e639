"""Zimbra's half of a snapshot straight from its LDAP server, for sites that allow it.

A bind that may not see everything gets no error: attributes, or whole entries, are just not there (Zimbra's access
rules show mail attributes to ``cn=admins,cn=zimbra`` and a few services alone). So the number of accounts is compared
with zmprov's own list, which is made by another account, before this way is trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from splittui.config.directory import LdapServer
from splittui.model.entries import ZimbraAccount
from splittui.model.snapshot import ZimbraHalf
from splittui.remote.aside import aside
from splittui.remote.errors import RemoteError, readable
from splittui.remote.ldap.decoder import Attributes
from splittui.remote.ldap.errors import INVALID_CREDENTIALS, NO_SUCH_OBJECT, LdapFault
from splittui.remote.password import Passwords
from splittui.remote.vantage import Vantage
from splittui.zimbra.half import Progress, Search, gather, neighbour_search, recipients, searches
from splittui.zimbra.neighbours import with_neighbours

if TYPE_CHECKING:
    from splittui.remote.ldap.connection import LdapConnection

Zmprov = Callable[..., tuple[int, str]]
"""Runs zmprov on the Zimbra host with these words: its exit status and what it printed. Raises RemoteError."""

_ACCOUNTS = 1
"""Which of ``searches`` finds the accounts."""


class ZimbraLdap:
    """Reads the half, over and over. For one thread; ``cancel`` may be called from any."""

    def __init__(
        self, server: LdapServer, passwords: Passwords, zmprov: Zmprov, vantage: Vantage | None = None
    ) -> None:
        self._server, self._passwords, self._vantage = server, passwords, vantage
        self._zmprov = zmprov
        self._trusted = False
        self._connection: LdapConnection | None = None

    def unlock(self) -> None:
        """Gets the password, so that reading need not ask for it. Raises RemoteError."""
        self._passwords.of(self._server)

    def cancel(self) -> None:
        """Breaks off a reading that goes on in another thread."""
        connection = self._connection
        if connection is not None:
            connection.cancel()

    def read(self, domain: str, read_at: float, progress: Progress) -> ZimbraHalf:
        """The half, partial where anything is doubtful. Raises RemoteError and DirectoryError where there is none."""
        from splittui.remote.ldap.connection import LdapConnection

        connection = self._connection = LdapConnection(self._server, self._passwords.of(self._server), self._vantage)
        try:
            with connection:
                known = None if self._trusted else aside("zmprov", lambda: self._accounts(domain))
                asked = _Asked(connection)
                half = gather(asked.everything(domain), domain, read_at, progress, lambda hosted: asked.trouble)
                half = with_neighbours(half, asked.neighbours)
                if known is not None and half.reading.complete:
                    half = self._compared(half, asked.accounts, known.result())
                return half
        except LdapFault as fault:
            if fault.code == INVALID_CREDENTIALS:
                self._passwords.forget(self._server)
            raise
        finally:
            if self._connection is connection:
                self._connection = None

    def _accounts(self, domain: str) -> int | str:
        """How many accounts zmprov lists; why it does not, where it does not."""
        try:
            status, said = self._zmprov("-l", "-m", "gaa", domain)
        except RemoteError as error:
            return str(error)
        if status != 0:
            return f"zmprov ended with {status}: {readable(said)}"
        return sum(line.strip().lower().endswith(f"@{domain}") for line in said.splitlines())

    def _compared(self, half: ZimbraHalf, seen: int, known: int | str) -> ZimbraHalf:
        host, who = self._server.host, readable(self._server.bind_dn) or "an anonymous reader"
        if isinstance(known, str):
            why = f"whether {host} shows everybody to {who} cannot be told, since zmprov gives no list: {known}"
        elif known != seen:
            why = f"{host} shows {seen:,} accounts to {who}, but zmprov lists {known:,}"
        else:
            self._trusted = True
            return half
        return replace(half, reading=replace(half.reading, complete=False, why_partial=why))


class _Asked:
    """What is asked on one connection, what is wrong with the answers, and how many accounts there were."""

    def __init__(self, connection: LdapConnection) -> None:
        self._connection = connection
        self.trouble = ""
        self.accounts = 0

    def everything(self, domain: str) -> Iterator[tuple[int, Attributes]]:
        """The entries, with the number of the search. Raises RemoteError where nothing came at all."""
        for number, search in enumerate(searches(domain)):
            for entry in self._entries(search, first=number == 0):
                self.accounts += number == _ACCOUNTS
                yield number, entry
            if self.trouble:
                return

    def neighbours(self, addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
        """Whoever of other domains has one of the addresses, and why these are not all."""
        found = list(self._entries(neighbour_search(addresses)))
        return list(recipients(found)), self.trouble

    def _entries(self, search: Search, first: bool = False) -> Iterator[Attributes]:
        from splittui.remote.ldap.paging import pages

        references: list[str] = []
        came = False
        try:
            for page in pages(self._connection, search.base, search.filter, search.attributes, references):
                came = came or bool(page)
                yield from page
        except RemoteError as error:
            if first and not came:
                raise
            missing = isinstance(error, LdapFault) and error.code == NO_SUCH_OBJECT and not came
            self.trouble = "the domain has no branch of people in Zimbra's directory" if missing else str(error)
        if references and not self.trouble:
            self.trouble = f"a part of the tree is on another server, which was not read: {readable(references[0])}"
