"""Plans that no longer fit are refused, with everything named that changed."""

from dataclasses import replace

import pytest

from splittui.model.entries import Domain, Role, Server, Side
from splittui.model.router import CommandRouter, PostfixRouter
from splittui.model.snapshot import Reading
from splittui.planning import domain
from splittui.planning.brake import Limits
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.plan_json import fingerprint, plan_from_json, plan_to_json
from splittui.planning.staleness import ground, too_old, unfit
from tests.sites import SERVER, SMTP, SPLIT, on_legacy, people, placeholder, snapshot

ENTRIES = (placeholder("a"), on_legacy("a"))
SEEN = snapshot(*ENTRIES)
ROUTED = replace(SPLIT, router=CommandRouter("show {address}", "away {address}", "here {address}"))


def made(split=SPLIT) -> Plan:
    return plan_moves(split, SEEN, people(SEEN, split), [Move("a@example.com", Side.ZIMBRA)], 1_000_000.0)


@pytest.mark.parametrize(("hours", "refused"), [(-1.0, True), (-0.01, False), (0, False), (23.9, False), (24.1, True)])
def test_age(hours: float, refused: bool) -> None:
    assert bool(too_old(made(), Limits(), 1_000_000.0 + hours * 3600)) is refused


def test_the_age_is_told_and_the_profile_decides() -> None:
    said = too_old(made(), Limits(), 1_000_000.0 + 50 * 3600)
    assert said.startswith("The plan was made 50 hours ago, and this profile allows 24.")
    assert too_old(made(), Limits(plan_hours=51), 1_000_000.0 + 50 * 3600) == ""


def test_nothing_changed() -> None:
    assert unfit(made(), SPLIT, SEEN) == ""
    assert unfit(made(ROUTED), ROUTED, SEEN) == ""
    other_people = snapshot(*ENTRIES, placeholder("b"), on_legacy("b"))
    assert unfit(made(), SPLIT, other_people) == ""


@pytest.mark.parametrize(
    ("split", "told"),
    [
        (replace(SPLIT, role=Role.SECONDARY), "role in the profile was primary and is secondary"),
        (replace(SPLIT, zimbra="z2.example.com"), "zimbra.name in the profile was zimbra.example.com and is z2"),
        (
            replace(SPLIT, legacy_transport="smtp:new:25"),
            f"legacy.transport in the profile was {SMTP} and is smtp:new:25",
        ),
        (replace(SPLIT, mail_host="m.example.com"), "zimbra.mail_host in the profile was not set and is m.example.com"),
        (ROUTED, "legacy.router in the profile was not set and is CommandRouter"),
    ],
)
def test_another_profile(split, told: str) -> None:
    assert told in unfit(made(), split, SEEN)


def test_another_router() -> None:
    said = unfit(made(ROUTED), replace(SPLIT, router=PostfixRouter("hash:/etc/postfix/transport")), SEEN)
    assert "legacy.router in the profile was CommandRouter and is PostfixRouter" in said
    assert "legacy.router.table in the profile was not set and is hash:/etc/postfix/transport" in said
    moved = replace(SPLIT, router=CommandRouter("show {address}", "gone {address}", "here {address}"))
    assert unfit(made(ROUTED), moved, SEEN) == (
        "The split has changed since the plan was made: legacy.router.away in the profile was away {address} and is "
        "gone {address}. Make a new plan."
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"domain": Domain("example.com", True, {"zimbraMailTransport": (SMTP,)})},
            f"zimbraMailTransport of example.com was not set and is {SMTP}",
        ),
        ({"domain": Domain("example.com", False)}, "example.com on Zimbra was hosted and is not set"),
        (
            {"servers": (replace(SERVER, lmtp_port=7026),)},
            "mailboxes on zimbra.example.com was lmtp:zimbra.example.com:7025 and is lmtp:zimbra.example.com:7026",
        ),
        (
            {"servers": (SERVER, Server("z2", "z2.example.com", 7025, frozenset({"mailbox"})))},
            "the way to mailboxes on z2 was not set and is lmtp:z2.example.com:7025",
        ),
        (
            {"servers": (replace(SERVER, services=frozenset({"mta"})),)},
            "services of zimbra.example.com was mailbox, mta",
        ),
    ],
)
def test_another_zimbra(changes, told: str) -> None:
    said = unfit(made(), SPLIT, snapshot(*ENTRIES, **changes))
    assert said.startswith("The split has changed since the plan was made: ")
    assert told in said


def test_what_does_not_matter_to_mail_is_no_change() -> None:
    noted = Domain("example.com", True, {"zimbraGalMode": ("both",), "description": ("ours",)})
    spell = replace(SERVER, services=frozenset({"mailbox", "mta", "spell"}))
    assert unfit(made(), SPLIT, snapshot(*ENTRIES, domain=noted, servers=(spell,))) == ""


def test_a_partial_reading_judges_nothing() -> None:
    partial = Reading(False, 0.0, "a size limit")
    assert "is not complete (a size limit)" in unfit(made(), SPLIT, snapshot(*ENTRIES, legacy=partial))


def test_a_plan_may_be_finished_on_the_ground_that_it_changes_itself() -> None:
    step = domain.changed(SPLIT, {}, domain.the_three(SPLIT), "secondary")
    assert step is not None
    plan = Plan("example.com", Role.PRIMARY, 1.0, (step,), ground=ground(SPLIT, SEEN))
    halfway = Domain("example.com", True, domain.the_three(SPLIT))
    assert unfit(plan, SPLIT, snapshot(*ENTRIES, domain=halfway)) == ""
    other = Domain("example.com", True, {**domain.the_three(SPLIT), "zimbraDomainStatus": ("closed",)})
    assert unfit(plan, SPLIT, snapshot(*ENTRIES, domain=other)) == (
        "The split has changed since the plan was made: zimbraDomainStatus of example.com was not set and is closed. "
        "Make a new plan."
    )
    absent = snapshot(*ENTRIES, domain=Domain("example.com", False))
    create = Plan("example.com", Role.PRIMARY, 1.0, (domain.created(SPLIT, domain.the_three(SPLIT)),))
    assert unfit(replace(create, ground=ground(SPLIT, absent)), SPLIT, snapshot(*ENTRIES, domain=halfway)) == ""


def test_the_ground_goes_with_the_plan_and_is_not_in_its_fingerprint() -> None:
    plan = made(ROUTED)
    assert plan_from_json(plan_to_json(plan)) == plan
    assert fingerprint(plan) == fingerprint(replace(plan, ground=()))
    journalled = plan_to_json(plan)
    del journalled["ground"]
    assert unfit(plan_from_json(journalled), SPLIT, snapshot(*ENTRIES, servers=())) == ""
