"""What was read of an entry or a route, compared with what a plan expects, and told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from splittui.planning.plan import Fact, Step
from splittui.remote.errors import RemoteError

Observed = Mapping[str, tuple[str, ...]]
"""The values of an entry's attributes, or of an address's route."""


class Lost(Exception):
    """Something was sent, its answer is lost, and it cannot be read back."""


def holds(facts: Iterable[Fact], seen: Observed) -> bool:
    return all(fact.holds(seen.get(fact.attribute, ())) for fact in facts)


def differences(facts: Iterable[Fact], seen: Observed) -> str:
    return ", ".join(
        f"{fact.attribute} is {shown(seen.get(fact.attribute, ()))} instead of {shown(fact.values)}"
        for fact in facts
        if not fact.holds(seen.get(fact.attribute, ()))
    )


def told(step: Step, seen: Observed) -> str:
    """What was seen of the attributes that the step changes; of a route all that was seen."""
    changed = set(seen) if step.route is not None else {change.attribute for change in step.changes}
    return ", ".join(f"{name} {shown(values)}" for name, values in seen.items() if name in changed)


def shown(values: tuple[str, ...]) -> str:
    return ", ".join(values) or "unset"


def sentence(trouble: Exception) -> str:
    if isinstance(trouble, RemoteError):
        return f"{str(trouble).rstrip('.')}. {trouble.certain} {trouble.next_step}".strip()
    text = str(trouble)
    return text if text.endswith(".") else f"{text}."
