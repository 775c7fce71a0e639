"""The way of mail as arrow chains, one for each origin, with the reason of each hop. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.route import End, Outcome, Route
from splittui.mailflow.world import Origin
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Line, Tone, count, line
from splittui.tui.preview_lines import FoldLine

FROM = {
    Origin.INTERNET: "From the internet",
    Origin.ZIMBRA: "From a Zimbra user",
    Origin.LEGACY: "From a user of the existing system",
}
_PARTS = ("postfix server", "existing infrastructure MTA", "existing infrastructure mail store")
_EXPANDS = "expands it to "
_ENDS = ("delivers it to the mailbox", "existing infrastructure mail store keeps it", "takes it")
_BAD_ENDS = ("bounces it", "keeps it waiting", "throws it away", "what happens here is not known")
_TURNS = ("refuses it", "meets its own mail again")


class Sort(StrEnum):
    """What a link of the chain is; only ``WAY`` is followed by an arrow."""

    WAY = "way"
    ARRIVAL = "arrival"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain: a host where it is another than before, what it is or does there, and why.

    ``copy_for`` is set on the first link of each branch of a message that goes to several recipients.
    """

    host: str
    text: str
    because: str
    sort: Sort = Sort.WAY
    copy_for: str = ""

    @property
    def words(self) -> str:
        return f"{self.host} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a message ends: the kind of sign it gets, a word, and the rest of the sentence."""

    kind: str
    word: str
    rest: str

    @property
    def words(self) -> str:
        return f"{self.word}: {self.rest}"


def arrives(route: Route) -> bool:
    """Whether every copy is delivered."""
    return route.outcome is Outcome.DELIVERED


def chain(route: Route) -> list[Link]:
    """The links in the order in which the message takes them."""
    return list(_links(route))


def _links(route: Route) -> Iterator[Link]:
    first, *others = route.hops
    yield from _start(route, first.host, first.because)
    several = len(route.ends) > 1
    ends = iter(route.ends)
    host, opening = first.host, several and not any(hop.action.startswith(_EXPANDS) for hop in others)
    for hop in others:
        copy_for = ""
        if opening:
            copy_for, opening = next((end.address for end in ends), ""), False
        sort, text = _sort(hop.action), hop.action
        part = next((part for part in _PARTS if text.startswith(part)), "")
        if part and sort is not Sort.TROUBLE:
            text = part
        named = hop.host if hop.host != host or part or sort is not Sort.WAY else ""
        yield Link(named, text, hop.because, sort, copy_for)
        host = hop.host
        opening = several and (sort is Sort.ARRIVAL or text.startswith((_EXPANDS, *_BAD_ENDS)))


def _start(route: Route, host: str, because: str) -> Iterator[Link]:
    """Who writes. What a user of the web client sees is not where his mail begins, so both are named."""
    if route.origin is Origin.ZIMBRA:
        server = route.hops[0].action.removeprefix("hands the mail to ")
        yield Link("", "a Zimbra user's web browser", "")
        yield Link(server, "web client's server", because)
    else:
        yield Link("", host, because)


def _sort(action: str) -> Sort:
    if action.startswith((*_BAD_ENDS, *_TURNS)):
        return Sort.TROUBLE
    return Sort.ARRIVAL if action.startswith(_ENDS) else Sort.WAY


def verdict(route: Route) -> Verdict:
    """How it ends, in plain words with the reply of the first server."""
    if route.outcome is Outcome.REJECTED:
        end = route.ends[0]
        stage = "after the data" if "after the data" in route.hops[-1].action else "at RCPT"
        word = "refused" if route.code >= 500 else "put off"
        return Verdict("bad", word, f"{route.code} {stage} by {end.host}: {route.text}")
    if len(route.ends) != 1:
        return _of_several(route)
    kind, word, rest = _accepted(route.ends[0], route)
    return Verdict(kind, word, rest)


def _accepted(end: End, route: Route) -> tuple[str, str, str]:
    told = f": {end.text}" if end.text else ""
    place = end.address if end.address.lower() != route.address.lower() else "the mailbox"
    sentences = {
        Outcome.DELIVERED: ("good", "delivered", f"to {place} on {end.host} ({route.code})"),
        Outcome.BOUNCED: ("bad", "BOUNCES", f"accepted ({route.code}), then bounced by {end.host}{told}"),
        Outcome.LOOPED: ("bad", "LOOPS", f"{_circle(route)}, until {end.host} bounces it{told}"),
        Outcome.DEFERRED: ("warning", "waits", f"on {end.host} until {end.until}{told}"),
        Outcome.DISCARDED: ("bad", "LOST", f"accepted ({route.code}), then thrown away by {end.host}"),
    }
    unknown = ("warning", "not known", f"accepted ({route.code}); what {end.host} does with it is not known")
    return sentences.get(end.outcome, unknown)


def _circle(route: Route) -> str:
    hosts = list(dict.fromkeys(hop.host for hop in route.hops[1:]))
    return f"between {' and '.join(hosts)}" if len(hosts) > 1 else f"back to {hosts[0]}"


def _of_several(route: Route) -> Verdict:
    there = len(route.delivered)
    if arrives(route):
        return Verdict("good", "delivered", f"all {count(there, 'copy', 'copies')} ({route.code})")
    _, word, rest = next(_accepted(end, route) for end in route.ends if end.outcome is not Outcome.DELIVERED)
    addresses = [end.address for end in route.ends if end.outcome is not Outcome.DELIVERED]
    lost = ", ".join(addresses[:3]) + (f" and {len(addresses) - 3} more" if len(addresses) > 3 else "")
    kind = "warning" if route.outcome is Outcome.DELIVERED_AND_DEFERRED else "bad"
    return Verdict(kind, word, f"{there:,} of {len(route.ends):,} copies are delivered; not for {lost}: {rest}")


def plain_text(route: Route, glyphs: Glyphs) -> list[str]:
    """The chain with its reasons and how it ends, for a pipe or a ticket."""
    lines = [FROM[route.origin]]
    for link in chain(route):
        if link.copy_for:
            lines.append(f"  for {link.copy_for}:")
        arrow = f" {glyphs.arrow}" if link.sort is Sort.WAY else ""
        lines.append(f"  {link.words}{arrow}")
        if link.because:
            lines.append(f"      {link.because}")
    ending = verdict(route)
    lines.append(f"  {glyphs.of(ending.kind) if ending.kind != 'good' else glyphs.good} {ending.words}")
    return [clean(text) for text in lines]
