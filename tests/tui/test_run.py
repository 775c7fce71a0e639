"""The run screen: what it tells while a run goes on, what its keys do, and that it stays answerable."""

import threading
import time

import pytest
from textual.pilot import Pilot

from splittui.execution.events import Outcome
from splittui.tui.glyphs import ASCII
from splittui.tui.run_job import RunJob
from splittui.tui.screens.details import TextScreen
from splittui.tui.screens.run import RunScreen, RunVerdict
from splittui.tui.widgets.live_log import LiveLog, short_host
from splittui.tui.widgets.progress import duration
from splittui.tui.widgets.run_list import RunList
from tests.sites import SPLIT
from tests.tui.plans import HOSTILE, HostApp, MemorySite, mixed_plan, move_plan, numbered

SIZE = (120, 36)
MIXED, _ = mixed_plan()
TROUBLE = {
    1: (Outcome.CONFLICT, "left alone: changed since the plan was made"),
    4: (Outcome.FAILED, "Zimbra refused it, nothing was changed"),
}


def finished(site: MemorySite) -> RunScreen:
    job = RunJob(site, MIXED)
    assert job.wait(20)
    return RunScreen(job, MIXED, SPLIT)


async def until(pilot: Pilot[None], screen: RunScreen, job: RunJob, step: int) -> None:
    """Waits until the screen has taken in that a step has begun."""
    deadline = time.monotonic() + 20
    while not job.state.steps[step].started:
        assert time.monotonic() < deadline
        job.wait(0.005)
        screen.tick()
    await pilot.pause()


async def test_the_end_is_told_in_people() -> None:
    app = HostApp(finished(MemorySite(TROUBLE)))
    async with app.run_test(size=SIZE):
        shown = app.shown()
    assert "Run 41 · 4 of 4 people" in shown
    assert "done, with problems" in shown
    assert "! 2 moved · 1 failed · 1 refused, untouched" in shown
    assert "✗ refused     bell@example.com   to Zimbra  left alone: changed since the plan was made" in shown
    assert "✓ reloaded    Postfix forgets the old routes  Postfix was reloaded" in shown
    assert "zimbra  prov> ma bar@example.com zimbraAccountStatus active" in shown
    assert "zimbra  $ /opt/zimbra/bin/zmmtactl reload norewrite" in shown
    assert "r plan the rest again  u undo plan" in shown
    assert "6/6" in shown


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("u", RunVerdict(undo=True)), ("r", RunVerdict(again=True)), ("escape", RunVerdict())],
)
async def test_the_verdict(key: str, verdict: RunVerdict) -> None:
    app = HostApp(finished(MemorySite(TROUBLE)))
    async with app.run_test() as pilot:
        await pilot.press(key)
    assert app.answers == [verdict]


async def test_a_clean_run_has_no_rest_and_an_untouched_one_no_undo() -> None:
    app = HostApp(finished(MemorySite()))
    async with app.run_test() as pilot:
        assert "plan the rest" not in app.shown()
        await pilot.press("r")
        assert app.answers == []
    nothing = dict.fromkeys(range(len(MIXED.steps)), (Outcome.ALREADY, "already so, nothing was sent"))
    app = HostApp(finished(MemorySite(nothing)))
    async with app.run_test() as pilot:
        assert "4 already so · 0 failed" in app.shown()
        await pilot.press("u")
        assert app.answers == []


async def test_problems_alone_and_one_of_them_in_full() -> None:
    app = HostApp(finished(MemorySite(TROUBLE)))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f")
        items = app.screen.query_one(RunList)
        assert items.line_count == 2
        assert "items · problems only · 2 with a problem" in app.shown()
        await pilot.press("down", "enter")
        assert isinstance(app.screen, TextScreen)
        shown = app.shown()
        assert "carol@example.com" in shown
        assert "failed  Zimbra refused it, nothing was changed" in shown
        assert f"on zimbra.example.com: {MIXED.steps[4].command}" in shown
        await pilot.press("escape", "f")
        assert items.line_count == 5
        assert items.current == 3


