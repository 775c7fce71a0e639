"""A world after some steps of a plan, so that mail can be traced before, between and after them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from splittui.mailflow.callbacks import (
    addresses_of,
    assigned,
    created_account,
    created_domain,
    modified_account,
    modified_domain,
    without_members,
)
from splittui.mailflow.directory import lists_of
from splittui.mailflow.nexthop import NextHopError, parse_nexthop
from splittui.mailflow.overlay import Overlay
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    FORWARD,
    MAIL_STATUS,
    Entry,
    EntryKind,
    Keeps,
    System,
    World,
)
from splittui.planning.elsewhere import EVERYTHING_ELSE, MX
from splittui.planning.plan import Act, Change, Step
from splittui.planning.routes import ROUTE


class _Draft:
    """A world while it is changed. Entries and routes lie over those of before, so that no step copies them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.entries = Overlay(world.entries)
        self.routes = Overlay(world.legacy.routes)
        self._lists: dict[str, set[str]] | None = None

    def finished(self) -> World:
        """The world as it is now; what was not changed is the same object as before."""
        world = self.world
        if self.routes.changed:
            world = replace(world, legacy=replace(world.legacy, routes=self.routes))
        return replace(world, entries=self.entries) if self.entries.changed else world

    def put(self, entry: Entry) -> None:
        self.entries[entry.name.lower()] = entry
        if entry.kind is EntryKind.LIST:
            self._lists = None

    def drop(self, entry: Entry) -> None:
        del self.entries[entry.name.lower()]
        if entry.kind is EntryKind.LIST:
            self._lists = None

    def find(self, name: str) -> Entry | None:
        """The entry that a command names, by its own name or by an alias."""
        found = self.entries.get(name.lower())
        if found is None:
            found = next((e for e in self.entries.values() if name.lower() in addresses_of(e)), None)
        return found

    def strip(self, gone: Iterable[str]) -> None:
        """Takes addresses, given in lower case, out of every list."""
        if self._lists is None:
            self._lists = {}
            for name in lists_of(self.entries):
                for member in self.entries[name].all(FORWARD):
                    self._lists.setdefault(member.lower(), set()).add(name)
        for address in gone:
            for name in self._lists.pop(address, ()):
                self.entries[name] = without_members(self.entries[name], (address,))


Apply = Callable[[_Draft, Sequence[str]], None]


def after(world: World, steps: Iterable[Step]) -> World:
    """The world after these steps, in their order. What a step cannot do to this world, it leaves as it is."""
    draft = _Draft(world)
    for step in steps:
        if step.act is not Act.RELOAD:
            _take(draft, step)
    return draft.finished()


def _take(draft: _Draft, step: Step) -> None:
    for change in step.changes:
        if change.attribute == ROUTE:
            _route(draft, change)
        elif change.attribute == MX:
            draft.world = _exchanged(draft.world, change)
    if step.host != draft.world.legacy.host and len(step.tokens) > 1 and step.tokens[0] in _ZMPROV:
        _ZMPROV[step.tokens[0]](draft, step.tokens[1:])


def _route(draft: _Draft, change: Change) -> None:
    world = draft.world
    keeps = _keeps(world, change)
    if change.entry == EVERYTHING_ELSE:
        draft.world = replace(world, legacy=replace(world.legacy, everything_else=keeps))
    else:
        draft.routes[change.entry.lower()] = keeps


def _keeps(world: World, change: Change) -> Keeps:
    if not change.after:
        return Keeps.REJECTS if change.entry == EVERYTHING_ELSE else Keeps.HERE
    return route_to(world.zimbra, change.after[0], frozenset(s.service_hostname for s in world.servers))


def route_to(zimbra: str, text: str, others: frozenset[str] = frozenset()) -> Keeps:
    """Whether a route of the existing system (a transport, a next hop, an address, or ``here``) leads to Zimbra."""
    if text in tuple(Keeps):
        return Keeps(text)
    nexthop = text.partition(":")[2] if text.startswith(("smtp:", "relay:", "esmtp:")) else text.rpartition("@")[2]
    try:
        host = parse_nexthop(nexthop, 25).host.lower()
    except NextHopError:
        return Keeps.UNKNOWN
    return Keeps.ZIMBRA if host == zimbra.lower() or host in others else Keeps.UNKNOWN


