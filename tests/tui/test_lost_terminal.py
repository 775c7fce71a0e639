"""The terminal goes away: the console ends, and with it everything it started."""

import io
import os
import pty
import select
import signal
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
from textual.drivers._writer_thread import WriterThread

from splittui.tui.lost_terminal import keep_taking
from tests.far_end import ROOT

SECONDS = 20.0


def read_until(terminal: int, wanted: bytes) -> bytes:
    """What the console draws, up to ``wanted``."""
    seen = b""
    until = time.monotonic() + SECONDS
    while wanted not in seen and time.monotonic() < until:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    return seen


def ended(process: int) -> int | None:
    """The process's wait status; None where it is still there after a while."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return status
        select.select([], [], [], 0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


@pytest.mark.parametrize("first", [b"\x1b[?1049h", b"admin@example.com"])
def test_nothing_stays_behind(tmp_path: Path, first: bytes) -> None:
    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "TMPDIR": str(tmp_path), "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "splittui", "demo", "--accounts", "45"]
        os.execve(command[0], command, environment)
    termios.tcsetwinsize(terminal, (24, 80))
    assert first in read_until(terminal, first)
    os.close(terminal)
    status = ended(process)
    assert status is not None, "the console stayed behind without a terminal"
    assert list(tmp_path.glob("splittui-lab-*")) == []


class Gone(io.StringIO):
    """A terminal that is not there any more."""

    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_dead_writing_thread_holds_nobody_up() -> None:
    writer = WriterThread(Gone())
    writer.start()
    writer.write("x")
    writer.join(SECONDS)
    assert not writer.is_alive()
    keep_taking(writer)

    def goes_on_drawing() -> None:
        for _ in range(200):
            writer.write("x")
        writer.stop()

    drawing = threading.Thread(target=goes_on_drawing, daemon=True)
    drawing.start()
    drawing.join(SECONDS)
    assert not drawing.is_alive()
