"""``legacy-route``: how the lab's existing mail system is asked and told where it sends an address.

Its routing table is the column ``forwards_to`` of its own list of people, so that what is set shows in the next export.
"""

from __future__ import annotations

import sys

from splittui.lab.home import Home
from splittui.lab.legacy_people import LegacyPeople
from splittui.lab.world import Place

_USAGE = "usage: legacy-route show ADDRESS | set ADDRESS TRANSPORT | clear ADDRESS | reload\n"


def legacy_route(home: Home, arguments: list[str]) -> int:
    """Prints or changes one address's route; 1 where the address is unknown, 2 for wrong usage."""
    people = Place.of(home).people
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


def _show(people: LegacyPeople, address: str) -> int:
    route = people.route(address)
    if route is None:
        return _unknown(address)
    sys.stdout.write(f"{route}\n")
    return 0


def _change(people: LegacyPeople, address: str, transport: str) -> int:
    return 0 if people.set_route(address, transport) else _unknown(address)


def _unknown(address: str) -> int:
    sys.stderr.write(f"legacy-route: {address}: nobody here has that address\n")
    return 1
