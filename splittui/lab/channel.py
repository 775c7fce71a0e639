"""What one session channel of the lab's SSH server runs: a command, on pipes or on a terminal of its own.

Threads pump its streams. A command whose link is lost gets what OpenSSH's sshd gives it: an end of file on its input,
and nothing more (a terminal is hung up).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import struct
import termios
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Protocol, cast

from paramiko import Channel, Message, SSHException
from paramiko.common import cMSG_CHANNEL_REQUEST

_CHUNK = 65536
LINK_LOST = (OSError, EOFError, SSHException)
"""What paramiko's channels raise when the link goes away in the middle of a message."""

# The shell of a terminal's session must open the terminal itself: that makes it the controlling one (tty(4)).
_ON_TERMINAL = 'tty=$1; shift; exec 0<>"$tty" 1>&0 2>&0; exec "$@"'


class Terminal:
    """A pseudo-terminal that a client asked for; it is opened when something runs on it."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._size = (80, 24)
        self._master: int | None = None

    def open(self) -> tuple[int, int]:
        """Descriptors of both ends, the master's first; the caller closes them."""
        master, slave = pty.openpty()
        self._master = master
        self.resize(*self._size)
        return master, slave

    def resize(self, columns: int, rows: int) -> None:
        """Tell the programs on it how large the client's window is."""
        self._size = (columns, rows)
        if self._master is not None:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        """The program on it has ended."""
        if self._master is not None:
            master, self._master = self._master, None
            os.close(master)


class _Messenger(Protocol):
    def _send_user_message(self, data: Message) -> None: ...


class Session:
    """One command under one channel; threads pump its streams, each waiting where the other side does not take."""

    def __init__(
        self,
        channel: Channel,
        command: bytes | None,
        terminal: Terminal | None,
        environment: Mapping[str, str],
        home: Path,
    ) -> None:
        self._channel, self._terminal = channel, terminal
        shell: list[str | bytes] = ["/bin/sh", "-c", command] if command is not None else ["/bin/sh"]
        if terminal is None:
            self._start_on_pipes(shell, environment, home)
        else:
            self._start_on_terminal(shell, terminal, environment, home)
        self._pumps = [_thread(partial(self._drain, *output)) for output in self._outputs]
        self._waiting = _thread(self._wait)
        for thread in (*self._pumps, self._waiting, _thread(self._feed)):
            thread.start()

    def _start_on_pipes(self, shell: list[str | bytes], environment: Mapping[str, str], home: Path) -> None:
        self.process = Popen(
            shell, bufsize=0, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment, cwd=home, start_new_session=True
        )
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self._input = self.process.stdin
        self._outputs: list[tuple[IO[bytes], Callable[[bytes], None]]] = [
            (self.process.stdout, self._channel.sendall),
            (self.process.stderr, self._channel.sendall_stderr),
        ]

    def _start_on_terminal(
        self, shell: list[str | bytes], terminal: Terminal, environment: Mapping[str, str], home: Path
    ) -> None:
        master, slave = terminal.open()
        self.process = Popen(
            ["/bin/sh", "-c", _ON_TERMINAL, "sh", os.ttyname(slave), *shell],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment, "TERM": terminal.kind},
            cwd=home,
            start_new_session=True,
        )
        os.close(slave)
        self._input = os.fdopen(os.dup(master), "wb", buffering=0)
        self._outputs = [(os.fdopen(os.dup(master), "rb", buffering=0), self._channel.sendall)]

    @property
    def running(self) -> bool:
        """Whether the command itself is alive (what it left behind may outlive it)."""
        return self.process.poll() is None

    def join(self, seconds: float) -> None:
        """Wait until everything of it has come to an end."""
        self._waiting.join(seconds)

    def _feed(self) -> None:
        with self._input as pipe:
            with contextlib.suppress(*LINK_LOST):
                while data := self._channel.recv(_CHUNK):
                    self._hand_over(pipe.fileno(), data)
            if self._terminal is not None and self.running:
                self._hang_up(pipe.fileno())

    def _hand_over(self, pipe: int, data: bytes) -> None:
        # A command that has closed its input goes on; the rest of what it is sent is dropped.
        with contextlib.suppress(OSError):
            view = memoryview(data)
            while view:
                view = view[os.write(pipe, view) :]

    def _hang_up(self, master: int) -> None:
        """A terminal has no end of file of its own: Ctrl-D stands for it, and a lost link is a hang-up."""
        with contextlib.suppress(OSError):
            if self._channel.closed:
                os.killpg(self.process.pid, signal.SIGHUP)
            else:
                os.write(master, b"\x04")

    def _drain(self, pipe: IO[bytes], send: Callable[[bytes], None]) -> None:
        # Closing our end where nobody listens any more tells the command so, at its next write. A terminal whose
        # last program has gone answers reads with an error.
        with pipe, contextlib.suppress(*LINK_LOST):
            while data := os.read(pipe.fileno(), _CHUNK):
                send(data)

    def _wait(self) -> None:
        code = self.process.wait()
        with contextlib.suppress(*LINK_LOST):
            self._report(code)
        for pump in self._pumps:
            pump.join()
        with contextlib.suppress(*LINK_LOST):
            self._channel.shutdown_write()
            self._channel.close()
        if self._terminal is not None:
            self._terminal.close()

    def _report(self, code: int) -> None:
        """The exit status, or the signal that ended the command (RFC 4254, 6.10), as sshd sends it: at once."""
        if code >= 0:
            self._channel.send_exit_status(code)
            return
        message = Message()
        message.add_byte(cMSG_CHANNEL_REQUEST)
        message.add_int(self._channel.remote_chanid)
        message.add_string("exit-signal")
        message.add_boolean(False)
        message.add_string(signal.Signals(-code).name.removeprefix("SIG"))
        message.add_boolean(False)
        message.add_string("")
        message.add_string("")
        cast(_Messenger, self._channel.get_transport())._send_user_message(message)


def _thread(target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name="lab-session", daemon=True)
