"""A site in memory with the whole zoo of a split domain, for tests of the screens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

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
from splittui.execution.history import RunRecord
from splittui.execution.journal import Journal
from splittui.execution.site import LinkState, Progress, Site, SiteError
from splittui.model.entries import Domain, Kind, LegacyAccount, Role, Server, Side, ZimbraAccount
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split
from splittui.planning.plan import Act, Plan
from splittui.tui.app import SplittuiApp

ZIMBRA, LEGACY = "zimbra.example.com", "mail.example.com"
TO_LEGACY = "smtp:mail.example.com:25"
SPLIT = Split("example.com", Role.PRIMARY, ZIMBRA, LEGACY, TO_LEGACY)
SERVER = Server(ZIMBRA, ZIMBRA, services=frozenset({"mailbox", "mta"}))
FIRST = (
    "Ann",
    "Bo",
    "Carol",
    "Dave",
    "Eve",
    "Frank",
    "Grace",
    "Hugo",
    "Ivan",
    "Jana",
    "Karl",
    "Lena",
    "Mona",
    "Nils",
    "Olga",
    "Paul",
    "Rosa",
    "Sven",
    "Tina",
    "Uwe",
)
LAST = (
    "Adams",
    "Bell",
    "Chen",
    "Diaz",
    "Eriksen",
    "Fox",
    "Gomez",
    "Hansen",
    "Ito",
    "Jansen",
    "Klein",
    "Larsson",
    "Meyer",
    "Novak",
    "Ortiz",
)
HOSTILE = ("[/b]", "[@click=app.quit]x", "\x1b]0;owned\x07\x1b[2J", "\u202egnp.exe", "名前 テスト")


class Zoo:
    """The accounts of both systems, to be changed by tests and by runs."""

    def __init__(self) -> None:
        self.zimbra: dict[str, ZimbraAccount] = {}
        self.legacy: dict[str, LegacyAccount] = {}

    def on_legacy(self, local: str, name: str = "", placeholder: bool = True, host: str = "") -> None:
        address = f"{local}@example.com"
        self.legacy[address] = LegacyAccount(address, name)
        if placeholder:
            self.zimbra[address] = ZimbraAccount(
                address, f"id-{local}", name, transport=TO_LEGACY, host=host, status="locked"
            )

    def on_zimbra(
        self,
        local: str,
        name: str = "",
        kind: Kind = Kind.PERSON,
        status: str = "active",
        host: str = ZIMBRA,
        aliases: tuple[str, ...] = (),
    ) -> None:
        address = f"{local}@example.com"
        self.zimbra[address] = ZimbraAccount(
            address, f"id-{local}", name, kind=kind, transport=SERVER.lmtp, host=host, status=status, aliases=aliases
        )

    def old_box(self, local: str) -> None:
        """A mailbox on the existing system besides."""
        address = f"{local}@example.com"
        self.legacy[address] = LegacyAccount(address, self.zimbra[address].name)


def small_zoo() -> Zoo:
    """Two dozen people with one of each kind of trouble."""
    zoo = Zoo()
    for index in range(18):
        first, last = FIRST[index], LAST[index % len(LAST)]
        zoo.on_legacy(f"{first}.{last}".lower(), f"{first} {last}", placeholder=index % 5 != 3, host=ZIMBRA)
    for index in range(6):
        first, last = FIRST[index + 5], LAST[(index + 9) % len(LAST)]
        zoo.on_zimbra(f"{first}.{last}".lower(), f"{first} {last}")
        if index % 2:
            zoo.old_box(f"{first}.{last}".lower())
    zoo.on_zimbra("admin", "Zimbra Administrator", Kind.ADMIN)
    zoo.on_zimbra("all-staff", "All staff", Kind.LIST)
    zoo.on_zimbra("boardroom", "Board room", Kind.RESOURCE)
    zoo.on_zimbra("closed.account", "Closed Account", status="closed")
    zoo.on_zimbra("nohost", "No Host", host="")
    zoo.on_zimbra("spam.x1y2z3", "", Kind.SYSTEM)
    return zoo


def big_zoo(count: int) -> Zoo:
    """``count`` people on each side."""
    zoo = Zoo()
    for index in range(count):
        first, last = FIRST[index % len(FIRST)], LAST[index * 7 % len(LAST)]
        zoo.on_legacy(f"{first}.{last}{index}".lower(), f"{first} {last}")
        zoo.on_zimbra(f"z{index}.{last}".lower(), f"{first} {last}")
    return zoo


def hostile_zoo() -> Zoo:
    """Names that try to be markup, to write to the terminal, or to turn the line around."""
    zoo = Zoo()
    for index, name in enumerate(HOSTILE):
        zoo.on_legacy(f"evil{index}", name)
        zoo.on_zimbra(f"bad{index}", name)
    return zoo


class ZooSite(Site):
    """A site over a zoo: it reads in an instant, and a run changes the zoo as its steps say, and is journalled."""

    def __init__(self, zoo: Zoo, split: Split = SPLIT, journal: Path = Path("no-journal.db")) -> None:
        self.split = split
        self.journal_file = journal
        self.zoo = zoo
        self.fails = ""
        self.partial = ""
        self.refuses: set[str] = set()
        self.closed = False
        self.reads = 0
        self.gate: threading.Event | None = None

    def snapshot(self) -> Snapshot:
        whole = Reading(True, 1_700_000_000.0)
        zimbra = ZimbraHalf(whole, dict(self.zoo.zimbra), Domain("example.com"), (SERVER,))
        reading = Reading(False, 1_700_000_000.0, self.partial) if self.partial else whole
        return Snapshot(zimbra, LegacyHalf(reading, dict(self.zoo.legacy)))

    def read(self, progress: Callable[[Progress], None]) -> Snapshot:
        self.reads += 1
        if self.gate is not None:
            progress(Progress(Side.ZIMBRA, 12_000))
            self.gate.wait(10)
        if self.fails:
            raise SiteError(self.fails, "Nothing was changed.", "Mend it, then read again.")
        return self.snapshot()

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        journal = Journal(self.journal_file)
        number = journal.begin("zoo", plan, 0.0)
        emit(RunStarted(number, len(plan.steps), 0.0))
        outcomes = []
        for index, step in enumerate(plan.steps):
            if not control.may_go_on():
                outcomes.append(Outcome.SKIPPED)
                continue
            emit(StepStarted(index, float(index)))
            emit(LiveLine(step.host, LiveKind.RUN if step.act is Act.RELOAD else LiveKind.SENT, step.command))
            if step.address in self.refuses:
                emit(StepEnded(index, Outcome.CONFLICT, "changed meanwhile, left alone", float(index)))
                outcomes.append(Outcome.CONFLICT)
                continue
            if step.act is not Act.RELOAD and step.side is Side.ZIMBRA:
                local, _, _ = step.address.partition("@")
                self.zoo.on_zimbra(local, self.zoo.zimbra[step.address].name)
            emit(StepEnded(index, Outcome.DONE, "read back as planned", float(index)))
            outcomes.append(Outcome.DONE)
        for index, (step, outcome) in enumerate(zip(plan.steps, outcomes, strict=True)):
            journal.result(number, index, step.command, outcome, "", float(index))
        journal.end(number, "", control.stopped, float(len(plan.steps)))
        journal.close()
        return RunEnded(number, tuple(outcomes), "", control.stopped, float(len(plan.steps)))

    def verify(self, plan: Plan, ended: RunEnded) -> Verified:
        return Verified(())

    def links(self) -> tuple[LinkState, LinkState]:
        return LinkState(Side.LEGACY, True, 0.004), LinkState(Side.ZIMBRA, not self.fails, 0.012)

    def warm(self) -> None:
        """Nothing to start."""

    def runs(self, limit: int) -> list[RunRecord]:
        return []

    def advice(self) -> str:
        return ""

    def close(self) -> None:
        self.closed = True


@pytest.fixture(autouse=True)
def unicode_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The locale of whoever runs the tests does not matter."""
    monkeypatch.setattr("splittui.tui.app.terminal_is_ascii", lambda: False)


@pytest.fixture
def site(tmp_path: Path) -> ZooSite:
    """The small zoo."""
    return ZooSite(small_zoo(), journal=tmp_path / "journal.db")


@pytest.fixture
def app(site: ZooSite) -> SplittuiApp:
    """The console on the small zoo, in Unicode."""
    return SplittuiApp(site)
