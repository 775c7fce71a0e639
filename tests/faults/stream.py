"""A zmprov on pipes whose dialogue breaks at a chosen point, in all the ways that one on a real host does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from splittui.remote import BecomeRefused, LinkLost
from splittui.zimbra.zmprov.session import Listener, ZmprovSession
from tests.far_end import PipeStream

HOST = "zimbra.example.com"
SILENCE = 0.4
"""Seconds without an answer after which the tests give zmprov up."""

_EXITS = b"ms zimbra.example.com zimbraServiceEnabled mta\n"
"""zmprov.md 9: a safeguarded attribute ends zmprov by System.exit(2) in the middle of a batch."""

_CRASHES = b'ma alice@example.com "" x\n'
"""zmprov.md 3: an uncaught exception, a Java stack trace, exit status 1."""

_LOCALE = b"-bash: warning: setlocale: LC_ALL: cannot change locale (en_US.UTF-8)\n"
_LOG = b"2026-11-27 18:00:00,123 [main] WARN : LdapCommon - connection pool is slow\n\tat a.b.C(D.java:1)\n"
_GARBAGE = bytes(range(128, 256)) + b"\x00\x1b[2J\x07prov\n"
_LOOK_ALIKE = b"prov> # name bar@example.com\nzimbraMailTransport: lmtp:nowhere.example.com:7025\n\nprov> "


class Fault(StrEnum):
    """What befalls the dialogue. ``before``: the line that is about to be sent never reaches zmprov."""

    KILLED_BEFORE = "zmprov killed before it read the line"
    KILLED_AFTER = "zmprov killed after it did it"
    EXIT = "System.exit in mid-batch"
    CRASH = "Java stack trace in mid-batch"
    CUT_BEFORE = "link cut before the line arrived"
    CUT_AFTER = "link cut, zmprov goes on and does it"
    BLACK_HOLE = "line swallowed, silence"
    STALL = "answer stays on the way"
    SLOW = "one byte at a time"
    LOCALE = "locale noise"
    LOG = "log lines in between"
    GARBAGE = "bytes that are no text"
    LOOK_ALIKE = "output that looks like a prompt"
    SUDO = "sudo refuses to start another"
    SELF = "splittui killed (-9) before it sent the line"
    SELF_AFTER = "splittui killed (-9) after it sent the line"


HARMLESS = frozenset({Fault.SLOW, Fault.LOCALE, Fault.LOG, Fault.GARBAGE, Fault.LOOK_ALIKE})
"""Those after which a run may well go on."""


@dataclass(frozen=True)
class Strike:
    """A fault, and before which of the lines that a run sends it strikes (counted over its sessions, from 0)."""

    fault: Fault
    line: int


class BrokenStream(PipeStream):
    """A zmprov whose dialogue suffers what ``struck`` says before each line."""

    def __init__(self, home: Path, struck: Callable[[bytes], Fault | None]) -> None:
        super().__init__(home)
        self._struck = struck
        self._cut = self._silent = self._slow = False
        self._noise = b""

    def write(self, data: bytes) -> None:
        fault = self._struck(data)
        if fault is not None:
            data = self._suffer(fault, data)
        if data and not self._cut:
            super().write(data)

    def _suffer(self, fault: Fault, data: bytes) -> bytes:
        """Returns what still reaches zmprov."""
        if fault is Fault.KILLED_BEFORE:
            self._die()
        elif fault is Fault.KILLED_AFTER:
            self._do(data)
            self._die()
        elif fault is Fault.SELF_AFTER:
            self._do(data)
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault is Fault.SELF:
            os.kill(os.getpid(), signal.SIGKILL)
        elif fault in (Fault.EXIT, Fault.CRASH):
            return _EXITS if fault is Fault.EXIT else _CRASHES
        elif fault is Fault.CUT_AFTER:
            self._do(data)
            self._cut = True
        elif fault is Fault.CUT_BEFORE:
            self._cut = True
        elif fault is Fault.STALL:
            self._do(data)
            self._silent = True
        elif fault is Fault.BLACK_HOLE:
            self._silent = True
        else:
            return self._disturbed(fault, data)
        return b""

    def _disturbed(self, fault: Fault, data: bytes) -> bytes:
        self._slow |= fault is Fault.SLOW
        self._noise += {
            Fault.LOCALE: _LOCALE,
            Fault.LOG: _LOG,
            Fault.GARBAGE: _GARBAGE,
            Fault.LOOK_ALIKE: _LOOK_ALIKE,
        }.get(fault, b"")
        return data

    def _do(self, data: bytes) -> None:
        """Lets the line take effect: whatever follows it is only read once it was carried out."""
        PipeStream.write(self, data)
        PipeStream.write(self, b"gd done.invalid\n")
        heard = b""
        while b"(no such domain: done.invalid)" not in heard:
            more = PipeStream.read(self, 20.0)
            if not more:
                return
            heard += more

    def _die(self) -> None:
        self.process.kill()
        self.process.wait()

    def read(self, timeout: float) -> bytes:
        if self._cut:
            raise LinkLost(HOST, "reset by peer")
        if self._silent:
            raise TimeoutError
        if self._noise:
            noise, self._noise = self._noise, b""
            return noise
        if self._slow and self.process.stdout is not None:
            return os.read(self.process.stdout.fileno(), 1)
        return super().read(timeout)


class BrokenPipes:
    """A run's far end: zmprov on pipes, and what strikes. Lines are counted over all sessions of the run."""

    def __init__(self, home: Path, strikes: tuple[Strike, ...], tell: Callable[[Fault], object]) -> None:
        """``tell`` hears of each fault right before it strikes."""
        self._home, self._tell = home, tell
        self._left = list(strikes)
        self._lines = 0
        self.struck: list[Fault] = []
        self.streams: list[BrokenStream] = []

    def session(self, listener: Listener) -> ZmprovSession:
        if self.struck and self.struck[-1] is Fault.SUDO:
            self.struck.append(Fault.SUDO)
            raise BecomeRefused(HOST, "zimbra", "sudo: a password is required", next_step="Mend sudoers.")
        stream = BrokenStream(self._home, self._next)
        self.streams.append(stream)
        session = ZmprovSession(stream, listener, SILENCE)
        session.open()
        return session

    def _next(self, data: bytes) -> Fault | None:
        if data.startswith(b"gd "):
            return None
        line, self._lines = self._lines, self._lines + 1
        strike = next((one for one in self._left if one.line <= line), None)
        if strike is None:
            return None
        self._left.remove(strike)
        self.struck.append(strike.fault)
        self._tell(strike.fault)
        return Fault.KILLED_BEFORE if strike.fault is Fault.SUDO else strike.fault

    def release(self, session: ZmprovSession) -> None:
        try:
            session.close()
        except LinkLost:
            return

    def given(self, name: str) -> str:
        raise AssertionError(f"no plan of these has {name}")

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        return 0, "done\n"

    def tables(self, heard: Callable[[str], None]) -> object:
        raise AssertionError("no plan of these tests has a table")

    def entries(self) -> object:
        raise AssertionError("no plan of these tests has a directory")

    def end(self) -> None:
        """Ends what is left: after a lost link zmprov sees the end of its input and goes by itself."""
        for stream in self.streams:
            for pipe in (stream.process.stdin, stream.process.stdout):
                if pipe is not None:
                    pipe.close()
            stream.process.kill()
            stream.process.wait()
