"""Steps on the domain as Zimbra holds it: made, changed, removed, and the three attributes of a secondary.

All three go in one command, also when they are cleared: one by one, what is accepted meanwhile bounces.
"""

from __future__ import annotations

from splittui.model.split import Split
from splittui.model.zmprov_line import quote_line
from splittui.planning.accounts import TRANSPORT
from splittui.planning.entry_change import Values, modified
from splittui.planning.plan import Act, Change, Fact, Step, Target

CATCH_ALL = "zimbraMailCatchAllAddress"
CATCH_ALL_FORWARD = "zimbraMailCatchAllForwardingAddress"
THREE = (CATCH_ALL, CATCH_ALL_FORWARD, TRANSPORT)
"""The catch-all pair, which makes every address of the domain one that Zimbra accepts, and the way they then take."""


def the_three(split: Split) -> dict[str, tuple[str, ...]]:
    """The values by which Zimbra hands everybody it does not know to the existing system."""
    at = (f"@{split.domain}",)
    return {CATCH_ALL: at, CATCH_ALL_FORWARD: at, TRANSPORT: (split.legacy_transport,)}


def created(split: Split, attributes: Values) -> Step:
    """Makes the domain, with its attributes in the same command. Raises UnquotableError."""
    words = tuple(word for name, values in attributes.items() for value in values for word in (name, value))
    step = Step(
        host=split.zimbra,
        act=Act.CREATE,
        tokens=("cd", split.domain, *words),
        summary=f"{split.zimbra} hosts {split.domain}" + (", and sends on what it does not know" if words else ""),
        changes=tuple(Change(split.domain, name, (), tuple(values)) for name, values in attributes.items()),
        verify=tuple(Fact(name, tuple(values)) for name, values in attributes.items()),
        undo=("dd", split.domain),
        target=Target.DOMAIN,
        entry=split.domain,
    )
    quote_line(step.tokens)
    return step


def changed(split: Split, seen: Values, wished: Values, summary: str) -> Step | None:
    """Gives the domain these values; None where it has them. Raises UnquotableError."""
    return modified(split.zimbra, Target.DOMAIN, split.domain, seen, wished, summary)


def removed(split: Split) -> Step:
    """Removes the domain, which Zimbra only does where no account is left in it. It cannot be taken back."""
    return Step(
        host=split.zimbra,
        act=Act.DELETE,
        tokens=("dd", split.domain),
        summary=f"{split.zimbra} no longer hosts {split.domain}",
        target=Target.DOMAIN,
        entry=split.domain,
    )
