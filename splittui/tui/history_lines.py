"""Earlier runs as a tree of lines: each run folds, below it who it was for and what became of every step. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from splittui.execution.events import Outcome
from splittui.execution.history import RunRecord, State
from splittui.model.text import clean
from splittui.tui.fold_line import FoldLine
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Line, Tone, count, line, people
from splittui.tui.preview_lines import directions

_TONES = {State.DONE: Tone.GOOD, State.PARTLY: Tone.WARN, State.STOPPED: Tone.WARN, State.BROKEN_OFF: Tone.BAD}
_SIGNS = {State.DONE: "good", State.PARTLY: "warning", State.STOPPED: "warning", State.BROKEN_OFF: "bad"}
_BAD = (Outcome.CONFLICT, Outcome.FAILED, Outcome.UNKNOWN)
_LABEL = 10


def history_lines(runs: Sequence[RunRecord], glyphs: Glyphs) -> list[FoldLine]:
    """One foldable line a run, the newest first; what belongs to it is made when it is unfolded."""
    return [FoldLine(0, _head(run, glyphs), 0, False, 7, partial(_body, run, glyphs)) for run in runs]


def unfinished(run: RunRecord) -> str:
    """Why a run needs somebody, in one sentence; empty where it does not."""
    unknown = run.count(Outcome.UNKNOWN)
    left = count(len(run.open_people), "person", "people")
    if run.state is State.BROKEN_OFF:
        asked = f" Of {count(unknown, 'step')} it is not known whether it was carried out." if unknown else ""
        return f"Run {run.id} was broken off, with {left} not finished.{asked}"
    if unknown:
        return f"Run {run.id} ended without knowing what became of {count(unknown, 'step')}."
    if run.error and run.open_people:
        return f"Run {run.id} ended early, with {left} not finished."
    return ""


def day_and_time(at: float) -> str:
    """As the operator's clock and calendar have it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _head(run: RunRecord, glyphs: Glyphs) -> Line:
    sign = glyphs.good if run.state is State.DONE else glyphs.of(_SIGNS[run.state])
    who = directions(run.plan) or people(len(run.plan.people))
    again = f"{glyphs.dot}takes up run {run.resumes} again" if run.resumes is not None else ""
    return line(
        (f"{run.id:>4}  ", Tone.QUIET),
        f"{day_and_time(run.started_at)}  ",
        (f"{sign} {run.state.value}", _TONES[run.state]),
        (f"{glyphs.dot}{who}", Tone.STRONG),
        (f"{glyphs.dot}{clean(run.who)}{again}", Tone.QUIET),
    )


def _body(run: RunRecord, glyphs: Glyphs) -> list[FoldLine]:
    counts = ", ".join(f"{run.count(o):,} {o.value}" for o in Outcome if run.count(o))
    lines = [_part("outcomes", counts), _part("plan", run.fingerprint)]
    if run.error:
        lines.append(_part("ended", clean(run.error)))
    if run.open_people:
        lines.append(_part("open", ", ".join(map(clean, run.open_people))))
    return lines + [step for number in range(len(run.plan.steps)) for step in _step(run, number, glyphs)]


def _step(run: RunRecord, number: int, glyphs: Glyphs) -> list[FoldLine]:
    step, outcome, done = run.plan.steps[number], run.outcome(number), run.steps.get(number)
    good = outcome in (Outcome.DONE, Outcome.ALREADY)
    sign = glyphs.good if good else glyphs.bad if outcome in _BAD else glyphs.info
    tone = Tone.GOOD if good else Tone.BAD if outcome in _BAD else Tone.QUIET
    said = clean(done.message) if done is not None else ""
    if done is not None and done.outcome is None and done.unknown:
        said = "it was sent, and the run was gone before its answer"
    below = [*([line((said, Tone.QUIET))] if said else []), line((clean(step.command), Tone.QUIET))]
    head = line((f"{sign} {outcome.value:9}", tone), clean(step.address or step.summary))
    return [FoldLine(1, head, len(below), not good), *(FoldLine(2, one) for one in below)]


def _part(label: str, text: str) -> FoldLine:
    return FoldLine(1, line((label.ljust(_LABEL), Tone.QUIET), text), hang=_LABEL)
