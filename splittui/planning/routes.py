"""Steps on the existing mail system's routing, and the reloads between the two flips of a move.

The system that will receive must be final before any router points at it, and the MTA that was just changed is reloaded
before the other one is: Postfix's queue manager keeps its last answer for 30 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from splittui.model.address import domain_of
from splittui.model.entries import LegacyAccount, Side
from splittui.model.router import CommandRouter, LdapRouter, ManualRouter, PostfixRouter, Router, filled, words
from splittui.model.split import Split
from splittui.planning.by_hand import by_hand
from splittui.planning.plan import Act, Change, Fact, Step, Target
from splittui.planning.route_change import AttributeChange, EntryChange, HandWork, RouteChange, RouteCommand, TableLine
from splittui.planning.settings import Restart, reload, take_effect

ROUTE = "route"
"""The one "attribute" of an address on the existing system: where it sends its mail on to; unset where it keeps it."""

FORGETS_AFTER = 30
"""Seconds after which Postfix's queue manager has forgotten its last answer by itself."""

WAIT = ("sleep", str(FORGETS_AFTER + 1))
"""The words of a "reload" that only waits, wherever the program itself runs."""

Held = Mapping[str, tuple[str, ...]]
"""What the router's own place (a table, an entry) was seen to hold about one address, by attribute."""

_FLIPS = (Act.MODIFY, Act.ROUTE)
_NOTHING: Held = {}


def nexthop_to_zimbra(split: Split) -> str:
    """Where the existing system sends the mail of those who live on Zimbra; brackets: no MX look-up in between."""
    return f"smtp:[{split.zimbra}]:25"


def rendered(split: Split, template: str, address: str) -> str:
    """A value of a router's template for one person."""
    local = address.removesuffix(f"@{domain_of(address)}")
    nexthop = nexthop_to_zimbra(split)
    return filled(template, address=address, local=local, nexthop=nexthop, zimbra=split.zimbra, legacy=split.legacy)


def away(
    split: Split, router: Router, legacy: LegacyAccount, held: Held = _NOTHING, *, flips: bool = False
) -> Step | None:
    """Makes the existing system send an address to Zimbra; None where it does already.

    ``held`` is what the snapshot has of the router's own place. ``flips``: the person's account on Zimbra is flipped as
    well, so what is done by hand has to be confirmed, whatever an export of old may say of it.
    """
    return _flip(split, router, legacy, held, Side.ZIMBRA, flips)


def here(
    split: Split, router: Router, legacy: LegacyAccount, held: Held = _NOTHING, *, flips: bool = False
) -> Step | None:
    """Makes the existing system keep an address's mail; None where it does already. As ``away``."""
    return _flip(split, router, legacy, held, Side.LEGACY, flips)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change of the routing with what must hold before and after it."""

    route: RouteChange
    before: tuple[Fact, ...]
    after: tuple[Fact, ...]


def _flip(split: Split, router: Router, legacy: LegacyAccount, held: Held, side: Side, flips: bool) -> Step | None:
    nexthop = (nexthop_to_zimbra(split),)
    sent = (legacy.forwards_to,) if legacy.forwards_to else ()
    to = nexthop if side is Side.ZIMBRA else ()
    if flips and sent == to and isinstance(router, ManualRouter):
        sent = () if to else nexthop
    turn = _turn(split, router, legacy.address, held, sent, to)
    if turn.before == turn.after:
        return None
    where = f"sends their mail to {split.zimbra}" if side is Side.ZIMBRA else "keeps their mail"
    return Step(
        host=split.legacy,
        act=Act.ROUTE,
        tokens=(),
        summary=f"{split.legacy} {where}",
        address=legacy.address,
        side=side,
        changes=(Change(legacy.address, ROUTE, sent, to),) if sent != to else (),
        expect=turn.before,
        verify=turn.after,
        route=turn.route,
    )


def _turn(split: Split, router: Router, address: str, held: Held, sent: tuple[str, ...], to: tuple[str, ...]) -> _Turn:
    route: RouteChange
    match router:
        case CommandRouter():
            show = words(router.show, address=address)
            route = RouteCommand(_command(router, address, to), _command(router, address, sent), show)
        case ManualRouter():
            show = words(router.show, address=address) if router.show else ()
            do, back = (by_hand(split, router.system, address, "".join(hop)) for hop in (to, sent))
            route = HandWork(router.system, do, back, show)
        case PostfixRouter():
            return _line(split, router, address, held, away=bool(to))
        case LdapRouter():
            return _attributes(split, router, address, held, away=bool(to))
    return _Turn(route, (Fact(ROUTE, sent),), (Fact(ROUTE, to),))


def _command(router: CommandRouter, address: str, route: tuple[str, ...]) -> tuple[str, ...]:
    if route:
        return words(router.away, address=address, nexthop=route[0])
    return words(router.here, address=address)


def _line(split: Split, router: PostfixRouter, address: str, held: Held, *, away: bool) -> _Turn:
    before = held.get(ROUTE, ())
    value = rendered(split, router.away if away else router.here, address)
    after = (value,) if value else ()
    return _Turn(
        TableLine(router.table, address, "".join(before[:1]), value), (Fact(ROUTE, before),), (Fact(ROUTE, after),)
    )


def _attributes(split: Split, router: LdapRouter, address: str, held: Held, *, away: bool) -> _Turn:
    wanted = dict(router.away if away else router.here)
    changes = []
    for name in router.attributes:
        value = rendered(split, wanted.get(name, ""), address)
        changes.append(AttributeChange(name, held.get(name.lower(), ()), (value,) if value else ()))
    attribute, _, value = router.entry.partition("=")
    return _Turn(
        EntryChange(router.base, attribute, rendered(split, value, address), tuple(changes)),
        tuple(Fact(change.attribute, change.before) for change in changes),
        tuple(Fact(change.attribute, change.after) for change in changes),
    )


def with_reloads(split: Split, steps: Iterable[Step]) -> Iterator[Step]:
    """The same steps with a reload after each run of flips on one host: between the two flips, and at the end.

    What is done by hand holds the reload among its words, and is confirmed with it.
    """
    flipped: list[Step] = []
    for step in steps:
        if flipped and step.host != flipped[0].host:
            yield from _reload(split, flipped)
            flipped = []
        if _flips(step):
            flipped.append(step)
        yield step
    if flipped:
        yield from _reload(split, flipped)


def _flips(step: Step) -> bool:
    if isinstance(step.route, HandWork):
        return False
    made_here = step.act is Act.CREATE and step.side is Side.ZIMBRA
    # smtpd goes on refusing, or taking, a domain that it was asked for before the domain came or went.
    return step.act in _FLIPS or made_here or step.target is Target.DOMAIN


def _reload(split: Split, flipped: Sequence[Step]) -> Iterator[Step]:
    router, host = split.router, flipped[0].host
    if host == split.zimbra:
        settings = any(step.target in (Target.CONFIG, Target.SERVER) for step in flipped)
        yield take_effect(split, Restart.ZMMTACTL) if settings else reload(split)
        return
    own = "" if router is None or isinstance(router, ManualRouter) else router.reload
    tokens = words(own) if own else WAIT
    yield Step(host=host, act=Act.RELOAD, tokens=tokens, summary="Postfix forgets the old routes")
