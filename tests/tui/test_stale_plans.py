"""Plans that no longer fit are not run from the console either."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from splittui.planning.brake import Limits
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from tests.tui.conftest import ZooSite
from tests.tui.test_main import AnyPilot, main_of, ready, toasts, until


async def previewed(pilot: AnyPilot) -> None:
    await ready(pilot)
    await pilot.press("m")
    await until(pilot, lambda: isinstance(pilot.app.screen, PreviewScreen))


async def test_a_preview_that_was_left_open_too_long(
    app: SplittuiApp, site: ZooSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.limits = Limits(percent=100)
    async with app.run_test(size=(100, 24)) as pilot:
        await previewed(pilot)
        later = time.time() + 25 * 3600
        monkeypatch.setattr("splittui.tui.app.time.time", lambda: later)
        await pilot.press("a")
        await until(pilot, lambda: "The plan was made 25 hours ago" in toasts(app))
        assert app.job is None


async def test_nothing_is_taken_back_on_a_partial_reading(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(100, 24)) as pilot:
        await previewed(pilot)
        site.partial = "a cut link"
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, RunScreen) and app.job is not None and app.job.ended)
        await until(pilot, lambda: main_of(pilot).roster is not None and not main_of(pilot).roster.snapshot.complete)
        await pilot.press("u")
        await until(pilot, lambda: "is not complete (a cut link)" in toasts(app))
        assert isinstance(app.screen, MainScreen)


async def test_a_run_is_not_finished_on_other_ground(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(100, 24)) as pilot:
        await previewed(pilot)
        assert isinstance(app.screen, PreviewScreen)
        plan = app.screen.plan
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        site.split = replace(site.split, legacy_transport="smtp:elsewhere.example.com:25")
        app.preview(plan)
        await until(pilot, lambda: "legacy.transport in the profile was smtp:mail.example.com:25" in toasts(app))
        assert isinstance(app.screen, MainScreen)
