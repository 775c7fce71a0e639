"""The items of a run: one row a person, words and signs for every state."""

from hypothesis import given
from hypothesis import strategies as st

from splittui.execution.events import Outcome
from splittui.planning.plan import Act
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.run_job import StepState
from splittui.tui.run_rows import RowState, RunRows, rows_of, state_of
from tests.tui.plans import mixed_plan, move_plan

PLAN, _ = mixed_plan()


def ended(*outcomes: Outcome) -> list[StepState]:
    return [StepState(True, outcome, f"message {index}") for index, outcome in enumerate(outcomes)]


def all_done() -> list[StepState]:
    return ended(*[Outcome.DONE] * len(PLAN.steps))


def test_one_row_a_person_and_one_a_reload() -> None:
    rows = rows_of(PLAN)
    assert [row.name for row in rows] == [
        "bar@example.com",
        "bell@example.com",
        "dave@example.com",
        "carol@example.com",
        "Postfix forgets the old routes",
    ]
    assert rows[2].steps == (2, 3)
    assert rows[-1].act is Act.RELOAD


def test_a_person_of_two_steps_is_done_when_both_are() -> None:
    steps = all_done()
    dave = rows_of(PLAN)[2]
    assert state_of(dave, PLAN, steps).word == "moved"
    steps[3] = StepState()
    assert state_of(dave, PLAN, steps) == RowState("running", running=True)
    steps[2] = StepState()
    assert state_of(dave, PLAN, steps).word == "waiting"


def test_what_was_done_before_a_failure_is_told() -> None:
    steps = all_done()
    steps[3] = StepState(True, Outcome.FAILED, "no such host")
    state = state_of(rows_of(PLAN)[2], PLAN, steps)
    assert (state.word, state.message) == ("failed", "made before: no such host")
    assert state.problem


def test_already_so_is_no_problem() -> None:
    plan, _ = move_plan(["bar"])
    state = state_of(rows_of(plan)[0], plan, ended(Outcome.ALREADY, Outcome.DONE))
    assert (state.word, state.problem, state.sign(UNICODE)) == ("already so", False, "✓")


def test_the_summary_counts_people() -> None:
    rows = RunRows(PLAN)
    steps = all_done()
    steps[0] = StepState(True, Outcome.CONFLICT, "")
    steps[4] = StepState(True, Outcome.SKIPPED, "")
    steps[5] = StepState(True, Outcome.FAILED, "")
    rows.update(steps, range(len(steps)))
    assert rows.summary(" · ") == "2 moved · 0 failed · 1 refused, untouched · 1 not run · reload failed"
    assert rows.problems == [0, 3, 4]
    assert (rows.items, rows.items_finished, rows.finished) == (4, 4, 5)


def test_nothing_done_is_said_as_such() -> None:
    rows = RunRows(PLAN)
    steps = ended(*[Outcome.UNKNOWN] * len(PLAN.steps))
    rows.update(steps, range(len(steps)))
    assert rows.summary(" - ").startswith("0 moved - 0 failed - 4 unknown: refresh to see what is true")


@given(st.lists(st.one_of(st.none(), st.sampled_from(Outcome)), min_size=len(PLAN.steps), max_size=len(PLAN.steps)))
def test_every_state_has_a_word_and_a_sign_of_its_own(outcomes: list[Outcome | None]) -> None:
    steps = [StepState(outcome is not None, outcome) for outcome in outcomes]
    rows = RunRows(PLAN)
    rows.update(steps, range(len(steps)))
    assert rows.finished == sum(state.outcome is not None for state in rows.states)
    for state in rows.states:
        assert state.word
        assert len(state.sign(ASCII)) == len(state.sign(UNICODE)) == 1
        if state.outcome is not None:
            assert state.sign(ASCII).isascii()
            assert state.sign(ASCII) != " "
