"""The rows of a pane: sorted, filtered and marked, without a screen. Made for 100,000 rows and a filter at each key.

The haystack (what a filter looks in) is kept in the order in which rows are shown, and a filter that only goes on from
the one before looks no further than its result.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from operator import attrgetter

from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.model.home import Home, Person
from splittui.model.text import clean


class Sort(StrEnum):
    """What a pane is sorted by."""

    ADDRESS = "address"
    NAME = "name"
    STATE = "state"

    @property
    def next(self) -> Sort:
        order = list(Sort)
        return order[(order.index(self) + 1) % len(order)]


_ADDRESS: Callable[[Person], str] = attrgetter("address")

# People without a name, or without a state worth a word, come last.
_KEYS: Mapping[Sort, Callable[[Person], str]] = {
    Sort.ADDRESS: _ADDRESS,
    Sort.NAME: lambda person: person.name.casefold() or "\U0010ffff",
    Sort.STATE: lambda person: person.state.casefold() or "\U0010ffff",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A roster made ready for the panes: the rows of each side, and what filters look in, by address."""

    roster: Roster
    sides: Mapping[Side, Sequence[Person]]
    haystacks: Mapping[str, str]


def sheet(of: Roster) -> Sheet:
    """Works the roster out; takes a while for 100,000 people, so it is done off the screen's thread."""
    sides: dict[Side, list[Person]] = {side: [] for side in Side}
    for row in of.people.values():
        sides[row.side].append(row)
    return Sheet(of, sides, {address: _haystack(row) for address, row in of.people.items()})


def _haystack(row: Person) -> str:
    # Aliases are looked in too: people ask for the address they know, not for the one an account is kept under.
    aliases = (*(row.zimbra.aliases if row.zimbra else ()), *(row.legacy.aliases if row.legacy else ()))
    return clean(" ".join((row.address, row.name, row.state, *aliases))).casefold()


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed: words that must all occur; a word after ``!`` must not."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Filter:
        words = text.casefold().split()
        return cls(
            tuple(word for word in words if not word.startswith("!")),
            tuple(word[1:] for word in words if word.startswith("!") and len(word) > 1),
        )

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    def narrows(self, before: Filter) -> bool:
        """Whether nothing can pass this filter that did not pass ``before``."""
        return all(any(old in new for new in self.wanted) for old in before.wanted) and all(
            any(new in old for new in self.unwanted) for old in before.unwanted
        )

    def pick(self, haystacks: Sequence[str], among: Sequence[int]) -> list[int]:
        """The indexes in ``among`` that pass, in their order."""
        wanted = self.wanted
        picked = among
        if wanted and len(among) == len(haystacks):
            # The first pass over everything is the one that is felt: without an index it takes half the time.
            picked = [index for index, haystack in enumerate(haystacks) if wanted[0] in haystack]
            wanted = wanted[1:]
        for word in wanted:
            picked = [index for index in picked if word in haystacks[index]]
        for word in self.unwanted:
            picked = [index for index in picked if word not in haystacks[index]]
        return list(picked)


def matches(pattern: str, row: Person, haystack: str) -> bool:
    """Whether a row is meant by a pattern: with ``*`` or ``?`` the whole address, otherwise as a filter."""
    if "*" in pattern or "?" in pattern:
        glob = pattern.casefold().strip()
        return fnmatchcase(row.address, glob) or fnmatchcase(row.address.partition("@")[0], glob)
    return bool(Filter.parse(pattern).pick([haystack], [0]))


