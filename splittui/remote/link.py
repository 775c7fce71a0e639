"""One SSH connection: how it is made, checked, watched, and ended.

Nothing here may be called from an event loop: every call can block, each for a limited time.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import cast

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from splittui.remote.authentication import Credentials, authenticate
from splittui.remote.command import Command, command_line
from splittui.remote.errors import (
    ChannelRefused,
    HostKeyChanged,
    HostKeyRevoked,
    HostKeyUnknown,
    LinkLost,
    RemoteTimeout,
    Unreachable,
    readable,
)
from splittui.remote.heartbeat import Heartbeat
from splittui.remote.known_hosts import KnownHosts, Verdict
from splittui.remote.process import Completed, RemoteProcess
from splittui.remote.public_key import PublicKey
from splittui.remote.ssh_config import Target

_RSA_ALGORITHMS = ("rsa-sha2-512", "rsa-sha2-256")
_USER_TIMEOUT_MS = 15_000
_LOOK_UP = 1.0
_REKEY_BYTES = 1 << 35


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Limits in seconds. ``probe_interval`` and ``probe_limit`` are the heartbeat's: question every, answer within.

    ``sentinel`` is for the remote shell to start a program, ``kill_after`` for a cancelled one to heed TERM.
    """

    connect: float = 10.0
    banner: float = 10.0
    auth: float = 20.0
    channel: float = 10.0
    sentinel: float = 15.0
    kill_after: float = 5.0
    probe_interval: float = 3.0
    probe_limit: float = 5.0


def log_to(file: Path | None) -> None:
    """Sends paramiko's own log to ``file`` (appending), or nowhere. It never reaches the screen.

    It holds no secrets, but host names, user names and key fingerprints.
    """
    logger = logging.getLogger("paramiko")
    logger.propagate = False
    logger.setLevel(logging.INFO if file else logging.ERROR)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    if file is None:
        logger.addHandler(logging.NullHandler())
    else:
        writer = logging.FileHandler(file, encoding="utf-8", delay=True)
        writer.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logger.addHandler(writer)


