"""Sample plans for the tests of the screens, made by the real planner, a site that only tells, and an app to host."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from textual.app import App
from textual.screen import Screen

from splittui.execution.control import Control
from splittui.execution.events import (
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
from splittui.execution.verification import Check
from splittui.mailflow.roster import Roster, roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.theme import DARK
from tests.sites import SPLIT, on_legacy, on_zimbra, placeholder, snapshot

MADE_AT = 1_700_000_000.0
HOST = "zimbra.example.com"
HOSTILE = "[/b] [@click=app.quit]x \x1b]52;c;eA==\x07\x1b[2J \x9b \u202egnp.exe \u200b\tend"
Answer = TypeVar("Answer")


def move_plan(locals_: Iterable[str], *, hosted: bool = True) -> tuple[Plan, Roster]:
    """A plan that moves these people to Zimbra; every one has a placeholder and a mailbox on the legacy system."""
    names = list(locals_)
    accounts = [placeholder(name, host=HOST if hosted else "", name=name.title()) for name in names]
    seen = snapshot(*accounts, *(on_legacy(name, name=name.title()) for name in names))
    known = roster(SPLIT, seen)
    moves = [Move(f"{n}@example.com", Side.ZIMBRA) for n in names]
    return plan_moves(SPLIT, seen, known.people, moves, MADE_AT), known


def numbered(number: int) -> list[str]:
    return [f"person{index:05}" for index in range(number)]


def mixed_plan() -> tuple[Plan, Roster]:
    """Two to Zimbra (one of them without a mail host), one new person, one back, two refused."""
    seen = snapshot(
        placeholder("bar", host=HOST, name="Bar Bell"),
        placeholder("bell", name="Bo Bell"),
        on_zimbra("carol", name="Carol Chen"),
        on_zimbra("ivan", name="Ivan Ito"),
        on_legacy("bar", name="Bar Bell"),
        on_legacy("bell", name="Bo Bell"),
        on_legacy("carol", name="Carol Chen", aliases=("c.chen@example.com",)),
        on_legacy("dave", name="Dave Diaz", given_name="Dave", surname="Diaz"),
    )
    known = roster(SPLIT, seen)
    moves = [
        *(Move(f"{name}@example.com", Side.ZIMBRA) for name in ("bar", "bell", "dave", "ivan")),
        *(Move(f"{name}@example.com", Side.LEGACY) for name in ("carol", "nobody")),
    ]
    return plan_moves(SPLIT, seen, known.people, moves, MADE_AT), known


class HostApp(App[None]):
    """Shows one screen and keeps what it is dismissed with in ``answers``."""

    CSS_PATH = "../../splittui/tui/splittui.tcss"

    def __init__(self, screen: Screen[Answer], glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self.glyphs = glyphs
        self.hosted = screen
        self.answers: list[Answer | None] = []

    def on_mount(self) -> None:
        self.register_theme(DARK)
        self.theme = DARK.name
        self.set_class(self.glyphs is ASCII, "-ascii")
        self.push_screen(self.hosted, self.answers.append)

    def shown(self) -> str:
        """What stands on the screen, as text."""
        return "\n".join("".join(s.text for s in strip) for strip in self.screen._compositor.render_strips())


class MemorySite:
    """A site that only tells: each step ends as ``outcomes`` says, by its index, or else well.

    ``gate`` holds the run before the step of that index until the event is set; ``chatter`` is how many lines the far
    end prints for each step.
    """

    def __init__(
        self,
        outcomes: Mapping[int, tuple[Outcome, str]] | None = None,
        *,
        gates: Mapping[int, threading.Event] | None = None,
        chatter: int = 1,
        breaks: Exception | None = None,
        clock: Callable[[], float] | None = None,
        checks: tuple[Check, ...] = (),
        verify_gate: threading.Event | None = None,
    ) -> None:
        self._checks = checks
        self._verify_gate = verify_gate
        self._clock = clock
        self._outcomes = outcomes or {}
        self._gates = gates or {}
        self._chatter = chatter
        self._breaks = breaks

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        at = self._clock() if self._clock else MADE_AT
        emit(RunStarted(41, len(plan.steps), at))
        told: list[Outcome] = []
        for index, step in enumerate(plan.steps):
            if not control.may_go_on():
                break
            emit(StepStarted(index, at))
            if index in self._gates:
                self._gates[index].wait(20)
            if self._breaks is not None and index == len(plan.steps) - 1:
                raise self._breaks
            emit(LiveLine(step.host, LiveKind.RUN if step.act is Act.RELOAD else LiveKind.SENT, step.command))
            for number in range(self._chatter):
                emit(LiveLine(step.host, LiveKind.RECEIVED, f"# name {step.address} {number}"))
            at += 0.5
            read = ", ".join(f"{c.attribute} {' '.join(c.after)}" for c in step.changes)
            good = "Postfix was reloaded" if step.act is Act.RELOAD else f"read back: {read}"
            outcome, message = self._outcomes.get(index, (Outcome.DONE, good))
            told.append(outcome)
            emit(StepEnded(index, outcome, message, at))
        for index in range(len(told), len(plan.steps)):
            told.append(Outcome.SKIPPED)
            emit(StepEnded(index, Outcome.SKIPPED, "not sent: stopped by the operator", at))
        ended = RunEnded(41, tuple(told), "", control.stopped, at)
        emit(ended)
        return ended

    def verify(self, plan: Plan, ended: RunEnded) -> Verified:
        if self._verify_gate is not None:
            self._verify_gate.wait(20)
        return Verified(self._checks)
