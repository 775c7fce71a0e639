"""A server program inside a capsule, known by its process id outside."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.servers.ground import wait_until

SECONDS = 10.0


def children_of(pid: int) -> tuple[int, ...]:
    """The process ids, as seen from here, of what a process has started."""
    try:
        return tuple(int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except FileNotFoundError:
        return ()


def child_of(pid: int) -> int:
    """The one process that ``pid`` (a program that goes on as another one) has started."""
    wait_until(lambda: bool(children_of(pid)) or not alive(pid), "the program is started")
    found = children_of(pid)
    assert found, f"process {pid} ended before it had started its program"
    return found[0]


def program_of(pid: int) -> str:
    """The name of the program, cut to 15 characters as the kernel does; empty for one that has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip("\n")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Whether it runs still: not ended, and not a corpse that nobody has asked for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Daemon:
    """Starts when it is made; its output goes to ``output``. ``words`` begin with those that enter a capsule."""

    def __init__(self, words: Sequence[str], output: Path, terminal: bool = False) -> None:
        self._output = output
        with output.open("ab") as file:
            target = file.fileno()
            if terminal:
                ours, target = pty.openpty()
                threading.Thread(target=_pump, args=(ours, output), daemon=True).start()
            self._entering = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=target, stderr=target)
            if terminal:
                os.close(target)
        self.pid = child_of(self._entering.pid)

    @property
    def running(self) -> bool:
        return self._entering.poll() is None

    @property
    def said(self) -> str:
        """The end of its output."""
        return self._output.read_text(errors="replace")[-2000:]

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self) -> None:
        """Ends it; safe to call twice."""
        self.signal(signal.SIGTERM)
        try:
            self._entering.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.reap()

    def reap(self) -> None:
        """Waits for the end of one that was ended by somebody else."""
        self._entering.wait(SECONDS)


def _pump(terminal: int, output: Path) -> None:
    # A terminal whose other side is closed gives an error instead of an end.
    with suppress(OSError), output.open("ab") as file:
        while data := os.read(terminal, 4096):
            file.write(data)
            file.flush()
    os.close(terminal)
