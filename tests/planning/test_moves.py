"""Plans for moves: the command fits the account, and what must not move is refused with a reason."""

from dataclasses import replace

import pytest

from splittui.model.entries import Domain, Kind, Role, Server, Side
from splittui.model.router import CommandRouter
from splittui.model.snapshot import Reading
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan import Act, Change, Plan, Severity
from splittui.planning.route_change import RouteCommand
from splittui.planning.undo import undo_plan
from tests.sites import LMTP, SECONDARY, SERVER, SMTP, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

HOST = "zimbra.example.com"


def plan(seen, *moves: tuple[str, Side], split=SPLIT) -> Plan:
    return plan_moves(
        split, seen, people(seen, split), [Move(f"{name}@example.com", to) for name, to in moves], made_at=1.0
    )


def commands(made: Plan) -> list[str]:
    return [step.command for step in made.steps]


def test_a_hosted_placeholder_gets_the_transport_of_its_own_host() -> None:
    made = plan(snapshot(placeholder("a", host=HOST), on_legacy("a")), ("a", Side.ZIMBRA))
    assert commands(made) == [
        f"ma a@example.com zimbraAccountStatus active zimbraMailTransport {LMTP}",
        "/opt/zimbra/bin/zmmtactl reload norewrite",
    ]
    assert made.steps[0].changes == (
        Change("a@example.com", "zimbraAccountStatus", ("locked",), ("active",)),
        Change("a@example.com", "zimbraMailTransport", (SMTP,), (LMTP,)),
    )
    assert made.steps[0].undo == ("ma", "a@example.com", "zimbraAccountStatus", "locked", "zimbraMailTransport", SMTP)


def test_a_hostless_placeholder_gets_a_host_alone() -> None:
    made = plan(snapshot(placeholder("a"), on_legacy("a")), ("a", Side.ZIMBRA))
    assert commands(made)[0] == f"ma a@example.com zimbraAccountStatus active zimbraMailHost {HOST}"
    implied = [change for change in made.steps[0].changes if change.implied]
    assert implied == [Change("a@example.com", "zimbraMailTransport", (SMTP,), (LMTP,), True)]
    assert made.steps[0].undo[4:] == ("zimbraMailHost", "", "zimbraMailTransport", SMTP)


def test_an_account_that_lost_its_host_is_mended_by_the_host() -> None:
    made = plan(snapshot(on_zimbra("a", host="")), ("a", Side.ZIMBRA))
    assert commands(made)[0] == f"ma a@example.com zimbraMailHost {HOST}"


def test_back_to_legacy_keeps_the_host_and_locks() -> None:
    made = plan(snapshot(on_zimbra("a"), on_legacy("a")), ("a", Side.LEGACY))
    assert commands(made)[0] == f"ma a@example.com zimbraAccountStatus locked zimbraMailTransport {SMTP}"
    assert [finding.code for finding in made.findings] == ["legacy-first"]


def test_legacy_only_is_provisioned_with_the_transport_inside_and_a_password_nobody_knows() -> None:
    legacy = on_legacy("a", name='Ann "A" Ädams', given_name="Ann", surname="Ädams")
    made = plan(snapshot(legacy), ("a", Side.LEGACY))
    assert commands(made) == [
        f"ca a@example.com ******** zimbraMailTransport {SMTP} zimbraAccountStatus locked "
        'displayName "Ann \\"A\\" Ädams" givenName Ann sn "Ädams"'
    ]
    assert made.steps[0].secrets == (2,)
    assert made.steps[0].act is Act.CREATE


def test_legacy_only_to_zimbra_is_created_as_a_placeholder_and_then_moved() -> None:
    made = plan(snapshot(on_legacy("a", name="Ann")), ("a", Side.ZIMBRA))
    assert [step.act for step in made.steps] == [Act.CREATE, Act.MODIFY, Act.RELOAD]
    assert commands(made)[1] == f"ma a@example.com zimbraAccountStatus active zimbraMailHost {HOST}"


def test_one_reload_after_all_transports() -> None:
    seen = snapshot(*(e for n in "abc" for e in (placeholder(n), on_legacy(n))))
    made = plan(seen, *((n, Side.ZIMBRA) for n in "abc"))
    assert [step.act for step in made.steps] == [Act.MODIFY] * 3 + [Act.RELOAD]


