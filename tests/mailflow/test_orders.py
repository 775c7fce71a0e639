"""Changes of role in all orders, and moves in both roles: which moments loop or lose mail, as recorded."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import permutations

import pytest

from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Keeps, Origin, System, World
from tests.mailflow.worlds import DOMAIN, LEGACY, SMTP, THE_THREE, ZIMBRA, account, at, domain, world

VALID, UNKNOWN = ("foo", "bar", "late"), "nobody"
Change = Callable[[World], World]


def secondary() -> World:
    return world(
        domain(**THE_THREE),
        account("foo"),
        routes={"foo": Keeps.ZIMBRA, "bar": Keeps.HERE, "late": Keeps.HERE},
        everything_else=Keeps.REJECTS,
        mx=System.LEGACY,
    )


def primary() -> World:
    return world(
        account("foo"), account("bar", SMTP), account("late", SMTP), routes={"bar": Keeps.HERE, "late": Keeps.HERE}
    )


def entries(known: World, *new: str, gone: Iterable[str] = ()) -> World:
    made = {at(local): account(local, SMTP, zimbraAccountStatus="locked") for local in new}
    lost = {at(local) for local in gone}
    return replace(known, entries={k: v for k, v in {**known.entries, **made}.items() if k not in lost})


def the_domain(known: World, **attributes: tuple[str, ...]) -> World:
    return replace(known, entries={**known.entries, "example.com": domain(**attributes)})


def legacy(known: World, everything_else: Keeps, **routes: Keeps) -> World:
    all_routes = {**known.legacy.routes, **{at(local): keeps for local, keeps in routes.items()}}
    return replace(known, legacy=replace(known.legacy, routes=all_routes, everything_else=everything_else))


PROMOTE: dict[str, Change] = {
    "P": lambda known: entries(known, "bar", "late"),
    "C": the_domain,
    "F": lambda known: legacy(known, Keeps.ZIMBRA),
    "M": lambda known: at_mx(known, System.ZIMBRA),
}
DEMOTE: dict[str, Change] = {
    "F": lambda known: legacy(known, Keeps.REJECTS, foo=Keeps.ZIMBRA),
    "T": lambda known: the_domain(known, **THE_THREE),
    "M": lambda known: at_mx(known, System.LEGACY),
    "D": lambda known: entries(known, gone=("bar", "late")),
}


def moments(start: World, changes: Iterable[Change]) -> list[World]:
    found = [start]
    for change in changes:
        found.append(change(found[-1]))
    return found


def routes(known: World, local: str) -> tuple[Route, ...]:
    return Tracer(known).routes(at(local))


def loses_valid(worlds: Iterable[World]) -> bool:
    return any(r.outcome is not Outcome.DELIVERED for w in worlds for local in VALID for r in routes(w, local))


def loops_unknown(worlds: Iterable[World]) -> bool:
    return any(r.outcome is Outcome.LOOPED for w in worlds for r in routes(w, UNKNOWN))


@pytest.mark.parametrize("order", ["".join(order) for order in permutations("PCFM")])
def test_secondary_to_primary(order: str) -> None:
    worlds = moments(secondary(), (PROMOTE[step] for step in order))
    assert loses_valid(worlds) is (order.index("C") < order.index("P"))
    assert loops_unknown(worlds) is (order.index("F") < order.index("C"))


@pytest.mark.parametrize("order", ["".join(order) for order in permutations("FTMD")])
def test_primary_to_secondary(order: str) -> None:
    worlds = moments(primary(), (DEMOTE[step] for step in order))
    assert loops_unknown(worlds) is (order.index("T") < order.index("F"))
    assert loses_valid(worlds) is (order.index("D") < order.index("T"))


def at_mx(known: World, mx: System) -> World:
    host = ZIMBRA if mx is System.ZIMBRA else LEGACY
    return replace(known, mx=mx, names=replace(known.names, mx={DOMAIN: ((10, host),)}))


STAGES: list[tuple[str, Change]] = [
    ("550 554 bounced 550", lambda known: known),
    ("550 bounced bounced 550", lambda known: entries(the_domain(known, **THE_THREE), "bar", "late")),
    ("550 550 bounced 550", the_domain),
    ("bounced 550 bounced bounced", lambda known: legacy(known, Keeps.ZIMBRA)),
    ("bounced 550 bounced bounced", lambda known: at_mx(known, System.ZIMBRA)),
]


def test_the_stages_of_a_set_up_as_primary_for_an_address_that_nobody_has() -> None:
    before = secondary()
    known = replace(before, entries={}, legacy=replace(before.legacy, routes={at("bar"): Keeps.HERE}))
    known = at_mx(known, System.LEGACY)
    for expected, change in STAGES:
        known = change(known)
        tracer = Tracer(known)
        found = [
            tracer.route(at(UNKNOWN), Origin.INTERNET, System.LEGACY),
            tracer.route(at(UNKNOWN), Origin.INTERNET, System.ZIMBRA),
            tracer.route(at(UNKNOWN), Origin.ZIMBRA),
            tracer.route(at(UNKNOWN), Origin.LEGACY),
        ]
        words = [str(r.code) if r.outcome is Outcome.REJECTED else r.outcome.value.rpartition("-")[2] for r in found]
        assert " ".join(words) == expected


def to_zimbra(known: World) -> World:
    return replace(known, entries={**known.entries, at("bar"): account("bar")})


def to_legacy(known: World) -> World:
    return replace(known, entries={**known.entries, at("foo"): account("foo", SMTP)})


def bar_at(keeps: Keeps) -> Change:
    return lambda known: legacy(known, known.legacy.everything_else, bar=keeps)


def foo_at(keeps: Keeps) -> Change:
    return lambda known: legacy(known, known.legacy.everything_else, foo=keeps)


@pytest.mark.parametrize("start", [primary, secondary])
@pytest.mark.parametrize(
    ("local", "right"),
    [("bar", (to_zimbra, bar_at(Keeps.ZIMBRA))), ("foo", (foo_at(Keeps.HERE), to_legacy))],
    ids=["to Zimbra", "to legacy"],
)
def test_the_destination_becomes_final_first(
    start: Callable[[], World], local: str, right: tuple[Change, Change]
) -> None:
    known = start()
    assert not loses_valid(moments(known, right))
    wrong = moments(known, reversed(right))
    assert any(route.outcome is Outcome.LOOPED for w in wrong for route in routes(w, local))


def test_the_pair_before_the_transport_bounces_what_the_web_client_sends() -> None:
    plain = the_domain(secondary())
    pair = the_domain(plain, **{k: v for k, v in THE_THREE.items() if k != "zimbraMailTransport"})
    assert [routes(w, "bar")[1].outcome for w in (plain, pair, the_domain(plain, **THE_THREE))] == [
        Outcome.BOUNCED,
        Outcome.BOUNCED,
        Outcome.DELIVERED,
    ]


def test_a_loop_of_the_unknown_outlives_the_pair_where_legacy_is_trusted() -> None:
    known = legacy(secondary(), Keeps.ZIMBRA)
    known = replace(
        the_domain(known, zimbraMailTransport=(SMTP,)),
        legacy=replace(known.legacy, addresses=frozenset({"192.0.2.12"})),
    )
    assert not loops_unknown([known])
    assert loops_unknown([replace(known, config={"zimbraMtaMyNetworks": ("192.0.2.0/24",)})])
