"""The brake: what a plan must be asked about once more, by a word that is typed and not by a key that slips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.planning.plan import Act, Plan


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be changed without a typed word: ``people`` in one plan, and ``percent`` of a side.

    ``per_run`` is the most people that one run may change at all, ``per_minute`` how fast it goes (None: no limit), and
    ``failures`` after how many failed people, one after the other, a run stops by itself. ``plan_hours`` is how old a
    plan may be when it is run.
    """

    people: int = 50
    percent: int = 30
    per_run: int | None = None
    per_minute: int | None = None
    failures: int = 5
    plan_hours: int = 24


@dataclass(frozen=True, slots=True)
class Brake:
    """Why a plan is held, as the end of a sentence that begins with "That is", and the word that lets it go on."""

    reason: str
    word: str


def brake(plan: Plan, known: Mapping[str, Person], limits: Limits) -> Brake | None:
    """What holds the plan; None where nothing does. ``known`` is everybody, by address."""
    count = len(plan.people)
    if any(step.act in (Act.CREATE, Act.MODIFY, Act.DELETE) and not step.address for step in plan.steps):
        return Brake(f"a change that concerns everybody in {plan.domain}", plan.domain)
    deleted = {step.address for step in plan.steps if step.act is Act.DELETE}
    if deleted:
        what = "one account" if len(deleted) == 1 else f"{len(deleted):,} accounts"
        return Brake(f"a plan that deletes {what}, which cannot be taken back", str(count))
    if count > limits.people:
        return Brake(f"more than the {limits.people:,} people that this profile allows without asking", str(count))
    share = _share(plan, known, limits)
    return Brake(share, str(count)) if share else None


def _share(plan: Plan, known: Mapping[str, Person], limits: Limits) -> str:
    for side in Side:
        lives_there = [person.address for person in known.values() if person.side is side]
        leaving = len(set(plan.people).intersection(lives_there))
        if leaving > 1 and leaving * 100 > limits.percent * len(lives_there):
            where = "Zimbra" if side is Side.ZIMBRA else "the existing mail system"
            return f"{leaving * 100 // len(lives_there)} % of the people on {where}, more than {limits.percent} %"
    return ""


def too_many(plan: Plan, limits: Limits) -> str:
    """Why the plan is too large for one run at all; empty where it is not."""
    if limits.per_run is None or len(plan.people) <= limits.per_run:
        return ""
    return (
        f"The plan is for {len(plan.people):,} people, and this profile allows {limits.per_run:,} in one run. "
        "Make it of fewer, or raise per_run in the profile."
    )
