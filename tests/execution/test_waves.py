"""Waves beside the journal: kept by name, and how far everybody is comes out of the runs."""

import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.execution.events import Outcome, Verified
from splittui.execution.history import History
from splittui.execution.journal import Journal
from splittui.execution.verification import Check
from splittui.execution.waves import Waves, WavesError, standings
from splittui.model.entries import Side
from splittui.model.router import CommandRouter
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan
from splittui.planning.undo import undo_plan
from splittui.planning.wave import Standing, State, Wave
from tests.sites import SPLIT, on_legacy, people, placeholder, snapshot

A, B, NEW = "a@example.com", "b@example.com", "new@example.com"
SEEN = snapshot(placeholder("a"), on_legacy("a"), placeholder("b"), on_legacy("b"), on_legacy("new"))
WAVE = Wave("one", Side.ZIMBRA, (A, B, NEW), 100.0)
DONE, SKIPPED, FAILED = Outcome.DONE, Outcome.SKIPPED, Outcome.FAILED


def moves(*addresses: str, to: Side = Side.ZIMBRA, split=SPLIT) -> Plan:
    return plan_moves(split, SEEN, people(SEEN, split), [Move(address, to) for address in addresses], 1.0)


class Played:
    """A journal that tests fill as a run would, and the waves beside it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "state" / "journal.db"
        self.waves = Waves(self.file, "lab")

    def run(self, plan: Plan, *outcomes: Outcome, at: float = 200.0, dies_in: int | None = None, resumes=None) -> int:
        """``dies_in`` is the step that was sent and whose answer nobody heard."""
        journal = Journal(self.file)
        number = journal.begin("lab", plan, at, resumes=resumes)
        for index, outcome in enumerate(outcomes):
            journal.intend(number, index, plan.steps[index].command, {}, at)
            journal.result(number, index, plan.steps[index].command, outcome, f"step {index} {outcome}", at)
        if dies_in is None:
            journal.end(number, "", False, at)
        else:
            journal.intend(number, dies_in, plan.steps[dies_in].command, {}, at)
        journal.close()
        return number

    def now(self, wave: Wave = WAVE) -> dict[str, Standing]:
        runs = History(self.file).since("lab", wave.saved_at)
        return {one.address: one for one in standings(wave, runs, self.waves.answers())}

    def states(self) -> list[State]:
        return [one.state for one in self.now().values()]


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(tmp_path)


def check(address: str, *, agrees: bool = True, trouble: str = "") -> Check:
    return Check(address, "zimbra.example.com", "postmap", "lmtp:z:7025", "smtp:m:25", agrees, trouble)


def test_nobody_did_anything_yet(played: Played) -> None:
    assert played.states() == [State.PLANNED] * 3
    assert not played.file.exists()


def test_made_known_moved_and_verified(played: Played) -> None:
    assert [step.act for step in moves(A, NEW).steps] == [Act.MODIFY, Act.CREATE, Act.MODIFY, Act.RELOAD]
    first = played.run(moves(A, NEW), DONE, DONE, SKIPPED, DONE)
    assert played.now()[NEW] == Standing(NEW, State.PROVISIONED, first)
    assert played.states() == [State.MOVED, State.PLANNED, State.PROVISIONED]
    second = played.run(moves(A, NEW), Outcome.ALREADY, Outcome.ALREADY, DONE, DONE, resumes=first)
    assert played.states() == [State.MOVED, State.PLANNED, State.MOVED]
    played.waves.keep_answers(second, Verified((check(A), check(A), check(NEW, agrees=False))))
    assert played.states() == [State.VERIFIED, State.PLANNED, State.MOVED]
    assert played.now()[NEW].note == "zimbra.example.com answers smtp:m:25 and not lmtp:z:7025"


def test_a_placeholder_alone_is_no_move(played: Played) -> None:
    played.run(moves(NEW, to=Side.LEGACY), DONE)
    assert played.states() == [State.PLANNED, State.PLANNED, State.PROVISIONED]


def test_whom_the_mtas_could_not_be_asked_about_is_not_verified(played: Played) -> None:
    number = played.run(moves(A, B), DONE, DONE, DONE)
    played.waves.keep_answers(number, Verified((check(A), check(A, agrees=False, trouble="no login"), check(B))))
    assert played.states() == [State.MOVED, State.VERIFIED, State.PLANNED]


@pytest.mark.parametrize("outcome", [FAILED, Outcome.CONFLICT, Outcome.UNKNOWN])
def test_what_went_wrong_is_failed_with_what_was_said(played: Played, outcome: Outcome) -> None:
    number = played.run(moves(A, B), outcome, DONE, DONE)
    failed = played.now()[A]
    assert (failed.state, failed.run) == (State.FAILED, number)
    unknown = f"not known whether it was carried out: splittui resume {number} reads it"
    assert failed.note == (unknown if outcome is Outcome.UNKNOWN else f"step 0 {outcome}")
    assert played.states() == [State.FAILED, State.MOVED, State.PLANNED]
    played.run(moves(A), DONE, DONE)
    assert played.states() == [State.MOVED, State.MOVED, State.PLANNED]


def test_a_run_that_died_leaves_one_unknown_and_the_rest_to_come(played: Played) -> None:
    number = played.run(moves(A, B), dies_in=0)
    assert played.states() == [State.FAILED, State.PLANNED, State.PLANNED]
    assert f"splittui resume {number}" in played.now()[A].note


def test_between_the_two_flips(played: Played) -> None:
    router = CommandRouter("show {address}", "away {address} {nexthop}", "here {address}", "reload")
    routed = replace(SPLIT, router=router)
    plan = moves(A, split=routed)
    assert [step.act for step in plan.steps][:3] == [Act.MODIFY, Act.RELOAD, Act.ROUTE]
    number = played.run(plan, DONE, DONE, SKIPPED)
    assert played.now()[A].state is State.FAILED
    assert played.now()[A].note == f"done only in part: splittui resume {number} finishes it"


def test_taken_back_and_again(played: Played) -> None:
    plan = moves(A, B)
    played.run(plan, DONE, DONE, DONE)
    back = undo_plan(SPLIT, plan, {0, 1}, 2.0)
    undone = played.run(back, DONE, FAILED, DONE)
    assert [step.address for step in back.steps[:2]] == [B, A]
    assert played.now()[B] == Standing(B, State.ROLLED_BACK, undone)
    assert played.now()[A].state is State.MOVED
    assert f"run {undone} took it back only in part" in played.now()[A].note
    played.run(undo_plan(SPLIT, back, {0}, 3.0), DONE, DONE)
    assert played.now()[B].state is State.MOVED


def test_who_was_not_moved_by_the_wave_is_not_rolled_back(played: Played) -> None:
    plan = moves(A)
    played.run(undo_plan(SPLIT, plan, {0}, 2.0), DONE, DONE)
    assert played.states() == [State.PLANNED] * 3


def test_only_runs_since_it_was_saved_and_of_its_profile_count(played: Played) -> None:
    played.run(moves(A), DONE, DONE, at=99.0)
    assert played.states() == [State.PLANNED] * 3
    assert History(played.file).since("other", 0.0) == []


def test_kept_by_name_for_the_owner_alone(played: Played) -> None:
    assert played.waves.all() == []
    assert not played.file.parent.exists()
    other = Wave("two", Side.LEGACY, (B,), 50.0)
    played.waves.save(WAVE)
    played.waves.save(other)
    assert Waves(played.file, "lab").all() == [other, WAVE]
    assert Waves(played.file, "elsewhere").all() == []
    with pytest.raises(WavesError, match="There is a wave one already"):
        played.waves.save(WAVE)
    with pytest.raises(WavesError, match="there are: two, one"):
        played.waves.named("three")
    played.waves.remove("one")
    with pytest.raises(WavesError):
        played.waves.remove("one")
    assert played.waves.all() == [other]
    file = played.file.with_name("journal-waves.db")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_is_none_or_newer_is_named(played: Played, tmp_path: Path) -> None:
    played.waves.save(WAVE)
    file = played.file.with_name("journal-waves.db")
    database = sqlite3.connect(file)
    assert json.loads(database.execute("SELECT addresses FROM wave").fetchone()[0]) == list(WAVE.addresses)
    database.execute("PRAGMA user_version=9")
    database.close()
    with pytest.raises(WavesError, match="newer splittui, in format 9"):
        played.waves.all()
    file.write_text("no database at all, but rather a text of some length" * 30)
    with pytest.raises(WavesError, match=str(file)):
        played.waves.keep_answers(1, Verified((check(A),)))