def _exchanged(world: World, change: Change) -> World:
    mx = {**world.names.mx, change.entry.lower(): tuple((10, host) for host in change.after)}
    entrance = world.mx
    if change.after and change.entry.lower() == world.domain.lower():
        hosts = {world.zimbra.lower(): System.ZIMBRA, world.legacy.host.lower(): System.LEGACY}
        entrance = hosts.get(change.after[0].lower(), entrance)
    return replace(world, names=replace(world.names, mx=mx), mx=entrance)


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(words[::2], words[1::2], strict=False))


def _create_account(draft: _Draft, words: Sequence[str]) -> None:
    if words[0].lower() not in draft.entries:
        draft.put(created_account(words[0], _pairs(words[2:]), draft.world.servers))


def _modify_account(draft: _Draft, words: Sequence[str]) -> None:
    account = draft.find(words[0])
    if account is None:
        return
    changed = modified_account(account, _pairs(words[1:]), draft.world.servers)
    if changed.one(ACCOUNT_STATUS) == "closed" and account.one(ACCOUNT_STATUS) != "closed":
        draft.strip(addresses_of(account))
    draft.put(changed)


def _delete(draft: _Draft, words: Sequence[str]) -> None:
    entry = draft.find(words[0])
    if entry is not None:
        draft.strip(addresses_of(entry))
        draft.drop(entry)


def _create_domain(draft: _Draft, words: Sequence[str]) -> None:
    draft.put(created_domain(words[0], _pairs(words[1:])))


def _modify_domain(draft: _Draft, words: Sequence[str]) -> None:
    domain = draft.entries.get(words[0].lower())
    if domain is not None:
        draft.put(modified_domain(domain, _pairs(words[1:])))


def _modify_config(draft: _Draft, words: Sequence[str]) -> None:
    draft.world = replace(draft.world, config=assigned(draft.world.config, _pairs(words)))


def _modify_server(draft: _Draft, words: Sequence[str]) -> None:
    # Only the server that the MTA runs on counts; where none has its name, there is but one.
    own = draft.world.zimbra.lower()
    names = {server.name.lower(): server.service_hostname.lower() for server in draft.world.servers}
    if own not in names.values() or names.get(words[0].lower()) == own:
        draft.world = replace(draft.world, server_config=assigned(draft.world.server_config, _pairs(words[1:])))


def _create_list(draft: _Draft, words: Sequence[str]) -> None:
    attributes = assigned({ALIAS: (words[0],), MAIL_STATUS: ("enabled",)}, _pairs(words[1:]))
    draft.put(Entry(words[0], EntryKind.LIST, attributes))


def _values(attribute: str, sign: str) -> Apply:
    def change(draft: _Draft, words: Sequence[str]) -> None:
        entry = draft.find(words[0])
        if entry is None:
            return
        if sign == "-" and attribute == ALIAS:
            draft.strip(word.lower() for word in words[1:])
            entry = draft.entries[entry.name.lower()]
        pairs = [(f"{sign}{attribute}", word) for word in words[1:]]
        draft.put(Entry(entry.name, entry.kind, assigned(entry.attributes, pairs)))

    return change


_ZMPROV: dict[str, Apply] = {
    "ca": _create_account,
    "ma": _modify_account,
    "da": _delete,
    "cd": _create_domain,
    "md": _modify_domain,
    "dd": _delete,
    "mcf": _modify_config,
    "ms": _modify_server,
    "cdl": _create_list,
    "ddl": _delete,
    "aaa": _values(ALIAS, "+"),
    "raa": _values(ALIAS, "-"),
    "adlm": _values(FORWARD, "+"),
    "rdlm": _values(FORWARD, "-"),
}
