"""Steps on the existing mail system's routing, and the reloads between the two flips of a move.

The system that will receive must be final before any router points at it, and the MTA that was just changed is reloaded
before the other one is: Postfix's queue manager keeps its last answer for 30 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from splittui.model.entries import LegacyAccount, Side
from splittui.model.router import Router, words
from splittui.model.split import Split
from splittui.planning.plan import Act, Change, Fact, Step

ROUTE = "route"
"""The one "attribute" of an address on the existing system: where it sends its mail on to; unset where it keeps it."""

FORGETS_AFTER = 30
"""Seconds after which Postfix's queue manager has forgotten its last answer by itself."""

_FLIPS = (Act.MODIFY, Act.ROUTE)


def nexthop_to_zimbra(split: Split) -> str:
    """Where the existing system sends the mail of those who live on Zimbra; brackets: no MX look-up in between."""
    return f"smtp:[{split.zimbra}]:25"


def away(split: Split, router: Router, legacy: LegacyAccount) -> Step | None:
    """Makes the existing system send an address to Zimbra; None where it does already."""
    return _flip(split, router, legacy, (nexthop_to_zimbra(split),), Side.ZIMBRA)


def here(split: Split, router: Router, legacy: LegacyAccount) -> Step | None:
    """Makes the existing system keep an address's mail; None where it does already."""
    return _flip(split, router, legacy, (), Side.LEGACY)


def _flip(split: Split, router: Router, legacy: LegacyAccount, after: tuple[str, ...], side: Side) -> Step | None:
    before = (legacy.forwards_to,) if legacy.forwards_to else ()
    if before == after:
        return None
    where = f"sends their mail to {split.zimbra}" if after else "keeps their mail"
    return Step(
        host=split.legacy,
        act=Act.ROUTE,
        tokens=_command(router, legacy.address, after),
        summary=f"{split.legacy} {where}",
        address=legacy.address,
        side=side,
        probe=words(router.show, address=legacy.address),
        changes=(Change(legacy.address, ROUTE, before, after),),
        expect=(Fact(ROUTE, before),),
        verify=(Fact(ROUTE, after),),
        undo=_command(router, legacy.address, before),
    )


def _command(router: Router, address: str, route: tuple[str, ...]) -> tuple[str, ...]:
    if route:
        return words(router.away, address=address, nexthop=route[0])
    return words(router.here, address=address)


def with_reloads(split: Split, steps: Iterable[Step]) -> Iterator[Step]:
    """The same steps with a reload after each run of flips on one host: between the two flips, and at the end."""
    flipped = ""
    for step in steps:
        if flipped and step.host != flipped:
            yield from _reload(split, flipped)
            flipped = ""
        if step.act in _FLIPS or (step.act is Act.CREATE and step.side is Side.ZIMBRA):
            flipped = step.host
        yield step
    if flipped:
        yield from _reload(split, flipped)


def _reload(split: Split, host: str) -> Iterator[Step]:
    if host == split.zimbra:
        tokens: tuple[str, ...] = (f"{split.zimbra_home}/bin/zmmtactl", "reload", "norewrite")
    elif split.router is not None and split.router.reload:
        tokens = words(split.router.reload)
    else:
        tokens = ("sleep", str(FORGETS_AFTER + 1))
    yield Step(host=host, act=Act.RELOAD, tokens=tokens, summary="Postfix forgets the old routes")
