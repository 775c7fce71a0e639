"""``legacy-route``: how the lab's existing mail system is asked and told where it sends an address.

Its routing table is the column ``forwards_to`` of its own list of people, so that what is set shows in the next export.
"""

from __future__ import annotations

import csv
import fcntl
import os
import sys
from pathlib import Path

from splittui.lab.home import Home

_USAGE = "usage: legacy-route show ADDRESS | set ADDRESS TRANSPORT | clear ADDRESS | reload\n"


def legacy_route(home: Home, arguments: list[str]) -> int:
    """Prints or changes one address's route; 1 where the address is unknown, 2 for wrong usage."""
    people = home.path.parent / "legacy" / "people.csv"
    match arguments:
        case ["show", address]:
            return _show(people, address.lower())
        case ["set", address, transport] if transport:
            return _change(people, address.lower(), transport)
        case ["clear", address]:
            return _change(people, address.lower(), "")
        case ["reload"]:
            sys.stdout.write("postfix/postfix-script: refreshing the Postfix mail system\n")
            return 0
    sys.stderr.write(_USAGE)
    return 2


def _show(people: Path, address: str) -> int:
    for row in _rows(people)[1:]:
        if row[0].lower() == address:
            sys.stdout.write(f"{row[-1]}\n")
            return 0
    return _unknown(address)


def _change(people: Path, address: str, transport: str) -> int:
    with open(people.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        rows = _rows(people)
        found = [row for row in rows[1:] if row[0].lower() == address]
        if not found:
            return _unknown(address)
        for row in found:
            row[-1] = transport
        new = people.with_suffix(".new")
        with open(new, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        os.replace(new, people)
    return 0


def _rows(people: Path) -> list[list[str]]:
    with open(people, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _unknown(address: str) -> int:
    sys.stderr.write(f"legacy-route: {address}: nobody here has that address\n")
    return 1
