"""What the journal tells of earlier runs. Reading never changes it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from splittui.execution.events import LiveKind, LiveLine, Outcome
from splittui.planning.plan import Act, Plan
from splittui.planning.plan_json import Json, PlanFormatError, fingerprint, plan_from_json

SO = (Outcome.DONE, Outcome.ALREADY)
"""Outcomes after which the entry is as planned."""


class HistoryError(Exception):
    """The journal cannot be read, or has no such run; the text names the file and what is wrong."""


class State(StrEnum):
    """How a run stands. ``broken off``: it never came to its end, as its process or its machine was gone."""

    DONE = "done"
    PARTLY = "partly done"
    STOPPED = "stopped"
    BROKEN_OFF = "broken off"


@dataclass(frozen=True, slots=True)
class JournalledStep:
    """One step that was begun. ``sent_at`` without ``outcome``: the command may have been carried out or not."""

    number: int
    command: str
    before: Mapping[str, tuple[str, ...]]
    sent_at: float | None
    outcome: Outcome | None
    message: str
    after: Mapping[str, tuple[str, ...]]
    ended_at: float | None

    @property
    def unknown(self) -> bool:
        """Whether it was sent and nobody knows what became of it."""
        return self.outcome is Outcome.UNKNOWN or (self.outcome is None and self.sent_at is not None)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: who began it and when (seconds since the epoch), its plan, and how far it came.

    ``resumes`` is the run that it took up again.
    """

    id: int
    profile: str
    who: str
    fingerprint: str
    plan: Plan
    resumes: int | None
    started_at: float
    ended_at: float | None
    error: str
    stopped: bool
    steps: Mapping[int, JournalledStep]

    @property
    def state(self) -> State:
        if self.ended_at is None:
            return State.BROKEN_OFF
        if all(self.outcome(number) in SO for number in range(len(self.plan.steps))):
            return State.DONE
        return State.STOPPED if self.stopped else State.PARTLY

    def outcome(self, number: int) -> Outcome:
        """How a step of the plan ended; one that was never begun was skipped."""
        step = self.steps.get(number)
        if step is None:
            return Outcome.SKIPPED
        return step.outcome or (Outcome.UNKNOWN if step.unknown else Outcome.SKIPPED)

    def count(self, outcome: Outcome) -> int:
        """How many of the plan's steps ended so."""
        return sum(self.outcome(number) is outcome for number in range(len(self.plan.steps)))

    @property
    def written(self) -> frozenset[int]:
        """The steps whose command changed something: what an undo takes back."""
        return frozenset(number for number, step in self.steps.items() if step.outcome is Outcome.DONE)

    @property
    def undoable(self) -> bool:
        """Whether there may be something to take back: its own, or that of the runs that it took up again."""
        return bool(self.written) or self.resumes is not None

    @property
    def open_people(self) -> tuple[str, ...]:
        """The people of the plan for whom not everything is done."""
        steps = enumerate(self.plan.steps)
        return tuple(dict.fromkeys(s.address for n, s in steps if s.address and self.outcome(n) not in SO))

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do: every step that changes an entry is done."""
        return all(self.outcome(n) in SO for n, step in enumerate(self.plan.steps) if step.act is not Act.RELOAD)


class History:
    """The runs of one journal. A journal that does not exist yet has none. Every method raises HistoryError."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def runs(self, profile: str = "", limit: int = 1000) -> list[RunRecord]:
        """The newest runs first; of one profile, or of all."""
        chosen = "WHERE profile = ?" if profile else ""
        return self._read(f"{chosen} ORDER BY id DESC LIMIT ?", (profile, limit) if profile else (limit,))

    def run(self, number: int) -> RunRecord:
        found = self._read("WHERE id = ?", (number,))
        if not found:
            raise HistoryError(f"The journal {self._file} has no run {number}; splittui history lists them.")
        return found[0]

    def chain(self, number: int) -> list[RunRecord]:
        """The run with those that it took up again, the first one first."""
        found = [self.run(number)]
        while (earlier := found[0].resumes) is not None:
            found.insert(0, self.run(earlier))
        return found

    def since(self, profile: str, at: float) -> list[RunRecord]:
        """The runs of a profile that began then or later, the first one first."""
        return self._read("WHERE profile = ? AND started_at >= ? ORDER BY id", (profile, at))

    def with_fingerprint(self, fingerprint: str) -> list[RunRecord]:
        """The runs of exactly this plan, the first one first."""
        return self._read("WHERE fingerprint = ? ORDER BY id", (fingerprint,))

    def of_plan(self, plan: Plan) -> list[RunRecord]:
        """The runs of this very plan, and not of one with the same steps that was made at another time."""
        return [run for run in self.with_fingerprint(fingerprint(plan)) if run.plan.made_at == plan.made_at]

    def lines(self, number: int) -> dict[int, list[LiveLine]]:
        """What was said during a run, by the number of the step."""
        found: dict[int, list[LiveLine]] = {}
        for step, host, kind, text in self._rows(
            "SELECT number, host, kind, text FROM line WHERE run = ? ORDER BY rowid", (number,)
        ):
            found.setdefault(int(str(step)), []).append(LiveLine(str(host), LiveKind(str(kind)), str(text)))
        return found

    def _read(self, where: str, values: tuple[str | float, ...]) -> list[RunRecord]:
        runs = self._rows(
            "SELECT id, profile, who, fingerprint, plan, resumes, started_at, ended_at, error, stopped "
            f"FROM run {where}",
            values,
        )
        return [self._record(row) for row in runs]

    def _record(self, row: tuple[object, ...]) -> RunRecord:
        number = int(str(row[0]))
        try:
            plan = plan_from_json(_json(row[4]))
        except (PlanFormatError, ValueError) as error:
            raise HistoryError(f"The journal {self._file}: the plan of run {number} cannot be read: {error}") from error
        return RunRecord(
            id=number,
            profile=str(row[1]),
            who=str(row[2]),
            fingerprint=str(row[3]),
            plan=plan,
            resumes=None if row[5] is None else int(str(row[5])),
            started_at=float(str(row[6])),
            ended_at=_moment(row[7]),
            error=str(row[8]),
            stopped=bool(row[9]),
            steps={step.number: step for step in self._steps(number)},
        )

    def _steps(self, run: int) -> list[JournalledStep]:
        rows = self._rows(
            "SELECT number, command, before, sent_at, outcome, message, after, ended_at FROM step "
            "WHERE run = ? ORDER BY number",
            (run,),
        )
        return [
            JournalledStep(
                number=int(str(number)),
                command=str(command),
                before=_values(before),
                sent_at=_moment(sent_at),
                outcome=Outcome(str(outcome)) if outcome else None,
                message=str(message),
                after=_values(after),
                ended_at=_moment(ended_at),
            )
            for number, command, before, sent_at, outcome, message, after, ended_at in rows
        ]

    def _rows(self, statement: str, values: tuple[str | float, ...]) -> list[tuple[object, ...]]:
        if not self._file.exists():
            return []
        try:
            # Read-only and never creating: looking into the journal must not change it.
            database = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)
            try:
                if not database.execute("PRAGMA user_version").fetchone()[0]:
                    # Somebody is just about to begin it.
                    return []
                return database.execute(statement, values).fetchall()
            finally:
                database.close()
        except sqlite3.Error as error:
            raise HistoryError(f"The journal {self._file} cannot be read: {error}") from error


def _moment(value: object) -> float | None:
    return None if value is None else float(str(value))


def _json(value: object) -> Json:
    data: Json = json.loads(str(value))
    return data


def _values(value: object) -> dict[str, tuple[str, ...]]:
    data = json.loads(str(value or "{}"))
    return {str(name): tuple(str(one) for one in found) for name, found in data.items()}
