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

from splittui.execution.events import Outcome
from splittui.execution.history import History
from splittui.lab.lab import Lab
from splittui.tui.lost_terminal import keep_taking
from tests.far_end import ROOT
from tests.faults.over_ssh import children_with, waiting_input
from tests.servers.ground import wait_until

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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_ends_after_the_item_in_flight(number: signal.Signals, tmp_path: Path) -> None:
    """The zmprov that has the item is held: the console waits for it, and the journal knows what became of it."""
    with Lab.start(accounts=45) as lab:
        lab.config.write_text(f"{lab.config.read_text()}\n[profile.lab.limits]\nper_minute = 30\n")
        process, terminal = pty.fork()
        if process == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "splittui", "--config", str(lab.config)]
            os.execve(command[0], command, environment)
        termios.tcsetwinsize(terminal, (24, 80))
        read_until(terminal, b"bar@example.com")
        os.write(terminal, b"/bar@\r /bell@\r mpa")
        history = History(lab.directory / "journal.db")
        drawing = threading.Thread(target=read_until, args=(terminal, b"nothing that is drawn"), daemon=True)
        drawing.start()
        wait_until(lambda: any(run.outcome(0) is Outcome.DONE for run in history.runs()), "the first is done", SECONDS)
        held = children_with(b"splittui.lab.zmprov")
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: any(map(waiting_input, held)), "the second person is in flight", SECONDS)
        os.kill(process, number)
        gone = select.select([os.pidfd_open(process)], [], [], 3)[0]
        assert not gone, "it did not wait for the item"
        for pid in held:
            os.kill(pid, signal.SIGCONT)
        assert ended(process) is not None
        os.close(terminal)
        run = history.runs()[0]
        assert run.ended_at is not None
        assert not run.error
        assert run.steps[1].outcome is Outcome.DONE
        assert not any(step.unknown for step in run.steps.values())


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
