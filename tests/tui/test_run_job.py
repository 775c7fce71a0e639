"""Following a run: what its events become, what is bounded, and that no end is lost."""

import threading
import time

from hypothesis import given, settings
from hypothesis import strategies as st

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
from splittui.execution.site import SiteError
from splittui.tui.run_job import RunJob, RunState
from tests.tui.plans import MADE_AT, MemorySite, mixed_plan, move_plan


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = MADE_AT

    def __call__(self) -> float:
        return self.now


def finished(job: RunJob) -> RunJob:
    assert job.wait(20)
    while job.drain():
        pass
    return job


def drained_until(job: RunJob, steps: int) -> None:
    deadline = time.monotonic() + 20
    while job.state.done < steps:
        assert time.monotonic() < deadline
        job.drain()
        job.wait(0.005)


def test_a_run_is_followed_to_its_end() -> None:
    plan, _ = mixed_plan()
    job = finished(RunJob(MemorySite({1: (Outcome.CONFLICT, "left alone")}), plan))
    assert job.ended is not None
    assert job.ended.run_id == job.state.run_id == 41
    assert job.state.steps[1].outcome is Outcome.CONFLICT
    assert job.state.steps[1].message == "left alone"
    assert job.state.done == len(plan.steps)
    assert [line.text for line in job.state.lines if line.kind in (LiveKind.SENT, LiveKind.RUN)] == [
        s.command for s in plan.steps
    ]


def test_the_command_log_has_outcomes() -> None:
    plan, _ = mixed_plan()
    clock = Clock()
    job = finished(RunJob(MemorySite({1: (Outcome.FAILED, "no")}), plan, clock=clock))
    assert [c.outcome for c in job.state.commands][:2] == [Outcome.DONE, Outcome.FAILED]
    assert {c.at for c in job.state.commands} == {MADE_AT}


def test_an_error_of_the_site_ends_the_run_with_its_sentence() -> None:
    plan, _ = move_plan(["a", "b"])
    job = finished(RunJob(MemorySite(breaks=SiteError("The link was cut.", "One step is unknown.", "Refresh.")), plan))
    assert job.ended is not None
    assert job.ended.error == "The run broke off: The link was cut. One step is unknown. Refresh."
    assert job.ended.outcomes == (Outcome.DONE, Outcome.DONE, Outcome.UNKNOWN)


def test_an_error_nobody_thought_of_is_told_too() -> None:
    plan, _ = move_plan(["a"])
    job = finished(RunJob(MemorySite(breaks=KeyError("x")), plan))
    assert job.ended is not None
    assert "KeyError" in job.ended.error


def test_pause_resume_and_stop_reach_the_run() -> None:
    plan, _ = move_plan(["a", "b", "c"])
    gate = threading.Event()
    job = RunJob(MemorySite(gates={1: gate}), plan)
    drained_until(job, 1)
    job.pause()
    assert job.paused
    assert job.eta is None
    gate.set()
    drained_until(job, 2)
    assert job.ended is None
    job.stop()
    finished(job)
    assert not job.paused
    assert job.ended is not None
    assert job.ended.stopped
    assert job.ended.outcomes == (Outcome.DONE, Outcome.DONE, Outcome.SKIPPED, Outcome.SKIPPED)


def test_pauses_do_not_count_for_the_rate() -> None:
    plan, _ = move_plan(["a", "b", "c"])
    gate = threading.Event()
    clock = Clock()
    job = RunJob(MemorySite(gates={2: gate}), plan, clock=clock)
    drained_until(job, 2)
    clock.now += 2
    assert (job.elapsed, job.rate, job.eta) == (2.0, 1.0, 2.0)
    job.pause()
    clock.now += 100
    assert job.elapsed == 2.0
    job.resume()
    clock.now += 2
    assert job.elapsed == 4.0
    gate.set()
    finished(job)


def test_live_lines_are_bounded_on_both_sides_and_no_step_is_lost() -> None:
    plan, _ = move_plan([f"p{n}" for n in range(20)])
    job = finished(RunJob(MemorySite(chatter=500), plan, keep=100))
    steps = len(plan.steps)
    assert len(job.state.lines) == 100
    assert job.state.line_count == steps * 501
    assert job.state.first_line == steps * 501 - 100
    assert job.state.lines[-1].text.endswith(" 499")
    assert len(job.state.commands) == job.state.done == steps


class _Silent:
    """A site that never tells anything but its end."""

    def run(self, plan: object, emit: object, control: Control) -> RunEnded:
        return RunEnded(7, (Outcome.DONE, Outcome.ALREADY), "", False, MADE_AT)

    def verify(self, plan: object, ended: object) -> Verified:
        return Verified(())


def test_a_returned_end_counts_even_if_it_was_not_told() -> None:
    plan, _ = move_plan(["a"])
    job = finished(RunJob(_Silent(), plan))
    assert job.ended is not None
    assert [step.outcome for step in job.state.steps] == [Outcome.DONE, Outcome.ALREADY]


_EVENTS = st.one_of(
    st.builds(StepStarted, st.integers(-1, 5), st.just(0.0)),
    st.builds(StepEnded, st.integers(-1, 5), st.sampled_from(Outcome), st.text(), st.just(0.0)),
    st.builds(LiveLine, st.text(), st.sampled_from(LiveKind), st.text()),
    st.builds(RunStarted, st.integers(), st.integers(), st.just(0.0)),
    st.builds(
        RunEnded, st.just(1), st.lists(st.sampled_from(Outcome)).map(tuple), st.text(), st.booleans(), st.just(0.0)
    ),
)


@settings(max_examples=50)
@given(st.lists(_EVENTS))
def test_events_in_any_order_leave_a_state_that_adds_up(events: list[Event]) -> None:
    plan, _ = move_plan(["a", "b"])
    state = RunState(plan)
    for event in events:
        state.fold(event, 0.0)
    assert state.done == sum(step.outcome is not None for step in state.steps)
    ends = [event for event in events if isinstance(event, RunEnded)]
    assert state.ended == (ends[0] if ends else None)
    assert len(state.broken_off("x", False, 0.0).outcomes) == len(plan.steps)


def test_nobody_is_asked_after_a_run_that_changed_nothing() -> None:
    plan, _ = move_plan(["a"])
    same = dict.fromkeys(range(len(plan.steps)), (Outcome.ALREADY, "already so, nothing was sent"))
    assert finished(RunJob(MemorySite(same), plan)).state.verified is None
    assert finished(RunJob(MemorySite(), plan)).state.verified == Verified(())
