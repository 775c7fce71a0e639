"""What is done by hand on the existing system: shown word by word, and confirmed at a terminal or not at all."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from splittui.lab.lab import Lab
from tests.cli.conftest import Run
from tests.far_end import attributes

LMTP = "lmtp:zimbra.example.com:7025"
SMTP = "smtp:mail.example.com:25"
BAR = "bar@example.com"


@pytest.fixture(scope="module")
def config(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lab's profile, with an existing system that is changed by hand."""
    file = tmp_path_factory.mktemp("config") / "splittui.toml"
    router = '\n[profile.lab.legacy.router]\nkind = "manual"\nsystem = "postfix"\n'
    file.write_text(lab.config.read_text() + router)
    return file


def transport(lab: Lab) -> str:
    entry = attributes(lab.home.path, BAR)
    assert entry is not None
    return entry["zimbraMailTransport"][0]


class Terminal:
    """A command at a terminal of its own."""

    def __init__(self, config: Path, *words: str) -> None:
        self._end, other = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "splittui", "--config", str(config), *words],
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        os.close(other)
        self.said = ""

    def until(self, words: str, seconds: float = 30.0) -> None:
        deadline = time.monotonic() + seconds
        while not re.search(words, self.said):
            assert time.monotonic() < deadline, self.said
            if select.select([self._end], [], [], 0.1)[0]:
                self.said += self._read()

    def type(self, line: str) -> None:
        self.said = ""
        os.write(self._end, f"{line}\n".encode())

    def _read(self) -> str:
        try:
            return os.read(self._end, 65536).decode()
        except OSError:
            pytest.fail(f"it ended: {self.said}")

    def end(self) -> int:
        """Reads until it ends; its exit code."""
        while self.process.poll() is None:
            if select.select([self._end], [], [], 0.1)[0]:
                try:
                    self.said += os.read(self._end, 65536).decode()
                except OSError:
                    break
        code = self.process.wait(10)
        os.close(self._end)
        return code


ASKED = r'Type "done" when it is'


def test_there_at_a_terminal_and_back_without_one(config: Path, lab: Lab, run: Run) -> None:
    there = Terminal(config, "move", BAR, "--to", "zimbra", "--yes")
    there.until(ASKED)
    assert f"{BAR}    smtp:[zimbra.example.com]:25" in there.said
    assert "postfix reload" in there.said
    assert transport(lab) == LMTP
    there.type("perhaps")
    there.until(ASKED)
    there.type("done")
    assert there.end() == 0
    assert "confirmed by the operator" in there.said

    command = [sys.executable, "-m", "splittui", "--config", str(config), "move", BAR, "--to", "legacy", "--yes"]
    back = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert back.returncode == 3, back.stderr
    assert "no line for them" in back.stderr
    assert "Nobody is at a terminal" in back.stderr
    assert transport(lab) == LMTP

    number = re.search(r"splittui resume (\d+)", back.stderr)
    assert number is not None
    resumed = Terminal(config, "resume", number[1], "--yes")
    resumed.until(ASKED)
    resumed.type("done")
    assert resumed.end() == 0
    assert transport(lab) == SMTP


def test_left_undone_or_interrupted_zimbra_stays_as_it_is(config: Path, lab: Lab, run: Run) -> None:
    assert run("move", BAR, "--to", "zimbra", "--yes").code == 0
    undone = Terminal(config, "move", BAR, "--to", "legacy", "--yes")
    undone.until(ASKED)
    undone.type("no")
    assert undone.end() == 1
    assert "left undone by the operator" in undone.said
    assert transport(lab) == LMTP
    interrupted = Terminal(config, "move", BAR, "--to", "legacy", "--yes")
    interrupted.until(ASKED)
    interrupted.process.terminate()
    assert interrupted.end() == 1
    assert "stopped before anybody confirmed" in interrupted.said
    assert transport(lab) == LMTP


def test_the_plan_shows_the_words(config: Path, lab: Lab, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    from splittui.cli.main import main

    assert run("move", BAR, "--to", "zimbra", "--yes").code in (0, 3)
    main(["--config", str(config), "plan", "move", BAR, "--to", "legacy"])
    said = capfd.readouterr().out
    assert "by hand:" in said
    assert f"on mail.example.com, keep the mail of {BAR}: in /etc/postfix/transport no line for them" in said