class Link:
    """A connection to one host, logged in. Made by ``Link.connect``; safe to use from several threads.

    A dead peer is noticed within ``probe_interval + probe_limit`` seconds; then every call that waits on this link
    raises LinkLost. A link is never reconnected by itself: what was in flight has to be looked at first.
    """

    def __init__(self, target: Target, transports: list[paramiko.Transport], timeouts: Timeouts) -> None:
        self.target = target
        self.timeouts = timeouts
        self._transports = transports
        self._transport = transports[-1]
        hang_up = partial(_hang_up, transports)
        self._heartbeat = Heartbeat(self._transport, timeouts.probe_interval, timeouts.probe_limit, hang_up)
        self._closed = False

    @classmethod
    def connect(
        cls, target: Target, *, credentials: Credentials | None = None, timeouts: Timeouts | None = None
    ) -> Link:
        """Connects, through the target's jumps when it has some, checks every host key and logs in.

        Raises Unreachable, HostKeyUnknown, HostKeyChanged, HostKeyRevoked or AuthenticationFailed, each naming the
        host (target or jump) at which it happened. Nothing is retried.
        """
        if not logging.getLogger("paramiko").handlers:
            log_to(None)
        credentials = credentials or Credentials()
        timeouts = timeouts or Timeouts()
        transports: list[paramiko.Transport] = []
        try:
            for hop in (*target.jumps, target):
                way = _tunnel(transports[-1], hop, timeouts) if transports else _dial(hop, timeouts)
                transports.append(_negotiate(way, hop, timeouts))
                authenticate(transports[-1], hop, credentials)
        except BaseException:
            _hang_up(transports)
            raise
        link = cls(target, transports, timeouts)
        link._heartbeat.ask()
        link._heartbeat.start()
        return link

    @property
    def host(self) -> str:
        """The host as the operator calls it."""
        return self.target.name

    @property
    def alive(self) -> bool:
        """Whether the connection stands, as far as is known. Costs nothing."""
        return self._transport.is_active()

    @property
    def latency(self) -> float | None:
        """The round trip of the last heartbeat in seconds; None when none was answered yet."""
        return self._heartbeat.round_trip

    def check(self) -> bool:
        """Asks the server now whether it is there; waits for at most ``probe_limit`` seconds."""
        return self._heartbeat.ask()

    def start(self, command: Command) -> RemoteProcess:
        """Starts a program and returns once it runs; the login's noise before it is kept for diagnosis.

        Raises LinkLost, ChannelRefused, BecomeRefused, SentinelMissing, or RemoteTimeout when the server does not
        answer; ValueError when the command is too long for a command line.
        """
        nonce = secrets.token_hex(8)
        line = command_line(command, nonce)
        channel = self._open_session()
        # exec_command() waits for the server's answer without a limit of its own; closing the channel ends that.
        watchdog = threading.Timer(self.timeouts.channel, channel.close)
        watchdog.start()
        try:
            channel.exec_command(line.encode("utf-8", "surrogateescape"))
        except (paramiko.SSHException, OSError, EOFError) as error:
            channel.close()
            if not watchdog.is_alive():
                raise self.timed_out(f"{self.host} does not answer the request to start a program") from error
            raise self.failure(error) from error
        finally:
            watchdog.cancel()
        process = RemoteProcess(self, channel, command)
        process.await_start(nonce, self.timeouts.sentinel)
        return process

    def run(self, command: Command, *, stdin: bytes = b"", timeout: float = 60.0) -> Completed:
        """Runs a short program to its end, feeding it ``stdin`` (/dev/null if empty), and returns all that it wrote.

        After ``timeout`` seconds the program is cancelled and RemoteTimeout raised. Else as ``start``.
        """
        with self.start(command if stdin else replace(command, no_input=True)) as process:
            return process.complete(stdin, timeout)

    def open_tunnel(self, host: str, port: int) -> paramiko.Channel:
        """A TCP connection from the remote host to ``host:port``, to be used like a socket and closed by the caller.

        Raises ChannelRefused (refused there, or forwarding is not allowed), RemoteTimeout or LinkLost.
        """
        try:
            return _open_tunnel(self._transport, host, port, self.timeouts)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self.failure(error, f"connecting on to {host}:{port}") from error

    def close(self) -> None:
        """Ends the connection. Programs without a terminal keep running there; cancel them first."""
        self._closed = True
        self._heartbeat.stop()
        _hang_up(self._transports)

    def lost(self) -> LinkLost:
        """The error to raise now that the connection is gone."""
        if self._closed:
            return LinkLost(self.host, "it was closed on this side")
        if self._heartbeat.silent:
            return LinkLost(self.host, f"no answer for {self.timeouts.probe_limit:g} seconds")
        return LinkLost(self.host, "the other side, or something in between, closed it")

    def timed_out(self, what: str, *, certain: str = "") -> RemoteTimeout:
        """The error for something that took too long."""
        return RemoteTimeout(self.host, what, certain=certain)

    def failure(self, error: Exception, what: str = "") -> LinkLost | ChannelRefused | RemoteTimeout:
        """What an exception of paramiko means on this link."""
        if isinstance(error, paramiko.ChannelException):
            reason = readable(error.text) + (f" while {what}" if what else "")
            return ChannelRefused(self.host, reason, next_step="Check that it listens there." if what else "")
        if not self.check():
            return self.lost()
        if "timeout" in str(error).lower():
            return self.timed_out(f"{self.host} does not answer{f' while {what}' if what else ''}")
        return ChannelRefused(self.host, readable(str(error)))

    def _open_session(self) -> paramiko.Channel:
        try:
            return self._transport.open_session(timeout=self.timeouts.channel)
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise self.failure(error) from error

    def __enter__(self) -> Link:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Transport(paramiko.Transport):
    """paramiko's transport, with three faults of it mended."""

    def __init__(self, way: socket.socket | paramiko.Channel) -> None:
        super().__init__(way)
        # Re-entrant, so that a sender may hold it from looking whether its channel is open until the message is out.
        # Otherwise the answer to the server's "close" can overtake the message, and sshd then ends the connection.
        self.clear_to_send_lock = cast(threading.Lock, threading.RLock())
        # paramiko stops for 30 seconds when a channel is closed while new keys are made, which it does every 512 MB.
        # AES allows for 2^32 blocks of 16 bytes with the same keys (RFC 4344, 3.2), and sshd goes by that.
        self.packetizer.REKEY_BYTES = _REKEY_BYTES

    def run(self) -> None:
        # Closing a tunnel through a dead transport fails; in a thread that would be printed over the screen.
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            super().run()


