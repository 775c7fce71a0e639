"""The items of a run as the operator counts them: one row for each person, one for each reload. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from splittui.execution.events import Outcome, RunEnded
from splittui.model.entries import Side
from splittui.planning.plan import Act, Plan
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Tone
from splittui.tui.run_job import StepState

_DONE = {Act.CREATE: "made", Act.MODIFY: "moved", Act.DELETE: "deleted", Act.RELOAD: "reloaded", Act.ROUTE: "moved"}
_CHANGED = "changed"
"""What is said of a step that moves nobody: a setting, or a route for everybody."""

_WORDS = {
    Outcome.ALREADY: "already so",
    Outcome.CONFLICT: "refused",
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "unknown",
    Outcome.SKIPPED: "not run",
}
WORD_WIDTH = max(len(word) for word in (*_DONE.values(), _CHANGED, *_WORDS.values()))
_WORST_FIRST = (
    Outcome.UNKNOWN,
    Outcome.FAILED,
    Outcome.CONFLICT,
    Outcome.SKIPPED,
    Outcome.DONE,
    Outcome.ALREADY,
)
_PROBLEMS = frozenset(_WORST_FIRST[:4])


@dataclass(frozen=True, slots=True)
class RunRow:
    """One item: the plan's steps that make it up, by their indexes. A reload has no address."""

    address: str
    name: str
    act: Act
    to: Side | None
    steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RowState:
    """How an item stands: a word, the sentence of the step that decides it, and whether it is over or a problem."""

    word: str = "waiting"
    message: str = ""
    outcome: Outcome | None = None
    running: bool = False

    @property
    def problem(self) -> bool:
        return self.outcome in _PROBLEMS

    @property
    def tone(self) -> Tone:
        if self.outcome is None:
            return Tone.STRONG if self.running else Tone.QUIET
        if self.outcome in (Outcome.FAILED, Outcome.UNKNOWN):
            return Tone.BAD
        return Tone.WARN if self.problem else Tone.GOOD

    def sign(self, glyphs: Glyphs) -> str:
        if self.outcome is None:
            return glyphs.more if self.running else " "
        if self.outcome in (Outcome.UNKNOWN, Outcome.SKIPPED):
            return glyphs.warning if self.outcome is Outcome.UNKNOWN else glyphs.info
        return glyphs.bad if self.problem else glyphs.good


def rows_of(plan: Plan) -> tuple[RunRow, ...]:
    """The items in the order of their first steps."""
    steps_of: dict[str | int, list[int]] = {}
    for index, step in enumerate(plan.steps):
        steps_of.setdefault(step.address or index, []).append(index)
    rows = []
    for indexes in steps_of.values():
        last = plan.steps[indexes[-1]]
        rows.append(RunRow(last.address, last.address or last.summary, last.act, last.side, tuple(indexes)))
    return tuple(rows)


def state_of(row: RunRow, plan: Plan, steps: Sequence[StepState]) -> RowState:
    """How an item with these steps stands."""
    states = [steps[index] for index in row.steps]
    if any(state.outcome is None for state in states):
        running = any(state.started for state in states)
        return RowState("running" if running else "waiting", running=running)
    worst = min(states, key=lambda state: _rank(state.outcome))
    if worst.outcome not in _PROBLEMS:
        done = any(state.outcome is Outcome.DONE for state in states)
        outcome = Outcome.DONE if done else Outcome.ALREADY
        return RowState(_done(row) if done else _WORDS[outcome], states[-1].message, outcome)
    before = [plan.steps[i].act for i in row.steps if steps[i].outcome is Outcome.DONE]
    stays = f"{_DONE[before[0]]} before: " if before else ""
    return RowState(_word(worst.outcome), stays + worst.message, worst.outcome)


def _done(row: RunRow) -> str:
    return _DONE[row.act] if row.address or row.act is Act.RELOAD else _CHANGED


def _rank(outcome: Outcome | None) -> int:
    return len(_WORST_FIRST) if outcome is None else _WORST_FIRST.index(outcome)


def _word(outcome: Outcome | None) -> str:
    return _WORDS.get(outcome, "") if outcome else ""


class RunRows:
    """All items of a run with how they stand, kept up to date."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows = rows_of(plan)
        self.states = [RowState()] * len(self.rows)
        self.finished = 0
        self._row_of = {step: index for index, row in enumerate(self.rows) for step in row.steps}
        people = [index for index, row in enumerate(self.rows) if row.address]
        self.moves_nobody = not people
        self._counted = people or list(range(len(self.rows)))

    def update(self, steps: Sequence[StepState], changed: Iterable[int]) -> set[int]:
        """Looks at the changed steps again; the indexes of the rows that stand otherwise now."""
        touched = {self._row_of[step] for step in changed}
        for index in touched:
            before = self.states[index].outcome
            self.states[index] = state_of(self.rows[index], self.plan, steps)
            self.finished += (self.states[index].outcome is not None) - (before is not None)
        return touched

    @property
    def items(self) -> int:
        """How many people, or steps where it concerns nobody alone."""
        return len(self._counted)

    @property
    def items_finished(self) -> int:
        return sum(self.states[index].outcome is not None for index in self._counted)

    @property
    def problems(self) -> list[int]:
        return [index for index, state in enumerate(self.states) if state.problem]

    def running(self) -> int | None:
        """The row that is in flight."""
        return next((index for index, state in enumerate(self.states) if state.running), None)

    def summary(self, dot: str) -> str:
        """``2 moved · 0 failed · 1 refused, untouched``: people, and reloads only where one is a problem."""
        tally = Counter(self.states[index].word for index in self._counted if self.states[index].outcome is not None)
        parts = [
            f"{tally[word]:,} {word}"
            for word in dict.fromkeys((*_DONE.values(), _CHANGED, _WORDS[Outcome.ALREADY]))
            if tally[word]
        ]
        parts = parts or [f"0 {_CHANGED if self.moves_nobody else 'moved'}"]
        parts.append(f"{tally['failed']:,} failed")
        if tally["unknown"]:
            parts.append(f"{tally['unknown']:,} unknown: refresh to see what is true")
        if tally["refused"]:
            parts.append(f"{tally['refused']:,} refused, untouched")
        if tally["not run"]:
            parts.append(f"{tally['not run']:,} not run")
        parts += [
            f"{'reload' if row.act is Act.RELOAD else 'a setting'} {state.word}"
            for row, state in zip(self.rows, self.states, strict=True)
            if not self.moves_nobody and not row.address and state.problem
        ]
        return dot.join(parts)


def undoable(ended: RunEnded | None) -> bool:
    """Whether the run wrote anything that a plan could take back."""
    return ended is not None and Outcome.DONE in ended.outcomes


def has_rest(ended: RunEnded | None) -> bool:
    """Whether something planned is not so yet."""
    return ended is not None and not ended.clean
