"""The journal: intent before result, private to the operator, and an error when it cannot be written."""

import os
import stat
from pathlib import Path

import pytest

from splittui.execution.events import Outcome
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
    [step] = again.steps(run)
    assert (step.sent_at, step.outcome) == (3.0, None)
    again.result(run, 0, "ma a x y", Outcome.DONE, "read back", 4.0)
    again.result(run, 1, "ma b x y", Outcome.SKIPPED, "not sent", 5.0)
    assert [(s.number, s.outcome) for s in again.steps(run)] == [(0, Outcome.DONE), (1, Outcome.SKIPPED)]
    assert again.steps(run)[1].sent_at is None
    again.end(run, "", False, 6.0)
    again.close()


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
