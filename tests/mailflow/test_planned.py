"""Plans for moves, traced before, between and after their steps: nothing loops, nothing that arrived is lost."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.mailflow.changes import after
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.route import Outcome
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Keeps
from splittui.model.entries import Domain, LegacyAccount, Role, Side, ZimbraAccount
from splittui.model.router import CommandRouter
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.moves import Move, plan_moves
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

AWAY = "smtp:[zimbra.example.com]:25"
ROUTER = CommandRouter("route show {address}", "route away {address} {nexthop}", "route here {address}", "route reload")
THREE = {
    "zimbraMailCatchAllAddress": ("@example.com",),
    "zimbraMailCatchAllForwardingAddress": ("@example.com",),
    "zimbraMailTransport": ("smtp:mail.example.com:25",),
}
SPLITS = [replace(SPLIT, router=ROUTER), replace(SECONDARY, router=ROUTER)]


def on_zimbra_only(local: str) -> list[ZimbraAccount | LegacyAccount]:
    return [on_zimbra(local), on_legacy(local, forwards_to=AWAY)]


def hostless(local: str) -> list[ZimbraAccount | LegacyAccount]:
    return [placeholder(local), on_legacy(local)]


def hosted(local: str) -> list[ZimbraAccount | LegacyAccount]:
    return [placeholder(local, host="zimbra.example.com", aliases=(f"{local}.alias@example.com",)), on_legacy(local)]


def legacy_only(local: str) -> list[ZimbraAccount | LegacyAccount]:
    return [on_legacy(local)]


STATES = [on_zimbra_only, hostless, hosted, legacy_only]


def seen(split: Split, states: list[int]) -> Snapshot:
    entries = [entry for n, state in enumerate(states) for entry in STATES[state](f"person{n}")]
    attributes = THREE if split.role is Role.SECONDARY else {}
    return snapshot(*entries, domain=Domain("example.com", True, attributes))


@settings(deadline=None, max_examples=120)
@given(
    split=st.sampled_from(SPLITS),
    states=st.lists(st.integers(0, len(STATES) - 1), min_size=1, max_size=5),
    goals=st.lists(st.sampled_from(Side), min_size=5, max_size=5),
)
def test_no_moment_of_a_planned_move_loops_or_loses(split: Split, states: list[int], goals: list[Side]) -> None:
    both = seen(split, states)
    moves = [Move(f"person{n}@example.com", goals[n]) for n in range(len(states))]
    plan = plan_moves(split, both, people(both, split), moves, made_at=0.0)
    tracer = Tracer(world(split, both))
    addresses = [move.address for move in moves]
    arrived = {a: [r.outcome is Outcome.DELIVERED for r in tracer.routes(a)] for a in addresses}
    for count in range(1, len(plan.steps) + 1):
        tracer = tracer.after(after(tracer.world, plan.steps[count - 1 : count]))
        for address in addresses:
            for route, before in zip(tracer.routes(address), arrived[address], strict=True):
                assert route.outcome is not Outcome.LOOPED, (count, route)
                assert route.outcome is Outcome.DELIVERED or not before, (count, route)
                assert len(route.delivered) <= 1
    assert tracer.world == after(world(split, both), plan.steps)
    refused = {refusal.address for refusal in plan.refusals}
    for move in moves:
        if move.address not in refused:
            assert {place for r in tracer.routes(move.address) for place in r.delivered} == {
                f"{move.to}:{move.address}"
            }


def test_the_wrong_order_of_the_same_steps_is_seen() -> None:
    split = SPLITS[0]
    both = seen(split, [2])
    plan = plan_moves(split, both, people(both, split), [Move("person0@example.com", Side.ZIMBRA)], made_at=0.0)
    start = world(split, both)
    outcomes = {
        route.outcome
        for count in range(len(plan.steps) + 1)
        for route in Tracer(after(start, plan.steps[::-1][:count])).routes("person0@example.com")
    }
    assert Outcome.LOOPED in outcomes


def test_what_the_snapshot_does_not_tell_comes_from_the_role_or_the_caller() -> None:
    both = seen(SPLIT, [0, 3])
    assert world(SPLIT, both).legacy.everything_else is Keeps.ZIMBRA
    assert world(SECONDARY, both).legacy.everything_else is Keeps.REJECTS
    assert world(SPLIT, both, everything_else=Keeps.UNKNOWN).legacy.everything_else is Keeps.UNKNOWN
    routes = world(SPLIT, both).legacy.routes
    assert (routes["person0@example.com"], routes["person1@example.com"]) == (Keeps.ZIMBRA, Keeps.HERE)
