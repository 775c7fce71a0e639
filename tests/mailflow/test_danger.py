"""A plan is refused for what it would do to mail at any of its moments, and only for that."""

from dataclasses import replace

from splittui.mailflow.danger import with_dangers
from splittui.mailflow.from_snapshot import world
from splittui.model.entries import Domain, Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan, Severity
from tests.mailflow.test_planned import AWAY, ROUTER, THREE
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

PRIMARY = replace(SPLIT, router=ROUTER)
SECOND = replace(SECONDARY, router=ROUTER)


def plan(split, seen, to: Side, *locals_: str) -> Plan:
    moves = [Move(f"{local}@example.com", to) for local in locals_]
    return plan_moves(split, seen, people(seen, split), moves, made_at=0.0)


def dangers(split, seen, made: Plan) -> list[tuple[str, tuple[str, ...]]]:
    found = with_dangers(world(split, seen), made).findings
    return [(f.code, f.addresses) for f in found if f.severity is Severity.ERROR]


def test_what_the_planner_makes_is_safe_in_both_roles() -> None:
    seen = snapshot(placeholder("a"), on_legacy("a"), on_zimbra("b"), on_legacy("b", forwards_to=AWAY))
    for to, who in ((Side.ZIMBRA, "a"), (Side.LEGACY, "b")):
        assert dangers(PRIMARY, seen, plan(PRIMARY, seen, to, who)) == []
    seen = snapshot(
        on_legacy("a"), on_zimbra("b"), on_legacy("b", forwards_to=AWAY), domain=Domain("example.com", True, THREE)
    )
    for to, who in ((Side.ZIMBRA, "a"), (Side.LEGACY, "b")):
        assert dangers(SECOND, seen, plan(SECOND, seen, to, who)) == []


def test_the_wrong_order_loops_and_is_named_with_everybody_it_concerns() -> None:
    entries = [e for local in "ab" for e in (on_zimbra(local), on_legacy(local, forwards_to=AWAY))]
    seen = snapshot(*entries)
    made = plan(PRIMARY, seen, Side.LEGACY, "a", "b")
    wrong = replace(made, steps=tuple(reversed(made.steps)))
    assert dangers(PRIMARY, seen, wrong) == [("mail-would-loop", ("b@example.com", "a@example.com"))]


def test_half_a_move_back_loops_for_good() -> None:
    seen = snapshot(on_zimbra("a"), on_legacy("a", forwards_to=AWAY))
    made = plan(PRIMARY, seen, Side.LEGACY, "a")
    half = replace(made, steps=tuple(step for step in made.steps if step.host == PRIMARY.zimbra))
    [finding] = [f for f in with_dangers(world(PRIMARY, seen), half).findings if f.severity is Severity.ERROR]
    assert finding.message.startswith("From then on mail would loop")


def test_who_is_unreachable_anyway_is_no_danger() -> None:
    seen = snapshot(on_zimbra("a", host=""))
    assert dangers(PRIMARY, seen, plan(PRIMARY, seen, Side.ZIMBRA, "a")) == []
