"""Entries of other domains of the same Zimbra, which mail of the split domain comes to by a forward or a list.

Such a domain may hold a hundred thousand people of whom none matters here, so only those who are named are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from splittui.model.entries import ZimbraAccount
from splittui.model.snapshot import ZimbraHalf

Read = Callable[[list[str]], tuple[list[ZimbraAccount], str]]
"""Reads whoever has one of these addresses; says why not all of them could be read, empty where they could."""

_AT_A_TIME = 200


def with_neighbours(half: ZimbraHalf, read: Read) -> ZimbraHalf:
    """The half, with everybody in other domains whom somebody in it names, and whom those name in turn."""
    asked: set[str] = set()
    while half.reading.complete and (named := sorted(_named(half) - asked)):
        asked.update(named)
        for start in range(0, len(named), _AT_A_TIME):
            found, why = read(named[start : start + _AT_A_TIME])
            new = {entry.address: entry for entry in found if entry.address and entry.address not in half.accounts}
            half = replace(half, neighbours={**half.neighbours, **new})
            if why:
                half = replace(half, reading=replace(half.reading, complete=False, why_partial=why))
    return half


def _named(half: ZimbraHalf) -> set[str]:
    """The addresses in other domains that are named and not known; one in an alias domain under its real name."""
    domains = {domain.name: domain for domain in half.other_domains}
    if not domains:
        return set()
    named: set[str] = set()
    for address in _targets((*half.accounts.values(), *half.neighbours.values())):
        local, _, domain = address.lower().rpartition("@")
        if domain in domains:
            forward = domains[domain].one("zimbraMailCatchAllForwardingAddress") if domains[domain].is_alias else ""
            real = forward.lower().removeprefix("@") if forward else domain
            if local and real in domains:
                named.add(f"{local}@{real}")
    return named - half.neighbours.keys()


def _targets(entries: Iterable[ZimbraAccount]) -> Iterator[str]:
    for entry in entries:
        yield from entry.forwards
        yield from entry.user_forwards
        if entry.rare is not None:
            yield from entry.rare.members
            if entry.rare.canonical:
                yield entry.rare.canonical
