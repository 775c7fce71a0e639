"""Every order that a guide allows, carried out step by step on random sites: mail stays whole at every moment."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from splittui.mailflow.route import Outcome
from splittui.mailflow.world import ALIAS, CATCH_ALL, Keeps, System
from splittui.model.entries import Role
from splittui.planning.setup import Backscatter, Choices, Goal, State, Task
from tests.mailflow.worlds import LMTP, SMTP, account, at, listing
from tests.planning.setup.ground import NOBODY, OUTSIDER, Arrivals, Site, site

ACTED_ON_BY_WORDS = {"profile"}
"""Tasks that are done elsewhere, and have no step in their plan."""


def free(tasks: tuple[Task, ...]) -> list[Task]:
    open_ = [t for t in tasks if t.state in (State.TO_DO, State.NO_LONGER)]
    return [t for t in open_ if t.plan.steps or t.key in ACTED_ON_BY_WORDS]


def judge(before: Arrivals, now: Arrivals, when: str, good: tuple[Outcome, ...] = (Outcome.DELIVERED,)) -> None:
    """Nothing that arrived is lost, and nothing loops that did not loop before."""
    for (address, who), outcome in now.items():
        was = before.get((address, who))
        if address != NOBODY and was in good:
            assert outcome in good, f"{when}: {address} from {who} is {outcome}"
        if was is not Outcome.LOOPED:
            assert outcome is not Outcome.LOOPED, f"{when}: {address} from {who} loops"


def carried_through(where: Site, goal: Goal, data: st.DataObject) -> None:
    """Any free task next, until the guide is finished and nothing is free any more."""
    before, guide = where.arrivals(), where.guide(goal)
    for _ in range(40):
        choice = free(guide.tasks)
        two_boxes = sorted(
            {fate.address for task in guide.tasks if task.gate for fate in task.gate.fates if fate.astray}
        )
        if not choice and two_boxes:
            where.goes_back(two_boxes[0])
            judge(before, where.arrivals(), f"{two_boxes[0]} goes back")
            before, guide = where.arrivals(), where.guide(goal)
            continue
        if not choice:
            assert guide.finished, [(t.key, t.state, t.because, t.check) for t in guide.tasks if not t.settled]
            return
        key = data.draw(st.sampled_from([task.key for task in choice]), label="task")
        at_start = before
        for number, step in enumerate(where.carry_out(goal, guide, key), start=1):
            now = where.arrivals()
            judge(before, now, f"{key}, after step {number} ({step.command})", good=NOT_LOST)
            before = now
        judge(at_start, before, f"after {key}")
        before, guide = where.arrivals(), where.guide(goal)
        assert guide[key].state is State.DONE, guide[key]
    raise AssertionError("the guide does not come to an end")


NOT_LOST = (Outcome.DELIVERED, Outcome.DEFERRED)
"""Within a task mail may have to wait: whoever sends it tries again."""

PEOPLE = ("legacy", "legacy-alias", "placeholder", "zimbra", "zimbra-alias", "routed", "both", "untransported")


def populated(states: list[str], *, role: Role, **more) -> Site:
    """People in these states, with a list on either system."""
    entries, legacy, aliases = [], {}, {}
    for number, state in enumerate(states):
        local = f"p{number}"
        alias = f"{local}.alias"
        if state in ("legacy", "legacy-alias", "placeholder", "both", "untransported"):
            legacy[local] = Keeps.HERE
        if state in ("routed",):
            legacy[local] = Keeps.ZIMBRA
        if state in ("legacy-alias", "routed"):
            aliases[local] = (alias,)
        if state == "placeholder":
            entries.append(account(local, SMTP, zimbraAccountStatus="locked", zimbraMailHost=""))
        if state == "untransported":
            entries.append(account(local, "", zimbraMailHost=""))
        if state in ("zimbra", "both"):
            entries.append(account(local, LMTP))
        if state in ("zimbra-alias", "routed"):
            entries.append(account(local, LMTP, **{ALIAS: at(alias)}))
    return site(tuple(entries), legacy, role=role, aliases=aliases, **more)


ends = st.sampled_from([System.ZIMBRA, System.LEGACY])
sends_on = st.sampled_from([Keeps.REJECTS, Keeps.ZIMBRA])
some = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4)
slow = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])


@slow
@given(data=st.data())
def test_any_order_of_a_set_up_as_primary_keeps_mail_whole(data: st.DataObject) -> None:
    three = data.draw(st.sampled_from([None, False, True]), label="the three")
    states = data.draw(st.lists(st.sampled_from(PEOPLE[:2]), max_size=4) if three is None else some, label="people")
    where = populated(
        states,
        role=Role.PRIMARY,
        three=three,
        unknown=data.draw(sends_on, label="unknown"),
        mx=data.draw(ends, label="MX"),
        router=data.draw(st.booleans(), label="router"),
        choices=Choices(
            trust_legacy=data.draw(st.booleans(), label="trust"),
            refuse_unlisted=data.draw(st.booleans(), label="refuse"),
        ),
        settings=data.draw(st.sampled_from([{}, {"zimbraMtaMyNetworks": ("127.0.0.0/8 192.0.2.11/32",)}]), label="own"),
    )
    carried_through(where, Goal.PRIMARY, data)
    assert_primary(where)


def assert_primary(where: Site) -> None:
    found = where.arrivals()
    assert all(o is Outcome.DELIVERED for (a, who), o in found.items() if a not in (NOBODY, OUTSIDER)), found
    assert found[NOBODY, "internet"] is Outcome.REJECTED
    assert where.world.mx is System.ZIMBRA


@slow
@given(data=st.data())
def test_any_order_of_a_set_up_as_secondary_keeps_mail_whole(data: st.DataObject) -> None:
    three = data.draw(st.sampled_from([None, False, True]), label="the three")
    states = data.draw(st.lists(st.sampled_from(PEOPLE[:2]), max_size=4) if three is None else some, label="people")
    own = data.draw(
        st.sampled_from(
            [
                {},
                {"zimbraMtaRelayHost": ("[old.example.net]:25",)},
                {"zimbraMtaSmtpDnsSupportLevel": ("disabled",)},
                {"zimbraMtaRelayHost": ("[mx.example.net]:25",), "zimbraMtaSmtpDnsSupportLevel": ("enabled",)},
            ]
        ),
        label="own settings of the server",
    )
    where = populated(
        states,
        role=Role.SECONDARY,
        three=three,
        unknown=data.draw(sends_on, label="unknown"),
        mx=data.draw(ends, label="MX"),
        relays=data.draw(st.booleans(), label="relays"),
        settings=own,
        config={"zimbraMtaMyNetworks": ("192.0.2.11/32 192.0.2.12/32",)},
        choices=Choices(backscatter=data.draw(st.sampled_from(Backscatter), label="backscatter")),
    )
    catcher = three is not None and data.draw(st.booleans(), label="an account that catches all")
    if catcher:
        entries = {**where.world.entries, at("catcher"): account("catcher", LMTP, **{CATCH_ALL: "@example.com"})}
        where.world = replace(where.world, entries=entries)
    carried_through(where, Goal.SECONDARY, data)
    assert_secondary(where)


def assert_secondary(where: Site) -> None:
    found = where.arrivals()
    assert all(o is Outcome.DELIVERED for (a, who), o in found.items() if a != NOBODY), found
    assert where.world.mx is System.LEGACY
    assert found[NOBODY, "internet"] is Outcome.REJECTED


SECONDARY_PEOPLE = ("legacy", "legacy-alias", "placeholder", "routed")
PRIMARY_PEOPLE = ("placeholder", "zimbra", "zimbra-alias", "routed")


def a_secondary(data: st.DataObject, **more) -> Site:
    states = data.draw(st.lists(st.sampled_from(SECONDARY_PEOPLE), min_size=1, max_size=4), label="people")
    relay = data.draw(st.booleans(), label="relay host")
    config = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
    own = [{}, {"zimbraMtaSmtpDnsSupportLevel": ("disabled",)}, config]
    return populated(
        states,
        role=Role.SECONDARY,
        three=True,
        unknown=Keeps.REJECTS,
        mx=System.LEGACY,
        relays=True,
        config=config if relay else None,
        settings=data.draw(st.sampled_from(own), label="own settings") if relay else None,
        **more,
    )


def a_primary(data: st.DataObject, **more) -> Site:
    states = data.draw(st.lists(st.sampled_from(PRIMARY_PEOPLE), min_size=1, max_size=4), label="people")
    where = populated(
        states, role=Role.PRIMARY, three=False, unknown=Keeps.ZIMBRA, mx=System.ZIMBRA, relays=True, **more
    )
    if data.draw(st.booleans(), label="a list"):
        entries = {**where.world.entries, at("all"): listing("all", *(f"p{n}" for n in range(len(states))))}
        where.world = replace(where.world, entries=entries)
    return where


@slow
@given(data=st.data())
def test_any_order_of_a_change_to_primary_keeps_mail_whole(data: st.DataObject) -> None:
    where = a_secondary(data, firewalled=data.draw(st.booleans(), label="firewall"))
    carried_through(where, Goal.TO_PRIMARY, data)
    assert_primary(where)
    assert where.role is Role.PRIMARY


@slow
@given(data=st.data())
def test_any_order_of_a_change_to_secondary_keeps_mail_whole(data: st.DataObject) -> None:
    where = a_primary(data, router=data.draw(st.booleans(), label="router"))
    carried_through(where, Goal.TO_SECONDARY, data)
    assert_secondary(where)
    assert where.role is Role.SECONDARY


@slow
@given(data=st.data(), role=st.sampled_from(Role))
def test_any_order_of_the_finish_keeps_mail_whole(data: st.DataObject, role: Role) -> None:
    where = a_primary(data, router=data.draw(st.booleans())) if role is Role.PRIMARY else a_secondary(data)
    carried_through(where, Goal.FINISH, data)
    found = where.arrivals()
    assert System.LEGACY in where.off
    assert all(o is Outcome.DELIVERED for (a, who), o in found.items() if a != NOBODY), found
    assert found[NOBODY, "internet"] is Outcome.REJECTED


@slow
@given(data=st.data(), role=st.sampled_from(Role))
def test_any_order_of_the_roll_back_keeps_mail_whole(data: st.DataObject, role: Role) -> None:
    where = a_primary(data) if role is Role.PRIMARY else a_secondary(data)
    carried_through(where, Goal.ROLL_BACK, data)
    found = where.arrivals()
    assert where.world.mx is System.LEGACY
    assert all(o is Outcome.DELIVERED for (a, who), o in found.items() if a not in (NOBODY, OUTSIDER)), found
    assert found[NOBODY, "internet"] is Outcome.REJECTED
