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
    stripped,
)
from splittui.mailflow.nexthop import NextHopError, parse_nexthop
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
from splittui.planning.plan import Act, Change, Step
from splittui.planning.routes import ROUTE

Apply = Callable[[World, Sequence[str]], World]

EVERYTHING_ELSE = "*"
"""The "entry" of a change of route that concerns every address the existing mail system does not know."""

MX = "MX"
"""The "attribute" of a domain's mail exchanger, as a change of a plan names it."""


def after(world: World, steps: Iterable[Step]) -> World:
    """The world after these steps, in their order. What a step cannot do to this world, it leaves as it is."""
    for step in steps:
        world = _after(world, step)
    return world


def _after(world: World, step: Step) -> World:
    if step.act is Act.RELOAD:
        return world
    for change in step.changes:
        if change.attribute == ROUTE:
            world = _routed(world, change)
        elif change.attribute == MX:
            world = _exchanged(world, change)
    if step.host == world.legacy.host or len(step.tokens) < 2:
        return world
    return _ZMPROV.get(step.tokens[0], _unchanged)(world, step.tokens[1:])


def _routed(world: World, change: Change) -> World:
    keeps = _keeps(world, change)
    if change.entry == EVERYTHING_ELSE:
        return replace(world, legacy=replace(world.legacy, everything_else=keeps))
    routes = {**world.legacy.routes, change.entry.lower(): keeps}
    return replace(world, legacy=replace(world.legacy, routes=routes))


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


def _with(world: World, entry: Entry) -> World:
    return replace(world, entries={**world.entries, entry.name.lower(): entry})


def _entry(world: World, name: str) -> Entry | None:
    found = world.entries.get(name.lower())
    if found is None:
        found = next((e for e in world.entries.values() if name.lower() in addresses_of(e)), None)
    return found


def _unchanged(world: World, words: Sequence[str]) -> World:
    return world


def _create_account(world: World, words: Sequence[str]) -> World:
    if world.entries.get(words[0].lower()) is not None:
        return world
    return _with(world, created_account(words[0], _pairs(words[2:]), world.servers))


def _modify_account(world: World, words: Sequence[str]) -> World:
    account = _entry(world, words[0])
    if account is None:
        return world
    changed = modified_account(account, _pairs(words[1:]), world.servers)
    if changed.one(ACCOUNT_STATUS) == "closed" and account.one(ACCOUNT_STATUS) != "closed":
        world = replace(world, entries=stripped(world.entries, addresses_of(account)))
    return _with(world, changed)


def _delete(world: World, words: Sequence[str]) -> World:
    entry = _entry(world, words[0])
    if entry is None:
        return world
    left = stripped(world.entries, addresses_of(entry))
    left.pop(entry.name.lower(), None)
    return replace(world, entries=left)


def _create_domain(world: World, words: Sequence[str]) -> World:
    return _with(world, created_domain(words[0], _pairs(words[1:])))


def _modify_domain(world: World, words: Sequence[str]) -> World:
    domain = world.entries.get(words[0].lower())
    return world if domain is None else _with(world, modified_domain(domain, _pairs(words[1:])))


def _modify_config(world: World, words: Sequence[str]) -> World:
    return replace(world, config=assigned(world.config, _pairs(words)))


def _modify_server(world: World, words: Sequence[str]) -> World:
    return replace(world, server_config=assigned(world.server_config, _pairs(words[1:])))


def _create_list(world: World, words: Sequence[str]) -> World:
    attributes = assigned({ALIAS: (words[0],), MAIL_STATUS: ("enabled",)}, _pairs(words[1:]))
    return _with(world, Entry(words[0], EntryKind.LIST, attributes))


def _values(attribute: str, sign: str) -> Apply:
    def change(world: World, words: Sequence[str]) -> World:
        entry = _entry(world, words[0])
        if entry is None:
            return world
        pairs = [(f"{sign}{attribute}", word) for word in words[1:]]
        if sign == "-" and attribute == ALIAS:
            world = replace(world, entries=stripped(world.entries, {word.lower() for word in words[1:]}))
        return _with(world, Entry(entry.name, entry.kind, assigned(entry.attributes, pairs)))

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
