"""Questions: Cancel first, a typed answer where one is wanted, and no Enter that was typed before."""

import pytest
from textual.widgets import Button, Input

from splittui.tui.screens.confirm import AskScreen, ConfirmScreen, EnterGuard
from tests.tui.plans import HOSTILE, HostApp


@pytest.fixture
def _no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 0.0)


@pytest.mark.usefixtures("_no_guard")
@pytest.mark.parametrize(
    ("keys", "answer"),
    [(("enter",), False), (("escape",), False), (("tab", "enter"), True), (("right", "enter"), True)],
)
async def test_cancel_comes_first(keys: tuple[str, ...], answer: bool) -> None:
    app = HostApp(ConfirmScreen("Leave?"))
    async with app.run_test() as pilot:
        await pilot.press(*keys)
    assert app.answers == [answer]


async def test_an_enter_typed_ahead_is_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 1000.0)
    app = HostApp(ConfirmScreen("Leave?"))
    async with app.run_test() as pilot:
        await pilot.press("enter", "enter")
        assert app.answers == []
        await pilot.press("escape")
        assert app.answers == [False]


def test_the_guard_lets_go_after_its_time() -> None:
    now = 5.0
    guard = EnterGuard(lambda: now)
    assert guard.holds
    now += guard.seconds * 2
    assert not guard.holds


@pytest.mark.usefixtures("_no_guard")
async def test_only_the_expected_text_goes_on() -> None:
    app = HostApp(ConfirmScreen("Apply to 62 people?", expected="62"))
    async with app.run_test() as pilot:
        yes = app.screen.query_one("#yes", Button)
        assert yes.disabled
        await pilot.press("6", "enter")
        assert app.answers == []
        assert yes.disabled
        await pilot.press("3", "backspace", "2")
        assert not yes.disabled
        await pilot.press("enter")
    assert app.answers == [True]


@pytest.mark.usefixtures("_no_guard")
async def test_one_line_is_asked_for() -> None:
    app = HostApp(AskScreen("Which file?", "plan.json"))
    async with app.run_test() as pilot:
        assert app.screen.query_one(Input).value == "plan.json"
        await pilot.press("x", "enter")
    assert app.answers == ["plan.jsonx"]


async def test_hostile_questions_are_only_text() -> None:
    app = HostApp(ConfirmScreen(HOSTILE, detail=HOSTILE, expected="[/b]"))
    async with app.run_test(size=(100, 30)):
        shown = app.shown()
    assert "[@click=app.quit]" in shown
    assert "\x1b" not in shown
