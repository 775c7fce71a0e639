"""The run screen: what it tells while a run goes on, what its keys do, and that it stays answerable."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from splittui.execution.control import Control
from splittui.execution.events import Asks, Event, Outcome, RunEnded, StepStarted
from splittui.execution.verification import Check
from splittui.planning.plan import Plan
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


RIGHT = Check("bar@example.com", "zimbra.example.com", "postmap -q bar@example.com x", "lmtp:z", "lmtp:z", True)
WRONG = replace(RIGHT, answered=f"smtp:{HOSTILE}", agrees=False)
SILENT = replace(RIGHT, answered="", agrees=False, trouble="the link was lost")


@pytest.mark.parametrize(
    ("checks", "standing", "lines"),
    [
        ((RIGHT,), "done", ["✓ asked where mail goes now, the MTAs gave 1 of 1 answers as planned"]),
        (
            (RIGHT, WRONG),
            "done, with problems",
            [
                "✗ asked where mail goes now, the MTAs gave 1 of 2 answers as planned",
                "✗ bar@example.com: on zimbra.example.com, postmap -q bar@example.com x says smtp:",
            ],
        ),
        ((SILENT,), "done", ["! zimbra.example.com could not be asked where mail goes now: the link was lost"]),
    ],
)
async def test_what_the_mtas_say_of_it(checks: tuple[Check, ...], standing: str, lines: list[str]) -> None:
    app = HostApp(finished(MemorySite(checks=checks)))
    async with app.run_test(size=SIZE):
        shown = app.shown()
    assert shown.splitlines()[0].rstrip().endswith(f" {standing}")
    assert all(line in shown for line in lines)


async def test_the_end_does_not_wait_for_the_mtas() -> None:
    gate = threading.Event()
    job = RunJob(MemorySite(checks=(RIGHT,), verify_gate=gate), MIXED)
    screen = RunScreen(job, MIXED, SPLIT)
    app = HostApp(screen)
    async with app.run_test(size=SIZE) as pilot:
        deadline = time.monotonic() + 20
        while job.ended is None:
            assert time.monotonic() < deadline
            job.wait(0.005)
            screen.tick()
        await pilot.pause()
        assert "asking the MTAs where mail goes now" in app.shown()
        assert "u undo plan" in app.shown()
        gate.set()
        assert job.wait(20)
        screen.tick()
        await pilot.pause()
        assert "1 of 1 answers as planned" in app.shown()


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
        await pilot.press("minus", "minus")
        assert "running, at most 60 people a minute" in app.shown()
        assert "+ faster" in app.shown()
        await pilot.press("plus", "plus")
        assert "at most" not in app.shown()
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


class AskingSite(MemorySite):
    """A site whose first step is done by hand; what was answered is in ``answers``."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self._words = words
        self.answers: list[bool | None] = []

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        control.ask()
        emit(StepStarted(0, 0.0))
        emit(Asks((0,), self._words, 0.0))
        self.answers.append(control.await_answer())
        return super().run(plan, emit, control)


async def asked(pilot: Pilot[None], screen: RunScreen, job: RunJob) -> None:
    deadline = time.monotonic() + 20
    while job.state.asks is None:
        assert time.monotonic() < deadline
        job.wait(0.005)
        screen.tick()
    await pilot.pause()


@pytest.mark.parametrize(("key", "answer"), [("d", True), ("n", False), ("s", None)])
async def test_what_is_done_by_hand_is_shown_and_waits_for_a_key(key: str, answer: bool | None) -> None:
    site = AskingSite(("on mail.example.com, do this", f"    {HOSTILE}"))
    job = RunJob(site, MIXED)
    screen = RunScreen(job, MIXED, SPLIT)
    app = HostApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, screen, job)
        shown = app.shown()
        assert shown.splitlines()[0].rstrip().endswith("waits for you")
        assert "To be done by hand now:" in shown
        assert "on mail.example.com, do this" in shown
        assert "d done  n not done  o all words  s stop the run" in shown
        assert "\x1b" not in shown
        await pilot.press(key)
        assert job.wait(20)
        screen.tick()
        await pilot.pause()
        assert "To be done by hand" not in app.shown()
    assert site.answers == [answer]


async def test_many_words_are_shown_on_a_screen_of_their_own() -> None:
    job = RunJob(AskingSite(tuple(f"word {number}" for number in range(30))), MIXED)
    screen = RunScreen(job, MIXED, SPLIT)
    app = HostApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, screen, job)
        assert "To be done by hand now: (the first 8 of 30 lines, o shows all)" in app.shown()
        await pilot.press("o")
        await pilot.pause()
        assert isinstance(app.screen, TextScreen)
        assert "word 20" in app.shown()
        job.stop()
        assert job.wait(20)


async def test_without_a_question_the_keys_answer_nothing() -> None:
    screen = finished(MemorySite())
    app = HostApp(screen)
    async with app.run_test(size=SIZE) as pilot:
        before = app.shown()
        await pilot.press("d", "n", "o")
        assert app.shown() == before
