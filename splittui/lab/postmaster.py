"""What the lab's two MTAs answer to RCPT TO, by mail flow, from what both systems hold at that moment."""

from __future__ import annotations

import threading
from pathlib import Path

from splittui.lab.directory import Directory, DirectoryError
from splittui.lab.home import Home
from splittui.lab.mail_world import ADDRESSES, names, world
from splittui.lab.people_entries import LEGACY, SERVER
from splittui.lab.world import Place, State, WorldError
from splittui.mailflow import legacy
from splittui.mailflow.accept import accept
from splittui.mailflow.maps import Maps
from splittui.mailflow.route import OK, Outcome, Reply
from splittui.mailflow.settings import settings
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.walk import Ground
from splittui.mailflow.world import Client, Names, Origin, System
from splittui.planning.setup.backscatter import VERIFY

HOSTS = {System.ZIMBRA: SERVER, System.LEGACY: LEGACY}

_DOWN = Reply(451, "4.3.0 Temporary lookup failure")
_Stamp = tuple[object, ...]


class Postmaster:
    """Asked from many threads. The world is made again only after something in it has changed."""

    def __init__(self, home: Home) -> None:
        self._home, self._place = home, Place.of(home)
        self._lock = threading.Lock()
        self._directory: Directory | None = None
        self._made: tuple[_Stamp, Ground] | None = None

    def close(self) -> None:
        """Gives the directory back; a later question opens it again."""
        with self._lock:
            if self._directory is not None:
                self._directory.close()
            self._directory = self._made = None

    def names(self) -> Names:
        """What the DNS of the lab holds. Raises WorldError."""
        return names(self._place.state())

    def listens(self, system: System, origin: Origin) -> bool:
        """Whether somebody takes a connection from there on that system's port 25. Raises WorldError."""
        state = self._place.state()
        walled = state.firewall and system is System.ZIMBRA and origin is Origin.INTERNET
        return system.value not in state.off and not walled

    def recipient(self, system: System, origin: Origin, address: str) -> Reply:
        """The reply to RCPT TO on a system's MTA, for a client that is of this origin."""
        try:
            state, ground = self._place.state(), self._ground()
        except (DirectoryError, WorldError, OSError):
            return _DOWN
        client = ground.client(origin)
        if system is System.ZIMBRA:
            if not self._home.settings().ldap:
                return _DOWN
            reply = accept(ground.maps, ground.settings, address, client)[0]
            return _verified(ground, address) if reply.accepted and _is_verified(ground, client) else reply
        if refused := _refused(state, origin):
            return refused
        return legacy.receive(ground.world, address, client)[0]

    def _ground(self) -> Ground:
        with self._lock:
            if self._directory is None:
                self._directory = Directory(self._home.directory_file, any_thread=True)
            stamp = (self._directory.changes(), *map(_stamp, (self._place.file, self._place.people.path)))
            if self._made is None or self._made[0] != stamp:
                now = world(self._directory, self._place)
                self._made = (stamp, Ground(now, Maps(now.entries), settings(now)))
            return self._made[1]


def _is_verified(ground: Ground, client: Client) -> bool:
    return not client.trusted and VERIFY in ground.world.setting("zimbraMtaRestriction")


def _verified(ground: Ground, address: str) -> Reply:
    """What Postfix says after it has tried the address (postconf(5), unverified_recipient_reject_code)."""
    route = Tracer(ground.world, ground.maps).route(address, Origin.INTERNET, System.ZIMBRA)
    if route.outcome not in (Outcome.BOUNCED, Outcome.LOOPED):
        return OK
    why = route.ends[0].text if route.ends else "it is not delivered"
    return Reply(450, f"4.1.1 <{address}>: Recipient address rejected: unverified address: {why}")


def _refused(state: State, origin: Origin) -> Reply | None:
    if origin is not Origin.ZIMBRA or state.accepts:
        return None
    return Reply(554, f"5.7.1 <{SERVER}[{ADDRESSES[SERVER][0]}]>: Client host rejected: Access denied")


def _stamp(file: Path) -> tuple[int, int, int]:
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
