"""Waves on the main screen: marks are kept under a name, and the people of a wave are marked again."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from splittui.execution.waves import Waves
from splittui.model.entries import Side
from splittui.planning.wave import Wave
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.confirm import AskScreen
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.preview import PreviewScreen
from tests.tui.conftest import ZooSite, small_zoo
from tests.tui.test_main import AnyPilot, main_of, ready, screen_text, toasts, until

ANN, BO, CAROL, EVE = (f"{name}@example.com" for name in ("ann.adams", "bo.bell", "carol.chen", "eve.eriksen"))


class KeepingSite(ZooSite):
    """A zoo with a real file for its waves."""

    def __init__(self, journal: Path) -> None:
        super().__init__(small_zoo())
        self._kept = Waves(journal, "zoo")

    @property
    def waves(self) -> Waves:
        return self._kept


@pytest.fixture
def site(tmp_path: Path) -> KeepingSite:
    return KeepingSite(tmp_path / "journal.db")


async def answer(pilot: AnyPilot, text: str) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, MainScreen))


def marks(pilot: AnyPilot, side: Side = Side.LEGACY) -> set[str]:
    return set(main_of(pilot).panes[side].people.view.marked)


async def test_marks_are_kept_as_a_wave_and_marked_again(app: SplittuiApp, site: KeepingSite) -> None:
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await pilot.press("space", "space", "K")
        await answer(pilot, "week 12")
        assert "kept as wave week 12: 2 people" in screen_text(pilot)[22]
        kept = site.waves.named("week 12")
        assert (kept.to, kept.addresses) == (Side.ZIMBRA, (ANN, BO))
        assert marks(pilot) == {ANN, BO}
        await pilot.press("escape", "2", "W")
        assert marks(pilot) == set()
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        assert "There are: week 12" in "\n".join(screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: marks(pilot) == {ANN, BO})
        assert main_of(pilot).pane.side is Side.LEGACY
        assert "wave week 12: 2 marked" in screen_text(pilot)[22]
        await pilot.press("m", "p")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert isinstance(app.screen, PreviewScreen)
        assert app.screen.plan.people == (ANN, BO)


async def test_who_is_there_already_or_unknown_is_told(app: SplittuiApp, site: KeepingSite) -> None:
    site.waves.save(Wave("back", Side.LEGACY, ("admin@example.com",), 1.0))
    site.waves.save(Wave("there", Side.ZIMBRA, ("admin@example.com", "x@example.com", EVE), 2.0))
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await pilot.press("W")
        await answer(pilot, "there")
        assert marks(pilot) == {EVE}
        assert "wave there: 1 marked, 1 there already, 1 unknown" in screen_text(pilot)[22]
        await pilot.press("W")
        await answer(pilot, "back")
        assert marks(pilot, Side.ZIMBRA) == {"admin@example.com"}
        assert main_of(pilot).pane.side is Side.ZIMBRA
        await pilot.press("W")
        await answer(pilot, "nowhere")
        await until(pilot, lambda: "There is no wave nowhere." in toasts(app))


async def test_without_marks_or_waves_or_with_a_name_that_is_taken(app: SplittuiApp, site: KeepingSite) -> None:
    async with app.run_test(size=(100, 24)) as pilot:
        await ready(pilot)
        await pilot.press("K")
        await until(pilot, lambda: "mark the people of the wave first" in screen_text(pilot)[22])
        await pilot.press("W")
        await until(pilot, lambda: "no wave is kept yet" in screen_text(pilot)[22])
        site.waves.save(Wave("one", Side.ZIMBRA, (CAROL,), 1.0))
        await pilot.press("space", "K")
        await answer(pilot, "one")
        await until(pilot, lambda: "There is a wave one already" in toasts(app))
        assert site.waves.named("one").addresses == (CAROL,)
        await pilot.press("K")
        await until(pilot, lambda: isinstance(app.screen, AskScreen))
        await pilot.press("escape")
        assert len(site.waves.all()) == 1
