"""A fault of the program itself ends it calmly: the terminal shows words, a private file has the report."""

import stat
from pathlib import Path

import pytest

from splittui.tui.app import SplittuiApp
from tests.tui.test_main import ready


async def failing(app: SplittuiApp) -> None:
    """Runs the console until something unforeseen happens in it."""

    def fails() -> None:
        secret = "hunter2"
        raise ValueError(f"something unforeseen ({len(secret)})")

    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        app.call_next(fails)
        await pilot.pause(0.1)


async def test_a_fault_ends_the_console_and_leaves_a_report(app: SplittuiApp, tmp_path: Path) -> None:
    app.fault_folder = tmp_path / "faults"
    with pytest.raises(ValueError, match="unforeseen"):
        await failing(app)
    assert app.return_code == 1
    [report] = (tmp_path / "faults").iterdir()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert "ValueError: something unforeseen (7)" in text
    assert "Traceback" in text


def test_the_words(app: SplittuiApp, tmp_path: Path) -> None:
    app.fault_folder = tmp_path
    app._exception = KeyError("route")
    app._fatal_error()
    [words] = app._exit_renderables
    assert "Traceback" not in str(words)