def _hang_up(transports: Sequence[paramiko.Transport]) -> None:
    """Ends the outermost connection first: closing what runs inside of it would wait for anyone stuck in sending."""
    if transports:
        with contextlib.suppress(OSError):
            transports[0].sock.shutdown(socket.SHUT_RDWR)
    for transport in transports:
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            transport.close()


def _dial(target: Target, timeouts: Timeouts) -> socket.socket:
    try:
        sock = socket.create_connection((target.host, target.port), timeout=timeouts.connect)
    except socket.gaierror as error:
        raise Unreachable(target.name, f"the address of {target.host} is not known") from error
    except TimeoutError as error:
        raise Unreachable(target.name, f"no answer from port {target.port} in {timeouts.connect:g} seconds") from error
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unreachable(target.name, f"port {target.port}: {reason}") from error
    # paramiko leaves Nagle's algorithm on, which makes every command 40 ms slower.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _USER_TIMEOUT_MS)
    return sock


def _open_tunnel(through: paramiko.Transport, host: str, port: int, timeouts: Timeouts) -> paramiko.Channel:
    return through.open_channel("direct-tcpip", (host, port), ("127.0.0.1", 0), timeout=timeouts.channel)


def _tunnel(through: paramiko.Transport, target: Target, timeouts: Timeouts) -> paramiko.Channel:
    try:
        return _open_tunnel(through, target.host, target.port, timeouts)
    except (paramiko.SSHException, OSError, EOFError) as error:
        reason = f"the jump host does not connect on to port {target.port} ({readable(str(error))})"
        raise Unreachable(target.name, reason) from error


def _negotiate(way: socket.socket | paramiko.Channel, target: Target, timeouts: Timeouts) -> paramiko.Transport:
    """Speaks SSH on ``way`` and checks the host key. Raises Unreachable or one of the HostKey errors."""
    transport = _Transport(way)
    # paramiko looks up from reading ten times a second to see whether it was closed; _hang_up wakes it instead.
    way.settimeout(_LOOK_UP)
    transport.banner_timeout = timeouts.banner
    transport.handshake_timeout = timeouts.banner
    transport.auth_timeout = timeouts.auth
    transport.channel_timeout = timeouts.channel
    known = KnownHosts.load(target.known_hosts_files)
    name, port = (target.host_key_alias, 22) if target.host_key_alias else (target.host, target.port)
    options = transport.get_security_options()
    options.key_types = _ordered(options.key_types, known.key_types(name, port))
    began = time.monotonic()
    try:
        transport.start_client(timeout=2 * timeouts.banner)
        shown = transport.get_remote_server_key()
    except (paramiko.SSHException, OSError, EOFError) as error:
        transport.close()
        way.close()
        raise Unreachable(target.name, _no_ssh(error, target, time.monotonic() - began)) from error
    try:
        _judge(known, target, name, port, PublicKey(shown.get_name(), shown.asbytes()))
    except BaseException:
        transport.close()
        raise
    return transport


def _no_ssh(error: Exception, target: Target, seconds: float) -> str:
    if isinstance(error, IncompatiblePeer):
        return f"its SSH is too old or too strict for this program ({readable(str(error))})"
    if "banner" in str(error).lower() or "existing session" in str(error).lower():
        return f"port {target.port} does not speak SSH, or did not within {seconds:.0f} seconds"
    return f"the SSH session did not come about ({readable(str(error)) or 'it closed the connection'})"


def _ordered(offered: Iterable[str], known: Iterable[str]) -> list[str]:
    """The host key algorithms with those of known keys first, so that the server shows the key we can check."""
    offered = list(offered)
    first = [name for kind in known for name in (_RSA_ALGORITHMS if kind == "ssh-rsa" else (kind,)) if name in offered]
    return first + [name for name in offered if name not in first]


def _judge(known: KnownHosts, target: Target, name: str, port: int, key: PublicKey) -> None:
    found = known.lookup(name, port, key)
    places = [entry.place for entry in found.entries]
    if found.verdict is Verdict.REVOKED:
        raise HostKeyRevoked(target.name, name=name, port=port, key=key, place=places[0])
    if found.verdict is Verdict.CHANGED:
        keys = [entry.key for entry in found.entries]
        raise HostKeyChanged(target.name, name=name, port=port, key=key, known=keys, places=places)
    if found.verdict is Verdict.UNKNOWN:
        raise HostKeyUnknown(target.name, name=name, port=port, key=key, notes=known.notes)
