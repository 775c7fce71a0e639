"""What the live bench looks at: the run screen, or Textual's own Log, under so many lines a second.

``python -m tests.bench.live_app run|log RATE``; ends when it is killed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from textual.app import App, ComposeResult
from textual.widgets import Log

from splittui.execution.control import Control
from splittui.execution.events import Event, LiveKind, LiveLine, RunEnded, RunStarted, StepStarted, Verified
from splittui.planning.plan import Plan
from splittui.tui.run_job import RunJob
from splittui.tui.screens.run import RunScreen
from tests.sites import SPLIT
from tests.tui.plans import HOST, MADE_AT, HostApp, move_plan, numbered

_BATCHES = 100
_DRAINS = 15


def batches(rate: int) -> Iterator[list[str]]:
    """Lines at that rate, a hundred batches a second."""
    told, began = 0, time.monotonic()
    while True:
        time.sleep(1 / _BATCHES)
        due = int((time.monotonic() - began) * rate)
        yield [f"zimbraMailTransport: lmtp:zimbra.example.com:7025 of person {number}" for number in range(told, due)]
        told = due


class TalkativeSite:
    """A site whose first step never ends and whose far end never stops talking."""

    def __init__(self, rate: int) -> None:
        self._rate = rate

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        emit(RunStarted(1, len(plan.steps), MADE_AT))
        emit(StepStarted(0, MADE_AT))
        for lines in batches(self._rate):
            for line in lines:
                emit(LiveLine(HOST, LiveKind.RECEIVED, line))
        return RunEnded(1, (), "", True, MADE_AT)

    def verify(self, plan: Plan, ended: RunEnded) -> Verified:
        return Verified(())


class LogApp(App[None]):
    """Textual's Log, drained as often as the run screen is."""

    def __init__(self, rate: int) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=20_000)
        self._rate = rate

    def compose(self) -> ComposeResult:
        yield Log(max_lines=20_000)

    def on_mount(self) -> None:
        threading.Thread(target=self._feed, daemon=True).start()
        self.set_interval(1 / _DRAINS, self._drain)

    def _feed(self) -> None:
        for lines in batches(self._rate):
            self._lines.extend(lines)

    def _drain(self) -> None:
        self.query_one(Log).write_lines([self._lines.popleft() for _ in range(len(self._lines))])


def main(kind: str, rate: int) -> None:
    if kind == "log":
        LogApp(rate).run()
    else:
        plan, _ = move_plan(numbered(40))
        HostApp(RunScreen(RunJob(TalkativeSite(rate), plan), plan, SPLIT)).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
