"""The history screen: what earlier runs did, and the ways on from there."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from splittui import config
from splittui.execution.events import LiveKind, LiveLine, Outcome
from splittui.execution.journal import Journal
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.history import HistoryScreen
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from splittui.tui.widgets.fold_view import FoldView
from tests.far_end import attributes, change
from tests.tui.test_lab import until

BAR, BELL = "bar@example.com", "bell@example.com"
LMTP = ["lmtp:zimbra.example.com:7025"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture
def site(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return Site(replace(config.load(lab.config), journal=tmp_path / "journal.db"))


def planned(site: Site) -> Plan:
    seen = roster(site.split, site.read(lambda progress: None))
    moves = [Move(address, Side.ZIMBRA) for address in (BAR, BELL)]
    return plan_moves(site.split, seen.snapshot, seen.people, moves, time.time())


def broken_off(site: Site, tmp_path: Path) -> None:
    """A run that was killed after its first command was sent and before anything else was written down."""
    plan = planned(site)
    journal = Journal(tmp_path / "journal.db")
    number = journal.begin(site.profile.name, plan, time.time())
    journal.hear(LiveLine(plan.steps[0].host, LiveKind.SENT, plan.steps[0].command))
    journal.intend(number, 0, plan.steps[0].command, {"zimbraAccountStatus": ("locked",)}, time.time())
    journal.close()


@pytest.fixture
async def pilot(site: Site) -> AsyncIterator[Pilot[int]]:
    async with SplittuiApp(site).run_test(size=(120, 40)) as opened:
        yield opened


def transports(lab: Lab) -> list[list[str]]:
    return [(attributes(lab.home.path, address) or {})["zimbraMailTransport"] for address in (BAR, BELL)]


def text(pilot: Pilot[int]) -> str:
    view = pilot.app.screen.query_one(FoldView)
    return "\n".join(view.render_row(index, 118).text for index in range(view.line_count))


async def test_a_run_that_was_broken_off_is_shown_unasked_finished_and_taken_back(
    site: Site, tmp_path: Path, lab: Lab
) -> None:
    before = transports(lab)
    broken_off(site, tmp_path)
    app = SplittuiApp(site)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await until(pilot, lambda: "broken off" in text(pilot))
        told = str(app.screen.query_one("#open").render())
        assert "Run 1 was broken off, with 2 people not finished. Of 1 step it is not known" in told
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        await until(pilot, lambda: app.job is not None and app.job.ended is not None)
        assert app.job is not None
        assert app.job.ended is not None
        assert app.job.ended.clean, app.job.ended
        flips = [o for s, o in zip(app.job.plan.steps, app.job.ended.outcomes, strict=True) if s.act is not Act.RELOAD]
        assert set(flips) == {Outcome.DONE}
        assert transports(lab) == [LMTP, LMTP]
        await pilot.press("escape", "h")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "takes up run 1 again" in text(pilot))
        await pilot.press("enter", "down", "w")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        assert "bar@example.com" in (tmp_path / "splittui-run-2.html").read_text()
        await pilot.press("h")
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen) and "takes up run 1 again" in text(pilot))
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        first = app.job
        await pilot.press("a")
        await until(pilot, lambda: app.job is not first and app.job is not None and app.job.ended is not None)
        assert transports(lab) == before


async def test_undo_on_the_run_screen_counts_what_the_runs_before_had_done(
    site: Site, tmp_path: Path, lab: Lab
) -> None:
    before = transports(lab)
    broken_off(site, tmp_path)
    # The command had taken effect after all.
    change(
        lab.home.path,
        BAR,
        zimbraAccountStatus="active",
        zimbraMailHost="zimbra.example.com",
        zimbraMailTransport=LMTP[0],
    )
    app = SplittuiApp(site)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HistoryScreen))
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await pilot.press("a")
        await until(pilot, lambda: app.job is not None and app.job.ended is not None)
        finished = app.job
        assert finished is not None
        assert finished.ended is not None
        assert finished.ended.outcomes[:2] == (Outcome.ALREADY, Outcome.DONE)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        await pilot.press("a")
        await until(pilot, lambda: app.job is not finished and app.job is not None and app.job.ended is not None)
        assert app.job is not None
        assert set(app.job.plan.people) == {BAR, BELL}
        assert transports(lab) == before


async def test_without_a_run_there_is_nothing_to_choose(pilot: Pilot[int]) -> None:
    app = pilot.app
    assert isinstance(app, SplittuiApp)
    await until(pilot, lambda: app.main.roster is not None)
    assert isinstance(app.screen, MainScreen)
    await pilot.press("h")
    await until(pilot, lambda: "No run is in the journal" in text(pilot))
    await pilot.press("c", "u", "w")
    assert isinstance(app.screen, HistoryScreen)
    await pilot.press("escape")
    assert isinstance(app.screen, MainScreen)
