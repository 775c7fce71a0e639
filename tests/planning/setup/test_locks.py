"""The wrong orders that were tried under mail flow: the guide locks each, says why, and is right about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import pytest

from splittui.mailflow.changes import after
from splittui.mailflow.route import Outcome
from splittui.mailflow.world import Keeps, System
from splittui.model.entries import Role
from splittui.planning.setup import Choices, Fate, Goal, LockedError, State
from tests.mailflow.worlds import DOMAIN, SMTP, account
from tests.planning.setup.ground import NOBODY, OUTSIDER, Site, at, site

HERE = {"bar": Keeps.HERE, "late": Keeps.HERE}
PLACEHOLDERS = (account("bar", SMTP, zimbraMailHost=""), account("late", SMTP, zimbraMailHost=""))
RELAYED = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaSmtpDnsSupportLevel": ("disabled",)}


def fresh(role: Role, **more) -> Site:
    """Nothing is set up: the existing system has everybody and the MX."""
    given = {"three": False, "unknown": Keeps.REJECTS, "mx": System.LEGACY, **more}
    return site((), HERE, role=role, **given)


def secondary(**more) -> Site:
    legacy = {**HERE, "foo": Keeps.ZIMBRA}
    given = {"three": True, "unknown": Keeps.REJECTS, "mx": System.LEGACY, "relays": True, **more}
    return site((account("foo"),), legacy, role=Role.SECONDARY, **given)


def primary(**more) -> Site:
    given = {"three": False, "unknown": Keeps.ZIMBRA, "mx": System.ZIMBRA, **more}
    return site((account("foo"), *PLACEHOLDERS), HERE, role=Role.PRIMARY, **given)


WRONG: list[tuple[str, Callable[[], Site], Goal, str, str, str]] = [
    ("MX before Zimbra knows everybody", lambda: fresh(Role.PRIMARY), Goal.PRIMARY, "mx", "proof", "lost"),
    ("MX to a Zimbra that knows nobody", lambda: fresh(Role.PRIMARY, three=None), Goal.PRIMARY, "mx", "proof", "loops"),
    (
        "cleared before the placeholders",
        lambda: fresh(Role.PRIMARY, three=True),
        Goal.PRIMARY,
        "clear",
        "parity",
        "lost",
    ),
    (
        "legacy forwards the unknown before the clearing",
        lambda: fresh(Role.PRIMARY, three=True),
        Goal.PRIMARY,
        "forward-unknown",
        "clear",
        "loops",
    ),
    (
        "catch-all while legacy forwards the unknown",
        lambda: fresh(Role.SECONDARY, unknown=Keeps.ZIMBRA),
        Goal.SECONDARY,
        "domain",
        "legacy-refuses",
        "loops",
    ),
    (
        "relay host before legacy relays",
        lambda: secondary(relays=False),
        Goal.SECONDARY,
        "relay-host",
        "legacy-relays",
        "lost",
    ),
    ("promoted: cleared before the placeholders", secondary, Goal.TO_PRIMARY, "clear", "parity", "lost"),
    ("promoted: legacy forwards before the clearing", secondary, Goal.TO_PRIMARY, "forward-unknown", "clear", "loops"),
    ("demoted: catch-all before legacy refuses", primary, Goal.TO_SECONDARY, "domain", "legacy-refuses", "loops"),
    ("demoted: legacy refuses without routes", primary, Goal.TO_SECONDARY, "legacy-refuses", "legacy-routes", "lost"),
    ("demoted: placeholders go first", primary, Goal.TO_SECONDARY, "placeholders-go", "domain", "lost"),
    ("finish: cleared while somebody lives there", secondary, Goal.FINISH, "clear", "parity", "lost"),
    (
        "finish: legacy forwards all before the clearing",
        secondary,
        Goal.FINISH,
        "forward-all",
        "clear",
        "loops",
    ),
    (
        "rolled back: to legacy before it has mailboxes",
        lambda: primary(router=False),
        Goal.ROLL_BACK,
        "everybody-back",
        "mailboxes-there",
        "no steps",
    ),
    (
        "rolled back: legacy refuses before they are back",
        primary,
        Goal.ROLL_BACK,
        "legacy-refuses",
        "everybody-back",
        "lost",
    ),
]


@pytest.mark.parametrize(("start", "goal", "key", "first", "harm"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_order_is_locked_and_would_do_harm(
    start: Callable[[], Site], goal: Goal, key: str, first: str, harm: str
) -> None:
    where = start()
    guide = where.guide(goal)
    task = guide[key]
    assert task.state is State.BLOCKED
    assert guide[first].title in task.because
    with pytest.raises(LockedError, match="waits for"):
        guide.plan(key)
    assert forced(where, goal, key) == harm


def forced(where: Site, goal: Goal, key: str) -> str:
    """What happens to mail if the steps of a locked task are carried out all the same."""
    before = where.arrivals()
    steps = where.guide(goal)[key].plan.steps
    found = "nothing" if steps else "no steps"
    for step in steps:
        where.world = after(where.world, [step])
        now = where.arrivals()
        if any(o is Outcome.LOOPED and before.get(k) is not Outcome.LOOPED for k, o in now.items()):
            return "loops"
        valid = {k: o for k, o in now.items() if k[0] != NOBODY and before.get(k) is Outcome.DELIVERED}
        if any(outcome is not Outcome.DELIVERED for outcome in valid.values()):
            found = "lost"
    return found


def allowed(start: Callable[[], Site], goal: Goal, tasks: dict[str, tuple[str, ...]], order: str) -> bool:
    """Whether the guide lets somebody take the letters in this order; each letter is one or several tasks."""
    where = start()
    for letter in order:
        for key in tasks[letter]:
            guide = where.guide(goal)
            if guide[key].state is State.DONE:
                continue
            if guide[key].state is State.BLOCKED:
                return False
            for _ in where.carry_out(goal, guide, key):
                pass
    return True


def test_of_the_24_changes_to_primary_only_clean_ones_are_allowed() -> None:
    tasks = {"P": ("people",), "C": ("clear",), "M": ("mx",), "F": ("forward-unknown",)}
    orders = {o for o in map("".join, permutations("PCMF")) if allowed(secondary, Goal.TO_PRIMARY, tasks, o)}
    assert orders == {"PCMF", "PCFM"}


def test_of_the_24_changes_to_secondary_only_clean_ones_are_allowed() -> None:
    tasks = {"F": ("legacy-routes", "legacy-refuses"), "M": ("mx",), "T": ("domain",), "D": ("placeholders-go",)}
    orders = {o for o in map("".join, permutations("FMTD")) if allowed(primary, Goal.TO_SECONDARY, tasks, o)}
    assert orders == {"FMTD", "FTMD", "FTDM"}


def test_the_guides_put_the_best_order_first() -> None:
    keys = [task.key for task in secondary().guide(Goal.TO_PRIMARY).tasks]
    assert [k for k in keys if k in ("people", "clear", "mx", "forward-unknown")] == [
        "people",
        "clear",
        "mx",
        "forward-unknown",
    ]
    keys = [task.key for task in primary().guide(Goal.TO_SECONDARY).tasks]
    order = ["legacy-routes", "legacy-refuses", "mx", "domain", "placeholders-go"]
    assert [k for k in keys if k in order] == order


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"zimbraMtaRelayHost": ("[mx.example.net]:25",)},
        {"zimbraMtaSmtpDnsSupportLevel": ("enabled",)},
        {"zimbraMtaSmtpDnsSupportLevel": ("disabled",)},
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_relay_host_and_look_ups_never_leave_outside_mail_without_a_way(own, there: bool) -> None:
    where = secondary(settings=own, config=None if there else RELAYED)
    goal, key = (Goal.SECONDARY, "relay-host") if there else (Goal.FINISH, "outbound")
    broken = where.arrivals()[OUTSIDER, "zimbra"] is not Outcome.DELIVERED
    guide = where.guide(goal)
    for _ in where.carry_out(goal, guide, key):
        assert broken or where.arrivals()[OUTSIDER, "zimbra"] is Outcome.DELIVERED
        broken = broken and where.arrivals()[OUTSIDER, "zimbra"] is not Outcome.DELIVERED
    assert where.guide(goal)[key].state is State.DONE


def test_the_gate_is_closed_while_one_direction_fails() -> None:
    where = secondary(firewalled=True)
    for key in ("people", "clear"):
        for _ in where.carry_out(Goal.TO_PRIMARY, where.guide(Goal.TO_PRIMARY), key):
            pass
    task = where.guide(Goal.TO_PRIMARY)["mx"]
    assert task.gate is not None
    assert not task.gate.open
    assert task.state is State.BLOCKED
    where.firewalled = False
    gate = where.guide(Goal.TO_PRIMARY)["mx"].gate
    assert gate is not None
    assert gate.open
    assert gate.ttl == 300
    assert {(f.origin, f.address): (f.now, f.after) for f in gate.fates}["the internet", at("foo")] == (
        "delivered on zimbra.example.com",
        "delivered on zimbra.example.com",
    )


def test_the_gate_is_closed_by_what_mail_would_do_and_by_what_was_not_traced() -> None:
    where = secondary()
    for key in ("people", "clear"):
        for _ in where.carry_out(Goal.TO_PRIMARY, where.guide(Goal.TO_PRIMARY), key):
            pass
    bad = Fate("the internet", at("bar"), "delivered", "rejected on zimbra.example.com", good_after=False)
    task = where.guide(Goal.TO_PRIMARY, fates=(bad,))["mx"]
    assert task.state is State.BLOCKED
    assert "rejected on zimbra.example.com" in task.because
    assert "has not been traced" in where.guide(Goal.TO_PRIMARY, fates=())["mx"].because
    hosts = {name: answer for name, answer in where.view().answers.items() if name != DOMAIN}
    without = replace(where.view(), answers=hosts)
    assert "not been looked up" in where.guide(Goal.TO_PRIMARY, views=(without,))["mx"].because


def test_what_rests_on_a_task_must_be_taken_back_before_it() -> None:
    where = secondary(choices=Choices())
    for key in ("people", "clear"):
        for _ in where.carry_out(Goal.TO_PRIMARY, where.guide(Goal.TO_PRIMARY), key):
            pass
    guide = where.guide(Goal.TO_PRIMARY)
    assert [task.key for task in guide.rests_on("parity")] == ["clear"]
    assert guide.rests_on("forward-unknown") == ()
