"""Steps on the existing system's routing, for every kind of router: what they say, what they expect, and their undo."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.entries import Role, Side
from splittui.model.router import CommandRouter, LdapRouter, ManualRouter, PostfixRouter, Router, System, filled, words
from splittui.model.snapshot import Snapshot
from splittui.planning.by_hand import by_hand
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Change, Fact, Plan, Step
from splittui.planning.plan_json import PlanFormatError, plan_from_json, plan_to_json
from splittui.planning.route_change import AttributeChange, EntryChange, HandWork, TableLine
from splittui.planning.undo import undo_plan
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

TO_ZIMBRA = "smtp:[zimbra.example.com]:25"
TABLE = PostfixRouter("hash:/etc/postfix/transport")
FORWARDS_ALL = replace(TABLE, away="", here="virtual:")
ENTRY = LdapRouter(
    "ou=people,dc=example,dc=com",
    away=(("mailHost", "{zimbra}"), ("mailRoutingAddress", "{local}@{zimbra}")),
    here=(("mailHost", "{legacy}"),),
    entry="mailLocalAddress={address}",
    reload="postfix reload",
)
HAND = ManualRouter(System.POSTFIX)
COMMAND = CommandRouter("show {address}", "set {address} {nexthop}", "clear {address}", "postfix reload")
ROUTERS: list[Router] = [COMMAND, TABLE, FORWARDS_ALL, ENTRY, HAND, replace(HAND, show="show {address}")]


def held(seen: Snapshot, **values: tuple[str, ...]) -> Snapshot:
    """The same with what the router's place holds about bar."""
    return replace(seen, legacy=replace(seen.legacy, routing={"bar@example.com": values}))


def plan(router: Router, to: Side, seen: Snapshot, role: Role = Role.PRIMARY) -> Plan:
    split = replace(SPLIT, role=role, router=router)
    return plan_moves(split, seen, people(seen, split), [Move("bar@example.com", to)], made_at=1.0)


def routed(made: Plan) -> Step:
    [step] = [step for step in made.steps if step.act is Act.ROUTE]
    return step


def leaving() -> Snapshot:
    return snapshot(placeholder("bar"), on_legacy("bar"))


def returning() -> Snapshot:
    return snapshot(on_zimbra("bar"), on_legacy("bar", forwards_to=TO_ZIMBRA))


def test_a_line_of_a_table() -> None:
    step = routed(plan(TABLE, Side.ZIMBRA, leaving()))
    assert step.route == TableLine(TABLE.table, "bar@example.com", "", TO_ZIMBRA)
    assert (step.expect, step.verify) == ((Fact("route", ()),), (Fact("route", (TO_ZIMBRA,)),))
    assert step.changes == (Change("bar@example.com", "route", (), (TO_ZIMBRA,)),)
    assert step.command == f"/etc/postfix/transport: bar@example.com {TO_ZIMBRA}; postmap hash:/etc/postfix/transport"
    assert step.lines[:2] == ("edit /etc/postfix/transport:", f"+ bar@example.com  {TO_ZIMBRA}")
    assert step.lines[-1] == "postmap -q bar@example.com hash:/etc/postfix/transport"


def test_a_line_that_says_something_else_is_replaced_and_shown() -> None:
    seen = held(snapshot(placeholder("bar"), on_legacy("bar", forwards_to="smtp:old")), route=("smtp:old",))
    step = routed(plan(TABLE, Side.ZIMBRA, seen))
    assert step.expect == (Fact("route", ("smtp:old",)),)
    assert step.lines[1:3] == ("- bar@example.com  smtp:old", f"+ bar@example.com  {TO_ZIMBRA}")


def test_a_table_where_those_without_a_line_are_forwarded() -> None:
    away = routed(plan(FORWARDS_ALL, Side.ZIMBRA, held(leaving(), route=("virtual:",))))
    assert away.route == TableLine(TABLE.table, "bar@example.com", "virtual:", "")
    assert away.changes == (Change("bar@example.com", "route", (), (TO_ZIMBRA,)),)
    assert away.command == "/etc/postfix/transport: no line of bar@example.com; postmap hash:/etc/postfix/transport"
    here = routed(plan(FORWARDS_ALL, Side.LEGACY, returning()))
    assert here.route == TableLine(TABLE.table, "bar@example.com", "", "virtual:")


def test_attributes_of_an_entry() -> None:
    seen = held(leaving(), mailhost=("mbox2.example.com",))
    step = routed(plan(ENTRY, Side.ZIMBRA, seen))
    assert step.route == EntryChange(
        ENTRY.base,
        "mailLocalAddress",
        "bar@example.com",
        (
            AttributeChange("mailHost", ("mbox2.example.com",), ("zimbra.example.com",)),
            AttributeChange("mailRoutingAddress", (), ("bar@zimbra.example.com",)),
        ),
    )
    assert step.expect == (Fact("mailHost", ("mbox2.example.com",)), Fact("mailRoutingAddress", ()))
    assert step.lines == (
        "dn: (the one entry with mailLocalAddress=bar@example.com below ou=people,dc=example,dc=com)",
        "changetype: modify",
        "delete: mailHost",
        "mailHost: mbox2.example.com",
        "-",
        "add: mailHost",
        "mailHost: zimbra.example.com",
        "-",
        "add: mailRoutingAddress",
        "mailRoutingAddress: bar@zimbra.example.com",
        "-",
    )


