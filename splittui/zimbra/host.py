"""The Zimbra host as it is reached: one SSH link, zmprov sessions and programs run there as zimbra."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from splittui import config
from splittui.model.entries import ZimbraAccount
from splittui.model.snapshot import ZimbraHalf
from splittui.model.text import clean
from splittui.remote import Command, ProcessEnded, RemoteError, RemoteTimeout, readable
from splittui.remote.login import Login
from splittui.zimbra import directory
from splittui.zimbra.by_zmprov import read_half_by_zmprov
from splittui.zimbra.half import DirectoryError
from splittui.zimbra.lock import CHANNEL, Holder, Locked
from splittui.zimbra.neighbours import with_neighbours
from splittui.zimbra.zmprov.errors import SessionEnded
from splittui.zimbra.zmprov.session import Direction, Listener, ZmprovSession

if TYPE_CHECKING:
    from splittui.remote import RemoteProcess

SILENCE_SECONDS = 60.0
"""How long ldapsearch may say nothing before the reading is given up; a dead link is noticed much earlier."""

OWN_LOCK_SECONDS = 30.0
"""How long a run waits for a zmprov of its own site that a lost link or an earlier run left behind."""

OTHER_LOCK_SECONDS = 10.0
"""How long it waits for anybody else's: a run that has just ended holds the lock until its JVM is gone."""


class Zimbra:
    """One Zimbra host. Connects when first needed, and again when the link was lost and something new is asked for."""

    def __init__(self, settings: config.ZimbraHost, domain: str) -> None:
        self._name, self._domain = settings.name, domain
        self._home = settings.home
        self._login = Login(settings.ssh, (f"{settings.home}/bin/zmprov", "-l", "-m"))
        self._lock = threading.Lock()
        self._spare: ZmprovSession | None = None

    @property
    def login(self) -> Login:
        """The login on the host."""
        return self._login

    def locked_session(self, listener: Listener, holder: Holder) -> ZmprovSession:
        """As ``session``, with the lock on the host, until it ends. Raises Locked, RemoteError and ZmprovError.

        Where sudo allows zmprov alone, or the host has no flock, there is no lock to be had.
        """
        session = self.session(listener)
        if self._login.connected()[1].limited:
            return session
        began = time.monotonic()
        while True:
            state, _, found = session.aside(f"lock {holder.line}").partition(" ")
            if state in ("held", "none"):
                return session
            patience = OWN_LOCK_SECONDS if holder.mark in found else OTHER_LOCK_SECONDS
            if time.monotonic() - began > patience:
                _end(session)
                raise Locked(self._name, self._domain, clean(found))
            time.sleep(0.2)

    def session(self, listener: Listener) -> ZmprovSession:
        """A zmprov that has read nothing yet: the spare one, or a new one. Raises RemoteError and ZmprovError.

        zmprov keeps accounts that it has read for 15 minutes (ldap_cache_account_maxage), so one that was used before
        could not tell whether an account was changed since.
        """
        was_alive = self._login.alive
        link, become = self._login.connected()
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and was_alive:
            spare.listener = listener
            return spare
        if become.limited:
            command = Command((f"{self._home}/bin/zmprov", "-l", "-m"), become, merge_stderr=True)
        else:
            command = Command.script(CHANNEL, self._home, self._domain, become=become, merge_stderr=True)
        session = ZmprovSession(_ProcessStream(link.start(command)), listener)
        session.open()
        return session

    def release(self, session: ZmprovSession) -> None:
        """Ends a session that is at its prompt."""
        _end(session)

    def warm(self) -> None:
        """Starts a spare zmprov, so that the next run need not wait for a JVM. Raises RemoteError and ZmprovError."""
        if self.is_warm:
            return
        fresh = self.session(not_listening)
        with self._lock:
            replaced, self._spare = self._spare, fresh
        if replaced is not None:
            _end(replaced)

    @property
    def is_warm(self) -> bool:
        """Whether a spare zmprov stands ready."""
        return self._spare is not None and self._login.alive

    def shell(self, argv: tuple[str, ...]) -> tuple[int, str]:
        """Runs a program as zimbra: its exit status and what it printed. Raises RemoteError."""
        link, become = self._login.connected()
        done = link.run(Command(argv, become.as_limited() if become.limited else become, merge_stderr=True))
        return done.status, done.stdout.decode(errors="replace")

    def read(self, domain: str, read_at: float, progress: Callable[[int], None]) -> ZimbraHalf:
        """Zimbra's half of a snapshot. Raises RemoteError, ZmprovError and DirectoryError."""
        link, become = self._login.connected()
        if become.limited:
            session = self.session(not_listening)
            half = read_half_by_zmprov(session, domain, read_at, progress)
            self.release(session)
            return half
        mark = directory.new_mark()
        arguments = directory.script_arguments(self._home, mark, domain)
        with link.start(Command.script(directory.SCRIPT, *arguments, become=become)) as process:
            try:
                half = directory.read_half(process.blocks(SILENCE_SECONDS), mark, domain, read_at, progress)
            except DirectoryError as error:
                raise DirectoryError(f"{error}{_words(process)}") from error
            if not half.reading.complete:
                why = f"{half.reading.why_partial}{_words(process)}"
                return replace(half, reading=replace(half.reading, why_partial=why))
        return with_neighbours(half, self._neighbours)

    def _neighbours(self, addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
        link, become = self._login.connected()
        mark = directory.new_mark()
        arguments = directory.neighbour_arguments(self._home, mark, addresses)
        with link.start(Command.script(directory.SCRIPT, *arguments, become=become)) as process:
            found, why = directory.read_neighbours(process.blocks(SILENCE_SECONDS), mark)
            return found, f"{why}{_words(process)}" if why else ""

    def close(self) -> None:
        """Ends zmprov and the link; safe to call twice and from any thread."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and self._login.alive:
            _end(spare)
        self._login.close()


def not_listening(direction: Direction, text: str) -> None:
    """A session that nobody watches."""


def _words(process: RemoteProcess) -> str:
    """The far end's own words on what went wrong, in brackets."""
    said = readable(process.stderr)
    return f" (it said: {said})" if said else ""


def _end(session: ZmprovSession) -> None:
    try:
        session.close()
    except RemoteError:
        # Its host is gone, and with the link its input: zmprov ends by itself at the end of its input.
        return


class _ProcessStream:
    """A remote process as the zmprov session wants it."""

    def __init__(self, process: RemoteProcess) -> None:
        self._process = process

    def write(self, data: bytes) -> None:
        try:
            self._process.write(data)
        except ProcessEnded as error:
            raise SessionEnded(str(error), self.exit_status()) from error

    def read(self, timeout: float) -> bytes:
        try:
            return self._process.read(timeout)
        except RemoteTimeout as error:
            raise TimeoutError(str(error)) from error

    def close_stdin(self) -> None:
        self._process.close_stdin()

    def cancel(self) -> bool:
        return self._process.cancel()

    def exit_status(self) -> int | None:
        try:
            return self._process.exit_status(timeout=5)
        except RemoteTimeout:
            return None
