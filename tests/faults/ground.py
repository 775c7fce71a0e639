"""A lab's people as one snapshot, and copies of its directory that remember every write: what a fault run stands on."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from splittui import config
from splittui.execution.site import Site
from splittui.lab.directory import Directory
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves, refusal
from splittui.planning.plan import Plan

Attributes = dict[str, list[str]]

_WRITES = """
CREATE TABLE written (number INTEGER PRIMARY KEY, dn TEXT NOT NULL, attrs TEXT NOT NULL);
CREATE TRIGGER changes AFTER UPDATE ON entry BEGIN
  INSERT INTO written (dn, attrs) VALUES (new.dn, new.attrs);
END;
CREATE TRIGGER creations AFTER INSERT ON entry BEGIN
  INSERT INTO written (dn, attrs) VALUES (new.dn, new.attrs);
END;
CREATE TRIGGER deletions AFTER DELETE ON entry BEGIN
  INSERT INTO written (dn, attrs) VALUES (old.dn, '');
END;
"""
"""The directory's own memory of every write, whoever made it: nothing of splittui is asked."""

_OF_ITS_OWN = frozenset({"zimbraId", "userPassword", "zimbraCreateTimestamp", "zimbraPasswordModifiedTime"})
"""What two equal creations do not have in common."""


def watch(directory: Path) -> None:
    """From now on the directory remembers every write."""
    database = sqlite3.connect(directory)
    database.executescript(_WRITES)
    database.close()


class Far:
    """One copy of the lab's ZIMBRA_HOME."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.file = home / "lab" / "directory.db"

    def entry(self, address: str) -> Attributes | None:
        """The account's attributes, without what differs between two equal creations."""
        with Directory(self.file) as directory:
            found = directory.find("zimbraMailDeliveryAddress", address)
        return {name: sorted(v) for name, v in found[0][1].items() if name not in _OF_ITS_OWN} if found else None

    def edit(self, address: str, transport: str) -> bool:
        """Somebody else gives the account another transport; false where there is no such account."""
        with Directory(self.file) as directory:
            found = directory.find("zimbraMailDeliveryAddress", address)
            for dn, entry in found:
                directory.replace(dn, {**entry, "zimbraMailTransport": [transport]})
        return bool(found)

    def writes(self) -> Counter[str]:
        """How often each entry was written, by its DN in lower case."""
        database = sqlite3.connect(self.file)
        rows = database.execute("SELECT dn FROM written").fetchall()
        database.close()
        return Counter(dn.lower() for (dn,) in rows)


class Ground:
    """The people of a lab that moves can be planned for."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template"
        shutil.copytree(lab.home.path, self._template, symlinks=True)
        watch(self._template / "lab" / "directory.db")
        site = Site(config.load(lab.config))
        try:
            self._snapshot = site.read(lambda progress: None)
        finally:
            site.close()
        self.split = site.split
        self._people = roster(self.split, self._snapshot).people
        self._wishes = [
            Move(address, to)
            for address, row in self._people.items()
            for to in Side
            if row.side is not to and not refusal(self.split, self._snapshot, row, Move(address, to))
        ]

    @contextmanager
    def copy(self, name: str) -> Iterator[Far]:
        """A home of its own, gone at the end."""
        home = self._folder / name
        shutil.copytree(self._template, home, symlinks=True)
        try:
            yield Far(home)
        finally:
            shutil.rmtree(home)

    def plan(self, dice: random.Random, most: int) -> Plan:
        """A plan for some people: there, back, and people whom Zimbra does not know yet."""
        wishes = dice.sample(self._wishes, dice.randint(1, most))
        chosen = {wish.address: wish for wish in wishes}
        return plan_moves(self.split, self._snapshot, self._people, chosen.values(), made_at=1.0)


@contextmanager
def ground() -> Iterator[Ground]:
    """A ground that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="splittui-faults-") as folder, Lab.start(accounts=60) as lab:
        yield Ground(lab, Path(folder))
