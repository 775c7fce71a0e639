"""A login on one host, kept for as long as it lasts: connects when first needed, and again when the link was lost."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from splittui.config import SshLogin
from splittui.remote.command import Become, Way
from splittui.remote.errors import BecomeRefused, HostKeyUnknown, RemoteError
from splittui.remote.known_hosts import accept
from splittui.remote.ssh_config import Overrides, resolve

if TYPE_CHECKING:
    from splittui.remote.link import Link


class Login:
    """One account on one host. Safe to use from several threads.

    ``program`` is the one program (with its arguments) that is worth having where sudo allows no shell.
    """

    def __init__(self, account: SshLogin, program: Sequence[str]) -> None:
        self._account = account
        self._program = tuple(program)
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._become: Become | None = None
        self.only_program = ""

    @property
    def link(self) -> Link | None:
        """The link as it is; None before the first connection."""
        return self._link

    @property
    def alive(self) -> bool:
        return self._link is not None and self._link.alive

    def connected(self) -> tuple[Link, Become]:
        """The link, and how commands become the right user on it. Raises RemoteError."""
        from splittui.remote.link import Link

        with self._lock:
            if self._link is not None and self._link.alive and self._become is not None:
                return self._link, self._become
            account = self._account
            target = resolve(
                account.host,
                Overrides(
                    port=account.port,
                    user=account.user,
                    identity_files=(account.key_file,) if account.key_file else (),
                    known_hosts_files=(account.known_hosts,),
                ),
            )
            link = Link.connect(target)
            try:
                self._become = self._allowed(link)
            except RemoteError:
                link.close()
                raise
            self._link = link
            return link, self._become

    def trust(self, fingerprint: str) -> bool:
        """Accepts the host's key for good if this is its fingerprint (``SHA256:...``); false where it is known already.

        Raises RemoteError, HostKeyUnknown where the host shows another key.
        """
        try:
            self.connected()
        except HostKeyUnknown as error:
            if error.key.fingerprint != fingerprint:
                raise
            accept(error.name, error.port, error.key, self._account.known_hosts)
            return True
        return False

    def close(self) -> None:
        """Ends the connection; safe to call twice and from any thread."""
        if self._link is not None:
            self._link.close()

    def _allowed(self, link: Link) -> Become:
        from splittui.remote.access import Access, probe_become

        account = self._account
        way = Way(account.become)
        wanted = Become(way, "" if way is Way.DIRECT else account.run_as)
        access = probe_become(link, wanted, self._program)
        if access.become is None:
            raise BecomeRefused(link.host, account.run_as, access.reason, next_step=access.next_step)
        self.only_program = f"{access.reason}. {access.next_step}" if access.access is Access.PROGRAM else ""
        return access.become
