"""The way of mail to one person before and after a step, in one line each, as far as its transports tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.model.entries import Role
from splittui.model.home import Home, Person
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.model.transport import TransportError, parse_transport, same_nexthop
from splittui.planning.accounts import TRANSPORT
from splittui.planning.plan import Act, Fact, Step
from splittui.tui.glyphs import Glyphs

_THERE = "mailbox there"
_TROUBLE = {
    Home.NOWHERE: "does not arrive",
    Home.ODD: "may not arrive",
    Home.BOTH: "two mailboxes",
}


@dataclass(frozen=True, slots=True)
class Way:
    """The hops that a message takes, and where it ends."""

    hops: str
    end: str
    arrives: bool = True


class Ways:
    """Ways in one split domain; each transport is looked at once."""

    def __init__(self, split: Split, glyphs: Glyphs) -> None:
        self._split = split
        self._arrow = f" {glyphs.arrow} "
        self._seen: dict[str, Way] = {}

    def of_step(self, step: Step, known: Person | None) -> tuple[Way, Way]:
        """The way now, which what is known of the person may correct, and the way after the step."""
        before, after = _transports(step)
        now = self._rejected() if step.act is Act.CREATE else self.by(before)
        then = self._rejected() if step.act is Act.DELETE else self.by(after)
        if known is not None and step.act is not Act.CREATE and known.home in _TROUBLE:
            state = f" ({clean(known.state)})" if known.state else ""
            now = Way(now.hops, f"{_TROUBLE[known.home]}{state}", arrives=False)
        return now, then

    def by(self, transport: str) -> Way:
        """The way by an account's transport."""
        if transport not in self._seen:
            self._seen[transport] = self._look(transport)
        return self._seen[transport]

    def _hops(self, *hosts: str) -> str:
        start = "internet" if self._split.role is Role.PRIMARY else "a Zimbra user"
        return self._arrow.join((start, *(clean(host) for host in dict.fromkeys(hosts))))

    def _rejected(self) -> Way:
        if self._split.role is Role.SECONDARY:
            return self.by(self._split.legacy_transport)
        return Way(self._hops(self._split.zimbra), "rejected: Zimbra does not know the address", arrives=False)

    def _look(self, text: str) -> Way:
        zimbra, legacy = self._split.zimbra, self._split.legacy
        if not text:
            return Way(self._hops(zimbra), "by the domain's transport: the account has none", arrives=False)
        try:
            transport = parse_transport(text)
        except TransportError:
            return Way(self._hops(zimbra), f"Postfix cannot use {clean(text)}", arrives=False)
        if transport.mailer == "lmtp":
            return Way(self._hops(zimbra, transport.host), _THERE)
        if same_nexthop(transport, self._split.legacy_nexthop):
            return Way(self._hops(zimbra, legacy), _THERE)
        return Way(self._hops(zimbra, transport.host), f"{clean(transport.host)} is in neither system", arrives=False)


def _transports(step: Step) -> tuple[str, str]:
    """The transport before and after; where the step leaves it, the one it expects."""
    for change in step.changes:
        if change.attribute == TRANSPORT:
            return _one(change.before), _one(change.after)
    unchanged = next((fact for fact in step.expect if fact.attribute == TRANSPORT), Fact(TRANSPORT))
    return _one(unchanged.values), _one(unchanged.values)


def _one(values: tuple[str, ...]) -> str:
    return values[0] if values else ""
