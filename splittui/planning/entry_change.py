"""Steps on whole entries of Zimbra's directory: a domain, a server, the global configuration.

One line changes all attributes of a step at once, so that no mail is routed by half of them. Values are added and
taken away one by one where that is enough (``+attr``, ``-attr``): what somebody else added meanwhile then stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import MASK, Act, Change, Fact, Step, Target

Values = Mapping[str, tuple[str, ...]]

CONFIG_NAME = "global configuration"
"""What the global configuration, which has no name of its own, is called as the entry of a change."""

_COMMANDS = {Target.DOMAIN: "md", Target.SERVER: "ms", Target.CONFIG: "mcf"}


def modified(host: str, target: Target, entry: str, seen: Values, wished: Values, summary: str) -> Step | None:
    """Gives the entry these values; None where it has them. ``seen`` is what it has now. Raises UnquotableError.

    ``wished`` names every attribute the step relies on, so that a later edit of any of them surfaces as a conflict.
    """
    before = {name: tuple(seen.get(name, ())) for name in wished}
    differing = [name for name in wished if sorted(before[name]) != sorted(wished[name])]
    if not differing:
        return None
    named = (entry,) if entry else ()
    return _checked(
        Step(
            host=host,
            act=Act.MODIFY,
            tokens=(_COMMANDS[target], *named, *_words(differing, before, wished)),
            summary=summary,
            changes=tuple(Change(entry or CONFIG_NAME, name, before[name], wished[name]) for name in differing),
            expect=_facts(before),
            verify=_facts(wished),
            undo=(_COMMANDS[target], *named, *_words(differing, wished, before)),
            target=target,
            entry=entry,
        )
    )


def with_secret(step: Step, attribute: str, name: str) -> Step:
    """The same step, with an attribute whose value the operator supplies when it is sent, under that name.

    The value is never read back: ``gd`` would print it. Taking the step back leaves it as it is.
    """
    return Step(
        host=step.host,
        act=step.act,
        tokens=(*step.tokens, attribute, MASK),
        summary=step.summary,
        secrets=(*step.secrets, len(step.tokens) + 1),
        changes=(*step.changes, Change(step.entry or CONFIG_NAME, attribute, (), (MASK,))),
        expect=step.expect,
        verify=step.verify,
        undo=step.undo,
        target=step.target,
        entry=step.entry,
        given=(*step.given, name),
    )


def _words(names: Iterable[str], before: Values, after: Values) -> tuple[str, ...]:
    return tuple(word for name in names for word in _assignment(name, before[name], after[name]))


def _assignment(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    if not after:
        return (name, "")
    if before and set(before) < set(after):
        return tuple(word for value in after if value not in before for word in (f"+{name}", value))
    if set(after) < set(before):
        return tuple(word for value in before if value not in after for word in (f"-{name}", value))
    return tuple(word for value in after for word in (name, value))


def _facts(values: Values) -> tuple[Fact, ...]:
    return tuple(Fact(name, tuple(found)) for name, found in values.items())


def _checked(step: Step) -> Step:
    quote_line(step.tokens)
    quote_line(step.undo)
    return step
