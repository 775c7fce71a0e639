"""Steps on a domain, a server and the global configuration: one line, what it expects, what it leaves, its undo."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.mailflow.callbacks import assigned
from splittui.model.entries import Role, Server
from splittui.model.zmprov_line import UnquotableError
from splittui.planning import domain
from splittui.planning.domain import the_three
from splittui.planning.entry_change import CONFIG_NAME, modified, with_secret
from splittui.planning.plan import Act, Change, Fact, Plan, Target
from splittui.planning.plan_json import fingerprint, plan_from_json, plan_to_json
from splittui.planning.settings import Restart, globally, on_server, reload, take_effect
from splittui.planning.undo import undo_plan
from tests.sites import SPLIT

THREE = the_three(SPLIT)
CLEARED = dict.fromkeys(THREE, ())


def test_the_three_are_set_and_cleared_in_one_command() -> None:
    step = domain.changed(SPLIT, {"zimbraDomainStatus": ("active",)}, THREE, "")
    assert step is not None
    assert step.command == (
        "md example.com zimbraMailCatchAllAddress @example.com zimbraMailCatchAllForwardingAddress @example.com "
        "zimbraMailTransport smtp:mail.example.com:25"
    )
    cleared = 'zimbraMailCatchAllAddress "" zimbraMailCatchAllForwardingAddress "" zimbraMailTransport ""'
    back = domain.changed(SPLIT, THREE, CLEARED, "")
    assert back is not None
    assert back.command == f"md example.com {cleared}"
    assert step.undo == back.tokens
    assert back.undo == step.tokens
    assert (step.target, step.entry, step.address, step.act) == (Target.DOMAIN, "example.com", "", Act.MODIFY)
    assert step.expect == tuple(Fact(name) for name in THREE)
    assert step.verify == tuple(Fact(name, values) for name, values in THREE.items())


def test_only_what_differs_is_sent_but_all_of_it_is_expected() -> None:
    half = {**THREE, "zimbraMailTransport": ("smtp:old.example.com",)}
    step = domain.changed(SPLIT, half, THREE, "")
    assert step is not None
    assert step.command == "md example.com zimbraMailTransport smtp:mail.example.com:25"
    assert len(step.expect) == 3
    assert domain.changed(SPLIT, THREE, THREE, "") is None


def test_the_domain_is_made_with_its_attributes() -> None:
    step = domain.created(SPLIT, THREE)
    assert step.command.startswith("cd example.com zimbraMailCatchAllAddress @example.com ")
    assert (step.act, step.undo, step.expect) == (Act.CREATE, ("dd", "example.com"), ())


@pytest.mark.parametrize(
    ("before", "after", "line", "undo"),
    [
        ((), ("a",), "mcf x a", 'mcf x ""'),
        (("a",), (), 'mcf x ""', "mcf x a"),
        (("a",), ("b",), "mcf x b", "mcf x a"),
        (("a",), ("a", "b c"), 'mcf +x "b c"', 'mcf -x "b c"'),
        (("a", "b"), ("b",), "mcf -x a", "mcf +x a"),
        (("a", "b"), ("b", "c"), "mcf x b x c", "mcf x a x b"),
    ],
)
def test_values_are_added_and_taken_away_where_that_is_enough(before, after, line: str, undo: str) -> None:
    step = globally(SPLIT, {"x": before}, {"x": after}, "")
    assert step is not None
    assert step.command == line
    assert " ".join(step.undo) == undo.replace('"b c"', "b c").replace('""', "")
    assert step.changes == (Change(CONFIG_NAME, "x", before, after),)
    assert (step.target, step.entry) == (Target.CONFIG, "")


values = st.lists(st.sampled_from("abc"), unique=True).map(tuple)


@given(st.dictionaries(st.sampled_from(("x", "y", "z")), values, min_size=1), st.data())
def test_the_line_leaves_what_was_wished_and_its_undo_what_was_there(seen, data) -> None:
    wished = {name: data.draw(values) for name in seen}
    step = modified("host", Target.SERVER, "s1", seen, wished, "")
    if step is None:
        assert {n: set(v) for n, v in seen.items()} == {n: set(v) for n, v in wished.items()}
        return
    there = assigned(seen, list(zip(step.tokens[2::2], step.tokens[3::2], strict=True)))
    assert all(fact.holds(there.get(fact.attribute, ())) for fact in step.verify)
    back = assigned(there, list(zip(step.undo[2::2], step.undo[3::2], strict=True)))
    assert all(fact.holds(back.get(fact.attribute, ())) for fact in step.expect)


def test_a_server_is_changed_by_its_name() -> None:
    server = Server("z1", "zimbra.example.com", settings={"zimbraMtaRelayHost": ("old.example.net",)})
    step = on_server(SPLIT, server, {"zimbraMtaRelayHost": ()}, "")
    assert step is not None
    assert step.command == 'ms z1 zimbraMtaRelayHost ""'
    assert (step.target, step.entry, step.target.reads) == (Target.SERVER, "z1", "gs")


def test_a_value_that_no_line_can_carry_is_refused() -> None:
    with pytest.raises(UnquotableError):
        globally(SPLIT, {}, {"zimbraMtaRelayHost": ("bell\x07",)}, "")


def test_a_given_secret_is_masked_named_and_not_read_back() -> None:
    plain = domain.changed(SPLIT, {}, {"zimbraGalMode": ("both",)}, "")
    assert plain is not None
    step = with_secret(plain, "zimbraGalLdapBindPassword", "the password of cn=zimbra")
    assert step.command == "md example.com zimbraGalMode both zimbraGalLdapBindPassword ********"
    assert (step.tokens[step.secrets[0]], step.given) == ("********", ("the password of cn=zimbra",))
    assert "zimbraGalLdapBindPassword" not in {fact.attribute for fact in (*step.expect, *step.verify)}
    made = Plan("example.com", Role.PRIMARY, 1.0, (step,))
    back = undo_plan(SPLIT, made, {0}, 2.0).steps[0]
    assert back.undo == ()
    assert back.command == 'md example.com zimbraGalMode ""'


def everything() -> Plan:
    steps = [
        domain.created(SPLIT, THREE),
        reload(SPLIT),
        domain.changed(SPLIT, THREE, CLEARED, "cleared"),
        globally(SPLIT, {}, {"zimbraMtaRelayHost": ("[mail.example.com]:25",)}, "relay host"),
        on_server(SPLIT, Server("z1", "z1"), {"zimbraMtaMyNetworks": ("127.0.0.0/8 [::1]/128",)}, "networks"),
        take_effect(SPLIT, Restart.POSTFIX),
    ]
    return Plan("example.com", Role.PRIMARY, 1.0, tuple(step for step in steps if step is not None))


def test_such_steps_survive_being_written_down() -> None:
    made = everything()
    assert plan_from_json(json.loads(json.dumps(plan_to_json(made)))) == made
    other = plan_to_json(made)
    assert other["fingerprint"] == fingerprint(made)


def test_taking_back_goes_backwards_and_names_the_entry() -> None:
    undo = undo_plan(SPLIT, everything(), range(6), 2.0)
    assert [step.command for step in undo.steps] == [
        'ms z1 zimbraMtaMyNetworks ""',
        'mcf zimbraMtaRelayHost ""',
        "md example.com " + " ".join(f"{name} {value[0]}" for name, value in THREE.items()),
        "dd example.com",
        "/opt/zimbra/bin/zmmtactl restart",
    ]
    assert [step.target for step in undo.steps if step.act is not Act.RELOAD] == [
        Target.SERVER,
        Target.CONFIG,
        Target.DOMAIN,
        Target.DOMAIN,
    ]
    assert undo.findings == ()


def test_postfix_is_stopped_and_started_in_one_command() -> None:
    step = take_effect(SPLIT, Restart.POSTFIX)
    assert step.tokens == ("/bin/sh", "-c", "/opt/zimbra/bin/postfix stop; /opt/zimbra/bin/postfix start")
    assert take_effect(SPLIT, Restart.ZMMTACTL).tokens == ("/opt/zimbra/bin/zmmtactl", "restart")
