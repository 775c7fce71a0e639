"""What a plan would do to mail at each of its moments: a person whose mail arrives now must not lose it on the way.

Each person is traced alone, before, between and after the steps that concern them, from all three origins. People in
the same situation with the same steps share one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from splittui.mailflow.changes import after
from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import ALIAS, DELIVERY, World
from splittui.planning.plan import Act, Finding, Plan, Severity, Step

Key = tuple[object, ...]
Danger = tuple[str, str]
"""A finding's code, and what happens when."""

_NAMES = (DELIVERY, ALIAS)
_BAD = {
    Outcome.LOOPED: ("mail-would-loop", "mail would loop"),
    Outcome.BOUNCED: ("mail-would-bounce", "mail would be accepted and bounced"),
    Outcome.REJECTED: ("mail-would-be-refused", "mail would be refused"),
    Outcome.DISCARDED: ("mail-would-vanish", "mail would be thrown away"),
}


def with_dangers(ground: World, plan: Plan) -> Plan:
    """The plan with an error for all whose mail arrives now and would not at some moment of it."""
    known: dict[Key, Danger | None] = {}
    found: dict[Danger, list[str]] = {}
    for address, (owner, own) in _concerned(ground, plan).items():
        alone = _alone(ground, owner)
        key = _key(alone, address, owner, own)
        if key not in known:
            known[key] = _danger(alone, address, own)
        danger = known[key]
        if danger is not None:
            found.setdefault(danger, []).append(address)
    errors = [Finding(Severity.ERROR, code, text, tuple(people)) for (code, text), people in found.items()]
    return replace(plan, findings=(*errors, *plan.findings)) if errors else plan


def _concerned(ground: World, plan: Plan) -> dict[str, tuple[str, list[Step]]]:
    """Each address that the plan concerns, with whose it is, and the steps.

    What concerns nobody alone concerns everybody, aliases included.
    """
    together = [(number, step) for number, step in enumerate(plan.steps) if _is_shared(step)]
    own: dict[str, list[tuple[int, Step]]] = {}
    for number, step in enumerate(plan.steps):
        if step.address:
            own.setdefault(step.address, []).append((number, step))
    owners = {address: address for address in own}
    if together:
        owners |= _everybody(ground)
    return {
        address: (owner, [step for _, step in sorted((*together, *own.get(owner, ())), key=_number)])
        for address, owner in owners.items()
    }


def _everybody(ground: World) -> dict[str, str]:
    """Every address of the domain that either system knows, with the name of the entry that it leads to."""
    at = f"@{ground.domain.lower()}"
    aliases = {alias.lower(): name for name, entry in ground.entries.items() for alias in entry.all(ALIAS)}
    named = (*ground.entries, *(address.lower() for address in ground.legacy.routes))
    known = (address for address in named if address.endswith(at) and address != at)
    return {address: address if address in ground.entries else aliases.get(address, address) for address in known}


def _number(numbered: tuple[int, Step]) -> int:
    return numbered[0]


def _is_shared(step: Step) -> bool:
    return not step.address and bool(step.changes) and step.act is not Act.RELOAD


def _alone(ground: World, owner: str) -> World:
    """The same world with nobody in it but this person."""
    names = (ground.domain.lower(), owner)
    return replace(ground, entries={name: ground.entries[name] for name in names if name in ground.entries})


def _key(alone: World, address: str, owner: str, steps: Sequence[Step]) -> Key:
    """Equal for addresses in the same situation: everything that decides, and nothing that only names."""
    entry = alone.entries.get(owner)
    attributes = () if entry is None else tuple(item for item in entry.attributes.items() if item[0] not in _NAMES)
    changes = tuple((s.host, s.act, s.summary if _is_shared(s) else "", _changes(s, address)) for s in steps)
    return attributes, address == owner, alone.legacy.keeps(address), changes


def _changes(step: Step, address: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What the step changes; of one for many people what it changes for this one."""
    return tuple((c.attribute, c.after) for c in step.changes if step.address or c.entry.lower() == address)


def _danger(alone: World, address: str, steps: Sequence[Step]) -> Danger | None:
    now = [route.outcome is Outcome.DELIVERED for route in Tracer(alone).routes(address)]
    for number, step in enumerate(steps, start=1):
        alone = after(alone, [step])
        for route, arrived in zip(Tracer(alone).routes(address), now, strict=True):
            if arrived and route.outcome in _BAD:
                return _told(route, step, last=number == len(steps))
    return None


def _told(route: Route, step: Step, *, last: bool) -> Danger:
    code, what = _BAD[route.outcome]
    when = "From then on" if last else "Until the next step"
    host = route.hops[-1].host if route.hops else step.host
    return code, f"{when} {what} ({route.origin} origin, on {host}: {route.because}), after: {step.summary}."
