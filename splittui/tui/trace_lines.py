"""The way of mail as arrow chains, one for each origin, with the reason of each hop. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.route import End, Hop, HopKind, Outcome, Route
from splittui.mailflow.world import Origin
from splittui.model.home import Person
from splittui.model.text import clean
from splittui.tui.fold_line import FOLD_ABOVE, FoldLine
from splittui.tui.glyphs import UNICODE, Glyphs
from splittui.tui.lines import Span, Tone, count, line

_FROM = {
    Origin.INTERNET: "From the internet",
    Origin.ZIMBRA: "From a Zimbra user",
    Origin.LEGACY: "From a legacy user",
}
_TONES = {"good": Tone.GOOD, "warning": Tone.WARN, "bad": Tone.BAD}


class Sort(StrEnum):
    """What a link of the chain is; only ``WAY`` is followed by an arrow."""

    WAY = "way"
    ARRIVAL = "arrival"
    TROUBLE = "trouble"


_PARTS = (HopKind.ACCEPTS, HopKind.DELIVERS)
_SORTS = {HopKind.DELIVERS: Sort.ARRIVAL} | dict.fromkeys(
    (
        HopKind.REFUSES,
        HopKind.REFUSES_DATA,
        HopKind.MEETS_AGAIN,
        HopKind.BOUNCES,
        HopKind.DEFERS,
        HopKind.DISCARDS,
        HopKind.UNKNOWN,
    ),
    Sort.TROUBLE,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a chain: a host where it is another than before, what it is or does there, and why."""

    host: str
    text: str
    because: str
    sort: Sort = Sort.WAY


@dataclass(frozen=True, slots=True)
class Branch:
    """The links of one copy, with its end; of the stretch before the copies part, ``end`` is None."""

    links: tuple[Link, ...]
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a message ends: the kind of sign it gets, and a sentence."""

    kind: str
    words: str


def arrives(route: Route) -> bool:
    """Whether every copy is delivered."""
    return route.outcome is Outcome.DELIVERED


def concerned(person: Person) -> frozenset[str]:
    """The addresses whose moves may change the way of mail to a person: their own, and those it is sent on to."""
    zimbra = person.zimbra
    sent_on = (*zimbra.forwards, *zimbra.user_forwards) if zimbra is not None else ()
    return frozenset(address.lower() for address in (person.address, person.alias_of, *sent_on) if address)


def branches(route: Route) -> list[Branch]:
    """The chain in the order in which the message takes it: the way they share, then each copy's own."""
    several = len(route.ends) > 1
    ends = iter(route.ends)
    links = [*_start(route)]
    done: list[Branch] = []
    host = before = route.hops[0].host
    for hop in route.hops[1:]:
        links.append(_link(hop, host, brief=not several))
        host = hop.host
        if several and hop.kind is HopKind.EXPANDS and not done:
            done.append(Branch(tuple(links)))
            links, before = [], host
        elif several and hop.kind.ends:
            done.append(Branch(tuple(links), next(ends, None)))
            links, host = [], before
    return [*done, Branch(tuple(links))] if links else done


def _start(route: Route) -> Iterator[Link]:
    """Who writes. A user of the web client never sees the server that his mail begins at, so both are named."""
    first = route.hops[0]
    if route.origin is Origin.ZIMBRA:
        yield Link("", "a Zimbra user's web browser", "")
        yield Link(route.hops[1].host, "web client's server", first.because)
    else:
        yield Link("", first.host, first.because)


def _link(hop: Hop, host: str, brief: bool) -> Link:
    sort = _SORTS.get(hop.kind, Sort.WAY)
    # What the server said stands in the verdict already.
    short = hop.kind in _PARTS or (brief and sort is Sort.TROUBLE)
    text = hop.brief or hop.action if short else hop.action
    named = hop.host if hop.host != host or hop.kind in _PARTS or sort is not Sort.WAY else ""
    return Link(named, text, hop.because, sort)


def verdict(route: Route) -> Verdict:
    """How it ends, in plain words with the reply of the first server."""
    if route.outcome is Outcome.REJECTED:
        stage = "after the data" if route.hops[-1].kind is HopKind.REFUSES_DATA else "at RCPT"
        word = "refused" if route.code >= 500 else "put off"
        return Verdict("bad", f"{word}: {route.code} {stage} by {route.ends[0].host}: {route.text}")
    if len(route.ends) == 1:
        return _ending(route.ends[0], route)
    there, all_copies = len(route.delivered), len(route.ends)
    if arrives(route):
        return Verdict("good", f"delivered: {count(there, 'copy', 'copies')} ({route.code})")
    lost = [end for end in route.ends if end.outcome is not Outcome.DELIVERED]
    worst = next((end for end in lost if end.outcome in (Outcome.LOOPED, Outcome.BOUNCED)), lost[0])
    ending = _ending(worst, route)
    return Verdict(ending.kind, f"{there:,} of {all_copies:,} copies delivered; {worst.address} {ending.words}")


