"""The lab's existing mail system, as far as people go: its export is also its table of mailboxes and of routes."""

from __future__ import annotations

import csv
import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from splittui.lab.people_entries import LEGACY_HEADER

Rows = list[list[str]]

_ADDRESS, _ALIASES, _FORWARDS_TO = (LEGACY_HEADER.index(name) for name in ("address", "aliases", "forwards_to"))


@dataclass(frozen=True, slots=True)
class LegacyPeople:
    """The table in one CSV file, which many processes may read and change at a time."""

    path: Path

    def forwards(self) -> Iterator[tuple[str, str]]:
        """Every address, aliases included, with where its mail goes: empty where it is kept."""
        for row in self._rows()[1:]:
            for address in _addresses(row):
                yield address, row[_FORWARDS_TO]

    def route(self, address: str) -> str | None:
        """Where the mail of somebody's own address goes; None where nobody has it."""
        return next((row[_FORWARDS_TO] for row in self._rows()[1:] if row[_ADDRESS].lower() == address), None)

    def set_route(self, address: str, transport: str) -> bool:
        """Changes the route of whoever has this as their own address; False where nobody has."""
        with self._changing() as rows:
            return _routed((row for row in rows[1:] if row[_ADDRESS].lower() == address), transport)

    def put(self, address: str, transport: str) -> None:
        """Sends an address on, or (without a transport) keeps it: an alias goes with its owner.

        Whoever has no row gets one, as a person who got a mailbox, or an address that is nothing but a route.
        """
        with self._changing() as rows:
            if not _routed((row for row in rows[1:] if address in _addresses(row)), transport):
                new = dict(zip(LEGACY_HEADER, [""] * len(LEGACY_HEADER), strict=True))
                new |= {"address": address, "kind": "person", "enabled": "yes", "forwards_to": transport}
                rows.append(list(new.values()))

    def put_all(self, transport: str) -> None:
        """Sends everybody on."""
        with self._changing() as rows:
            _routed(rows[1:], transport)

    def _rows(self) -> Rows:
        with open(self.path, encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    @contextmanager
    def _changing(self) -> Iterator[Rows]:
        with open(self.path.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = self._rows()
            before = [list(row) for row in rows]
            yield rows
            if rows != before:
                new = self.path.with_suffix(".new")
                with open(new, "w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(rows)
                os.replace(new, self.path)


def _addresses(row: list[str]) -> list[str]:
    return [name.strip().lower() for name in (row[_ADDRESS], *row[_ALIASES].split(";")) if name.strip()]


def _routed(rows: Iterable[list[str]], transport: str) -> bool:
    found = False
    for row in rows:
        found = True
        row[_FORWARDS_TO] = transport
    return found
