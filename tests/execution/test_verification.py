"""What both MTAs are asked after a run, and what counts as the right answer."""

from __future__ import annotations

from splittui.execution.verification import Question, Topic, check, done, questions, unanswered
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan
from tests.sites import LMTP, SMTP, SPLIT, on_legacy, on_zimbra, people, placeholder, snapshot

BAR, FOO = "bar@example.com", "foo@example.com"


def plan(*moves: Move, split=SPLIT, seen=None) -> Plan:
    seen = seen or snapshot(placeholder("bar"), on_legacy("bar"), on_zimbra("foo"), on_legacy("foo"))
    made = plan_moves(split, seen, people(seen, split), moves, 0.0)
    assert not made.refusals
    return made


def asked(found: list[Question]) -> list[tuple[str, Side, Topic, tuple[str, ...]]]:
    return [(question.address, question.side, question.topic, question.expected) for question in found]


def test_zimbra_is_asked_for_the_transport_that_the_move_set_and_whether_it_knows_the_address() -> None:
    moves = plan(Move(BAR, Side.ZIMBRA), Move(FOO, Side.LEGACY))
    assert asked([*questions(moves, {BAR, FOO})]) == [
        (BAR, Side.ZIMBRA, Topic.TRANSPORT, (LMTP,)),
        (BAR, Side.ZIMBRA, Topic.KNOWN, (BAR,)),
        (FOO, Side.ZIMBRA, Topic.TRANSPORT, (SMTP,)),
        (FOO, Side.ZIMBRA, Topic.KNOWN, (FOO,)),
    ]


def test_of_several_steps_for_one_address_the_last_one_counts() -> None:
    """Who has no entry yet gets a placeholder first, and then the mailbox."""
    seen = snapshot(on_legacy("bar"))
    made = plan(Move(BAR, Side.ZIMBRA), seen=seen)
    assert len([step for step in made.steps if step.address]) == 2
    assert asked([*questions(made, {BAR})])[0] == (BAR, Side.ZIMBRA, Topic.TRANSPORT, (LMTP,))


def test_nothing_is_asked_about_those_whose_steps_did_not_all_come_about() -> None:
    moves = plan(Move(BAR, Side.ZIMBRA), Move(FOO, Side.LEGACY))
    right = [step.address != FOO for step in moves.steps]
    assert done(moves, right) == {BAR}
    assert {question.address for question in questions(moves, done(moves, right))} == {BAR}
    assert done(moves, [False] * len(right)) == set()


def test_the_new_home_is_asked_whether_it_takes_mail() -> None:
    moves = plan(Move(BAR, Side.ZIMBRA), Move(FOO, Side.LEGACY))
    found = [question for question in asked([*questions(moves, {BAR, FOO}, rcpt=True)]) if question[2] is Topic.RCPT]
    assert found == [
        (BAR, Side.ZIMBRA, Topic.RCPT, ("accepted",)),
        (FOO, Side.LEGACY, Topic.RCPT, ("accepted",)),
    ]


def test_answers() -> None:
    transport, known = questions(plan(Move(BAR, Side.ZIMBRA)), {BAR})
    right = check(transport, "zimbra.example.com", f"postmap -q {BAR} ldap:x", (LMTP,))
    assert (right.agrees, right.expected, right.answered) == (True, LMTP, LMTP)
    stale = check(transport, "zimbra.example.com", "", (SMTP,))
    assert (stale.agrees, stale.expected, stale.answered) == (False, LMTP, SMTP)
    assert not check(transport, "zimbra.example.com", "", ()).agrees
    assert check(known, "zimbra.example.com", "", ("bar@example.com,forward@example.net",)).agrees
    assert not check(known, "zimbra.example.com", "", ()).agrees
    silent = unanswered(known, "zimbra.example.com", "", "the link was lost")
    assert (silent.agrees, silent.trouble) == (False, "the link was lost")