def _ending(end: End, route: Route) -> Verdict:
    told = f": {end.text}" if end.text else ""
    place = end.address if end.address.lower() != route.address.lower() else "the mailbox"
    endings = {
        Outcome.DELIVERED: Verdict("good", f"delivered to {place} on {end.host} ({route.code})"),
        Outcome.BOUNCED: Verdict("bad", f"BOUNCES: accepted ({route.code}), then bounced by {end.host}{told}"),
        Outcome.LOOPED: Verdict("bad", f"LOOPS {_circle(route)}, until {end.host} bounces it{told}"),
        Outcome.DEFERRED: Verdict("warning", f"WAITS on {end.host} until {end.until}{told}"),
        Outcome.DISCARDED: Verdict("bad", f"LOST: accepted ({route.code}), then thrown away by {end.host}"),
    }
    unknown = Verdict("warning", f"NOT KNOWN: accepted ({route.code}); what {end.host} does then is not known")
    return endings.get(end.outcome, unknown)


def _circle(route: Route) -> str:
    hosts = list(dict.fromkeys(hop.host for hop in route.hops[1:]))
    return f"between {' and '.join(hosts)}" if len(hosts) > 1 else f"back to {hosts[0]}"


def _sign(kind: str, glyphs: Glyphs) -> str:
    return glyphs.good if kind == "good" else glyphs.of(kind)


def plain_text(route: Route, glyphs: Glyphs) -> list[str]:
    """The chain with its reasons and how it ends, for a pipe or a ticket."""
    lines = [_FROM[route.origin]]
    for branch in branches(route):
        if branch.end is not None:
            lines.append(f"  for {branch.end.address}:")
        for link in branch.links:
            lines.append(f"  {''.join(text for text, _ in _spans(link, glyphs))}")
            if link.because:
                lines.append(f"      {clean(link.because)}")
    ending = verdict(route)
    return [*lines, clean(f"  {_sign(ending.kind, glyphs)} {ending.words}")]


def fold_lines(route: Route, glyphs: Glyphs, *, note: str = "", reasons: bool = False) -> list[FoldLine]:
    """One origin as a tree: how it ends, below it the chain, below each link its reason. ``reasons``: unfolded."""
    ending = verdict(route)
    tone = _TONES[ending.kind]
    chain: list[FoldLine] = []
    for branch in branches(route):
        end = branch.end
        depth = 1 if end is None else 2
        links = [folded for link in branch.links for folded in _folded(link, glyphs, depth, reasons)]
        if end is not None:
            one = _ending(end, route)
            head = line(f"for {clean(end.address)}  ", (f"{_sign(one.kind, glyphs)} {_outcome(end)}", _TONES[one.kind]))
            shown = reasons or len(route.ends) <= FOLD_ABOVE or one.kind != "good"
            chain.append(FoldLine(1, head, len(links), shown))
        chain += links
    title = line((_FROM[route.origin], Tone.STRONG), (f"{glyphs.dot}{note}" if note else "", Tone.QUIET))
    words = line((f"{_sign(ending.kind, glyphs)} {clean(ending.words)}", tone))
    return [FoldLine(0, title), FoldLine(0, words, len(chain)), *chain]


def _outcome(end: End) -> str:
    return clean(f"{end.outcome.value.removeprefix('accepted-then-')} on {end.host}")


def _folded(link: Link, glyphs: Glyphs, depth: int, reasons: bool) -> list[FoldLine]:
    # No arrow goes to a row of its own.
    content = line(*_spans(link, glyphs, "\u00a0" if glyphs is UNICODE else " "))
    if not link.because:
        return [FoldLine(depth, content)]
    reason = line((clean(link.because), Tone.QUIET))
    return [FoldLine(depth, content, 1, reasons), FoldLine(depth + 1, reason, hang=0)]


def _spans(link: Link, glyphs: Glyphs, gap: str = " ") -> list[Span]:
    """The link's words; a trouble has a sign in front of it, and what goes on has an arrow behind it."""
    if link.sort is Sort.TROUBLE:
        return [(clean(f"{glyphs.bad} {link.host} {link.text}"), Tone.BAD)]
    spans: list[Span] = [(clean(link.host), Tone.STRONG), (" ", Tone.PLAIN)] if link.host else []
    spans.append((clean(link.text), Tone.PLAIN))
    return [*spans, (f"{gap}{glyphs.arrow}", Tone.QUIET)] if link.sort is Sort.WAY else spans
