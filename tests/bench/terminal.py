"""A program in a pseudo-terminal, as an operator has it: what it writes and when, what it costs, and keys for it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

_ROWS, _COLUMNS = 50, 160
# CSI and OSC sequences, and the few of two characters.
_ESCAPES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P^_][^\x1b]*\x1b\\|\x1b[@-Z\\-_=>]"
)
_TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """One program on a terminal of 160x50, started now; ends with the block."""

    def __init__(self, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TEXTUAL_FPS": "120"}
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    def press(self, keys: bytes) -> float:
        """Types, and tells when."""
        os.write(self._master, keys)
        return time.perf_counter()

    def until(self, there: Callable[[bytes], bool], seconds: float = 30.0) -> float:
        """Reads until ``there`` is true of everything since the call, as raw bytes; tells when that was."""
        written = b""
        deadline = time.perf_counter() + seconds
        while not there(written):
            data = self._read(deadline - time.perf_counter())
            assert data, f"never shown; the end is {plain(written)[-500:]!r}"
            written += data
        return time.perf_counter()

    def shows(self, pattern: bytes, seconds: float = 30.0) -> float:
        """As ``until``, for a pattern in what is written without its escape sequences."""
        wanted = re.compile(pattern)
        return self.until(lambda written: wanted.search(plain(written)) is not None, seconds)

    def settle(self, quiet: float = 0.3, seconds: float = 5.0) -> None:
        """Reads until nothing has come for ``quiet`` seconds; what never rests is left after ``seconds``."""
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline and self._read(quiet):
            pass

    def watch(self, seconds: float) -> None:
        """Only reads, for so long."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)

    def _read(self, seconds: float) -> bytes:
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return b""
        return os.read(self._master, 1 << 16)

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self, line: str = "VmRSS") -> float:
        """Resident memory in MB now; ``VmHWM``: at its highest."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        found = re.search(rf"^{line}:\s+(\d+) kB", status, re.MULTILINE)
        assert found, f"no {line}"
        return int(found[1]) / 1024


def plain(written: bytes) -> bytes:
    """Without escape sequences."""
    return _ESCAPES.sub(b"", written)
