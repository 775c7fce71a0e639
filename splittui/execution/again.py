"""Taking up an earlier run again, and taking it back: what its journal says was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from splittui.execution.events import Outcome
from splittui.execution.history import SO, RunRecord
from splittui.execution.runner import Earlier
from splittui.model.split import Split
from splittui.planning.plan import Finding, Plan, Severity
from splittui.planning.undo import undo_plan


def settled(chain: Sequence[RunRecord]) -> frozenset[int]:
    """The steps of the plan that some run of the chain found or made right.

    ``chain`` is a run with those that it took up again, the first one first; all have the same plan.
    """
    return frozenset(number for run in chain for number in run.steps if run.outcome(number) in SO)


def written(chain: Sequence[RunRecord]) -> frozenset[int]:
    """The steps by which the chain changed something: what an undo takes back.

    Also those of which one run did not learn what became, and the next one found that they had been carried out.
    """
    found: set[int] = set()
    in_doubt: set[int] = set()
    for run in chain:
        found |= run.written
        found |= {number for number in in_doubt if run.outcome(number) is Outcome.ALREADY}
        in_doubt |= {number for number, step in run.steps.items() if step.unknown}
    return frozenset(found)


def used(runs: Sequence[RunRecord]) -> str:
    """Why a plan that had these runs is not run once more; empty where it had none."""
    if not runs:
        return ""
    last = runs[-1]
    way = f"splittui undo {last.id} takes it back" if last.finished else f"splittui resume {last.id} finishes it"
    return (
        f"The plan was used already, by run {last.id} ({last.state.value}); {way}. For anything else make a new plan."
    )


def earlier(chain: Sequence[RunRecord]) -> Earlier:
    """What a run that takes up the last one of the chain needs to know."""
    return Earlier(chain[-1].id, settled(chain), _looked_at(chain))


def _looked_at(chain: Sequence[RunRecord]) -> frozenset[int]:
    """The steps that one run did and a later one found still so.

    They are not looked at once more: over a link that dies every few seconds the looking alone would never end.
    """
    done: set[int] = set()
    found: set[int] = set()
    for run in chain:
        so = {number for number in run.steps if run.outcome(number) in SO and run.plan.steps[number].address}
        found |= so & done
        done |= so
    return frozenset(found)


def open_steps(chain: Sequence[RunRecord]) -> tuple[int, ...]:
    """The steps that are not settled yet, in order."""
    done = settled(chain)
    return tuple(number for number in range(len(chain[-1].plan.steps)) if number not in done)


def unknown_steps(chain: Sequence[RunRecord]) -> tuple[int, ...]:
    """The steps that were sent and of which nobody knows what became: each is read before anything is sent."""
    done, last = settled(chain), chain[-1]
    return tuple(number for number, step in last.steps.items() if step.unknown and number not in done)


def taken_back(split: Split, chain: Sequence[RunRecord], made_at: float) -> Plan:
    """The plan that takes the chain back.

    It expects the values that were written. What is unknown is left out and named.
    """
    plan = undo_plan(split, chain[-1].plan, written(chain), made_at)
    unknown = unknown_steps(chain)
    if not unknown:
        return plan
    steps = chain[-1].plan.steps
    finding = Finding(
        Severity.WARNING,
        "unknown-step",
        f"Whether these were changed is not known. Take run {chain[-1].id} up again first: it reads them.",
        tuple(dict.fromkeys(steps[number].address for number in unknown if steps[number].address)),
    )
    return replace(plan, findings=(*plan.findings, finding))
