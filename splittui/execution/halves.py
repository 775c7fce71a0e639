"""Reading both halves of a snapshot at the same time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from splittui.config import Profile
from splittui.config.directory import LdapDirectory, LdapServer
from splittui.execution.standpoints import Standpoints
from splittui.legacy.directory import LegacyDirectory
from splittui.legacy.export import ExportError
from splittui.mailflow.world import Origin
from splittui.model.entries import Side
from splittui.model.router import LdapRouter
from splittui.model.snapshot import Snapshot, ZimbraHalf
from splittui.remote.aside import aside
from splittui.remote.errors import RemoteError
from splittui.remote.password import Passwords
from splittui.remote.vantage import Vantage
from splittui.zimbra.by_ldap import ZimbraLdap
from splittui.zimbra.half import DirectoryError
from splittui.zimbra.host import Zimbra
from splittui.zimbra.zmprov.errors import ZmprovError

Tell = Callable[[Side, int], None]
"""So many entries of a side have been read; called from either of two threads."""

_ORIGINS = {Side.ZIMBRA: Origin.ZIMBRA, Side.LEGACY: Origin.LEGACY}


class HalfFailed(Exception):
    """One half could not be read at all; ``error`` says why."""

    def __init__(self, side: Side, error: RemoteError | ExportError | DirectoryError | ZmprovError) -> None:
        super().__init__(str(error))
        self.side, self.error = side, error


class Halves:
    """Reads a site's two halves, over and over."""

    def __init__(self, profile: Profile, zimbra: Zimbra, standpoints: Standpoints, passwords: Passwords) -> None:
        self._domain, self._zimbra = profile.domain, zimbra
        source, router = profile.legacy.directory, profile.legacy.router
        self._legacy = LegacyDirectory(
            source,
            profile.domain,
            frozenset((profile.legacy.name.lower(), profile.split.legacy_nexthop.host)),
            passwords,
            vantage_of(source.server, standpoints) if isinstance(source, LdapDirectory) else None,
            router.attributes if isinstance(router, LdapRouter) else (),
        )
        self._by_ldap: ZimbraLdap | None = None
        if profile.zimbra.directory is not None:
            server, zmprov = profile.zimbra.directory, f"{profile.zimbra.home}/bin/zmprov"
            self._by_ldap = ZimbraLdap(
                server, passwords, lambda *words: zimbra.shell((zmprov, *words)), vantage_of(server, standpoints)
            )

    def unlock(self) -> None:
        """Gets the passwords that reading needs, which may mean to ask the operator. Raises HalfFailed."""
        for side, reader in ((Side.LEGACY, self._legacy), (Side.ZIMBRA, self._by_ldap)):
            try:
                if reader is not None:
                    reader.unlock()
            except RemoteError as error:
                raise HalfFailed(side, error) from error

    def read(self, tell: Tell) -> Snapshot:
        """Both halves; one that cannot be read whole is marked partial. Raises HalfFailed."""
        self.unlock()
        with _no_collections():
            legacy = aside("legacy", lambda: self._legacy.read(time.time(), lambda count: tell(Side.LEGACY, count)))
            try:
                zimbra = self._read_zimbra(tell)
            except BaseException:
                self._legacy.cancel()
                raise
            try:
                return Snapshot(zimbra, legacy.result())
            except (RemoteError, ExportError) as error:
                raise HalfFailed(Side.LEGACY, error) from error

    def cancel(self) -> None:
        """Breaks off what is not ended by closing the links; from any thread."""
        self._legacy.cancel()
        if self._by_ldap is not None:
            self._by_ldap.cancel()

    def _read_zimbra(self, tell: Tell) -> ZimbraHalf:
        reader = self._by_ldap or self._zimbra
        try:
            return reader.read(self._domain, time.time(), lambda count: tell(Side.ZIMBRA, count))
        except (RemoteError, DirectoryError, ZmprovError) as error:
            raise HalfFailed(Side.ZIMBRA, error) from error


def vantage_of(server: LdapServer, standpoints: Standpoints) -> Vantage | None:
    """Where a directory server is reached from; None: this machine."""
    return None if server.tunnel is None else standpoints.vantage(_ORIGINS[server.tunnel])


@contextmanager
def _no_collections() -> Iterator[None]:
    """What is read stays, and has no cycles: looking for garbage in it takes as long as reading it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
