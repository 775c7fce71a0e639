"""Plans for moves: the command fits the account, and what must not move is refused with a reason."""

import pytest

from splittui.model.entries import Kind, Server, Side
from splittui.model.snapshot import Reading
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan import Act, Change, Plan
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


def test_no_plan_for_the_secondary_role_yet() -> None:
    with pytest.raises(PlanningError, match="primary"):
        plan(snapshot(on_legacy("a")), ("a", Side.ZIMBRA), split=SECONDARY)
