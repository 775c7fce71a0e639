"""After a run: what both MTAs are asked about those who moved, what they should say, and whether they do.

The runner reads every entry back; this is the other view: what Postfix itself makes of it. Pure: who asks is elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from splittui.model.entries import Side
from splittui.planning.accounts import TRANSPORT
from splittui.planning.plan import Act, Plan, Step
from splittui.planning.routes import ROUTE


class Topic(StrEnum):
    """What an MTA is asked about an address: its next hop, whether it is known, its route, whether mail is taken."""

    TRANSPORT = "transport_maps"
    KNOWN = "recipient maps"
    ROUTE = "route"
    RCPT = "RCPT TO"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one side about one address, and what it should answer; no value: nothing at all.

    ``step`` is the one that set it.
    """

    address: str
    side: Side
    topic: Topic
    expected: tuple[str, ...]
    step: Step


@dataclass(frozen=True, slots=True)
class Check:
    """A question with its answer. ``asked`` is the command, or who was asked what; ``trouble`` says why there is none.

    ``expected`` and ``answered`` are as the MTA writes them, empty for "nothing".
    """

    address: str
    host: str
    asked: str
    expected: str
    answered: str
    agrees: bool
    trouble: str = ""


def done(plan: Plan, right: Sequence[bool]) -> set[str]:
    """The addresses all of whose steps came about; ``right`` says so of each step."""
    failed = {step.address for step, fine in zip(plan.steps, right, strict=True) if not fine}
    return {address for address in plan.people if address not in failed}


def questions(plan: Plan, done: Collection[str], rcpt: bool = False) -> Iterator[Question]:
    """What to ask about the addresses in ``done``, by what their last steps set; with ``rcpt`` also the new home.

    The new home is asked by SMTP whether it takes mail for the address.
    """
    for step in _last_steps(plan, done):
        if step.act is Act.ROUTE:
            yield Question(step.address, Side.LEGACY, Topic.ROUTE, _values(step, ROUTE), step)
        elif step.act is Act.DELETE:
            yield Question(step.address, Side.ZIMBRA, Topic.TRANSPORT, (), step)
        elif expected := _values(step, TRANSPORT):
            yield Question(step.address, Side.ZIMBRA, Topic.TRANSPORT, expected, step)
            yield Question(step.address, Side.ZIMBRA, Topic.KNOWN, (step.address,), step)
    if rcpt:
        homes = {step.address: step for step in plan.steps if step.side is not None and step.address in done}
        for step in homes.values():
            if step.side is not None:
                yield Question(step.address, step.side, Topic.RCPT, ("accepted",), step)


def _last_steps(plan: Plan, done: Collection[str]) -> Iterable[Step]:
    """The last step of each address on each side: what it set is what holds in the end."""
    last: dict[tuple[str, bool], Step] = {}
    for step in plan.steps:
        if step.address in done and step.act in (Act.CREATE, Act.MODIFY, Act.DELETE, Act.ROUTE):
            last[step.address, step.act is Act.ROUTE] = step
    return last.values()


def _values(step: Step, attribute: str) -> tuple[str, ...]:
    return next((fact.values for fact in step.verify if fact.attribute == attribute), ())


def check(question: Question, host: str, asked: str, answered: tuple[str, ...]) -> Check:
    """The answer beside what was expected. Whether an address is known does not depend on what is known of it."""
    agrees = answered == question.expected
    if question.topic is Topic.KNOWN:
        agrees = bool(answered) == bool(question.expected)
    return Check(question.address, host, asked, ", ".join(question.expected), ", ".join(answered), agrees)


def unanswered(question: Question, host: str, asked: str, trouble: str) -> Check:
    """A question that nobody could answer, and why."""
    return Check(question.address, host, asked, ", ".join(question.expected), "", False, trouble)
