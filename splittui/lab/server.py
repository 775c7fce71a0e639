"""A loopback SSH server that really executes commands: the lab's stand-in for the Zimbra host's sshd.

It listens on 127.0.0.1 on a port of the kernel's choice and lets in the holder of one key, made at start. Commands run
as the operating system's user who started the lab, through ``/bin/sh -c`` as a login shell would run them, each in a
session of its own and with a clean environment. Connections onward (direct-tcpip) never leave this process.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import cast

from paramiko import Channel, ECDSAKey, Message, PKey, ServerInterface, SSHException, Transport
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_FAILED_CONNECT_FAILED,
    OPEN_SUCCEEDED,
)
from paramiko.packet import Packetizer

from splittui.lab.channel import LINK_LOST, Session, Terminal

HOST = "127.0.0.1"
MARK = "SPLITTUI_LAB"
"""Every process of a lab carries this variable, so that those which left their process group are found at the end."""

_LOG = "splittui.lab.ssh"
_PATIENCE = 1.0


class ServerError(Exception):
    """The server cannot listen, or cannot write its keys; the text says why."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a client needs to get in: the known_hosts file names the server's key, ``key_file`` is the client's."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path


@dataclass(frozen=True, slots=True)
class User:
    """Whose commands start in ``home`` and see nothing but ``environment``."""

    environment: Mapping[str, str]
    home: Path


Answering = Callable[[Channel], None]

Connect = Callable[[str, str, int], Answering | None]
"""Who answers a user's connection to a host and port: None for nobody whom the lab knows.

Raises ConnectionRefusedError where nobody listens."""


def nowhere(user: str, host: str, port: int) -> None:
    """A server that connects nobody on."""


class LabServer:
    """The server, from ``start`` to ``stop``; it runs in daemon threads of this process."""

    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str],
        home: Path,
        user: str = "zimbra",
        others: Mapping[str, User] | None = None,
        connect: Connect = nowhere,
    ) -> None:
        """``directory`` takes the key files; commands start in ``home`` and see nothing but ``environment``.

        ``others`` may log in as well, with the same key.
        """
        self._directory, self._user = directory, user
        self._mark = token_hex(16)
        self._users = {**(others or {}), user: User(environment, home)}
        self.connect = connect
        self._host_key = ECDSAKey.generate()
        self._client_key = ECDSAKey.generate()
        self._lock = threading.Lock()
        self._connections: list[_Connection] = []
        self._sessions: list[Session] = []
        self._listener: socket.socket | None = None
        self._accepting: threading.Thread | None = None

    def start(self) -> Address:
        """Listen, and write ``client_key`` and ``known_hosts`` (mode 0600). Raises ServerError."""
        logging.getLogger(_LOG).propagate = False
        logging.getLogger(_LOG).addHandler(logging.NullHandler())
        try:
            listener = socket.create_server((HOST, 0), backlog=64)
            port = int(listener.getsockname()[1])
            key_file, known_hosts = self._directory / "client_key", self._directory / "known_hosts"
            for path in (key_file, known_hosts):
                path.unlink(missing_ok=True)
            self._client_key.write_private_key_file(str(key_file))
            known_hosts.touch(mode=0o600)
            line = f"[{HOST}]:{port} {self._host_key.get_name()} {self._host_key.get_base64()}\n"
            known_hosts.write_text(line, encoding="ascii")
        except OSError as error:
            raise ServerError(f"the lab's SSH server cannot start: {error}") from error
        self._listener = listener
        self._accepting = threading.Thread(target=self._accept, args=(listener,), name="lab-accept", daemon=True)
        self._accepting.start()
        return Address(HOST, port, self._user, key_file, known_hosts)

    def drop(self) -> None:
        """Cut all connections at once, as a failing network would; the commands that run on them go on."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.cut()

    def stop(self) -> None:
        """Stop listening, cut all connections, end every process that was started here. May be called twice."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is None:
            return
        # Closing a socket does not wake the thread that accepts on it; a connection does.
        with contextlib.suppress(OSError), socket.create_connection(listener.getsockname(), timeout=1):
            pass
        if self._accepting is not None:
            self._accepting.join(_PATIENCE)
        listener.close()
        self.drop()
        self._end_processes()

    def admits(self, user: str, key: PKey) -> bool:
        """Whether this is one of the lab's own users with the lab's own key."""
        return user in self._users and key.asbytes() == self._client_key.asbytes()

    def run(self, user: str, channel: Channel, command: bytes | None, terminal: Terminal | None) -> None:
        """Run the user's ``command`` (None: an interactive shell) on the channel, in threads of its own."""
        account = self._users[user]
        with self._lock:
            if self._listener is None:
                channel.close()
                return
            try:
                environment = {**account.environment, MARK: self._mark}
                session = Session(channel, command, terminal, environment, account.home)
            except OSError as error:
                channel.sendall_stderr(f"the command cannot be started: {error}\n".encode())
                channel.send_exit_status(126)
                channel.close()
                return
            self._sessions = [old for old in self._sessions if old.running] + [session]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            if self._listener is None:
                accepted.close()
                return
            try:
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection = _Connection(self, accepted, self._host_key)
            except (OSError, SSHException):
                accepted.close()
                continue
            with self._lock:
                self._connections = [old for old in self._connections if old.alive] + [connection]

    def _end_processes(self) -> None:
        with self._lock:
            sessions, self._sessions = self._sessions, []
        for number in (signal.SIGTERM, signal.SIGKILL):
            told: set[int] = set()
            deadline = time.monotonic() + _PATIENCE
            while (alive := self._processes(sessions)) and time.monotonic() < deadline:
                for process in alive - told:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(process, number)
                told |= alive
                time.sleep(0.005)
        for session in sessions:
            session.join(_PATIENCE)

    def _processes(self, sessions: list[Session]) -> set[int]:
        """Everything that runs on behalf of this lab: as process ids, and as negative ids of process groups."""
        found = {-session.process.pid for session in sessions if session.running}
        needle = f"{MARK}={self._mark}".encode()
        for entry in Path("/proc").glob("[1-9]*/environ"):
            with contextlib.suppress(OSError):
                if needle in entry.read_bytes():
                    found.add(int(entry.parent.name))
        return found


