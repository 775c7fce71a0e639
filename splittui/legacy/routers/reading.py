"""Where the existing mail system sends each address, as its router's own place says, beside what its directory says.

A directory knows nothing of a routing table, and an export is as old as it is: what a plan compares with, and what mail
flow is judged by, must be what the router would find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.postfix import PostfixTables
from splittui.model.entries import LegacyAccount
from splittui.model.router import LdapRouter, PostfixRouter, Router
from splittui.model.snapshot import LegacyHalf
from splittui.model.split import Split
from splittui.planning.routes import ROUTE, nexthop_to_zimbra, rendered
from splittui.remote.errors import RemoteError

Held = Mapping[str, tuple[str, ...]]
_NOTHING: Held = {}
_SENDS = ("smtp:", "relay:")


def with_routes(half: LegacyHalf, split: Split, router: Router | None, tables: PostfixTables | None) -> LegacyHalf:
    """The half with what the router's place holds. It is marked partial where that cannot be read.

    ``tables`` are those of the host, for a router by a Postfix table; attributes of entries were read with the people.
    """
    if isinstance(router, PostfixRouter):
        return _by_table(half, split, router, tables)
    if isinstance(router, LdapRouter):
        return replace(half, accounts=_judged(half, half.routing, _by_attributes(split, router)))
    return half


def _by_table(half: LegacyHalf, split: Split, router: PostfixRouter, tables: PostfixTables | None) -> LegacyHalf:
    try:
        if tables is None:
            raise RouteError(f"the profile has no login on {split.legacy}")
        lines = tables.everything(router.table)
    except (RouteError, RemoteError) as error:
        return _partial(half, f"{router.table} cannot be read: {error}")
    everybody = "".join(lines.get(split.domain, ())[:1])
    if not router.here and everybody.startswith(_SENDS):
        return _partial(
            half,
            f"{router.table} on {split.legacy} sends all of {split.domain} to {everybody}, so nobody without a line of "
            'their own is kept there: say so in the profile with away = "" and here = "virtual:" or what keeps them',
        )
    routing = {address: {ROUTE: lines[address]} for address in half.accounts if address in lines}
    away, here = _rendering(split, router.away), _rendering(split, router.here)

    def judge(address: str, held: Held) -> str | None:
        value = "".join(held.get(ROUTE, ())[:1])
        if value == away(address):
            return nexthop_to_zimbra(split)
        return "" if value == here(address) else value or None

    return replace(half, accounts=_judged(half, routing, judge), routing=routing)


def _by_attributes(split: Split, router: LdapRouter) -> Callable[[str, Held], str | None]:
    names = [name.lower() for name in router.attributes]
    away, here = (
        {name.lower(): _rendering(split, template) for name, template in values}
        for values in (router.away, router.here)
    )

    def holds(wanted: Mapping[str, Callable[[str], str]], address: str, held: Held) -> bool:
        return all(held.get(name, ()) == ((wanted[name](address),) if name in wanted else ()) for name in names)

    def judge(address: str, held: Held) -> str | None:
        if holds(away, address, held):
            return nexthop_to_zimbra(split)
        return "" if holds(here, address, held) else None

    return judge


def _judged(
    half: LegacyHalf, routing: Mapping[str, Held], judge: Callable[[str, Held], str | None]
) -> dict[str, LegacyAccount]:
    """The accounts with where their mail is sent; None of ``judge`` leaves what the directory says."""
    accounts = {}
    for address, account in half.accounts.items():
        to = judge(address, routing.get(address, _NOTHING))
        accounts[address] = account if to is None or to == account.forwards_to else replace(account, forwards_to=to)
    return accounts


def _rendering(split: Split, template: str) -> Callable[[str], str]:
    """The template's value for an address; one that names nobody is made once."""
    if "{address}" in template or "{local}" in template:
        return lambda address: rendered(split, template, address)
    value = rendered(split, template, "")
    return lambda address: value


def _partial(half: LegacyHalf, why: str) -> LegacyHalf:
    already = half.reading.why_partial
    return replace(
        half, reading=replace(half.reading, complete=False, why_partial=f"{already}; {why}" if already else why)
    )
