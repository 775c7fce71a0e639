"""Plans survive being written down; a changed one is noticed; undo takes back what was written."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan
from splittui.planning.plan_json import PlanFormatError, fingerprint, plan_from_json, plan_to_json
from splittui.planning.undo import undo_plan
from tests.sites import SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

NAMES = st.text(
    st.characters(min_codepoint=0x20, blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029")
)
HOSTS = st.sampled_from(["", "zimbra.example.com"])


def everybody() -> Plan:
    seen = snapshot(
        placeholder("hostless"),
        on_legacy("hostless"),
        placeholder("hosted", host="zimbra.example.com"),
        on_legacy("hosted"),
        on_zimbra("back"),
        on_legacy("back"),
        on_legacy("new", name="Nö \\ Body"),
        on_legacy("kept"),
    )
    to_zimbra = [Move(f"{name}@example.com", Side.ZIMBRA) for name in ("hostless", "hosted", "new", "nobody")]
    to_legacy = [Move(f"{name}@example.com", Side.LEGACY) for name in ("back", "kept")]
    return plan_moves(SPLIT, seen, people(seen), [*to_zimbra, *to_legacy], made_at=12.5)


def test_out_and_in() -> None:
    made = everybody()
    assert plan_from_json(json.loads(json.dumps(plan_to_json(made)))) == made


@given(NAMES, NAMES, NAMES, HOSTS)
def test_out_and_in_for_any_name(name: str, given_name: str, surname: str, host: str) -> None:
    seen = snapshot(
        on_legacy("a", name=name, given_name=given_name, surname=surname), placeholder("b", host=host), on_legacy("b")
    )
    moves = [Move("a@example.com", Side.ZIMBRA), Move("b@example.com", Side.ZIMBRA)]
    made = plan_moves(SPLIT, seen, people(seen), moves, made_at=0)
    assert plan_from_json(json.loads(json.dumps(plan_to_json(made)))) == made


def test_a_changed_plan_is_refused() -> None:
    data = json.loads(json.dumps(plan_to_json(everybody())))
    data["steps"][0]["command"] = data["steps"][0]["command"].replace("hostless", "hostile")
    with pytest.raises(PlanFormatError, match="changed after it was made"):
        plan_from_json(data)


@pytest.mark.parametrize(
    "data", [None, [], {}, {"format": 2}, {"format": 1, "domain": "x", "role": "boss", "made_at": 1, "steps": []}]
)
def test_what_is_no_plan_is_refused(data) -> None:
    with pytest.raises(PlanFormatError):
        plan_from_json(data)


def test_the_fingerprint_names_the_steps_and_not_the_hour() -> None:
    made = everybody()
    assert fingerprint(replace(made, made_at=99.0)) == fingerprint(made)
    assert fingerprint(replace(made, steps=made.steps[1:])) != fingerprint(made)
    assert len(fingerprint(made)) == 19


def test_undo_expects_what_was_written_and_goes_backwards() -> None:
    made = everybody()
    undo = undo_plan(SPLIT, made, range(len(made.steps)), made_at=13.0)
    acts = {step.address: step for step in undo.steps if step.address}
    hostless = acts["hostless@example.com"]
    done = next(step for step in made.steps if step.address == "hostless@example.com")
    assert (hostless.expect, hostless.verify) == (done.verify, done.expect)
    assert hostless.command.endswith('zimbraMailHost "" zimbraMailTransport smtp:mail.example.com:25')
    assert acts["kept@example.com"].act is Act.DELETE
    [said] = [finding.message for finding in undo.findings if finding.code == "cannot-be-undone"]
    assert "they leave every list" in said
    assert undo.steps[-1].act is Act.RELOAD


def test_a_moved_newcomer_stays_as_a_placeholder() -> None:
    made = everybody()
    undo = undo_plan(SPLIT, made, range(len(made.steps)), made_at=13.0)
    assert [step.act for step in undo.steps if step.address == "new@example.com"] == [Act.MODIFY]
    assert ("placeholder-stays", ("new@example.com",)) in [(f.code, f.addresses) for f in undo.findings]


def test_only_what_was_done_is_undone() -> None:
    made = everybody()
    assert undo_plan(SPLIT, made, {0}, made_at=13.0).people == (made.steps[0].address,)
