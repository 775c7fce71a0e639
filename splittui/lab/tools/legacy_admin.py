"""``legacy-admin``: what a person does by hand at a real site, on the existing mail system, in the DNS or firewall."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from splittui.lab.home import Home
from splittui.lab.world import ALONE, NAMED, Place, WorldError

_WAYS = ("show", *ALONE, *(f"{name} {word}" for name, (word, _) in NAMED.items()))
_USAGE = f"usage: legacy-admin {' | '.join(_WAYS)}\n"


def legacy_admin(home: Home, arguments: list[str]) -> int:
    """Shows or changes the lab's world; 1 where that cannot be, 2 for wrong usage."""
    place = Place.of(home)
    try:
        match arguments:
            case ["show"]:
                sys.stdout.write(json.dumps(asdict(place.state()), indent=2) + "\n")
            case [name] if name in ALONE:
                ALONE[name](place)
            case [name, what] if name in NAMED:
                NAMED[name][1](place, what)
            case _:
                sys.stderr.write(_USAGE)
                return 2
    except WorldError as error:
        sys.stderr.write(f"legacy-admin: {error}\n")
        return 1
    return 0
