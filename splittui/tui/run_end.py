"""What is said of a run that has ended, and what of its plan is left to be done."""

from __future__ import annotations

from textual.screen import Screen

from splittui.execution.events import Outcome, RunEnded
from splittui.model.text import clean
from splittui.planning.moves import Move
from splittui.planning.plan import Plan
from splittui.tui.lines import count

_GOOD = (Outcome.DONE, Outcome.ALREADY)


def rest(plan: Plan, ended: RunEnded) -> tuple[Move, ...]:
    """The moves whose steps were not done, for another plan."""
    open_steps = (
        step for step, outcome in zip(plan.steps, ended.outcomes, strict=False) if step.side and outcome not in _GOOD
    )
    return tuple(dict.fromkeys(Move(step.address, step.side) for step in open_steps if step.side))


def ended_words(plan: Plan, ended: RunEnded) -> str:
    """How it ended, for whoever is looking at another screen."""
    if ended.clean:
        of = f"{len(plan.people):,}" if plan.people else count(len(plan.steps), "step")
        return f"All {of} are done; w shows the run." if len(plan.steps) > 1 else "It is done; w shows the run."
    bad = sum(outcome not in _GOOD for outcome in ended.outcomes)
    why = clean(ended.error) or f"{bad:,} of {len(ended.outcomes):,} steps were not done"
    return f"{why}; w shows the run."


def tell_end(screen: Screen[None], plan: Plan, ended: RunEnded) -> None:
    """Says how it ended on whatever is seen by then."""
    told = ended_words(plan, ended)
    if ended.clean:
        screen.notify(told, title="Run ended", markup=False)
    else:
        screen.notify(told, title="Run ended", severity="error", timeout=12, markup=False)
