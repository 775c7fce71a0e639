"""People of a lab who can be moved to Zimbra, and the plans that do it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from itertools import islice

from splittui.execution.site import Progress, Site
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.snapshot import Snapshot
from splittui.planning.moves import Move, plan_moves, refusal
from splittui.planning.plan import Plan


class Movable:
    """One reading of a site; ``take`` hands out people that were not handed out before."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._snapshot: Snapshot = site.read(_ignore)
        self._people = roster(site.split, self._snapshot).people
        self._rest = (address for address, row in self._people.items() if self._can_go(address, row))

    def _can_go(self, address: str, row: Person) -> bool:
        # Only those with an entry on Zimbra, so that each move is one command of the same kind.
        move = Move(address, Side.ZIMBRA)
        return row.zimbra is not None and not refusal(self._site.split, self._snapshot, row, move)

    def take(self, number: int) -> list[str]:
        """The addresses of the next ``number`` people."""
        taken = list(islice(self._rest, number))
        assert len(taken) == number, f"the lab has only {len(taken)} more people to move"
        return taken

    def plan(self, addresses: Iterable[str]) -> Plan:
        """The plan that moves them to Zimbra."""
        moves = [Move(address, Side.ZIMBRA) for address in addresses]
        return plan_moves(self._site.split, self._snapshot, self._people, moves, time.time())


def _ignore(progress: Progress) -> None:
    """Nobody watches."""
