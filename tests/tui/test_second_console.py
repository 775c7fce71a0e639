"""Two consoles at once: the second is told who is at work and since when, and goes on as soon as the first is gone."""

import os
import pty
import re
import signal
import sys
import termios
import threading
from dataclasses import replace
from pathlib import Path

from splittui import config
from splittui.execution.history import History
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.tui.app import SplittuiApp
from tests.far_end import ROOT
from tests.servers.ground import wait_until
from tests.tui.test_key_order import type_ahead
from tests.tui.test_lab import LMTP, SMTP, transport, until
from tests.tui.test_lost_terminal import SECONDS, read_until

BUSY = re.compile(r"being changed right now by \S+ on \S+, since [-0-9]{10} [:0-9]{8} UTC")


def first_console(lab: Lab) -> tuple[int, int]:
    """A console in a terminal and a process of its own, in the middle of a run of two people, one a minute."""
    own = lab.directory / "first.toml"
    own.write_text(f"{lab.config.read_text()}\n[profile.lab.limits]\nper_minute = 1\n")
    process, terminal = pty.fork()
    if process == 0:
        environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "splittui", "--config", str(own)]
        os.execve(command[0], command, environment)
    termios.tcsetwinsize(terminal, (24, 80))
    read_until(terminal, b"bar@example.com")
    os.write(terminal, b"/bar@\r /bell@\r mpa")
    threading.Thread(target=read_until, args=(terminal, b"nothing that is drawn"), daemon=True).start()
    wait_until(lambda: transport(lab, "bar@example.com") == LMTP, "the first console is at work", SECONDS)
    return process, terminal


def kill(process: int, terminal: int) -> None:
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    os.close(terminal)


async def test_the_second_is_told_and_goes_on_when_the_first_is_gone(tmp_path: Path) -> None:
    with Lab.start(accounts=45) as lab:
        process, terminal = first_console(lab)
        # As on another machine: nothing but the Zimbra host is shared.
        app = SplittuiApp(Site(replace(config.load(lab.config), journal=tmp_path / "journal.db")))
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: app.main.roster is not None)
            plain = (row for row in app.main.roster.people.values() if row.home == "legacy" and row.zimbra)
            other = next(row.address for row in plain if not row.state and row.address[:4] not in ("bar@", "bell"))
            type_ahead(app, f"/{other}\rma")
            await until(pilot, lambda: app.job is not None and app.job.ended is not None)
            assert app.job is not None
            assert app.job.ended is not None
            assert BUSY.search(app.job.ended.error), app.job.ended.error
            assert "Nothing was sent." in app.job.ended.error
            assert not History(tmp_path / "journal.db").runs()
            assert transport(lab, other) == SMTP
            kill(process, terminal)
            first = app.job
            await pilot.press("escape")
            type_ahead(app, "ma")
            await until(pilot, lambda: app.job is not first and app.job is not None and app.job.ended is not None)
            assert app.job is not None
            assert app.job.ended is not None
            assert app.job.ended.clean, app.job.ended
            assert transport(lab, other) == LMTP
