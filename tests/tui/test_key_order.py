"""Keys that arrive together act in their order: on what the keys before them have made of the screen."""

import pytest
from textual import events

from splittui.model.entries import Side
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.preview import PreviewScreen
from tests.tui.test_main import main_of, ready, until

NAMES = {"/": "slash", "\r": "enter", "\t": "tab", " ": "space"}


def type_ahead(app: SplittuiApp, text: str) -> None:
    """All of it at once, as from a paste or a script."""
    for char in text:
        app.post_message(events.Key(NAMES.get(char, char), char))


async def test_the_filter_is_in_force_before_the_move(app: SplittuiApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        wanted = main_of(pilot).people.view[5].address
        type_ahead(app, f"/{wanted.partition('@')[0]}\rm")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert app.screen.plan.people == (wanted,)


async def test_two_keys_from_the_cursor_to_running(app: SplittuiApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        address = main_of(pilot).people.view[0].address
        type_ahead(app, "ma")
        await until(pilot, lambda: app.job is not None and app.job.ended is not None)
        assert app.job is not None
        assert app.job.plan.people == (address,)
        assert not main_of(pilot).panes[Side.LEGACY].people.view.marked


async def test_the_other_pane_has_the_keys_at_once(app: SplittuiApp) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        type_ahead(app, "  \t ")
        marks = {side: pane.people.view.marked for side, pane in main_of(pilot).panes.items()}
        await until(pilot, lambda: len(marks[Side.LEGACY]) == 2 and len(marks[Side.ZIMBRA]) == 1)


@pytest.mark.parametrize("burst", ["p?", "mmmm", "qqq", "@@", "//", "m\r\r"])
async def test_a_burst_of_keys_breaks_nothing(app: SplittuiApp, burst: str) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        type_ahead(app, burst)
        await pilot.pause()
        await pilot.pause(0.1)
        assert len(app.screen_stack) <= 3
