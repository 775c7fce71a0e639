"""What the operator has staged: moves that are wished for and not planned yet. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.moves import Move, plan_moves, refusal
from splittui.planning.plan import Plan, Refusal

_NAMED = 3


class Staging:
    """The staged moves in the order in which they were staged, each address once."""

    def __init__(self) -> None:
        self._to: dict[str, Side] = {}

    def __len__(self) -> int:
        return len(self._to)

    def __iter__(self) -> Iterator[Move]:
        return (Move(address, to) for address, to in self._to.items())

    def __contains__(self, address: str) -> bool:
        return address in self._to

    def destination(self, address: str) -> Side | None:
        """Where the address is staged to go, None where it is not staged."""
        return self._to.get(address)

    def count(self, to: Side) -> int:
        return sum(side is to for side in self._to.values())

    def stage(
        self, split: Split, snapshot: Snapshot, people: Mapping[str, Person], moves: Iterable[Move]
    ) -> tuple[Refusal, ...]:
        """Stages what can be moved and returns the rest, each with its reason."""
        refused = []
        for move in moves:
            reason = refusal(split, snapshot, people.get(move.address), move)
            if reason:
                refused.append(Refusal(move.address, reason))
            else:
                self._to[move.address] = move.to
        return tuple(refused)

    def unstage(self, addresses: Iterable[str]) -> int:
        """Takes the addresses back; returns how many of them were staged."""
        return sum(self._to.pop(address, None) is not None for address in addresses)

    def clear(self) -> int:
        """Takes everything back; returns how many were staged."""
        count = len(self._to)
        self._to.clear()
        return count

    def revise(self, split: Split, snapshot: Snapshot, people: Mapping[str, Person]) -> tuple[Refusal, ...]:
        """Drops what the new snapshot no longer allows, and returns it with the reasons."""
        moves = list(self)
        self._to.clear()
        return self.stage(split, snapshot, people, moves)

    def plan(self, split: Split, snapshot: Snapshot, people: Mapping[str, Person], made_at: float) -> Plan:
        """The plan for all of it. Raises PlanningError."""
        return plan_moves(split, snapshot, people, self, made_at)


def several(refusals: Iterable[Refusal]) -> str:
    """The first few with their reasons, and how many more there are."""
    refused = list(refusals)
    lines = [f"{one.address} {one.reason}" for one in refused[:_NAMED]]
    if len(refused) > _NAMED:
        lines.append(f"and {len(refused) - _NAMED:,} more")
    return "\n".join(clean(line) for line in lines)
