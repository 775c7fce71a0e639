"""The journal of runs: one SQLite file in the operator's state directory.

The intent is on disk before a command is sent, the result after its answer, so that after any end at most one item is
unknown. Secrets never get here: commands are journalled masked.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from splittui.execution.events import Outcome
from splittui.planning.plan import Plan
from splittui.planning.plan_json import fingerprint, plan_to_json

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    who TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    plan TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL,
    error TEXT NOT NULL DEFAULT '',
    stopped INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS step (
    run INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    command TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '',
    sent_at REAL,
    outcome TEXT,
    message TEXT NOT NULL DEFAULT '',
    ended_at REAL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
"""


class JournalError(Exception):
    """The journal cannot be written, so nothing may be sent; the text names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class JournalledStep:
    """One step of a run as the journal has it; ``sent_at`` without ``outcome``: the result is unknown."""

    number: int
    command: str
    sent_at: float | None
    outcome: Outcome | None
    message: str


def default_file() -> Path:
    """Where the journal is kept."""
    return platformdirs.user_state_path("splittui") / "journal.db"


class Journal:
    """One open journal; used by the thread that opened it. Every method raises JournalError."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            self._db = sqlite3.connect(file, timeout=10, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error

    def begin(self, profile: str, plan: Plan, at: float) -> int:
        """Starts a run and returns its number."""
        return self._write(
            "INSERT INTO run (profile, who, fingerprint, plan, started_at) VALUES (?, ?, ?, ?, ?)",
            (profile, getpass.getuser(), fingerprint(plan), json.dumps(plan_to_json(plan)), at),
        )

    def intend(self, run: int, number: int, command: str, before: Mapping[str, tuple[str, ...]], at: float) -> None:
        """The step is about to be sent; ``before`` is what was just read from its entry."""
        self._write(
            "INSERT INTO step (run, number, command, before, sent_at) VALUES (?, ?, ?, ?, ?)",
            (run, number, command, json.dumps({name: list(values) for name, values in before.items()}), at),
        )

    def result(self, run: int, number: int, command: str, outcome: Outcome, message: str, at: float) -> None:
        """How the step ended, whether it was sent or not."""
        self._write(
            "INSERT INTO step (run, number, command, outcome, message, ended_at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (run, number) DO UPDATE SET outcome = excluded.outcome, message = excluded.message, "
            "ended_at = excluded.ended_at",
            (run, number, command, outcome.value, message, at),
        )

    def end(self, run: int, error: str, stopped: bool, at: float) -> None:
        self._write("UPDATE run SET ended_at = ?, error = ?, stopped = ? WHERE id = ?", (at, error, stopped, run))

    def steps(self, run: int) -> list[JournalledStep]:
        """The steps of a run that were begun, in order."""
        rows = self._db.execute(
            "SELECT number, command, sent_at, outcome, message FROM step WHERE run = ? ORDER BY number", (run,)
        )
        return [
            JournalledStep(number, command, sent_at, Outcome(outcome) if outcome else None, message)
            for number, command, sent_at, outcome, message in rows
        ]

    def close(self) -> None:
        self._db.close()

    def _write(self, statement: str, values: tuple[str | int | float | bool, ...]) -> int:
        try:
            return self._db.execute(statement, values).lastrowid or 0
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> JournalError:
        return JournalError(
            f"The journal {self._file} cannot be written ({error}). What is not written there is not sent: "
            "make room or mend its permissions, then start again."
        )