class RosterView:
    """One side's rows as its pane shows them; people who are staged to come stand among them as guests."""

    def __init__(self) -> None:
        self.sort = Sort.ADDRESS
        self.descending = False
        self.filter = Filter()
        self.marked: set[str] = set()
        self.shown: Sequence[int] = ()
        self._own: Sequence[Person] = ()
        self._haystack_of: Mapping[str, str] = {}
        self._incoming: Mapping[str, Person] = {}
        self._rows: list[Person] = []
        self._haystacks: list[str] = []
        self._sorted: dict[Sort, tuple[list[Person], list[str]]] = {}

    def __len__(self) -> int:
        return len(self.shown)

    def __getitem__(self, index: int) -> Person:
        return self._rows[self.shown[index]]

    @property
    def total(self) -> int:
        """How many people live on this side, filtered or not."""
        return len(self._own)

    @property
    def passing(self) -> int:
        """How many of them the filter shows."""
        if not self._incoming:
            return len(self.shown)
        return len(self.shown) - sum(map(self._incoming.__contains__, self._addresses()))

    @property
    def incoming(self) -> int:
        return len(self._incoming)

    @property
    def hidden_marks(self) -> int:
        """How many marked rows the filter hides."""
        if not self.marked or not self.filter:
            return 0
        return len(self.marked) - sum(map(self.marked.__contains__, self._addresses()))

    def rows(self) -> Iterable[Person]:
        """The rows shown, in order."""
        return map(self._rows.__getitem__, self.shown)

    def _addresses(self) -> Iterable[str]:
        return map(_ADDRESS, self.rows())

    def is_incoming(self, row: Person) -> bool:
        return row.address in self._incoming

    def load(self, side: Side, loaded: Sheet) -> None:
        """Takes another snapshot's rows, without guests; marks stay on those who are still there."""
        self._incoming = {}
        self._own = loaded.sides[side]
        self._haystack_of = loaded.haystacks
        self._sorted = {}
        if self.marked and loaded.roster.snapshot.complete:
            self.marked.intersection_update(map(_ADDRESS, self._own))
        self._arrange()

    def set_incoming(self, people: Iterable[Person]) -> None:
        """Who is staged to come to this side."""
        incoming = {row.address: row for row in people}
        if incoming.keys() != self._incoming.keys():
            self._incoming = incoming
            self._arrange()

    def set_sort(self, sort: Sort, descending: bool) -> None:
        self.sort, self.descending = sort, descending
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Shows only the rows that pass."""
        before, self.filter = self.filter, Filter.parse(text)
        if self.filter == before:
            return
        among = self.shown if self.filter.narrows(before) else range(len(self._rows))
        self.shown = self.filter.pick(self._haystacks, among) if self.filter else range(len(self._rows))

    def _arrange(self) -> None:
        if self.sort not in self._sorted:
            in_order = self.sort is Sort.ADDRESS
            own = list(self._own) if in_order else sorted(self._own, key=_KEYS[self.sort])
            self._sorted[self.sort] = own, self._look_up(own)
        rows, haystacks = self._sorted[self.sort]
        if self._incoming:
            # Two sorted runs one after the other are what sorting merges fastest.
            rows = sorted([*rows, *self._incoming.values()], key=_KEYS[self.sort])
            haystacks = self._look_up(rows)
        if self.descending:
            rows, haystacks = rows[::-1], haystacks[::-1]
        self._rows, self._haystacks = rows, haystacks
        everybody = range(len(rows))
        self.shown = self.filter.pick(haystacks, everybody) if self.filter else everybody

    def _look_up(self, rows: Iterable[Person]) -> list[str]:
        return list(map(self._haystack_of.__getitem__, map(_ADDRESS, rows)))

    def find(self, address: str) -> int | None:
        """Where the address is shown, None where it is not."""
        row: int | None
        if self.sort is Sort.ADDRESS and not self.descending:
            row = bisect_left(self._rows, address, key=_ADDRESS)
            if row == len(self._rows) or self._rows[row].address != address:
                return None
        else:
            row = next((index for index, one in enumerate(self._rows) if one.address == address), None)
            if row is None:
                return None
        at = bisect_left(self.shown, row)
        return at if at < len(self.shown) and self.shown[at] == row else None

    def markable(self, rows: Iterable[Person]) -> set[str]:
        """The addresses among the rows that live here; guests cannot be marked."""
        return set(map(_ADDRESS, rows)) - self._incoming.keys()

    def between(self, one: int, other: int) -> set[str]:
        """The markable addresses of the rows from one index to the other, both included."""
        low, high = sorted((one, other))
        return self.markable(self[index] for index in range(max(0, low), min(high + 1, len(self))))

    def matching(self, pattern: str) -> set[str]:
        """The markable addresses among the rows shown that a pattern means."""
        return self.markable(row for row in self.rows() if matches(pattern, row, self._haystack_of[row.address]))


class Trouble(StrEnum):
    """How bad a row's state is; the values are names of glyphs."""

    BAD = "bad"
    WARNING = "warning"
    NOTE = "note"


def trouble_of(row: Person) -> Trouble:
    """Bad: mail does not arrive. Warning: it arrives in two places, or not from everywhere."""
    if row.home in (Home.NOWHERE, Home.ODD):
        return Trouble.BAD
    return Trouble.NOTE if row.arrives and row.home is not Home.BOTH else Trouble.WARNING
