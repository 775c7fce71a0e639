"""The trace screen as the operator has it under his hands."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.pilot import Pilot

from splittui.mailflow.roster import roster
from splittui.planning.plan import Plan
from splittui.tui.app import SplittuiApp
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.screens.trace import RouteView, TraceScreen
from tests.sites import SPLIT, on_legacy, placeholder, snapshot
from tests.tui.plans import HostApp, move_plan

from .test_main import AnyPilot, main_of, ready, screen_text, until

SEEN = roster(SPLIT, snapshot(placeholder("bar", host="zimbra.example.com"), on_legacy("bar"), placeholder("lost")))
PLAN, _ = move_plan(["bar"])


def trace(local: str = "bar", plan: Plan | None = None, *, ascii_only: bool = False) -> HostApp:
    return HostApp(TraceScreen(f"{local}@example.com", SEEN, plan), ASCII if ascii_only else UNICODE)


async def traced(app: HostApp, pilot: Pilot[None]) -> list[str]:
    screen = app.hosted
    assert isinstance(screen, TraceScreen)
    for _ in range(200):
        if screen.shown:
            break
        await pilot.pause(0.01)
    await pilot.pause()
    return app.shown().splitlines()


async def test_all_three_origins_are_there_at_80x24() -> None:
    app = trace()
    async with app.run_test(size=(80, 24)) as pilot:
        lines = await traced(app, pilot)
        text = "\n".join(lines)
        assert lines[0].startswith(" Trace · bar@example.com")
        assert lines[0].rstrip().endswith("now")
        for origin in ("From the internet", "From a Zimbra user", "From a legacy user"):
            assert f"   {origin}" in text
        assert text.count("✓ delivered to the mailbox on mail.example.com (250)") == 3
        assert "▸ account transport says to use smtp:mail.example.com:25\u00a0→" in text
        assert "its users use its own MTA" not in text
        assert "Esc back" in lines[-1]
        assert "after what is staged" not in lines[-1]


async def test_side_by_side_where_there_is_room() -> None:
    app = trace()
    async with app.run_test(size=(119, 30)) as pilot:
        lines = await traced(app, pilot)
        assert "From a Zimbra user" not in lines[1]
        await pilot.resize_terminal(120, 30)
        await pilot.pause()
        lines = app.shown().splitlines()
        assert all(word in lines[1] for word in ("From the internet", "From a Zimbra user", "From a legacy user"))
        first = app.screen.focused
        await pilot.press("tab")
        assert isinstance(app.screen.focused, RouteView)
        assert app.screen.focused is not first
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert isinstance(app.screen.focused, RouteView)
        assert app.screen.focused.has_class("stacked")


async def test_reasons_unfold_one_by_one_and_all_at_once() -> None:
    app = trace()
    async with app.run_test(size=(80, 40)) as pilot:
        await traced(app, pilot)
        await pilot.press("down", "enter")
        assert "the MX of example.com" in app.shown()
        await pilot.press("enter")
        assert "the MX of example.com" not in app.shown()
        await pilot.press("right")
        assert "the MX of example.com" in app.shown()
        await pilot.press("e")
        await pilot.pause()
        assert app.shown().count("it has a mailbox of that address") == 6
        await pilot.press("E")
        await pilot.pause()
        assert "it has a mailbox of that address" not in app.shown()
        assert "existing infrastructure mail store" in app.shown()


@pytest.mark.parametrize("size", [(80, 24), (140, 30)])
async def test_now_and_after_what_is_staged(size: tuple[int, int]) -> None:
    app = trace(plan=PLAN)
    async with app.run_test(size=size) as pilot:
        lines = await traced(app, pilot)
        assert "n after what is staged" in lines[-1]
        await pilot.press("n")
        await pilot.pause()
        lines = app.shown().splitlines()
        text = "\n".join(lines)
        assert "after what is staged; nothing is changed yet" in lines[0]
        assert "From the internet · changes" in text
        assert "From a legacy user · as now" in text
        assert "lmtp:zimbra.example.com:7025" in text
        await pilot.press("n")
        await pilot.pause()
        assert "lmtp:zimbra.example.com:7025" not in app.shown()


async def test_without_anything_staged_n_says_so() -> None:
    app = trace()
    async with app.run_test(size=(80, 24)) as pilot:
        await traced(app, pilot)
        await pilot.press("n")
        assert [one.message for one in app._notifications] == ["Nothing is staged that changes this way."]


async def test_a_loop_stands_out_in_plain_ascii() -> None:
    app = trace("lost", ascii_only=True)
    async with app.run_test(size=(80, 40)) as pilot:
        text = "\n".join(await traced(app, pilot))
        assert "x LOOPS between zimbra.example.com and mail.example.com" in text
        assert "x mail.example.com meets its own mail again" in text
        assert text.isascii()


async def test_y_copies_the_chains_and_escape_goes_back() -> None:
    app = trace()
    async with app.run_test(size=(80, 24)) as pilot:
        await traced(app, pilot)
        await pilot.press("y")
        assert app.clipboard.startswith("bar@example.com\n\nFrom the internet\n  internet →\n      the MX of")
        await pilot.press("escape")
    assert app.answers == [None]


def open_trace(app: App[int]) -> TraceScreen | None:
    screen = app.screen
    return screen if isinstance(screen, TraceScreen) and screen.shown else None


async def opened(pilot: AnyPilot) -> list[str]:
    await pilot.press("t")
    await until(pilot, lambda: open_trace(pilot.app))
    return screen_text(pilot)


async def test_t_traces_the_row_and_knows_what_is_staged_for_it(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        lines = await opened(pilot)
        assert lines[0].startswith(" Trace · ann.adams@example.com")
        assert "after what is staged" not in lines[-1]
        await pilot.press("t")
        assert pilot.app.screen is main_of(pilot)
        await pilot.press("space", "m", "home")
        assert "after what is staged" in (await opened(pilot))[-1]