def test_values_that_ldif_cannot_carry_are_shown_in_base64() -> None:
    change = EntryChange("dc=x", "mail", "bar@x", (AttributeChange("mailHost", ("Ä ", " x", "x "), ()),))
    assert change.lines[3:6] == ("mailHost:: w4Qg", "mailHost:: IHg=", "mailHost:: eCA=")


def test_by_hand_the_reload_is_among_the_words_and_no_step() -> None:
    made = plan(HAND, Side.ZIMBRA, leaving())
    assert [step.act for step in made.steps] == [Act.MODIFY, Act.RELOAD, Act.ROUTE]
    step = routed(made)
    assert isinstance(step.route, HandWork)
    assert f"    bar@example.com    {TO_ZIMBRA}" in step.route.do
    assert any("postfix reload" in line for line in step.route.do)
    assert step.command.startswith("by hand: on mail.example.com, send the mail of bar@example.com to")


@pytest.mark.parametrize("system", list(System))
@pytest.mark.parametrize("nexthop", [TO_ZIMBRA, ""])
@pytest.mark.parametrize("split", [SPLIT, SECONDARY], ids=["primary", "secondary"])
def test_the_words_for_every_system_name_the_person_and_leave_nothing_open(system: System, nexthop: str, split) -> None:
    lines = by_hand(split, system, "bar@example.com", nexthop)
    said = "\n".join(lines)
    assert "bar@example.com" in lines[0]
    assert not re.search("<[a-z]", said)


def test_an_address_is_one_word_in_powershell() -> None:
    lines = by_hand(SPLIT, System.EXCHANGE, "o'hara&$x@example.com", "")
    assert "    Set-Mailbox 'o''hara&$x@example.com' -ForwardingSmtpAddress $null" in lines


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("router", ROUTERS, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("to", list(Side))
def test_every_plan_is_data_and_its_undo_is_its_inverse(router: Router, to: Side, role: Role) -> None:
    seen = held(returning(), route=(TO_ZIMBRA,), mailhost=("zimbra.example.com",))
    if to is Side.ZIMBRA:
        seen = held(leaving(), route=("virtual:",)) if router is FORWARDS_ALL else leaving()
    made = plan(router, to, seen, role)
    step = routed(made)
    assert plan_from_json(json.loads(json.dumps(plan_to_json(made)))) == made
    split = replace(SPLIT, role=role, router=router)
    back = undo_plan(split, made, range(len(made.steps)), 2.0)
    undone = routed(back)
    assert (undone.expect, undone.verify) == (step.verify, step.expect)
    assert step.route is not None
    assert undone.route == step.route.inverse
    assert step.route.inverse.inverse == step.route
    assert [(c.before, c.after) for c in undone.changes] == [(c.after, c.before) for c in step.changes]
    assert plan_from_json(json.loads(json.dumps(plan_to_json(back)))) == back
    there = [s.host for s in made.steps if s.act in (Act.MODIFY, Act.ROUTE)]
    assert [s.host for s in back.steps if s.act in (Act.MODIFY, Act.ROUTE)] == there[::-1]


@pytest.mark.parametrize("router", ROUTERS[1:4], ids=["table", "forwards-all", "entry"])
def test_what_is_so_already_is_no_step(router: Router) -> None:
    there = {"route": (TO_ZIMBRA,)} if router is TABLE else {}
    if router is ENTRY:
        there = {"mailhost": ("zimbra.example.com",), "mailroutingaddress": ("bar@zimbra.example.com",)}
    seen = held(snapshot(placeholder("bar"), on_legacy("bar", forwards_to=TO_ZIMBRA)), **there)
    assert not [step for step in plan(router, Side.ZIMBRA, seen).steps if step.act is Act.ROUTE]


def test_what_is_done_by_hand_is_asked_for_even_where_an_old_export_says_it_is_so() -> None:
    step = routed(plan(HAND, Side.LEGACY, snapshot(on_zimbra("bar"), on_legacy("bar"))))
    assert "keep the mail of bar@example.com" in step.command
    assert step.changes == (Change("bar@example.com", "route", (TO_ZIMBRA,), ()),)
    assert isinstance(step.route, HandWork)
    assert "send the mail of bar@example.com" in step.route.inverse.command
    only_placeholder = plan(HAND, Side.LEGACY, snapshot(on_legacy("bar")))
    assert [step.act for step in only_placeholder.steps] == [Act.CREATE]


def test_a_route_step_without_a_route_is_no_plan() -> None:
    data = plan_to_json(plan(TABLE, Side.ZIMBRA, leaving()))
    assert isinstance(data["steps"], list)
    for step in data["steps"]:
        assert isinstance(step, dict)
        step["route"] = None
    with pytest.raises(PlanFormatError, match="has no route"):
        plan_from_json(json.loads(json.dumps(data)))


@given(st.text(), st.text())
def test_a_value_is_never_looked_into(address: str, nexthop: str) -> None:
    assert filled("{address}|{nexthop}|{other}", address=address, nexthop=nexthop) == f"{address}|{nexthop}|{{other}}"
    assert words("a {address} {nexthop}", address=address, nexthop=nexthop) == ("a", address, nexthop)
