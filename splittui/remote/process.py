"""A program that runs on a remote host: its input, its output, its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING

import paramiko

from splittui.remote.command import Command, Way, sentinel
from splittui.remote.errors import (
    LinkLost,
    ProcessEnded,
    RemoteError,
    RemoteTimeout,
    SentinelMissing,
    readable,
)
from splittui.remote.refusal import refusal
from splittui.remote.sending import await_room, send_some

if TYPE_CHECKING:
    from splittui.remote.link import Link

SIGNALLED = -1
"""The exit status of a program that was killed by a signal which the server did not turn into a number."""

# Large reads, because paramiko moves the whole rest of its buffer (up to 2 MiB) after every smaller one.
_CHUNK = 1 << 20
_STDERR_KEPT = 64 * 1024
_NOISE_KEPT = 64 * 1024
_NOISE_SHOWN = 5
_HEAD_KEPT = 1024
# paramiko has one timeout per channel for both directions; waiting is done in slices of this many seconds.
_SLICE = 0.5
_GLANCE = 0.1
_SHORTEST = 0.001
# How long KILL may take, and how long all of cancelling may take beyond that.
_KILL_SECONDS = 3.0
_CANCEL_SECONDS = 10.0

# Ends with 0 once nobody of the group is left, with 1 when even KILL does not help, with 2 when this shell's kill
# cannot signal groups, which is tried on the script's own. dash takes "-s TERM -- -PGID" only, others want no "--".
# Zombies are gone too: in a container whose init collects none, kill would find them for ever.
_KILL = (
    'k() { kill -s "$1" -- "$2" 2>/dev/null || kill -s "$1" "$2" 2>/dev/null; }; '
    "z() { case $1 in -*) ps -A -o pgid= -o stat= 2>/dev/null | "
    "awk -v g=\"${1#-}\" '$1 == g && $2 !~ /^Z/ { n = 1 } END { exit !(NR && !n) }';; *) return 1;; esac; }; "
    'case $1 in -*) k 0 "-$$" || exit 2;; esac; '
    'k TERM "$1"; i=0; while k 0 "$1" && ! z "$1"; do '
    'if [ "$i" -gt "$3" ]; then exit 1; elif [ "$i" -gt "$2" ]; then k KILL "$1"; fi; '
    "i=$((i+1)); sleep 0.1 2>/dev/null || sleep 1; done"
)


@dataclass(frozen=True, slots=True)
class Completed:
    """What a program left behind: all of stdout, the last 64 kB of stderr, and its exit status.

    The status is 128+N, or SIGNALLED, when a signal killed it.
    """

    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)
    status: int


class RemoteProcess:
    """A started program. Reading and writing may be done by two threads; each alone by one at a time.

    Standard error is drained all the time, its last 64 kB are kept. Standard output is drained by ``read`` alone, so
    that a program which writes faster than it is read is slowed down instead of filling the memory.
    Closing does not end the program: only ``cancel`` does, or the end of its input if it heeds that.
    """

    def __init__(self, link: Link, channel: paramiko.Channel, command: Command) -> None:
        self.link = link
        self.command = command
        self.noise = b""
        self._channel = channel
        self._channel.settimeout(_SLICE)
        self._kill_target = ""
        self._pending = b""
        self._head = b""
        self._stderr = bytearray()
        self._stderr_done = threading.Event()
        threading.Thread(target=self._drain_stderr, name="ssh stderr", daemon=True).start()

    # -- output

    def read(self, timeout: float) -> bytes:
        """What the program has written: at least one byte, or ``b""`` at the end of its output.

        Waits for at most ``timeout`` seconds, then raises RemoteTimeout; that says nothing about the program, and
        reading may go on. Raises LinkLost when the connection is gone, and BecomeRefused when sudo, limited to single
        programs, refused this one.
        """
        data, self._pending = self._pending or self._receive(time.monotonic() + timeout), b""
        if data is None:
            raise self.link.timed_out(f"the program on {self.link.host} has said nothing for {timeout:g} seconds")
        if self.command.become.limited:
            self._watch_for_refusal(data)
        return data

    def blocks(self, timeout: float) -> Iterator[bytes]:
        """All output to its end, in large pieces of whole lines (only the last one may lack its newline).

        ``timeout`` limits the wait for each piece. Errors as ``read``.
        """
        rest: list[bytes] = []
        while data := self.read(timeout):
            cut = data.rfind(b"\n") + 1
            if cut:
                yield b"".join([*rest, data[:cut]])
                rest = []
            if cut < len(data):
                rest.append(data[cut:])
        if rest:
            yield b"".join(rest)

    @property
    def stderr(self) -> bytes:
        """The last 64 kB of standard error so far (of the login's shell too, and all of it when it is not merged)."""
        return bytes(self._stderr)

    # -- input

    def write(self, data: bytes, timeout: float = 30.0) -> None:
        """Sends ``data`` to the program's standard input: the only place for secrets.

        Returning means that it was handed to the connection, not that the program read it. Raises ProcessEnded,
        LinkLost, or RemoteTimeout when the program does not read for ``timeout`` seconds (a part may be sent).
        """
        deadline = time.monotonic() + timeout
        view = memoryview(data)
        while view:
            if sent := self._send(bytes(view[: 1 << 15])):
                view = view[sent:]
                deadline = time.monotonic() + timeout
            elif time.monotonic() > deadline:
                raise self.link.timed_out(f"the program on {self.link.host} does not read its input")
            else:
                await_room(self._channel)
        # paramiko drops messages without a word once the transport is dead.
        if not self.link.alive:
            raise self.link.lost()

    def close_stdin(self) -> None:
        """Ends the program's standard input. May be called again, and after the end."""
        try:
            with self._channel.get_transport().clear_to_send_lock:
                self._channel.shutdown_write()
        except (paramiko.SSHException, OSError, EOFError) as error:
            if not self.link.alive:
                raise self.link.lost() from error

    # -- the end

    def exit_status(self, timeout: float = 30.0) -> int:
        """The exit status, after the output was read to its end (a program that cannot write does not end).

        128+N when signal N killed the program; SIGNALLED when the server told no number. Raises LinkLost when the
        connection was lost before the status came, RemoteTimeout when the program has not ended in time.
        """
        if not self._channel.status_event.wait(timeout):
            raise self.link.timed_out(f"the program on {self.link.host} has not ended after {timeout:g} seconds")
        status = self._channel.recv_exit_status()
        # No status comes for a death by signal and for a lost connection; only an answer of the server tells them
        # apart, because paramiko closes the channels of a dead transport before it calls the transport dead.
        if status == -1 and not self.link.check():
            raise self.link.lost()
        return SIGNALLED if status == -1 else status

    def cancel(self) -> bool:
        """Ends the program and all its children, through a second channel as the same user; the link stays up.

        TERM first, KILL after ``Timeouts.kill_after`` seconds. True when they are certainly gone. With sudo limited to
        single programs the login may not signal the program: then its input and the channel are closed, and the
        answer is False.

        Raises what ``Link.start`` and ``read`` raise.
        """
        if self._channel.exit_status_ready():
            self.close()
            return self.link.alive
        if not self._kill_target or self.command.become.limited:
            self.close_stdin()
            self.close()
            return False
        patience = self.link.timeouts.kill_after
        tenths = (str(round(10 * patience)), str(round(10 * (patience + _KILL_SECONDS))))
        kill = Command.script(_KILL, self._kill_target, *tenths, become=self.command.become)
        return self.link.run(kill, timeout=patience + _KILL_SECONDS + _CANCEL_SECONDS).status == 0

    def close(self) -> None:
        """Lets go of the channel. The program is not told, but its input and output end."""
        # Where the connection is closed at the same time, saying goodbye fails.
        with suppress(paramiko.SSHException, OSError, EOFError):
            self._channel.close()

    def complete(self, stdin: bytes, timeout: float) -> Completed:
        """Feeds ``stdin``, reads to the end, and returns everything; after ``timeout`` seconds cancels and raises
        RemoteTimeout."""
        deadline = time.monotonic() + timeout
        if stdin:
            threading.Thread(target=self._feed, args=(stdin, timeout), name="ssh stdin", daemon=True).start()
        output: list[bytes] = []
        try:
            while data := self.read(max(0.0, deadline - time.monotonic())):
                output.append(data)
            status = self.exit_status(max(0.0, deadline - time.monotonic()))
        except RemoteTimeout as error:
            gone = self.cancel()
            certain = "It was stopped." if gone else "It may still be running."
            what = f"{self.command.argv[0]} on {self.link.host} took longer than {timeout:g} seconds"
            raise self.link.timed_out(what, certain=certain) from error
        self._stderr_done.wait(_SLICE)
        return Completed(b"".join(output), self.stderr, status)

    # -- inside

    def await_start(self, nonce: str, timeout: float) -> None:
        """Reads the login's noise up to the sentinel. For Link.start only; closes the channel when it fails."""
        pattern = sentinel(nonce)
        deadline = time.monotonic() + timeout
        heard = b""
        try:
            while not (found := pattern.search(heard)):
                if len(heard) > _NOISE_KEPT:
                    raise self._not_started(heard, "it writes without end")
                data = self._receive(time.monotonic() + _GLANCE)
                if data:
                    heard += data
                elif data == b"":
                    self._stderr_done.wait(_SLICE)
                    raise self._not_started(heard, "it ended first")
                elif self.command.become.way is Way.SU and b"assword" in self._stderr + heard:
                    raise self._not_started(heard, "su asks for a password")
                if time.monotonic() > deadline:
                    raise self._not_started(heard, f"nothing came for {timeout:g} seconds")
        except RemoteError:
            self.close()
            raise
        self.noise = heard[: found.start()]
        self._pending = heard[found.end() :]
        self._kill_target = found[1].decode()

    def _not_started(self, heard: bytes, reason: str) -> RemoteError:
        said = bytes(self._stderr) + b"\n" + heard
        refused = refusal(self.link.target, self.command.become, said)
        if refused is not None:
            return refused
        lines = [readable(line) for line in said.splitlines() if line.strip()]
        return SentinelMissing(self.link.host, reason, lines[:_NOISE_SHOWN])

    def _watch_for_refusal(self, data: bytes) -> None:
        """Behind a limited sudo the sentinel comes before sudo has decided, so a refusal shows as output only."""
        if data:
            self._head = (self._head + data)[:_HEAD_KEPT]
            return
        self._stderr_done.wait(_SLICE)
        ended = self._channel.status_event.wait(_SLICE) and self._channel.exit_status == 1
        refused = refusal(self.link.target, self.command.become, self._head or self.stderr) if ended else None
        if refused is not None:
            raise refused

    def _receive(self, deadline: float) -> bytes | None:
        """Raw output, ``b""`` at its end, or None when there is none up to the deadline. Raises LinkLost."""
        while True:
            self._channel.settimeout(min(_SLICE, max(_SHORTEST, deadline - time.monotonic())))
            try:
                data = self._channel.recv(_CHUNK)
            except TimeoutError:
                if time.monotonic() >= deadline:
                    return None
                continue
            except (paramiko.SSHException, OSError, EOFError) as error:
                raise self.link.failure(error) from error
            # A server says that the output has ended; when it did not say so, the connection may be what ended.
            if not data and not self._channel.eof_received and not self.link.check():
                raise self.link.lost()
            return data

    def _send(self, data: bytes) -> int:
        """Sends what there is room for and returns how much, 0 for none. Raises ProcessEnded or LinkLost."""
        channel = self._channel
        try:
            with channel.get_transport().clear_to_send_lock:
                ended = channel.exit_status_ready() or channel.eof_sent
                sent = -1 if ended else send_some(channel, data)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self._cannot_write() from error
        if sent < 0:
            raise self._cannot_write()
        return sent

    def _drain_stderr(self) -> None:
        try:
            while True:
                try:
                    data = self._channel.recv_stderr(_CHUNK)
                except TimeoutError:
                    continue
                if not data:
                    return
                self._stderr += data
                del self._stderr[:-_STDERR_KEPT]
        except (paramiko.SSHException, OSError, EOFError):
            # The reader of stdout meets the same failure and tells of it.
            return
        finally:
            self._stderr_done.set()

    def _feed(self, data: bytes, timeout: float) -> None:
        try:
            self.write(data, timeout)
            self.close_stdin()
        except (ProcessEnded, LinkLost, RemoteTimeout):
            # The program need not read its input; what matters is told by the reader of its output.
            return

    def _cannot_write(self) -> RemoteError:
        return ProcessEnded(self.link.host) if self.link.check() else self.link.lost()

    def __enter__(self) -> RemoteProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
