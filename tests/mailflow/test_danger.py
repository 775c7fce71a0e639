"""A plan is refused for what it would do to mail at any of its moments, and only for that."""

from dataclasses import replace

from splittui.mailflow.danger import with_dangers
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.world import Keeps
from splittui.model.entries import Domain, Side
from splittui.model.router import System
from splittui.planning import domain as domain_steps
from splittui.planning.elsewhere import forwards_unknown, refuses_unknown
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan, Severity, Step
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


def of(*steps: Step | None) -> Plan:
    return Plan(PRIMARY.domain, PRIMARY.role, 0.0, tuple(step for step in steps if step is not None))


CLEARED = domain_steps.changed(PRIMARY, THREE, dict.fromkeys(domain_steps.THREE, ()), "clears the three")


def test_a_step_on_the_domain_is_traced_for_everybody() -> None:
    hosted = Domain("example.com", True, THREE)
    unknown = snapshot(on_legacy("a"), on_zimbra("b"), on_legacy("c"), placeholder("c"), domain=hosted)
    assert dangers(PRIMARY, unknown, of(CLEARED)) == [("mail-would-be-refused", ("a@example.com",))]
    known = snapshot(
        placeholder("a", aliases=("ab@example.com",)),
        on_legacy("a", aliases=("ab@example.com", "ac@example.com")),
        on_zimbra("b"),
        domain=hosted,
    )
    assert dangers(PRIMARY, known, of(CLEARED)) == [("mail-would-be-refused", ("ac@example.com",))]


def test_the_unknown_sent_on_by_both_is_no_danger_to_who_is_known_and_one_to_who_is_not() -> None:
    hosted = Domain("example.com", True, THREE)
    seen = snapshot(on_legacy("a"), on_zimbra("b"), on_legacy("b", forwards_to=AWAY), domain=hosted)
    refuses = refuses_unknown(SECOND, System.POSTFIX, ["refuse"], ["send on"])
    forwards = forwards_unknown(SECOND, System.POSTFIX, ["send on"], ["refuse"], now=False)
    assert dangers(SECOND, seen, of(refuses, forwards)) == []
    alone = snapshot(on_legacy("a"), on_zimbra("b"), domain=hosted)
    ground = replace(world(SECOND, alone), legacy=replace(world(SECOND, alone).legacy, everything_else=Keeps.ZIMBRA))
    found = [f for f in with_dangers(ground, of(refuses)).findings if f.severity is Severity.ERROR]
    assert [(f.code, f.addresses) for f in found] == [("mail-would-be-refused", ("b@example.com",))]
