"""The journal: intent before result, private to the operator, and an error when it cannot be written."""

import os
import sqlite3
import stat
from pathlib import Path

import pytest

from splittui.execution.events import LiveKind, LiveLine, Outcome
from splittui.execution.history import History, HistoryError, State
from splittui.execution.journal import Journal, JournalError
from splittui.model.entries import Role
from splittui.planning.plan import Plan

PLAN = Plan("example.com", Role.PRIMARY, 1.0)


def test_an_intent_without_a_result_shows(tmp_path: Path) -> None:
    file = tmp_path / "state" / "journal.db"
    journal = Journal(file)
    run = journal.begin("site", PLAN, 2.0)
    journal.intend(run, 0, "ma a x y", {"x": ("w",)}, 3.0)
    journal.close()
    again = Journal(file)
    record = History(file).run(run)
    assert record.outcome(0) is Outcome.UNKNOWN
    assert record.state is State.BROKEN_OFF
    assert record.steps[0].before == {"x": ("w",)}
    again.result(run, 0, "ma a x y", Outcome.DONE, "read back", 4.0)
    again.result(run, 1, "ma b x y", Outcome.SKIPPED, "not sent", 5.0)
    again.end(run, "", False, 6.0)
    again.close()
    record = History(file).run(run)
    assert [record.outcome(number) for number in (0, 1, 2)] == [Outcome.DONE, Outcome.SKIPPED, Outcome.SKIPPED]
    assert record.steps[1].sent_at is None
    assert (record.written, record.ended_at) == ({0}, 6.0)


def test_runs_are_numbered(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert [journal.begin("site", PLAN, 1.0) for _ in range(3)] == [1, 2, 3]
    journal.close()


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "state" / "journal.db"
    Journal(file).close()
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(file.parent).st_mode) == 0o700


def test_a_journal_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "journal.db"
    broken.mkdir()
    with pytest.raises(JournalError, match=r"journal\.db cannot be written"):
        Journal(broken)
    garbage = tmp_path / "garbage.db"
    garbage.write_text("this is no database, and it is long enough to be looked at by anybody " * 20)
    with pytest.raises(JournalError):
        Journal(garbage)


def test_what_was_said_is_kept_with_its_step(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    journal = Journal(file)
    run = journal.begin("site", PLAN, 1.0)
    for number, text in enumerate(("ma a x y", "ma b x y")):
        journal.intend(run, number, text, {}, 2.0)
        journal.hear(LiveLine("zimbra", LiveKind.SENT, text))
        journal.result(run, number, text, Outcome.DONE, "read back", 3.0, {"x": ("y",)})
    journal.close()
    lines = History(file).lines(run)
    assert [line.text for number in (0, 1) for line in lines[number]] == ["ma a x y", "ma b x y"]
    assert History(file).run(run).steps[1].after == {"x": ("y",)}


def test_runs_are_found_by_profile_plan_and_chain(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    assert History(file).runs() == []
    assert not file.exists()
    journal = Journal(file)
    first = journal.begin("site", PLAN, 1.0)
    other = journal.begin("other", PLAN, 2.0)
    second = journal.begin("site", PLAN, 3.0, resumes=first)
    journal.close()
    history = History(file)
    assert [run.id for run in history.runs()] == [second, other, first]
    assert [run.id for run in history.runs("site")] == [second, first]
    assert [run.id for run in history.chain(second)] == [first, second]
    assert [run.id for run in history.with_fingerprint(history.run(first).fingerprint)] == [first, other, second]
    with pytest.raises(HistoryError, match="no run 17"):
        history.run(17)


def test_looking_into_the_journal_does_not_change_it(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    journal = Journal(file)
    journal.begin("site", PLAN, 1.0)
    journal.close()
    before = file.read_bytes()
    History(file).runs()
    assert file.read_bytes() == before


def test_a_journal_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "journal.db"
    Journal(file).close()
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(JournalError, match="newer splittui"):
        Journal(file)
