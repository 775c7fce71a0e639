"""Waves by name, beside the journal; how far each person is comes out of the journal's runs.

Only what the journal does not have is kept here: the lists themselves, and what the MTAs said after a run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from splittui.execution.events import Outcome, Verified
from splittui.execution.history import SO, RunRecord
from splittui.model.entries import Side
from splittui.planning.plan import Act, Step
from splittui.planning.wave import Standing, State, Wave

_SCHEMA = """
CREATE TABLE IF NOT EXISTS wave (
    profile TEXT NOT NULL,
    name TEXT NOT NULL,
    destination TEXT NOT NULL,
    addresses TEXT NOT NULL,
    saved_at REAL NOT NULL,
    PRIMARY KEY (profile, name)
);
CREATE TABLE IF NOT EXISTS answer (
    run INTEGER NOT NULL,
    address TEXT NOT NULL,
    wrong TEXT NOT NULL,
    PRIMARY KEY (run, address)
) WITHOUT ROWID;
"""

FORMAT = 1
"""SQLite's user_version of a file with these tables."""

_BAD = (Outcome.FAILED, Outcome.CONFLICT, Outcome.UNKNOWN)


class WavesError(Exception):
    """The waves cannot be read or written, or there is no such one; the text names the file and what is wrong."""


class Waves:
    """The waves of one profile. Every method raises WavesError."""

    def __init__(self, journal: Path, profile: str) -> None:
        self._file = journal.with_name(f"{journal.stem}-waves.db")
        self._profile = profile

    def save(self, wave: Wave) -> None:
        """Keeps a new wave; one of that name is never written over."""
        try:
            with self._open() as database:
                database.execute(
                    "INSERT INTO wave (profile, name, destination, addresses, saved_at) VALUES (?, ?, ?, ?, ?)",
                    (self._profile, wave.name, wave.to.value, json.dumps(wave.addresses), wave.saved_at),
                )
        except sqlite3.IntegrityError as error:
            raise WavesError(
                f"There is a wave {wave.name} already: take another name, or splittui wave remove it first."
            ) from error

    def remove(self, name: str) -> None:
        """Forgets a wave. The runs stay in the journal, and everybody stays where they are."""
        self.named(name)
        with self._open() as database:
            database.execute("DELETE FROM wave WHERE profile = ? AND name = ?", (self._profile, name))

    def all(self) -> list[Wave]:
        """In the order in which they were saved."""
        if not self._file.exists():
            return []
        with self._open() as database:
            rows = database.execute(
                "SELECT name, destination, addresses, saved_at FROM wave WHERE profile = ? ORDER BY saved_at, name",
                (self._profile,),
            ).fetchall()
        return [
            Wave(str(name), Side(str(to)), tuple(json.loads(str(addresses))), float(saved_at))
            for name, to, addresses, saved_at in rows
        ]

    def named(self, name: str) -> Wave:
        """The wave of that name."""
        found = {wave.name: wave for wave in self.all()}
        if name not in found:
            names = ", ".join(found) or "none yet"
            raise WavesError(f"There is no wave {name!r}; there are: {names}.")
        return found[name]

    def keep_answers(self, run: int, verified: Verified) -> None:
        """Keeps what the MTAs said after a run about each person; of whom they could not be asked, nothing."""
        wrong: dict[str, list[str]] = {}
        for check in verified.checks:
            said = f"{check.host} answers {check.answered or 'nothing'} and not {check.expected or 'nothing'}"
            wrong.setdefault(check.address, []).extend([] if check.agrees or check.trouble else [said])
        unanswered = {check.address for check in verified.unanswered}
        rows = [(run, a, "; ".join(said)) for a, said in wrong.items() if said or a not in unanswered]
        if rows:
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO answer (run, address, wrong) VALUES (?, ?, ?)", rows)

    def answers(self) -> dict[tuple[int, str], str]:
        """By run and address: how the MTAs disagreed with the plan, empty where they agreed."""
        if not self._file.exists():
            return {}
        with self._open() as database:
            rows = database.execute("SELECT run, address, wrong FROM answer").fetchall()
        return {(int(run), str(address)): str(wrong) for run, address, wrong in rows}

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file.touch(mode=0o600)
            database = sqlite3.connect(self._file, timeout=10)
            try:
                self._prepare(database)
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.IntegrityError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise WavesError(f"The waves {self._file} cannot be read or written: {error}") from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise sqlite3.DatabaseError(f"it was written by a newer splittui, in format {version}")
        if version < FORMAT:
            database.executescript(f"{_SCHEMA}PRAGMA user_version={FORMAT};")


def standings(wave: Wave, runs: Iterable[RunRecord], answers: Mapping[tuple[int, str], str]) -> tuple[Standing, ...]:
    """How far each person of the wave is, in its order.

    ``runs`` are those since it was saved, the first one first; ``answers`` as ``Waves.answers`` has them.
    """
    found = {address: Standing(address) for address in wave.addresses}
    for run in runs:
        for address, numbers in _numbers(run).items():
            if address in found:
                found[address] = _after(wave, found[address], run, numbers, answers.get((run.id, address)))
    return tuple(found.values())


def _numbers(run: RunRecord) -> dict[str, list[int]]:
    """The steps of a run by person."""
    found: dict[str, list[int]] = {}
    for number, step in enumerate(run.plan.steps):
        if step.address:
            found.setdefault(step.address, []).append(number)
    return found


def _after(wave: Wave, before: Standing, run: RunRecord, numbers: list[int], answer: str | None) -> Standing:
    steps = [run.plan.steps[number] for number in numbers]
    outcomes = {number: run.outcome(number) for number in numbers}
    done = [step for number, step in zip(numbers, steps, strict=True) if outcomes[number] in SO]
    bad = [number for number in numbers if outcomes[number] in _BAD]
    if any(_leads_back(wave, step) for step in steps):
        if len(done) == len(numbers):
            return _taken_back(before, run)
        return replace(before, note=f"run {run.id} took it back only in part") if done or bad else before
    if bad:
        return Standing(before.address, State.FAILED, run.id, _said(run, bad[0]))
    if not done:
        return before
    if len(done) == len(numbers):
        return _reached(wave, before, run, done, answer)
    if all(step.act is Act.CREATE for step in done):
        return Standing(before.address, State.PROVISIONED, run.id)
    return Standing(before.address, State.FAILED, run.id, f"done only in part: splittui resume {run.id} finishes it")


def _leads_back(wave: Wave, step: Step) -> bool:
    return step.act is Act.DELETE or (step.act is not Act.CREATE and step.side is wave.to.other)


def _taken_back(before: Standing, run: RunRecord) -> Standing:
    """Who was not moved by the wave yet has nothing to be taken back."""
    return before if before.state is State.PLANNED else Standing(before.address, State.ROLLED_BACK, run.id)


def _reached(wave: Wave, before: Standing, run: RunRecord, done: list[Step], answer: str | None) -> Standing:
    if not any(step.side is wave.to for step in done):
        return Standing(before.address, State.PROVISIONED, run.id)
    state = State.VERIFIED if answer == "" else State.MOVED
    return Standing(before.address, state, run.id, answer or "")


def _said(run: RunRecord, number: int) -> str:
    if run.outcome(number) is Outcome.UNKNOWN:
        return f"not known whether it was carried out: splittui resume {run.id} reads it"
    return run.steps[number].message
