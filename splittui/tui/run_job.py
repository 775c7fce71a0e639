"""A run as the console follows it: its own thread, and what has happened so far as one plain object.

The run's thread only puts events into queues; ``drain``, called by the screen's thread some ten times a second, folds
them into ``state``. Live lines are bounded on both sides of that border, so a far end that never stops talking costs
no memory, while the outcome of a step is never lost.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Protocol

from splittui.execution.control import Control
from splittui.execution.events import (
    Asks,
    Event,
    LiveKind,
    LiveLine,
    Outcome,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
    Verified,
)
from splittui.execution.site import SiteError
from splittui.planning.plan import Plan

KEEP_LINES = 20_000
_READING = frozenset({"ga", "gaa", "gd", "gs", "gcf"})


class RunsPlans(Protocol):
    """What a job needs of a site."""

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        """Runs the plan to its end."""
        ...

    def verify(self, plan: Plan, ended: RunEnded) -> Verified:
        """Asks the MTAs about those who were moved."""
        ...


@dataclass(frozen=True, slots=True)
class SentCommand:
    """One command as it was sent, secrets masked; ``outcome`` is that of the step it belongs to, once it has ended."""

    at: float
    host: str
    text: str
    outcome: Outcome | None = None

    @property
    def reads(self) -> bool:
        """Whether it only looked: the outcome of its step is then none of its own."""
        return self.text.partition(" ")[0] in _READING


@dataclass(frozen=True, slots=True)
class StepState:
    """How far one step is: waiting, running (``started``), or ended with an outcome and a sentence."""

    started: bool = False
    outcome: Outcome | None = None
    message: str = ""


@dataclass(slots=True)
class RunState:
    """Everything told so far: ``done`` steps have ended, ``lines`` are the newest of ``line_count`` live lines.

    ``asks`` is what the operator is to do by hand, as long as the run waits for the answer.
    Whoever shows steps empties ``changed_steps`` when it has drawn them.
    """

    plan: Plan
    keep: int = KEEP_LINES
    run_id: int = 0
    started_at: float | None = None
    ended: RunEnded | None = None
    verified: Verified | None = None
    asks: Asks | None = None
    steps: list[StepState] = field(default_factory=list)
    lines: list[LiveLine] = field(default_factory=list)
    line_count: int = 0
    commands: list[SentCommand] = field(default_factory=list)
    changed_steps: set[int] = field(default_factory=set)
    done: int = 0
    _open_commands: int = 0

    def __post_init__(self) -> None:
        self.steps = [StepState()] * len(self.plan.steps)

    @property
    def first_line(self) -> int:
        """The number of the oldest live line still kept, from 0."""
        return self.line_count - len(self.lines)

    def take_lines(self, lines: list[LiveLine], line_count: int) -> None:
        """Adds live lines; ``line_count`` is how many there have been altogether, with those that were dropped."""
        self.lines += lines
        del self.lines[: max(0, len(self.lines) - self.keep)]
        self.line_count = line_count

    def fold(self, event: Event, at: float) -> None:
        """Takes one event in. Of live lines only what was sent is kept here, for the command log."""
        match event:
            case RunStarted():
                self.run_id = event.run_id
                self.started_at = event.at
            case StepStarted():
                self._open_commands = len(self.commands)
                self._set(event.index, StepState(started=True))
            case Asks():
                self.asks = event
            case StepEnded():
                self.asks = None
                self._set(event.index, StepState(True, event.outcome, event.message))
                for index in range(self._open_commands, len(self.commands)):
                    self.commands[index] = replace(self.commands[index], outcome=event.outcome)
                self._open_commands = len(self.commands)
            case LiveLine(kind=LiveKind.SENT | LiveKind.RUN):
                self.commands.append(SentCommand(at, event.host, event.text))
            case RunEnded():
                self._end(event)
            case Verified():
                self.verified = event

    def _set(self, index: int, state: StepState) -> None:
        if 0 <= index < len(self.steps):
            self.done += (state.outcome is not None) - (self.steps[index].outcome is not None)
            self.steps[index] = state
            self.changed_steps.add(index)

    def _end(self, ended: RunEnded) -> None:
        if self.ended is not None:
            return
        self.ended = ended
        for index, outcome in enumerate(ended.outcomes):
            if index < len(self.steps) and self.steps[index].outcome is None:
                self._set(index, StepState(self.steps[index].started, outcome))

    def broken_off(self, error: str, stopped: bool, at: float) -> RunEnded:
        """The end of a run that could not tell its own: the step in flight is unknown, later ones were never sent."""
        rest = {True: Outcome.UNKNOWN, False: Outcome.SKIPPED}
        outcomes = tuple(step.outcome or rest[step.started] for step in self.steps)
        return RunEnded(self.run_id, outcomes, error, stopped, at)


class RunJob:
    """Runs a plan on a site, in a thread of its own, beginning now."""

    def __init__(
        self,
        site: RunsPlans,
        plan: Plan,
        *,
        per_minute: int | None = None,
        clock: Callable[[], float] = time.time,
        keep: int = KEEP_LINES,
    ) -> None:
        self.plan = plan
        self.control = Control(per_minute)
        self.state = RunState(plan, keep)
        self._clock = clock
        self._paused_at: float | None = None
        self._paused_for = 0.0
        self._told = 0
        self._lines: deque[LiveLine] = deque(maxlen=keep)
        self._events: deque[tuple[float, Event]] = deque()
        self._failure: tuple[float, str] | None = None
        self._thread = threading.Thread(target=self._work, args=(site,), name="run", daemon=True)
        self._began_at = clock()
        self._thread.start()

    @property
    def ended(self) -> RunEnded | None:
        """How the run ended, as far as drained; None while it goes on."""
        return self.state.ended

    @property
    def verifying(self) -> bool:
        """Whether the run is over and the MTAs are still being asked."""
        return self.ended is not None and self.state.verified is None and self._thread.is_alive()

    @property
    def words(self) -> str:
        """``run 3/10`` while it goes on; empty after that."""
        return "" if self.ended is not None else f"run {self.state.done:,}/{len(self.state.steps):,}"

    @property
    def paused(self) -> bool:
        return self.control.paused

    def pause(self) -> None:
        """Holds the run after the step in flight."""
        if not self.paused and self.ended is None:
            self._paused_at = self._clock()
            self.control.pause()

    def resume(self) -> None:
        if self._paused_at is not None:
            self._paused_for += self._clock() - self._paused_at
            self._paused_at = None
        self.control.resume()

    def stop(self) -> None:
        """Ends the run after the step in flight."""
        self.control.stop()
        self.resume()

    def answer(self, done: bool) -> None:
        """Answers what the run asks: whether it was done by hand."""
        if self.state.asks is not None:
            self.state.asks = None
            self.control.answer(done)

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the thread to end; whether it has. For the end of the program, and for tests."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def began_at(self) -> float:
        return self.state.started_at if self.state.started_at is not None else self._began_at

    @property
    def elapsed(self) -> float:
        """Seconds at work, without the pauses."""
        until = self.ended.at if self.ended else self._paused_at if self._paused_at is not None else self._clock()
        return max(0.0, until - self.began_at - self._paused_for)

    @property
    def rate(self) -> float:
        """Steps a second; 0.0 while there is nothing to tell."""
        elapsed = self.elapsed
        return self.state.done / elapsed if elapsed > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Seconds that the rest will take at the rate so far; None where nothing can be said."""
        if self.ended is not None or self.paused or self.state.asks is not None or not self.rate:
            return None
        return (len(self.plan.steps) - self.state.done) / self.rate

    def emit(self, event: Event) -> None:
        """Takes an event from the run's thread."""
        if isinstance(event, LiveLine):
            self._lines.append(event)
            self._told += 1
            if event.kind not in (LiveKind.SENT, LiveKind.RUN):
                return
        self._events.append((self._clock(), event))

    def drain(self) -> bool:
        """Folds what has come since the last call into ``state``; whether there was anything."""
        # Looked at first: what the thread told before it ended is then surely in the queues.
        over = not self._thread.is_alive()
        events = [self._events.popleft() for _ in range(len(self._events))]
        for at, event in events:
            self.state.fold(event, at)
        told = self._told
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        if lines:
            self.state.take_lines(lines, max(told, self.state.line_count + len(lines)))
        if over and self.ended is None:
            at, error = self._failure or (self._clock(), "The run ended without saying how.")
            self.state.fold(self.state.broken_off(error, self.control.stopped, at), at)
            return True
        return bool(events or lines)

    def _work(self, site: RunsPlans) -> None:
        with ExitStack() as stack:
            stack.push(self._failed)
            ended = site.run(self.plan, self.emit, self.control)
            self.emit(ended)
            if Outcome.DONE in ended.outcomes:
                self.emit(site.verify(self.plan, ended))

    def _failed(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """A thread has nobody above it who could see what ended it, so whatever it was is told as the run's end."""
        if error is None:
            return False
        if isinstance(error, SiteError):
            reason = f"{error.what} {error.certain} {error.next_step}"
        else:
            reason = f"{type(error).__name__}: {error}. Refresh to see what is true now."
        # After the run's own end it is only the asking of the MTAs that broke off.
        self.emit(LiveLine("splittui", LiveKind.NOTE, reason))
        self._failure = (self._clock(), f"The run broke off: {reason}")
        return True
