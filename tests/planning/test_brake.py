"""The brake holds what is large, what concerns everybody, and what cannot be taken back."""

from dataclasses import replace

import pytest

from splittui.model.entries import Role, Side
from splittui.planning.brake import Brake, Limits, brake, too_many
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan, Step
from tests.sites import SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

HERE = [*(placeholder(f"l{n}") for n in range(10)), *(on_legacy(f"l{n}") for n in range(10))]
SEEN = snapshot(*HERE, *(on_zimbra(f"z{n}") for n in range(10)))
KNOWN = people(SEEN)


def moves(count: int) -> Plan:
    wanted = [Move(f"l{n}@example.com", Side.ZIMBRA) for n in range(count)]
    return plan_moves(SPLIT, SEEN, KNOWN, wanted, 1.0)


@pytest.mark.parametrize(("count", "held"), [(1, False), (2, False), (3, False), (4, True), (10, True)])
def test_a_share_of_a_side(count: int, held: bool) -> None:
    found = brake(moves(count), KNOWN, Limits())
    assert bool(found) is held
    if found:
        assert found.word == str(count)
        assert "% of the people on the existing mail system, more than 30 %" in found.reason


def test_many_people() -> None:
    assert brake(moves(5), KNOWN, Limits(people=4, percent=100)) == Brake(
        "more than the 4 people that this profile allows without asking", "5"
    )
    assert brake(moves(5), KNOWN, Limits(people=5, percent=100)) is None


def test_what_cannot_be_taken_back_or_concerns_everybody_is_always_asked_about() -> None:
    one = Step("zimbra.example.com", Act.DELETE, ("da", "l1@example.com"), "deleted", "l1@example.com")
    plan = Plan("example.com", Role.PRIMARY, 1.0, (one,))
    found = brake(plan, KNOWN, Limits(people=1000, percent=100))
    assert found is not None
    assert "deletes one account" in found.reason
    domain = replace(one, act=Act.MODIFY, tokens=("md", "example.com", "zimbraMailTransport", ""), address="")
    found = brake(replace(plan, steps=(domain,)), KNOWN, Limits(people=1000, percent=100))
    assert found is not None
    assert found.word == "example.com"


def test_one_run_has_a_limit() -> None:
    assert too_many(moves(5), Limits()) == ""
    assert "allows 4 in one run" in too_many(moves(5), Limits(per_run=4))
