"""What mail to each person of a plan does now and afterwards: the origins whose way changes, in two lines each. Pure.

Both ways are the tracer's. People in the same situation before and after share their lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from splittui.mailflow.alike import Alike, Situation
from splittui.mailflow.changes import after
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Origin
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.tui.fold_line import FOLD_ABOVE, FoldLine, counted
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Tone, cells, line, people
from splittui.tui.way import Way, way

_FROM = {Origin.INTERNET: "the internet", Origin.ZIMBRA: "a Zimbra user", Origin.LEGACY: "a legacy user"}

Change = tuple[tuple[Way, ...], tuple[Way, ...]]
"""The ways now and afterwards, from each origin."""


class PlannedWays:
    """The ways before and after a plan. What comes after is worked out when it is first asked for."""

    def __init__(self, tracer: Tracer, plan: Plan) -> None:
        self._now = tracer
        self._plan = plan
        self._known: dict[tuple[Situation, Situation], Change] = {}

    @cached_property
    def _then(self) -> Tracer:
        return self._now.after(after(self._now.world, self._plan.steps))

    @cached_property
    def _alike(self) -> tuple[Alike, Alike]:
        return Alike(self._now), Alike(self._then)

    def prepare(self) -> None:
        """Works out what comes after, so that nobody waits for it later."""
        assert self._alike

    def of(self, address: str) -> Change:
        """The ways to one address. Those who are alike get the same object."""
        before, afterwards = (alike.situation(address) for alike in self._alike)
        if before is None or afterwards is None:
            return self._traced(address)
        found = self._known.get((before, afterwards))
        if found is None:
            found = self._known[before, afterwards] = self._traced(address)
        return found

    def _traced(self, address: str) -> Change:
        now, then = (tuple(map(way, tracer.routes(address))) for tracer in (self._now, self._then))
        return now, then


class WayLines:
    """The lines of the preview about mail."""

    def __init__(self, ways: PlannedWays, glyphs: Glyphs) -> None:
        self._ways = ways
        self._glyphs = glyphs
        self._lines: dict[tuple[Change, int], list[FoldLine]] = {}

    def all(self, addresses: Sequence[str]) -> list[FoldLine]:
        """Everybody's; of many people each one's is made when it is unfolded."""
        if len(addresses) <= FOLD_ABOVE:
            return [row for address in addresses for row in self._shown(address)]
        if not addresses:
            return []
        head = line((f"mail to these {people(len(addresses))}", Tone.STRONG))
        return [FoldLine(0, head, later=lambda: [self._folded(address) for address in addresses])]

    def _shown(self, address: str) -> list[FoldLine]:
        below = self._below(address, 1)
        return [FoldLine(0, line((f"mail to {clean(address)}", Tone.STRONG)), len(below)), *below]

    def _folded(self, address: str) -> FoldLine:
        return FoldLine(1, line(f"mail to {clean(address)}"), later=lambda: self._below(address, 2))

    def _below(self, address: str, depth: int) -> list[FoldLine]:
        change = self._ways.of(address)
        if (change, depth) not in self._lines:
            self._lines[change, depth] = self._told(change, depth)
        return self._lines[change, depth]

    def _told(self, change: Change, depth: int) -> list[FoldLine]:
        groups: dict[tuple[object, object], list[tuple[Way, Way]]] = {}
        for now, then in zip(*change, strict=True):
            here, there = ((one.hosts[1:], one.brief, one.arrives) for one in (now, then))
            if here != there:
                groups.setdefault((here, there), []).append((now, then))
        lines: list[FoldLine] = []
        for group in groups.values():
            lines.append(FoldLine(depth, line((f"from {_listed(now.origin for now, _ in group)}", Tone.QUIET))))
            pair = group[0]
            hops = [f" {self._glyphs.arrow} ".join(map(clean, one.hosts[1:])) for one in pair]
            width = max(map(cells, hops))
            for word, one, shown in zip(("now  ", "after"), pair, hops, strict=True):
                tone = Tone.PLAIN if one.arrives else Tone.WARN
                padded = shown + " " * (width - cells(shown))
                told = line((f"{word}  ", Tone.QUIET), padded, (f"   {clean(one.brief)}", tone))
                lines.append(FoldLine(depth + 1, told, hang=7))
        return counted(lines) or [FoldLine(depth, line(("takes the same way as now", Tone.QUIET)))]


def _listed(origins: Iterable[Origin]) -> str:
    *first, last = (_FROM[origin] for origin in origins)
    return f"{', '.join(first)} and {last}" if first else last
