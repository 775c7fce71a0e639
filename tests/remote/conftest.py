"""A real sshd on the loopback interface, and what is needed to disturb it."""

from __future__ import annotations

import contextlib
import ctypes
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from splittui.remote import Credentials, Link, Target, Timeouts
from tests.servers.ground import free_port, unavailable, wait_until

QUICK = Timeouts(probe_interval=0.1, probe_limit=0.6, sentinel=5, kill_after=0.3, banner=2, channel=3)
NO_SECRETS = Credentials(use_agent=False, passphrase=lambda file: None)

NOISE = "echo Welcome to mbox1; printf 'half a line'; echo be careful >&2; eval \\\"$SSH_ORIGINAL_COMMAND\\\""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers: needs real servers (sshd, sudo); skipped without them")


def make_key(file: Path, passphrase: str = "") -> Path:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-a", "1", "-N", passphrase, "-C", file.name, "-f", str(file)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    return file


@dataclass
class Server:
    """A running sshd: its folder (readable by every user), its port, and the keys that it lets in."""

    folder: Path
    port: int
    user: str = field(default_factory=getpass.getuser)

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def key(self, name: str) -> Path:
        return self.folder / name

    def target(self, **changes: object) -> Target:
        target = Target(
            "mbox1",
            "127.0.0.1",
            self.port,
            self.user,
            identity_files=(self.key("plain"),),
            known_hosts_files=(self.known_hosts,),
        )
        return replace(target, **changes)

    def connect(self, *, timeouts: Timeouts = QUICK, credentials: Credentials = NO_SECRETS, **changes: object) -> Link:
        return Link.connect(self.target(**changes), timeouts=timeouts, credentials=credentials)


def prepare(folder: Path) -> Server:
    """Makes keys and configuration for an sshd in ``folder``."""
    folder.chmod(0o755)
    (folder / "home").mkdir()
    for name in ("host", "plain", "noisy", "shut", "stranger"):
        make_key(folder / name)
    make_key(folder / "locked", "open sesame")
    options = {"noisy": f'command="{NOISE}" ', "shut": 'command="echo no shell here; exit 3" '}
    allowed = [
        options.get(name, "") + (folder / f"{name}.pub").read_text() for name in ("plain", "locked", "noisy", "shut")
    ]
    (folder / "authorized_keys").write_text("".join(allowed))
    server = Server(folder, free_port())
    host_key = " ".join((folder / "host.pub").read_text().split()[:2])
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {host_key}\n")
    (folder / "sshd_config").write_text(
        f"Port {server.port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nUseDNS no\nLogLevel ERROR\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nMaxStartups 100\n"
    )
    return server


def running(server: Server, before: tuple[str, ...] = ()) -> Iterator[Server]:
    """Runs sshd in the foreground, behind the words of ``before``, for as long as the test needs it."""
    sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin:" + os.environ.get("PATH", ""))
    if sshd is None:
        unavailable("there is no sshd")
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    words = [*before, sshd, "-D", "-e", "-f", str(server.folder / "sshd_config")]
    with (server.folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is not None or _answers(server.port), "sshd listens")
        if process.poll() is not None:
            pytest.fail(f"sshd ended: {(server.folder / 'log').read_text()}")
        yield server
    finally:
        process.terminate()
        process.wait(5)


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as name:
        server = prepare(Path(name))
        # Keeps the developer's own start-up files out of the way.
        with (server.folder / "sshd_config").open("a") as config:
            config.write(f"SetEnv HOME={server.folder}/home\n")
        yield from running(server)


@pytest.fixture(scope="session")
def capsule() -> Iterator[Server]:
    """An sshd in a private mount namespace with users, groups and sudoers of its own; the machine's are not touched.

    ``zim`` is the user to become. ``full``, ``only``, ``none`` and ``ttys`` are logins with different sudoers lines.
    """
    if os.getuid() != 0 or not shutil.which("unshare") or not shutil.which("sudo"):
        unavailable("users of our own need root, unshare and sudo")
    with tempfile.TemporaryDirectory() as name:
        server = prepare(Path(name))
        folder = server.folder
        program = folder / "zmprov"
        program.write_text('#!/bin/sh\necho "i am $(id -un)"\n[ "$1" = -f ] && exec cat\nexit 0\n')
        program.chmod(0o755)
        logins = ("zim", "full", "only", "none", "ttys")
        for file, line, mode in (
            ("passwd", "{name}:x:{id}:{id}::{folder}/home/{name}:/bin/sh\n", 0o644),
            ("shadow", "{name}:*:19000::::::\n", 0o600),
            ("group", "{name}:x:{id}:\n", 0o644),
        ):
            lines = [line.format(name=login, id=61000 + i, folder=folder) for i, login in enumerate(logins)]
            (folder / file).write_text(Path("/etc", file).read_text() + "".join(lines))
            (folder / file).chmod(mode)
        for i, login in enumerate(logins):
            home = folder / "home" / login
            home.mkdir()
            os.chown(home, 61000 + i, 61000 + i)
        (folder / "home/zim/.profile").write_text("echo profile of zim\n")
        sudoers = folder / "sudoers"
        sudoers.write_text(
            "root ALL=(ALL:ALL) ALL\nDefaults:full use_pty\nfull ALL=(zim) NOPASSWD: ALL\n"
            f"only ALL=(zim) NOPASSWD: {program}\nDefaults:ttys requiretty\nttys ALL=(zim) NOPASSWD: ALL\n"
        )
        sudoers.chmod(0o440)
        files = ("passwd", "shadow", "group", "sudoers")
        mounts = "".join(f"mount --bind {folder}/{file} /etc/{file} && " for file in files)
        yield from running(server, ("unshare", "-m", "sh", "-c", mounts + 'exec "$@"', "sh"))


class Proxy:
    """A TCP proxy that can turn into a black hole: it goes on reading (``swallow``) or stops that too (``stall``).

    ``slow`` passes a few bytes at a time.
    """

    def __init__(self, port: int) -> None:
        self.mode = "pass"
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = [self._listener]
        self._let_go = threading.Event()
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listener.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._sockets += [client, there]
                for source, sink in ((client, there), (there, client)):
                    self._start(self._pump, source, sink)
        except OSError:
            return

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        # A killed client may end in an RST instead of a FIN; the other side hears of either.
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if self.mode == "stall":
                    self._let_go.wait()
                if self.mode == "pass":
                    sink.sendall(data)
                elif self.mode == "slow":
                    for at in range(0, len(data), 256):
                        self._let_go.wait(0.01)
                        sink.sendall(data[at : at + 256])
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Both ends of every connection see its end."""
        for sock in self._sockets[1:]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Both ends of every connection get an RST, as from a firewall that was started anew."""
        # On Linux, connecting to no family at all ends a connection in this way, whoever is waiting in it.
        nowhere = bytes(16)
        for sock in self._sockets[1:]:
            ctypes.CDLL(None).connect(sock.fileno(), nowhere, len(nowhere))

    def close(self) -> None:
        self._let_go.set()
        # Threads are woken and waited for before their sockets are closed: one that is left waiting in a closed socket
        # goes on, after any signal, in whatever has got its number since.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(5)
        for sock in self._sockets:
            sock.close()


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.port)
    yield proxy
    proxy.close()
