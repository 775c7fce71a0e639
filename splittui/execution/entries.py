"""Reading an entry of Zimbra back, as a step names it: an account, a domain, a server, the configuration."""

from __future__ import annotations

from splittui.execution.observed import Observed, differences, holds, told
from splittui.planning.plan import Act, Plan, Step, Target
from splittui.zimbra.zmprov.errors import NoSuchEntry
from splittui.zimbra.zmprov.session import ZmprovSession

_A = {Target.ACCOUNT: "an account", Target.DOMAIN: "a domain", Target.SERVER: "a server", Target.CONFIG: "the"}

Key = tuple[Target, str]


class Entries:
    """The entries of one plan. Each is read with all attributes that any of its steps looks at."""

    def __init__(self, plan: Plan) -> None:
        attributes: dict[Key, set[str]] = {}
        for step in plan.steps:
            looked_at = {fact.attribute for fact in (*step.expect, *step.verify)} if step.route is None else set()
            attributes.setdefault(key(step), set()).update(looked_at)
        self._attributes = {each: sorted(names) for each, names in attributes.items()}

    def read(self, session: ZmprovSession, step: Step) -> Observed | None:
        """The entry now, with its own values alone; None where there is none. Raises ZmprovError and RemoteError.

        Where the account's address is an alias, there is nothing but the name of whose it is, under "".
        """
        wanted = self._attributes[key(step)]
        if step.target is Target.CONFIG:
            return {name: session.values(name) for name in wanted}
        name = named(step)
        try:
            entry = session.entry(step.target.reads, name, wanted, own_only=step.target is not Target.ACCOUNT)
        except NoSuchEntry:
            return None
        if entry.name.lower() != name.lower():
            return {"": (entry.name,)}
        return {attribute: entry.attributes.get(attribute, ()) for attribute in wanted}


def key(step: Step) -> Key:
    """What a step works on; steps with the same key work on the same entry."""
    return step.target, step.address or step.entry


def named(step: Step) -> str:
    """The entry in words, as messages name it."""
    return step.address or step.entry or "the global configuration"


def conflict_of(step: Step, before: Observed | None) -> str:
    """Why the entry is left alone: it is not as the plan saw it; empty where it is."""
    if step.act is Act.CREATE:
        return "" if before is None else f"left alone: {_told(step, before)} exists by now"
    if before is None:
        return f"left alone: the {step.target} is gone since the plan was made"
    if "" in before:
        return f"left alone: {_told(step, before)}"
    if not holds(step.expect, before):
        return f"left alone: changed since the plan was made: {differences(step.expect, before)}"
    return ""


def _told(step: Step, before: Observed) -> str:
    if "" in before:
        return f"{named(step)} is an alias of {before[''][0]}, which"
    return f"{_A[step.target]} {named(step)}, with {told(step, before)},"
