"""Sample people and plans for the tests of the screens, made by the real planner."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from splittui.execution.control import Control
from splittui.execution.events import Event, LiveKind, LiveLine, Outcome, RunEnded, RunStarted, StepEnded, StepStarted
from splittui.execution.site import Site
from splittui.model.entries import Domain, LegacyAccount, Role, Server, Side, ZimbraAccount
from splittui.model.home import Person, roster
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan

MADE_AT = 1_700_000_000.0
SPLIT = Split("example.com", Role.PRIMARY, "zimbra.example.com", "mail.example.com", "smtp:mail.example.com:25")
SERVER = Server("zimbra.example.com", "zimbra.example.com", services=frozenset({"mailbox", "mta"}))
NAMES = ("Ann Adams", "Bar Bell", "Bo Bell", "Carol Chen", "Dave Diaz", "Eve Eriksen", "Frank Fox", "Hugo Ortiz")


def snapshot(accounts: Iterable[ZimbraAccount], legacy: Iterable[LegacyAccount]) -> Snapshot:
    reading = Reading(True, MADE_AT)
    half = ZimbraHalf(reading, {a.address: a for a in accounts}, Domain("example.com"), (SERVER,))
    return Snapshot(half, LegacyHalf(reading, {a.address: a for a in legacy}))


def placeholder(address: str, name: str = "", *, host: str = "zimbra.example.com", number: int = 0) -> ZimbraAccount:
    return ZimbraAccount(address, f"id-{number}", name, transport=SPLIT.legacy_transport, host=host, status="locked")


def move_plan(addresses: Iterable[str], *, hosted: bool = True) -> tuple[Plan, dict[str, Person]]:
    """A plan that moves these people to Zimbra; every one has a placeholder and a mailbox on the legacy system."""
    wanted = list(addresses)
    host = "zimbra.example.com" if hosted else ""
    accounts = [placeholder(a, NAMES[i % len(NAMES)], host=host, number=i) for i, a in enumerate(wanted)]
    both = snapshot(accounts, [LegacyAccount(a, NAMES[i % len(NAMES)]) for i, a in enumerate(wanted)])
    people = {person.address: person for person in roster(SPLIT, both)}
    return plan_moves(SPLIT, both, people, [Move(a, Side.ZIMBRA) for a in wanted], MADE_AT), people


def numbered(number: int) -> list[str]:
    return [f"person{index:05}@example.com" for index in range(number)]


def mixed_plan() -> tuple[Plan, dict[str, Person]]:
    """Two to Zimbra (one of them without a mail host), one new person, one back, two refused."""
    accounts = [
        placeholder("bar@example.com", "Bar Bell", number=1),
        placeholder("bell@example.com", "Bo Bell", host="", number=2),
        ZimbraAccount("carol@example.com", "id-3", "Carol Chen", transport=SERVER.lmtp, host="zimbra.example.com"),
        ZimbraAccount("ivan@example.com", "id-4", "Ivan Ito", transport=SERVER.lmtp, host="zimbra.example.com"),
    ]
    legacy = [
        LegacyAccount("bar@example.com", "Bar Bell"),
        LegacyAccount("bell@example.com", "Bo Bell"),
        LegacyAccount("carol@example.com", "Carol Chen", aliases=("c.chen@example.com",)),
        LegacyAccount("dave@example.com", "Dave Diaz", "Dave", "Diaz"),
    ]
    both = snapshot(accounts, legacy)
    people = {person.address: person for person in roster(SPLIT, both)}
    moves = [
        *(Move(f"{name}@example.com", Side.ZIMBRA) for name in ("bar", "bell", "dave", "ivan")),
        *(Move(f"{name}@example.com", Side.LEGACY) for name in ("carol", "nobody")),
    ]
    return plan_moves(SPLIT, both, people, moves, MADE_AT), people


class MemorySite(Site):
    """A site that only tells: each step ends as ``outcomes`` says, by its index, or else well.

    ``gate`` holds the run before the step of that index until the event is set; ``chatter`` is how many lines the far
    end prints for each step.
    """

    split = SPLIT

    def __init__(
        self,
        outcomes: Mapping[int, tuple[Outcome, str]] | None = None,
        *,
        gates: Mapping[int, threading.Event] | None = None,
        chatter: int = 1,
        breaks: Exception | None = None,
    ) -> None:
        self._outcomes = outcomes or {}
        self._gates = gates or {}
        self._chatter = chatter
        self._breaks = breaks

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        emit(RunStarted(41, len(plan.steps), MADE_AT))
        told: list[Outcome] = []
        at = MADE_AT
        for index, step in enumerate(plan.steps):
            if not control.may_go_on():
                break
            emit(StepStarted(index, at))
            if index in self._gates:
                self._gates[index].wait(20)
            if self._breaks is not None and index == len(plan.steps) - 1:
                raise self._breaks
            prompt = "" if step.act is Act.RELOAD else "prov> "
            emit(LiveLine(step.host, LiveKind.SENT, prompt + step.command))
            for number in range(self._chatter):
                emit(LiveLine(step.host, LiveKind.RECEIVED, f"# name {step.address} {number}"))
            at += 0.5
            good = "read back: " + ", ".join(f"{c.attribute} {' '.join(c.after)}" for c in step.changes)
            outcome, message = self._outcomes.get(index, (Outcome.DONE, good))
            told.append(outcome)
            emit(StepEnded(index, outcome, message, at))
        for index in range(len(told), len(plan.steps)):
            told.append(Outcome.SKIPPED)
            emit(StepEnded(index, Outcome.SKIPPED, "not sent: stopped by the operator", at))
        ended = RunEnded(41, tuple(told), "", control.stopped, at)
        emit(ended)
        return ended
