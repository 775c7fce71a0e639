"""The command log: every command with its time, host and outcome; filtered and copied."""

import pytest
from textual.widgets import Input

from splittui.execution.events import Outcome
from splittui.tui.run_job import SentCommand
from splittui.tui.screens.log import LogScreen
from splittui.tui.widgets.text_view import TextView
from tests.tui.plans import HOSTILE, HostApp

COMMANDS = [
    SentCommand(0.0, "zimbra.example.com", "ga bar@example.com", Outcome.DONE),
    SentCommand(1.0, "zimbra.example.com", "ma bar@example.com zimbraAccountStatus active", Outcome.FAILED),
    SentCommand(2.0, "10.0.0.7", f"ma {HOSTILE}", None),
]


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("splittui.tui.screens.log.clock_time", lambda at: f"00:00:{int(at):02}")


async def test_time_outcome_host_and_command() -> None:
    app = HostApp(LogScreen(COMMANDS))
    async with app.run_test(size=(120, 20)):
        shown = app.shown()
    assert "00:00:00  · read      zimbra      ga bar@example.com" in shown
    assert "00:00:01  ✗ failed    zimbra      ma bar@example.com zimbraAccountStatus active" in shown
    assert "00:00:02  … in flight 10.0.0.7    ma [/b] [@click=app.quit]x" in shown
    assert "3 commands sent from this console, secrets masked" in shown
    assert "\x1b" not in shown


async def test_a_filter_leaves_what_has_every_word_and_copies_that() -> None:
    app = HostApp(LogScreen(COMMANDS))
    async with app.run_test(size=(120, 20)) as pilot:
        await pilot.press("slash")
        app.screen.query_one(Input).value = "BAR ma"
        await pilot.press("enter", "c")
        assert app.clipboard == "00:00:01 zimbra.example.com ma bar@example.com zimbraAccountStatus active"
        assert "1 of 3 commands" in app.shown()
        await pilot.press("slash", "ä")
        assert "No command has these words." in app.shown()
        await pilot.press("escape")
        assert "3 commands" in app.shown()
        assert app.answers == []
        await pilot.press("escape")
    assert app.answers == [None]


async def test_an_empty_log_says_so() -> None:
    app = HostApp(LogScreen([]))
    async with app.run_test() as pilot:
        assert "No command was sent from this console yet." in app.shown()
        await pilot.press("c")
        assert app.clipboard == ""


async def test_a_long_log_opens_at_its_end() -> None:
    app = HostApp(LogScreen([SentCommand(0.0, "z", f"ga person{n}", Outcome.DONE) for n in range(5_000)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "person4999" in app.shown()
        assert app.screen.query_one(TextView).line_count == 5_000
