"""A Zimbra in the recorded start state, and a journal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.execution.journal import Journal
from splittui.lab.replay import make_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "zimbra"
    make_home(path, True)
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()
