"""Waves: people who are moved together, in parts, by a list that somebody made elsewhere."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from splittui.model.address import AddressError, domain_of, parse_address
from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.moves import Move, lives_there, refusal
from splittui.planning.plan import Refusal

_LONGEST_NAME = 64
_COLUMN = "address"


class WaveError(ValueError):
    """The wave cannot be made so; the message says why, with a line for each complaint."""


@dataclass(frozen=True, slots=True)
class Wave:
    """People, in the order in which they shall move, and the side they move to.

    ``saved_at`` is in seconds since the epoch: what was done before does not count as done by the wave.
    """

    name: str
    to: Side
    addresses: tuple[str, ...]
    saved_at: float

    @property
    def size(self) -> str:
        """How many they are, in words."""
        count = len(self.addresses)
        return "1 person" if count == 1 else f"{count:,} people"


@dataclass(frozen=True, slots=True)
class Listed:
    """The addresses of a list, each once, and a sentence for each that was there more than once."""

    addresses: tuple[str, ...]
    doubled: tuple[str, ...] = ()


class State(StrEnum):
    """How far somebody is. ``planned``: nothing was done yet. ``verified``: both MTAs say so, too."""

    PLANNED = "planned"
    PROVISIONED = "provisioned"
    MOVED = "moved"
    VERIFIED = "verified"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"


WAITING = (State.PLANNED, State.PROVISIONED)
"""Whose turn is still to come. Who failed is tried again only by a deliberate retry, who was taken back not at all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One person of a wave: the state, the run that led to it (None: no run did), and what there is to say of it."""

    address: str
    state: State = State.PLANNED
    run: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The next part of a wave: who is moved in it, and who would be and cannot, with the reason."""

    moves: tuple[Move, ...]
    refusals: tuple[Refusal, ...] = ()


def wave_name(text: str) -> str:
    """A wave's name as it is kept. Raises WaveError."""
    name = text.strip()
    if not name or len(name) > _LONGEST_NAME or clean(name) != name or not name.isprintable():
        raise WaveError(f"{clean(name)!r} cannot be a wave's name: 1 to {_LONGEST_NAME} printable characters")
    return name


def listed(text: str, domain: str) -> Listed:
    """The addresses of a text: one on a line, or CSV whose first line names a column ``address``.

    Blank lines and lines that begin with ``#`` are skipped. Raises WaveError with a line for each address that is none,
    or is of another domain: nobody is left out without a word.
    """
    complaints: list[str] = []
    doubled: list[str] = []
    first: dict[str, int] = {}
    for line, words in _written(text):
        try:
            address = parse_address(words)
        except AddressError as error:
            complaints.append(f"line {line}: {error}")
            continue
        if domain_of(address) != domain:
            complaints.append(f"line {line}: {address} is not in {domain}")
        elif address in first:
            doubled.append(f"line {line}: {address} is there already, in line {first[address]}")
        else:
            first[address] = line
    if complaints:
        raise WaveError("\n".join(complaints))
    if not first:
        raise WaveError("there is no address in it")
    return Listed(tuple(first), tuple(doubled))


def _written(text: str) -> Iterator[tuple[int, str]]:
    """What stands for an address, with the number of its line."""
    lines = [(number, line) for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if _counts(line)]
    if not lines:
        return
    head = lines[0][1]
    delimiter = next((mark for mark in ";\t," if mark in head), ",")
    names = [name.strip().lower() for name in _cells(head, delimiter)]
    if _COLUMN not in names:
        if len(names) > 1:
            raise WaveError(f"line {lines[0][0]}: this looks like CSV, and its first line names no column {_COLUMN!r}")
        yield from lines
        return
    column = names.index(_COLUMN)
    for number, line in lines[1:]:
        yield number, "".join(_cells(line, delimiter)[column : column + 1])


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise WaveError(f"this is not CSV: {error}") from error


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def as_it_is(
    split: Split, snapshot: Snapshot, people: Mapping[str, Person], wave: Wave, standing: Standing
) -> Standing:
    """The standing by the runs, with what was read just now. The snapshot must be complete."""
    person = people.get(standing.address)
    if standing.state in (State.MOVED, State.VERIFIED):
        if person is None:
            return replace(standing, note="is not known on either system any more")
        return standing if person.side is wave.to else replace(standing, note=f"is elsewhere by now: {person.reason}")
    reason = refusal(split, snapshot, person, Move(standing.address, wave.to))
    if not lives_there(reason):
        return replace(standing, note="; ".join(filter(None, (standing.note, reason))))
    if standing.state in WAITING:
        return replace(standing, state=State.MOVED, note="lives there already, though not by a run of this wave")
    return replace(standing, state=State.MOVED, note=f"lives there by now, though run {standing.run} did not end so")


def next_part(
    split: Split,
    snapshot: Snapshot,
    people: Mapping[str, Person],
    wave: Wave,
    standings: Iterable[Standing],
    states: Collection[State] = WAITING,
    first: int | None = None,
) -> Part:
    """The first so many who are in one of ``states`` and can be moved; all of them where no number is given.

    Who lives there already is passed over. Who cannot be moved takes nobody's place in the number.
    """
    moves: list[Move] = []
    refusals: list[Refusal] = []
    for standing in standings:
        if first is not None and len(moves) == first:
            break
        if standing.state not in states:
            continue
        move = Move(standing.address, wave.to)
        reason = refusal(split, snapshot, people.get(move.address), move)
        if not reason:
            moves.append(move)
        elif not lives_there(reason):
            refusals.append(Refusal(move.address, reason))
    return Part(tuple(moves), tuple(refusals))
