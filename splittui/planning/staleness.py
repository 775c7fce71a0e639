"""Plans that no longer fit: too old, or made for a split that is another one by now.

Entries are read again anyway; this is about the ground that all of a plan stands on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from splittui.model.entries import DOMAIN_ROUTING
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.brake import Limits
from splittui.planning.plan import Act, Fact, Plan, Target

_SERVICES = ("mailbox", "mta")
_CLOCKS_DIFFER = 300.0


def ground(split: Split, snapshot: Snapshot) -> tuple[Fact, ...]:
    """What every plan depends on: the profile's part of the split, the domain's routing, Zimbra's servers."""
    return (*_profile(split), *_domain(snapshot), *_servers(snapshot))


def _profile(split: Split) -> Iterator[Fact]:
    yield _fact("role in the profile", split.role.value)
    yield _fact("zimbra.name in the profile", split.zimbra)
    yield _fact("zimbra.mail_host in the profile", split.mail_host)
    yield _fact("legacy.name in the profile", split.legacy)
    yield _fact("legacy.transport in the profile", split.legacy_transport)
    router = split.router
    if router is None:
        return
    yield _fact("legacy.router in the profile", type(router).__name__)
    for field in fields(router):
        yield _fact(f"legacy.router.{field.name} in the profile", str(getattr(router, field.name)))


def _domain(snapshot: Snapshot) -> Iterator[Fact]:
    domain = snapshot.zimbra.domain
    yield _fact(f"{domain.name} on Zimbra", "hosted" if domain.exists else "")
    for attribute in DOMAIN_ROUTING:
        yield Fact(f"{attribute} of {domain.name}", domain.attributes.get(attribute, ()))


def _servers(snapshot: Snapshot) -> Iterator[Fact]:
    for server in snapshot.zimbra.servers:
        yield _fact(f"the way to mailboxes on {server.name}", server.lmtp if server.has_mailboxes else "")
        yield Fact(f"services of {server.name}", tuple(name for name in _SERVICES if name in server.services))


def _fact(name: str, value: str) -> Fact:
    return Fact(name, (value,) if value else ())


def too_old(plan: Plan, limits: Limits, now: float) -> str:
    """Why the plan is not run any more, by its age; empty where it is young enough. ``now`` as ``made_at``."""
    age = now - plan.made_at
    if age < -_CLOCKS_DIFFER:
        return "By this machine's clock the plan was made in the future, so its age is not known: look at the clock."
    if age <= limits.plan_hours * 3600:
        return ""
    return (
        f"The plan was made {age / 3600:,.0f} hours ago, and this profile allows {limits.plan_hours:,}. "
        "Make a new one, or raise plan_hours in the profile."
    )


def unfit(plan: Plan, split: Split, snapshot: Snapshot) -> str:
    """Why the plan is not for what was read just now, with all that changed; empty where it is.

    What the plan itself changes is left out: its steps look at that. A plan without ``ground`` is not compared.
    """
    if not snapshot.complete:
        return f"What was read is not complete ({snapshot.why_partial}), so the plan is not judged. Read again first."
    if not plan.ground:
        return ""
    then = {fact.attribute: fact for fact in plan.ground}
    now = {fact.attribute: fact for fact in ground(split, snapshot)}
    own = set(_own(plan))
    changes = [
        f"{name} was {_told(then.get(name))} and is {_told(now.get(name))}"
        for name in dict.fromkeys((*then, *now))
        if name not in own and not (then.get(name) or Fact(name)).holds((now.get(name) or Fact(name)).values)
    ]
    if not changes:
        return ""
    return f"The split has changed since the plan was made: {'; '.join(changes)}. Make a new plan."


def _own(plan: Plan) -> Iterator[str]:
    for step in plan.steps:
        if step.target is not Target.DOMAIN:
            continue
        yield from (f"{change.attribute} of {step.entry}" for change in step.changes)
        if step.act in (Act.CREATE, Act.DELETE):
            yield f"{step.entry} on Zimbra"
            yield from (f"{attribute} of {step.entry}" for attribute in DOMAIN_ROUTING)


def _told(fact: Fact | None) -> str:
    return ", ".join(fact.values) if fact is not None and fact.values else "not set"
