"""The lab as a world of mail flow: Zimbra's directory and the existing mail system's table, as they are right now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain

from splittui.lab.directory import Attrs, Directory
from splittui.lab.people_entries import ALIAS_DOMAIN, DOMAIN, LEGACY, SERVER
from splittui.lab.prov.entry import Entry as Found
from splittui.lab.prov.store import entry_name
from splittui.lab.tools.search import with_members
from splittui.lab.world import LEGACY as LEGACY_SIDE
from splittui.lab.world import ZIMBRA as ZIMBRA_SIDE
from splittui.lab.world import Place, State
from splittui.mailflow.changes import route_to
from splittui.mailflow.world import MEMBER, Attributes, Entry, EntryKind, Keeps, Legacy, Names, System, World
from splittui.model.entries import Server

ADDRESSES: Mapping[str, tuple[str, ...]] = {SERVER: ("192.0.2.10",), LEGACY: ("192.0.2.20",)}
"""The hosts of the lab in its DNS. Zimbra's is in its mynetworks, the existing system's is not."""

OUTSIDER = "198.51.100.7"
"""The machine on the internet from where the lab can be looked at (RFC 5737, like the others)."""

CONFIG_DN = "cn=config,cn=zimbra"

_HOSTS = {ZIMBRA_SIDE: SERVER, LEGACY_SIDE: LEGACY}
_KINDS = {
    "zimbradomain": EntryKind.DOMAIN,
    "zimbradistributionlist": EntryKind.LIST,
    "zimbragroup": EntryKind.GROUP,
    "zimbraaccount": EntryKind.ACCOUNT,
    # What a group consists of has no name of its own, and is found by the group alone.
    "zimbragroupstaticunit": EntryKind.LIST,
}


def world(directory: Directory, place: Place) -> World:
    """Both systems, for the tracer. Raises DirectoryError, WorldError and OSError."""
    state = place.state()
    own = _texts(directory.entry(f"cn={SERVER},cn=servers,cn=zimbra") or {})
    return World(
        domain=DOMAIN,
        zimbra=SERVER,
        legacy=_legacy(place, state),
        entries=_entries(directory),
        config=_texts(directory.entry(CONFIG_DN) or {}),
        server_config=own,
        servers=(Server(SERVER, SERVER, services=frozenset(own.get("zimbraServiceEnabled", ()))),),
        zimbra_addresses=frozenset(ADDRESSES[SERVER]),
        names=names(state),
        mx=System.ZIMBRA if state.mx == ZIMBRA_SIDE else System.LEGACY,
        outsider=OUTSIDER,
    )


def names(state: State) -> Names:
    """The lab's DNS. It is whole: what does not stand in it does not exist."""
    exchanger = ((10, _HOSTS[state.mx]),)
    off = [_HOSTS[side] for side in state.off]
    return Names(
        mx={DOMAIN: exchanger, ALIAS_DOMAIN: exchanger},
        addresses=ADDRESSES,
        refusing=frozenset(chain(off, *(ADDRESSES[host] for host in off))),
        complete=True,
    )


def _legacy(place: Place, state: State) -> Legacy:
    return Legacy(
        LEGACY,
        {a: route_to(SERVER, to) if to else Keeps.HERE for a, to in place.people.forwards()},
        Keeps.ZIMBRA if state.sends_unknown else Keeps.REJECTS,
        frozenset(ADDRESSES[LEGACY]),
        relays_for_zimbra=state.relays,
    )


def _entries(directory: Directory) -> dict[str, Entry]:
    made = {name: (kind, attrs) for name, kind, attrs in _named(directory)}
    groups = {name: with_members(directory, attrs) for name, (_, attrs) in made.items() if "memberURL" in attrs}
    wanted = {dn.lower() for attrs in groups.values() for dn in attrs.get(MEMBER, ())}
    known = (
        {dn.lower(): _name(dn, attrs) for dn, attrs in directory.under("") if dn.lower() in wanted} if wanted else {}
    )
    for name, attrs in groups.items():
        members = [known.get(dn.lower(), "") for dn in attrs.get(MEMBER, ())]
        made[name] = (made[name][0], {**attrs, MEMBER: [member for member in members if member]})
    return {name: Entry(name, kind, _texts(attrs)) for name, (kind, attrs) in made.items()}


def _named(directory: Directory) -> Iterator[tuple[str, EntryKind, Attrs]]:
    for dn, attrs in directory.under(""):
        classes = {name.lower() for name in attrs.get("objectClass", ())}
        kind = next((kind for name, kind in _KINDS.items() if name in classes), None)
        if kind is not None:
            yield _name(dn, attrs), kind, attrs


def _name(dn: str, attrs: Attrs) -> str:
    found = Found(dn, attrs)
    return (dn if found.has_class("zimbraGroupStaticUnit") else entry_name(found)).lower()


def _texts(attrs: Attrs) -> Attributes:
    return {name: tuple(values) for name, values in attrs.items()}
