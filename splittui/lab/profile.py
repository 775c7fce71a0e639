"""The configuration file of a lab: its only profile logs in on all three of its machines."""

from __future__ import annotations

import json

from splittui.lab.home import Home
from splittui.lab.network import LEGACY_USER, OUTSIDE_USER
from splittui.lab.people import Sample
from splittui.lab.people_entries import DOMAIN, LEGACY, ON_LEGACY, SERVER
from splittui.lab.server import Address
from splittui.lab.world import Place

PROFILE = "lab"

Table = dict[str, str | int]


def profile(address: Address, home: Home, sample: Sample) -> str:
    """The text of the file."""
    place, role = Place.of(home), sample.role
    zimbra: Table = {"become": "direct", "home": str(home.path), "name": SERVER}
    tables: tuple[tuple[str, Table], ...] = (
        ("profile.lab", {"domain": DOMAIN, "role": role, "journal": str(home.path.parent / "journal.db")}),
        ("profile.lab.zimbra", {**_login(address, address.user), **zimbra}),
        ("profile.lab.legacy", {"name": LEGACY, "transport": ON_LEGACY}),
        ("profile.lab.legacy.directory", {"kind": "csv", "path": str(place.people.path)}),
        ("profile.lab.legacy.ssh", _login(address, LEGACY_USER)),
        # As a secondary, no move is possible without.
        *((("profile.lab.legacy.router", _router(place)),) if role == "secondary" or sample.empty else ()),
        ("profile.lab.probe", {"zimbra_log": str(home.log_file), "legacy_log": str(place.log_file)}),
        ("profile.lab.probe.outside", _login(address, OUTSIDE_USER)),
    )
    text = f'default_profile = "{PROFILE}"\n'
    for table, values in tables:
        # A JSON string is a TOML one, too.
        lines = (f"{key} = {json.dumps(value)}" for key, value in values.items())
        text += f"\n[{table}]\n" + "\n".join(lines) + "\n"
    return text


def _login(address: Address, user: str) -> Table:
    return {
        "host": address.host,
        "port": address.port,
        "user": user,
        "key_file": str(address.key_file),
        "known_hosts": str(address.known_hosts),
    }


def _router(place: Place) -> Table:
    """How a move tells the existing system."""
    route = f"{place.folder}/bin/legacy-route"
    return {
        "kind": "command",
        "show": f"{route} show {{address}}",
        "away": f"{route} set {{address}} {{nexthop}}",
        "here": f"{route} clear {{address}}",
        "reload": f"{route} reload",
    }