@pytest.mark.parametrize(
    ("entries", "to", "word"),
    [
        ([], Side.ZIMBRA, "not known"),
        ([on_zimbra("a", kind=Kind.SYSTEM)], Side.LEGACY, "system account"),
        ([on_zimbra("a", kind=Kind.ARCHIVE)], Side.LEGACY, "archive"),
        ([on_zimbra("a", kind=Kind.GUEST)], Side.LEGACY, "guest"),
        ([on_zimbra("a", kind=Kind.LIST)], Side.LEGACY, "distribution list"),
        ([on_zimbra("a", kind=Kind.ADMIN), on_legacy("a")], Side.LEGACY, "last administrator"),
        ([on_zimbra("a")], Side.ZIMBRA, "already lives on zimbra"),
        ([placeholder("a"), on_legacy("a")], Side.LEGACY, "already lives on mail"),
        ([on_zimbra("a")], Side.LEGACY, "no mailbox on mail"),
        ([on_zimbra("a"), on_legacy("a", forwards_to="smtp:[zimbra.example.com]")], Side.LEGACY, "would loop"),
        ([on_zimbra("a", status="closed", mail_status="disabled"), on_legacy("a")], Side.LEGACY, "closed"),
        ([placeholder("a", status="maintenance"), on_legacy("a")], Side.ZIMBRA, "maintenance"),
        ([placeholder("a", mail_status="disabled"), on_legacy("a")], Side.ZIMBRA, "mail switched off"),
        ([placeholder("a", host="gone.example.com"), on_legacy("a")], Side.ZIMBRA, "no server of this Zimbra"),
        ([on_zimbra("b", aliases=("a@example.com",)), on_legacy("a")], Side.ZIMBRA, "alias of b@"),
        ([on_legacy("a", kind=Kind.LIST)], Side.LEGACY, "by hand"),
        ([on_legacy("a", kind=Kind.RESOURCE)], Side.ZIMBRA, "by hand"),
        ([on_legacy("a", name="bell \x07")], Side.ZIMBRA, "no zmprov line"),
    ],
)
def test_refused_with_the_reason(entries, to: Side, word: str) -> None:
    made = plan(snapshot(*entries), ("a", to))
    assert made.steps == ()
    assert word in made.refusals[0].reason


def test_two_mailbox_servers_need_a_choice() -> None:
    servers = (SERVER, Server("z2.example.com", "z2.example.com", 7025, frozenset({"mailbox"})))
    seen = snapshot(placeholder("a"), on_legacy("a"), servers=servers)
    assert "set mail_host" in plan(seen, ("a", Side.ZIMBRA)).refusals[0].reason


def test_a_refusal_stops_nobody_else() -> None:
    seen = snapshot(placeholder("a"), on_legacy("a"))
    made = plan(seen, ("nobody", Side.ZIMBRA), ("a", Side.ZIMBRA))
    assert made.people == ("a@example.com",)
    assert [refusal.address for refusal in made.refusals] == ["nobody@example.com"]


def test_no_plan_from_a_partial_snapshot() -> None:
    seen = snapshot(placeholder("a"), on_legacy("a"), legacy=Reading(False, 0.0, "the file ends early"))
    with pytest.raises(PlanningError, match="the file ends early"):
        plan(seen, ("a", Side.ZIMBRA))


def test_a_secondary_needs_to_know_how_legacy_is_routed() -> None:
    with pytest.raises(PlanningError, match="routing is shown"):
        plan(snapshot(on_legacy("a")), ("a", Side.ZIMBRA), split=SECONDARY)


def test_no_plan_for_a_domain_that_zimbra_does_not_host() -> None:
    seen = snapshot(on_legacy("a"), domain=Domain("example.com", exists=False))
    with pytest.raises(PlanningError, match="does not host"):
        plan(seen, ("a", Side.ZIMBRA))


ROUTER = CommandRouter("show {address}", "set {address} {nexthop}", "clear {address}", "postfix reload")
TO_ZIMBRA = "smtp:[zimbra.example.com]:25"
RELOAD = "/opt/zimbra/bin/zmmtactl reload norewrite"


@pytest.mark.parametrize("role", list(Role))
def test_there_zimbra_is_final_first_and_legacy_flips_after_the_reload(role: Role) -> None:
    split = replace(SPLIT, role=role, router=ROUTER)
    made = plan(snapshot(placeholder("a", host=HOST), on_legacy("a")), ("a", Side.ZIMBRA), split=split)
    assert commands(made) == [
        f"ma a@example.com zimbraAccountStatus active zimbraMailTransport {LMTP}",
        RELOAD,
        f"set a@example.com {TO_ZIMBRA}",
        "postfix reload",
    ]
    assert made.steps[2].changes == (Change("a@example.com", "route", (), (TO_ZIMBRA,)),)
    clear, show = ("clear", "a@example.com"), ("show", "a@example.com")
    assert made.steps[2].route == RouteCommand(("set", "a@example.com", TO_ZIMBRA), clear, show)


