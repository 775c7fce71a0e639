"""Who moved to Zimbra by the journal, and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from splittui.execution.history import SO, RunRecord
from splittui.model.entries import Side
from splittui.planning.plan import Act


def moved(chain: Sequence[RunRecord]) -> dict[str, float]:
    """Those whose move to Zimbra came about in the last run of the chain, in its order, and when (since the epoch).

    The chain is the run with those that it took up again, the first one first: who was moved by one of those is not
    named again.
    """
    run = chain[-1]
    before = {address for earlier in chain[:-1] for address in _complete(earlier)}
    return {address: at for address, at in _complete(run).items() if address not in before}


def last_moved(runs: Iterable[RunRecord]) -> dict[str, float]:
    """When each person moved to Zimbra the last time; ``runs`` come the first one first."""
    by_number: dict[int, RunRecord] = {}
    found: dict[str, float] = {}
    for run in runs:
        by_number[run.id] = run
        chain = [run]
        while (number := chain[0].resumes) is not None and number in by_number:
            chain.insert(0, by_number[number])
        found.update(moved(chain))
    return found


def _complete(run: RunRecord) -> dict[str, float]:
    """Those of whose steps none is left to do, and that led to Zimbra, with the moment of the last step."""
    steps = run.plan.steps
    leads = {
        step.address for step in steps if step.side is Side.ZIMBRA and step.act not in (Act.CREATE, Act.DELETE)
    } - {""}
    for number, step in enumerate(steps):
        if run.outcome(number) not in SO:
            leads.discard(step.address)
    found: dict[str, float] = {}
    for number, step in enumerate(steps):
        if step.address in leads:
            ended = run.steps[number].ended_at if number in run.steps else None
            found[step.address] = max(found.get(step.address, 0.0), ended or run.started_at)
    return found
