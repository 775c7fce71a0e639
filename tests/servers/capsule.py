"""Private mount, network and process namespaces for the lab: the machine around them stays untouched.

Inside, the real ports and names are free to use, /etc, /opt and the logs are private copies, and several capsules run
side by side. Nothing outlives one: its first process waits for the end of its input, which the kernel brings about
however the test ends, and all other processes of the capsule end with the first.

A test stays outside. It reaches in by three plain ways, so that no agent and no protocol is needed: it opens sockets in
the capsule's network (``network``: a thread may change its network namespace for a moment, and a socket stays where it
was opened), reads and writes files through ``path``, and runs programs by ``run`` and ``start``. Whoever can not be
taught to open its sockets there, such as a console in the test's own process, connects to a port of ``forward``.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from tests.servers.daemon import Daemon, child_of
from tests.servers.ground import unavailable
from tests.servers.hosts import HERE
from tests.servers.relay import Relay

PROJECT = Path(__file__).parents[2]
PROGRAMS = ("unshare", "nsenter", "setpriv", "mount", "ip")
SECONDS = 20.0
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class Capsule:
    """Use it as a context manager. ``folder`` is the same folder inside and outside, and goes with the capsule."""

    folder: Path
    pid: int

    def __init__(self) -> None:
        self._open = ExitStack()
        self._daemons: list[Daemon] = []
        self._by_user = False

    def __enter__(self) -> Capsule:
        if os.geteuid() != 0:
            unavailable("private namespaces need root")
        require_programs(PROGRAMS)
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="splittui-capsule-"))
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.folder.chmod(0o755)
            stack.callback(self._reap)
            self.pid = self._begin(stack)
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def path(self, name: str) -> Path:
        """A file of the capsule (an absolute name), as it is reached from outside. The way must have no links in it."""
        return Path(f"/proc/{self.pid}/root{name}")

    @property
    def enter(self) -> tuple[str, ...]:
        """The words before a command that make it run inside."""
        return ("nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--")

    @property
    def enter_network(self) -> tuple[str, ...]:
        """The words before a server that runs in this network alone, and ends with the thread that starts it."""
        return ("setpriv", "--pdeathsig", "KILL", "--", "nsenter", f"--net=/proc/{self.pid}/ns/net", "--")

    @contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread opens meanwhile are in the capsule's network, for as long as they live."""
        with _namespace("/proc/thread-self/ns/net") as outside, _namespace(f"/proc/{self.pid}/ns/net") as inside:
            _set_network(inside)
            try:
                yield
            finally:
                _set_network(outside)

    def connect(self, address: str, port: int, source: str = "") -> socket.socket:
        with self.network():
            return socket.create_connection((address, port), SECONDS, (source, 0) if source else None)

    def listens(self, address: str, port: int) -> bool:
        try:
            self.connect(address, port).close()
        except OSError:
            return False
        return True

    def forward(self, address: str, port: int) -> int:
        """A port of 127.0.0.1, outside, that leads to this one inside, until the capsule ends."""
        return self._open.enter_context(Relay(lambda: self.connect(address, port))).port

    def comes_from(self, number: int, address: str) -> None:
        """What this user's programs connect to sees them under that address, as if they ran on a host of their own."""
        if not self._by_user:
            # The kernel's own table is asked first and would decide.
            self.run("ip", "rule", "add", "pref", "32000", "lookup", "local")
            self.run("ip", "rule", "del", "pref", "0")
        self._by_user = True
        table = str(number)
        self.run("ip", "rule", "add", "pref", "10", "uidrange", f"{number}-{number}", "lookup", table)
        self.run("ip", "route", "add", "local", "127.0.0.0/8", "dev", "lo", "src", address, "table", table)

    def run(
        self, *words: str, text: str | None = None, environment: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program inside to its end. Fails the test with what it said unless ``check`` is false."""
        done = subprocess.run(
            (*self.enter, *words),
            input="" if text is None else text,
            env=None if environment is None else dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def start(self, name: str, words: Sequence[str], *, terminal: bool = False) -> Daemon:
        """Starts a server inside. With ``terminal`` its output is one: some servers speak to nothing else."""
        daemon = Daemon((*self.enter, *words), self.folder / f"{name}.out", terminal)
        self._daemons.append(daemon)
        return daemon

    def _reap(self) -> None:
        """Once the first process has ended, and the kernel all others."""
        for daemon in self._daemons:
            daemon.reap()

    def _begin(self, stack: ExitStack) -> int:
        words = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
        script = str(Path(__file__).with_name("capsule.sh"))
        addresses = [host.address for host in HERE]
        process = subprocess.Popen(
            (*words, "sh", script, str(self.folder), ":".join(closed_folders()), *addresses),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        stack.callback(_end, process, process.stdin)
        if process.stdout.readline() != "ready\n":
            said = process.stderr.read().strip()
            if said.startswith("unshare:"):
                unavailable(f"the kernel gives no private namespaces here: {said}")
            raise AssertionError(f"the capsule did not start: {said}")
        return child_of(process.pid)


def require_programs(names: Sequence[str]) -> None:
    """Skips the test (or fails it, where servers are required) unless all these programs are installed."""
    places = f"/usr/sbin:/sbin:/usr/lib/postfix/sbin:{os.environ.get('PATH', '')}"
    missing = [name for name in names if not shutil.which(name, path=places)]
    if missing:
        unavailable(f"not installed: {', '.join(missing)}")


def closed_folders() -> list[str]:
    """The folders on the way to this Python and this project that only root may enter, such as /root."""
    wanted = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), PROJECT}
    ways = {parent for place in wanted for parent in (place, *place.parents)}
    return sorted(str(folder) for folder in ways if not folder.stat().st_mode & 0o001)


@contextmanager
def _namespace(name: str) -> Iterator[int]:
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _set_network(descriptor: int) -> None:
    # os.setns came with Python 3.12.
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def _end(process: subprocess.Popen[str], lifeline: IO[str]) -> None:
    lifeline.close()
    process.wait(SECONDS)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