async def test_pause_go_on_stop_and_leave_while_it_runs() -> None:
    gate = threading.Event()
    job = RunJob(MemorySite(gates={1: gate}), MIXED)
    app = HostApp(RunScreen(job, MIXED, SPLIT))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space")
        assert job.paused
        assert "paused" in app.shown()
        assert "Space go on" in app.shown()
        await pilot.press("space")
        assert not job.paused
        await until(pilot, app.hosted, job, 1)
        assert "… running     bell@example.com" in app.shown()
        await pilot.press("u", "r")
        assert app.answers == []
        await pilot.press("s")
        assert "stopping after this item" in app.shown()
        await pilot.press("escape")
        assert app.answers == [RunVerdict()]
        assert job.ended is None
        gate.set()
        assert job.wait(20)
    job.drain()
    assert job.ended is not None
    assert job.ended.stopped
    assert job.ended.outcomes[2:] == (Outcome.SKIPPED,) * 4


async def test_a_stopped_run_says_what_was_not_run() -> None:
    gate = threading.Event()
    job = RunJob(MemorySite(gates={1: gate}), MIXED)
    job.stop()
    gate.set()
    assert job.wait(20)
    app = HostApp(RunScreen(job, MIXED, SPLIT))
    async with app.run_test(size=SIZE):
        shown = app.shown()
    assert "stopped by you" in shown
    assert "not run" in shown


async def test_a_run_that_broke_off_says_why() -> None:
    app = HostApp(finished(MemorySite(breaks=RuntimeError(HOSTILE))))
    async with app.run_test(size=(80, 24)):
        shown = app.shown()
    assert "ended early" in shown
    assert "The run broke off: RuntimeError: [/b] [@click=app.quit]x" in shown
    assert "\x1b" not in shown


async def test_thousands_of_lines_leave_the_keys_answerable_and_the_memory_bounded() -> None:
    plan, _ = move_plan(numbered(20))
    gate = threading.Event()
    job = RunJob(MemorySite(chatter=500, gates={10: gate}), plan, keep=2_000)
    app = HostApp(RunScreen(job, plan, SPLIT))
    async with app.run_test(size=SIZE) as pilot:
        live = app.screen.query_one(LiveLog)
        await until(pilot, app.hosted, job, 10)
        await pilot.press("tab", "up")
        assert app.focused is live
        assert not live.following
        gate.set()
        assert job.wait(20)
        await pilot.pause()
        app.hosted.tick()
        assert job.state.line_count == 21 * 501
        assert live.line_count == len(job.state.lines) == 2_000
        assert live.unseen > 0
        assert f"{live.unseen:,} new lines below, End follows again" in app.shown()
        await pilot.press("end")
        assert live.following
        assert "live · 10,521 lines" in app.shown()
        assert "499" in app.shown()


async def test_lines_that_are_read_stay_in_sight_while_others_come() -> None:
    plan, _ = move_plan(numbered(6))
    gate = threading.Event()
    job = RunJob(MemorySite(chatter=30, gates={3: gate}), plan)
    app = HostApp(RunScreen(job, plan, SPLIT))
    async with app.run_test(size=(80, 24)) as pilot:
        live = app.screen.query_one(LiveLog)
        await until(pilot, app.hosted, job, 3)
        await pilot.press("tab", "pageup")
        before = live.scroll_offset.y
        gate.set()
        assert job.wait(20)
        app.hosted.tick()
        await pilot.pause()
        assert live.scroll_offset.y == before
        assert not live.following
        await pilot.resize_terminal(100, 30)
        assert not live.following


async def test_hostile_output_is_only_text_in_ascii_too() -> None:
    plan, _ = move_plan(["bar"])
    job = RunJob(MemorySite({0: (Outcome.FAILED, HOSTILE * 50)}), plan)
    job.wait(20)
    for size in ((60, 16), (200, 60)):
        app = HostApp(RunScreen(job, plan, SPLIT), ASCII)
        async with app.run_test(size=size):
            shown = app.shown()
        assert "\x1b" not in shown
        assert "x failed" in shown


def test_hosts_are_short_and_durations_readable() -> None:
    assert [short_host(host) for host in ("zimbra.example.com", "10.0.0.7", "mail")] == ["zimbra", "10.0.0.7", "mail"]
    assert duration(0.42, exact=True) == "0.4 s"
    assert [duration(s) for s in (0.4, 59, 120, 7_300)] == ["0 s", "59 s", "2 min", "2 h 2 min"]
