"""The journal of runs: one SQLite file in the operator's state directory.

The intent is on disk before a command is sent, the result after its answer, so that after any end at most one item is
unknown. Secrets never get here: commands are journalled masked. ``history`` reads it.
"""

from __future__ import annotations

import getpass
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import platformdirs

from splittui.execution.events import LiveLine, Outcome
from splittui.planning.plan import Plan
from splittui.planning.plan_json import fingerprint, plan_to_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    id INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    who TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    plan TEXT NOT NULL,
    resumes INTEGER REFERENCES run (id),
    started_at REAL NOT NULL,
    ended_at REAL,
    error TEXT NOT NULL DEFAULT '',
    stopped INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS step (
    run INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    command TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '{}',
    sent_at REAL,
    outcome TEXT,
    message TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '{}',
    ended_at REAL,
    PRIMARY KEY (run, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS line (
    run INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    host TEXT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS line_of_run ON line (run, number);
"""

FORMAT = 1
"""SQLite's user_version of a journal with these tables."""

Values = Mapping[str, tuple[str, ...]]
_NOTHING: Values = MappingProxyType({})


class JournalError(Exception):
    """The journal cannot be written, so nothing may be sent; the text names the file and what is wrong."""

    next_step = "Make the journal writable, then start again."


def default_file() -> Path:
    """Where the journal is kept."""
    return platformdirs.user_state_path("splittui") / "journal.db"


class Journal:
    """One open journal, to be written; used by the thread that opened it. Every method raises JournalError."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._heard: list[LiveLine] = []
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file.touch(mode=0o600)
            self._db = sqlite3.connect(file, timeout=10, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise sqlite3.DatabaseError(f"it was written by a newer splittui, in format {version}")
        if version < FORMAT:
            self._db.executescript(f"{SCHEMA}PRAGMA user_version={FORMAT};")

    def begin(self, profile: str, plan: Plan, at: float, *, resumes: int | None = None) -> int:
        """Starts a run and returns its number. ``resumes`` is the run that this one takes up again."""
        return self._write(
            "INSERT INTO run (profile, who, fingerprint, plan, resumes, started_at) VALUES (?, ?, ?, ?, ?, ?)",
            (profile, getpass.getuser(), fingerprint(plan), json.dumps(plan_to_json(plan)), resumes, at),
        )

    def intend(self, run: int, number: int, command: str, before: Values, at: float) -> None:
        """The step is about to be sent; ``before`` is what was just read from its entry."""
        self._write(
            "INSERT INTO step (run, number, command, before, sent_at) VALUES (?, ?, ?, ?, ?)",
            (run, number, command, _values(before), at),
        )

    def hear(self, line: LiveLine) -> None:
        """Keeps a line of the dialogue until the result of its step is written."""
        self._heard.append(line)

    def result(
        self, run: int, number: int, command: str, outcome: Outcome, message: str, at: float, after: Values = _NOTHING
    ) -> None:
        """How the step ended, whether it was sent or not; ``after`` is what was read from its entry then."""
        lines = [(run, number, line.host, line.kind.value, line.text) for line in self._heard]
        self._heard.clear()
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT INTO step (run, number, command, outcome, message, after, ended_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, number) DO UPDATE SET outcome = excluded.outcome, "
                "message = excluded.message, after = excluded.after, ended_at = excluded.ended_at",
                (run, number, command, outcome.value, message, _values(after), at),
            )
            self._db.executemany("INSERT INTO line (run, number, host, kind, text) VALUES (?, ?, ?, ?, ?)", lines)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._error(error) from error

    def end(self, run: int, error: str, stopped: bool, at: float) -> None:
        self._write("UPDATE run SET ended_at = ?, error = ?, stopped = ? WHERE id = ?", (at, error, stopped, run))

    def close(self) -> None:
        self._db.close()

    def _write(self, statement: str, values: tuple[str | int | float | bool | None, ...]) -> int:
        try:
            return self._db.execute(statement, values).lastrowid or 0
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, error: Exception) -> JournalError:
        return JournalError(
            f"The journal {self._file} cannot be written ({error}). What is not written there is not sent: "
            "make room or mend its permissions, then start again."
        )


def _values(values: Values) -> str:
    return json.dumps({name: list(found) for name, found in values.items()})
