"""Two operators on two machines: the second is told who is at work and since when; a kill -9 of the first frees it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.lab.lab import Lab

ROOT = Path(__file__).parent.parent.parent
BUSY = re.compile(r"are being changed right now by \S+ on \S+, since [-0-9]{10} [:0-9]{8} UTC \(\w+\), process \d+")


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


def operator(lab: Lab, folder: Path, limits: str) -> list[str]:
    """The command line of an operator with a state directory of his own, as on another machine."""
    folder.mkdir()
    text = lab.config.read_text().replace(str(lab.directory / "journal.db"), str(folder / "journal.db"))
    config = folder / "splittui.toml"
    config.write_text(f"{text}\n[profile.lab.limits]\n{limits}\n")
    return [sys.executable, "-m", "splittui", "--config", str(config)]


def test_one_at_a_time_whatever_machine_they_sit_at(lab: Lab, tmp_path: Path) -> None:
    first = operator(lab, tmp_path / "first", "per_minute = 1")
    second = operator(lab, tmp_path / "second", "people = 50")
    at_work = subprocess.Popen(
        [*first, "move", "adam.schulz@example.com", "bell@example.com", "--to", "zimbra", "--yes", "--confirm", "2"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert at_work.stderr is not None
    # The first person is done; the second one's turn comes only in a minute.
    assert any(line.startswith("done") for line in at_work.stderr)
    wish = [*second, "move", "bar@example.com", "--to", "zimbra", "--yes"]
    refused = subprocess.run(wish, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert refused.returncode == 3, refused.stderr
    assert BUSY.search(refused.stderr), refused.stderr
    assert "Nothing was sent." in refused.stderr
    at_work.kill()
    at_work.wait()
    at_work.stderr.close()
    done = subprocess.run(wish, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