class _Packets(Packetizer):
    """Runs what has to wait for a reply: when the next packet is read, the last one has been answered."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.afterwards: list[Callable[[], None]] = []

    def read_message(self) -> tuple[int, Message]:
        while self.afterwards:
            self.afterwards.pop(0)()
        return super().read_message()


class _Connection(ServerInterface):
    """One client's connection: who may come in, and what may be asked for."""

    def __init__(self, server: LabServer, accepted: socket.socket, host_key: PKey) -> None:
        self._server, self._socket = server, accepted
        self._terminals: dict[int, Terminal] = {}
        self._opened: list[Channel] = []
        self._transport = Transport(accepted, packetizer_class=_Packets)
        self._transport.set_log_channel(_LOG)
        self._transport.add_server_key(host_key)
        self._transport.start_server(threading.Event(), self)

    @property
    def alive(self) -> bool:
        return self._transport.is_active()

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._transport.close()

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: PKey) -> int:
        return AUTH_SUCCESSFUL if self._server.admits(username, key) else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED if kind == "session" else OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        try:
            answering = self._server.connect(self._user, *destination)
        except ConnectionRefusedError:
            return OPEN_FAILED_CONNECT_FAILED
        if answering is None:
            return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED
        self._afterwards(lambda: self._answer(chanid, answering))
        return OPEN_SUCCEEDED

    def _answer(self, chanid: int, answering: Answering) -> None:
        """Lets somebody answer on the channel that was just opened, in a thread of its own."""
        # A channel that nobody holds is closed, so those of sessions are kept until something runs on them.
        while (channel := self._transport.accept(0)) is not None and channel.get_id() != chanid:
            self._opened.append(channel)
        if channel is not None:
            threading.Thread(target=_answered, args=(channel, answering), name="lab-answer", daemon=True).start()

    def check_channel_pty_request(
        self, channel: Channel, term: bytes, width: int, height: int, pixelwidth: int, pixelheight: int, modes: bytes
    ) -> bool:
        if channel.get_id() not in self._terminals:
            self._terminals[channel.get_id()] = Terminal(term.decode("ascii", "replace"))
        self._terminals[channel.get_id()].resize(width, height)
        return True

    def check_channel_window_change_request(
        self, channel: Channel, width: int, height: int, pixelwidth: int, pixelheight: int
    ) -> bool:
        if terminal := self._terminals.get(channel.get_id()):
            terminal.resize(width, height)
        return terminal is not None

    def check_channel_shell_request(self, channel: Channel) -> bool:
        return self._run(channel, None)

    def check_channel_exec_request(self, channel: Channel, command: bytes) -> bool:
        return self._run(channel, command)

    def _run(self, channel: Channel, command: bytes | None) -> bool:
        # The client takes output before the reply to its request for a broken protocol.
        terminal = self._terminals.get(channel.get_id())
        self._afterwards(lambda: self._server.run(self._user, channel, command, terminal))
        return True

    @property
    def _user(self) -> str:
        return self._transport.get_username() or ""

    def _afterwards(self, action: Callable[[], None]) -> None:
        cast(_Packets, self._transport.packetizer).afterwards.append(action)


def _answered(channel: Channel, answering: Answering) -> None:
    with contextlib.suppress(*LINK_LOST), contextlib.closing(channel):
        answering(channel)