@pytest.mark.parametrize("role", list(Role))
def test_back_legacy_is_final_first_and_zimbra_flips_after_the_reload(role: Role) -> None:
    split = replace(SPLIT, role=role, router=ROUTER)
    seen = snapshot(on_zimbra("a"), on_legacy("a", forwards_to=TO_ZIMBRA))
    assert commands(plan(seen, ("a", Side.LEGACY), split=split)) == [
        "clear a@example.com",
        "postfix reload",
        f"ma a@example.com zimbraAccountStatus locked zimbraMailTransport {SMTP}",
        RELOAD,
    ]


def test_a_secondary_gets_a_mailbox_at_once_and_undo_leaves_a_placeholder() -> None:
    split = replace(SECONDARY, router=ROUTER)
    made = plan(snapshot(on_legacy("a", name="Ann")), ("a", Side.ZIMBRA), split=split)
    assert commands(made) == [
        f"ca a@example.com ******** zimbraMailHost {HOST} zimbraAccountStatus active displayName Ann",
        RELOAD,
        f"set a@example.com {TO_ZIMBRA}",
        "postfix reload",
    ]
    undo = undo_plan(split, made, range(4), 2.0)
    assert commands(undo) == [
        "clear a@example.com",
        "postfix reload",
        f"ma a@example.com zimbraAccountStatus locked zimbraMailTransport {SMTP}",
        RELOAD,
    ]
    assert {fact.attribute: fact.values for fact in undo.steps[2].verify} == {
        "zimbraMailHost": (HOST,),
        "zimbraAccountStatus": ("locked",),
        "zimbraMailTransport": (SMTP,),
    }


def test_without_a_reload_command_legacy_gets_its_thirty_seconds() -> None:
    split = replace(SPLIT, router=replace(ROUTER, reload=""))
    seen = snapshot(on_zimbra("a"), on_legacy("a", forwards_to=TO_ZIMBRA))
    assert commands(plan(seen, ("a", Side.LEGACY), split=split))[1] == "sleep 31"


def test_two_boxes_are_mended_on_one_side_only() -> None:
    split = replace(SECONDARY, router=ROUTER)
    seen = snapshot(on_zimbra("a"), on_legacy("a"))
    assert commands(plan(seen, ("a", Side.ZIMBRA), split=split)) == [f"set a@example.com {TO_ZIMBRA}", "postfix reload"]
    back = plan(seen, ("a", Side.LEGACY), split=split)
    assert [step.act for step in back.steps] == [Act.MODIFY, Act.RELOAD]


def test_an_old_box_is_mended_where_legacy_can_be_told_and_otherwise_the_words_say_why_not() -> None:
    seen = snapshot(on_zimbra("a"), on_legacy("a"))
    told = plan(seen, ("a", Side.ZIMBRA), split=replace(SPLIT, router=ROUTER))
    assert commands(told) == [f"set a@example.com {TO_ZIMBRA}", "postfix reload"]
    by_hand = plan(seen, ("a", Side.ZIMBRA))
    assert by_hand.steps == ()
    assert by_hand.refusals[0].reason == (
        "already lives on zimbra.example.com as far as a move can set it, but mail.example.com still keeps what it "
        "receives: route the address to zimbra.example.com there, or say in the profile how that is done "
        "(legacy.router)"
    )


@pytest.mark.parametrize(
    "broken", [{"host": ""}, {"transport": "SMTP:mail.example.com"}, {"transport": ""}, {"host": "", "transport": ""}]
)
@pytest.mark.parametrize("to", list(Side))
def test_who_is_reached_from_one_side_only_can_be_moved_to_either(broken: dict[str, str], to: Side) -> None:
    seen = snapshot(on_zimbra("a", **broken), on_legacy("a"))
    made = plan(seen, ("a", to))
    assert [step.act for step in made.steps] == [Act.MODIFY, Act.RELOAD]
    assert "was-unreachable" in [finding.code for finding in made.findings]


def test_what_no_step_of_a_move_mends_is_refused_with_the_trouble() -> None:
    # The existing system, being the primary, has never heard of her.
    split = replace(SECONDARY, router=ROUTER)
    made = plan(snapshot(on_zimbra("a")), ("a", Side.ZIMBRA), split=split)
    assert made.steps == ()
    assert made.refusals[0].reason.startswith(
        "is set already as a move to zimbra.example.com would set it, which mends nothing "
        "(Zimbra (lmtp to its own mail host zimbra.example.com); but internet and legacy users' mail is refused by mail"
    )


def test_a_primary_with_the_catch_all_pair_is_an_error() -> None:
    pair = {"zimbraMailCatchAllAddress": ("@example.com",), "zimbraMailCatchAllForwardingAddress": ("@example.com",)}
    seen = snapshot(placeholder("a"), on_legacy("a"), domain=Domain("example.com", True, pair))
    made = plan(seen, ("a", Side.ZIMBRA))
    assert (Severity.ERROR, "catch-all-on-primary") in [(f.severity, f.code) for f in made.findings]
