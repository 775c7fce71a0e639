"""An operator who follows the guide in the console, by its keys alone, and has done by hand what a run asks for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from splittui.planning.plan import Act
from splittui.planning.setup import Goal, Guide
from splittui.planning.setup import Task as GuideTask
from splittui.tui.app import SplittuiApp
from splittui.tui.guide_lines import as_json
from splittui.tui.screens.confirm import ConfirmScreen
from splittui.tui.screens.guide import GuideScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from splittui.tui.screens.undertakings import UndertakingsScreen
from tests.operator import Administrator
from tests.tui.test_lab import until

ALSO = ("relay-host", "backscatter")
"""Optional tasks that are carried out as well."""


class ConsoleOperator:
    """``after`` is called each time something was done, in a thread of its own."""

    def __init__(
        self, pilot: Pilot[int], administrator: Administrator, after: Callable[[str], None] = lambda what: None
    ) -> None:
        assert isinstance(pilot.app, SplittuiApp)
        self._pilot, self._app, self._administrator, self._after = pilot, pilot.app, administrator, after
        self._changed_at = 0.0

    async def carry_out(self, goal: Goal, most: int = 30) -> Guide:
        """From the main screen to the end of an undertaking, and back."""
        await self._pilot.press("g")
        await self._settled(UndertakingsScreen)
        await self._pilot.press("home", *["down"] * list(Goal).index(goal), "enter")
        for _ in range(most):
            guide = await self._settled(GuideScreen)
            task = next((t for t in guide.tasks if _to_be_done(t)), None)
            if task is None:
                assert guide.finished, [(t.key, t.state, t.because or t.check.missing) for t in guide.tasks]
                await self._pilot.press("escape", "escape")
                return guide
            await self._go_to(task)
            await self._do(task)
            await asyncio.to_thread(self._after, task.key)
        raise AssertionError(f"{goal} does not come to its end")

    async def _settled(self, kind: type[UndertakingsScreen] | type[GuideScreen]) -> Guide:
        """Waits until the screen is there and everything was looked at after the last change."""

        def seen() -> bool:
            screen = self._app.screen
            if not isinstance(screen, kind) or screen.stand is None or screen.progress:
                return False
            return screen.stand.found.snapshot.zimbra.reading.read_at >= self._changed_at

        await until(self._pilot, seen)
        screen = self._app.screen
        assert isinstance(screen, (UndertakingsScreen, GuideScreen))
        assert screen.stand is not None
        return screen.stand.guide

    async def _go_to(self, task: GuideTask) -> None:
        screen = self._app.screen
        assert isinstance(screen, GuideScreen)
        assert screen.stand is not None
        keys = [one.key for one in screen.stand.guide.tasks]
        away = keys.index(task.key) - screen.rows.cursor
        await self._pilot.press(*["down" if away > 0 else "up"] * abs(away))
        assert screen.current is not None
        assert screen.current.key == task.key

    async def _do(self, task: GuideTask) -> None:
        job = self._app.job
        await self._pilot.press("enter")
        if task.key == "profile":
            await until(self._pilot, lambda: isinstance(self._app.screen, ConfirmScreen))
            self._changed_at = time.time()
            await self._pilot.press("right", "enter")
            return
        await until(self._pilot, lambda: isinstance(self._app.screen, PreviewScreen))
        preview = self._app.screen
        await self._pilot.press("a")
        await self._pilot.pause()
        if isinstance(self._app.screen, ConfirmScreen):
            assert not preview.plan.dangers, preview.plan.dangers
            await self._pilot.press(*(self._app.screen._expected or ""), "enter")
        await until(self._pilot, lambda: isinstance(self._app.screen, RunScreen) and self._app.job is not job)
        run = self._app.job
        assert run is not None
        while run.ended is None:
            await until(self._pilot, lambda: run.ended is not None or run.state.asks is not None)
            if run.ended is None:
                await asyncio.to_thread(self._administrator.do, as_json(task))
                await self._pilot.press("d")
                await until(self._pilot, lambda: run.ended is not None or run.state.asks is None)
        assert run.ended.clean, run.ended
        self._changed_at = run.ended.at
        await self._pilot.press("escape")


def _to_be_done(task: GuideTask) -> bool:
    deletes = any(step.act is Act.DELETE for step in task.plan.steps)
    wanted = not task.optional or task.key in ALSO
    return task.free and wanted and not deletes and (bool(task.plan.steps) or task.key == "profile")
