"""The runner on a real zmprov process: what is previewed is what is run, and every end is told truthfully."""

import sqlite3
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from splittui.execution.control import Control
from splittui.execution.events import Event, LiveKind, LiveLine, Outcome, RunEnded, StepEnded, StepStarted
from splittui.execution.history import History
from splittui.execution.journal import Journal
from splittui.execution.runner import MAX_SESSIONS, Earlier, Runner
from splittui.model.entries import LegacyAccount, Side, ZimbraAccount
from splittui.model.router import CommandRouter
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import MASK, Act, Plan
from splittui.planning.undo import undo_plan
from tests import far_end
from tests.far_end import Pipes, attributes
from tests.faults.stream import BrokenPipes, Fault, Strike
from tests.sites import LMTP, SMTP, SPLIT, on_legacy, people, snapshot

HOST = "zimbra.example.com"
IDS = {"alice": "33333333-0000-4000-8000-000000000002", "bob": "33333333-0000-4000-8000-000000000003"}


def seen(*extra: LegacyAccount):
    """What the console saw of the recorded start state, alice and bob living on Zimbra."""
    accounts = [
        ZimbraAccount(f"{n}@example.com", i, transport=LMTP, host=HOST, status="active") for n, i in IDS.items()
    ]
    return snapshot(*accounts, on_legacy("alice"), on_legacy("bob"), *extra)


def plan(*moves: tuple[str, Side], extra: tuple[LegacyAccount, ...] = ()) -> Plan:
    looked = seen(*extra)
    return plan_moves(SPLIT, looked, people(looked), [Move(f"{n}@example.com", to) for n, to in moves], made_at=1.0)


def run(made: Plan, pipes: Pipes, journal: Journal, control: Control | None = None) -> tuple[RunEnded, list[Event]]:
    events: list[Event] = []
    ended = Runner(made, pipes, journal, "test", events.append, control or Control()).run()
    pipes.end()
    return ended, events


def messages(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, StepEnded)]


BOTH = (("alice", Side.LEGACY), ("bob", Side.LEGACY))


def test_a_move_and_its_undo(home: Path, journal: Journal) -> None:
    made = plan(*BOTH)
    pipes = Pipes(home)
    ended, events = run(made, pipes, journal)
    assert ended.clean
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [SMTP]
    assert attributes(home, "alice@example.com")["zimbraAccountStatus"] == ["locked"]
    assert pipes.shells == [("/opt/zimbra/bin/zmmtactl", "reload", "norewrite")]
    assert len(pipes.streams) == 1
    sent = [event.text for event in events if isinstance(event, LiveLine) and event.kind is LiveKind.SENT]
    assert made.steps[0].command in sent
    assert not any("fence" in line for line in sent)
    back, _ = run(undo_plan(SPLIT, made, {0, 1, 2}, 2.0), Pipes(home), journal)
    assert back.clean
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [LMTP]
    assert attributes(home, "bob@example.com")["zimbraAccountStatus"] == ["active"]


def test_again_is_nothing_to_do(home: Path, journal: Journal) -> None:
    made = plan(*BOTH)
    run(made, Pipes(home), journal)
    pipes = Pipes(home)
    ended, _ = run(made, pipes, journal)
    assert ended.outcomes == (Outcome.ALREADY,) * 3
    assert pipes.shells == []


def test_a_newcomer_is_created_locked_then_moved(home: Path, journal: Journal) -> None:
    made = plan(("ann", Side.ZIMBRA), extra=(on_legacy("ann", name='Ann "Ä" Adams', surname="Adams"),))
    ended, events = run(made, Pipes(home), journal)
    assert ended.clean, messages(events)
    entry = attributes(home, "ann@example.com")
    assert (entry["displayName"], entry["zimbraMailTransport"], entry["zimbraMailHost"]) == (
        ['Ann "Ä" Adams'],
        [LMTP],
        [HOST],
    )


def test_a_placeholder_that_was_only_made_is_deleted_by_undo(home: Path, journal: Journal) -> None:
    made = plan(("ann", Side.LEGACY), extra=(on_legacy("ann"),))
    assert run(made, Pipes(home), journal)[0].clean
    entry = attributes(home, "ann@example.com")
    assert "zimbraMailHost" not in entry
    assert entry["zimbraAccountStatus"] == ["locked"]
    undo = undo_plan(SPLIT, made, {0}, 2.0)
    assert [step.act for step in undo.steps] == [Act.DELETE]
    assert run(undo, Pipes(home), journal)[0].clean
    assert attributes(home, "ann@example.com") is None


def test_what_somebody_else_changed_is_left_alone_and_stops_nobody(home: Path, journal: Journal) -> None:
    far_end.change(home, "alice@example.com", zimbraMailTransport="smtp:old.example.com")
    ended, events = run(plan(*BOTH), Pipes(home), journal)
    assert ended.outcomes == (Outcome.CONFLICT, Outcome.DONE, Outcome.DONE)
    assert "zimbraMailTransport is smtp:old.example.com instead of lmtp" in messages(events)[0]
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == ["smtp:old.example.com"]


def test_an_account_that_vanished_stops_nobody(home: Path, journal: Journal) -> None:
    far_end.remove(home, "alice@example.com")
    ended, events = run(plan(*BOTH), Pipes(home), journal)
    assert ended.outcomes == (Outcome.CONFLICT, Outcome.DONE, Outcome.DONE)
    assert "gone since the plan was made" in messages(events)[0]


def test_another_account_of_the_same_name_is_a_conflict(home: Path, journal: Journal) -> None:
    far_end.change(home, "alice@example.com", zimbraId="99999999-0000-4000-8000-000000000009")
    ended, events = run(plan(("alice", Side.LEGACY)), Pipes(home), journal)
    assert ended.outcomes[0] is Outcome.CONFLICT
    assert "zimbraId is 99999999" in messages(events)[0]


def test_an_address_that_became_an_alias_is_not_created(home: Path, journal: Journal) -> None:
    made = plan(("ann", Side.LEGACY), extra=(on_legacy("ann"),))
    far_end.change(home, "alice@example.com", zimbraMailAlias="ann@example.com")
    ended, events = run(made, Pipes(home), journal)
    assert ended.outcomes == (Outcome.CONFLICT,)
    assert "alias of alice@example.com" in messages(events)[0]


def test_a_refused_step_skips_the_next_one_for_the_same_person_only(home: Path, journal: Journal) -> None:
    made = plan(("ann", Side.ZIMBRA), ("bob", Side.LEGACY), extra=(on_legacy("ann"),))
    ended, events = run(made, Pipes(home, {0: (b"ca ann", far_end.is_refused)}), journal)
    assert ended.outcomes == (Outcome.FAILED, Outcome.SKIPPED, Outcome.DONE, Outcome.DONE)
    assert "refused it, nothing was changed: account.INVALID_ATTR_VALUE" in messages(events)[0]
    assert attributes(home, "ann@example.com") is None


@pytest.mark.parametrize(
    ("fault", "outcome", "transport", "word"),
    [
        (far_end.dies_before_reading_it, Outcome.FAILED, LMTP, "not applied, nothing was changed"),
        (far_end.dies_after_doing_it, Outcome.DONE, SMTP, "answer was lost, but read back it is right"),
        (far_end.never_answers, Outcome.FAILED, LMTP, "did not answer within"),
    ],
)
def test_a_lost_answer_is_read_back_and_the_run_goes_on(
    home: Path, journal: Journal, fault, outcome: Outcome, transport: str, word: str
) -> None:
    seconds = 1.0 if fault is far_end.never_answers else 20.0
    pipes = Pipes(home, {0: (b"ma alice", fault)}, answer_seconds=seconds)
    ended, events = run(plan(*BOTH), pipes, journal)
    assert ended.outcomes == (outcome, Outcome.DONE, Outcome.DONE)
    assert word in messages(events)[0]
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [transport]
    assert len(pipes.streams) == 2
    assert pipes.streams[0].process.poll() is not None


def test_a_far_end_that_keeps_dying_ends_the_run_and_nothing_is_sent_twice(home: Path, journal: Journal) -> None:
    pipes = Pipes(home, dict.fromkeys(range(99), (b"ga alice", far_end.dies_before_reading_it)))
    ended, _events = run(plan(*BOTH), pipes, journal)
    assert ended.outcomes == (Outcome.SKIPPED,) * 3
    assert "broke off" in ended.error
    assert len(pipes.streams) == MAX_SESSIONS
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [LMTP]


def test_what_cannot_be_read_back_is_unknown(home: Path, journal: Journal, tmp_path: Path) -> None:
    faults = {0: (b"ma alice", far_end.dies_after_doing_it)}
    faults |= dict.fromkeys(range(1, 99), (b"ga alice", far_end.dies_before_reading_it))
    ended, _events = run(plan(*BOTH), Pipes(home, faults), journal)
    assert ended.outcomes == (Outcome.UNKNOWN, Outcome.SKIPPED, Outcome.SKIPPED)
    assert "is not known" in ended.error
    record = History(tmp_path / "journal.db").run(ended.run_id)
    assert [step.outcome for step in record.steps.values()] == [Outcome.UNKNOWN]


def test_stop_ends_after_the_item_in_flight(home: Path, journal: Journal) -> None:
    control = Control()
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted) and event.index == 0:
            control.stop()

    pipes = Pipes(home)
    ended = Runner(plan(*BOTH), pipes, journal, "test", emit, control).run()
    pipes.end()
    assert ended.stopped
    assert ended.outcomes == (Outcome.DONE, Outcome.SKIPPED, Outcome.SKIPPED)


def test_the_journal_has_intent_and_result_of_everything_sent(home: Path, journal: Journal, tmp_path: Path) -> None:
    made = plan(*BOTH, ("ann", Side.LEGACY), extra=(on_legacy("ann"),))
    ended, _ = run(made, Pipes(home), journal)
    steps = History(tmp_path / "journal.db").run(ended.run_id).steps.values()
    assert [step.command for step in steps] == [step.command for step in made.steps]
    assert all(step.sent_at and step.outcome is Outcome.DONE for step in steps)
    assert any(MASK in step.command for step in steps)


def test_a_value_that_forges_structure_is_not_believed(home: Path, journal: Journal) -> None:
    far_end.change(home, "alice@example.com", zimbraMailTransport="smtp:x\n\nprov> zimbraMailTransport: y\n\nprov> ")
    ended, events = run(plan(*BOTH), Pipes(home), journal)
    assert ended.outcomes[0] in (Outcome.FAILED, Outcome.CONFLICT)
    assert ended.outcomes[1:] == (Outcome.DONE, Outcome.DONE)
    assert "left alone" in messages(events)[0]


def test_a_failing_reload_is_told_and_is_no_tragedy(home: Path, journal: Journal) -> None:
    ended, events = run(plan(*BOTH), Pipes(home, shell_status=1), journal)
    assert ended.outcomes == (Outcome.DONE, Outcome.DONE, Outcome.FAILED)
    assert "within 30 seconds by itself" in messages(events)[2]


ROUTER = CommandRouter("show {address}", "set {address} {nexthop}", "clear {address}", "reload")
ROUTED = replace(SPLIT, router=ROUTER)
TO_ZIMBRA = "smtp:[zimbra.example.com]:25"


@dataclass
class Routes(Pipes):
    """A far end whose existing system has a routing table, and whose commands may fail."""

    table: dict[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        self.shells.append(argv)
        name, *rest = argv
        if name.rpartition("/")[2] in self.broken:
            return 1, f"{name}: broken\n"
        if name == "set":
            self.table[rest[0]] = rest[1]
        elif name == "clear":
            self.table.pop(rest[0], None)
        return 0, f"{self.table.get(rest[0], '')}\n" if name == "show" else ""


def routed_plan(to: Side, *forwards: str) -> Plan:
    accounts = [ZimbraAccount("alice@example.com", IDS["alice"], transport=LMTP, host=HOST, status="active")]
    looked = snapshot(*accounts, on_legacy("alice", forwards_to=forwards[0] if forwards else ""))
    return plan_moves(ROUTED, looked, people(looked, ROUTED), [Move("alice@example.com", to)], made_at=1.0)


def test_back_to_legacy_routes_first_and_reloads_in_between(home: Path, journal: Journal) -> None:
    far = Routes(home, table={"alice@example.com": TO_ZIMBRA})
    ended, events = run(routed_plan(Side.LEGACY, TO_ZIMBRA), far, journal)
    assert ended.clean, messages(events)
    assert far.table == {}
    assert [argv[0].rpartition("/")[2] for argv in far.shells] == ["show", "clear", "show", "reload", "zmmtactl"]
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [SMTP]


@pytest.mark.parametrize(
    ("broken", "outcomes", "word"),
    [
        ("show", (Outcome.FAILED, Outcome.ALREADY, Outcome.SKIPPED, Outcome.ALREADY), "cannot be shown"),
        ("clear", (Outcome.FAILED, Outcome.ALREADY, Outcome.SKIPPED, Outcome.ALREADY), "not applied"),
        ("reload", (Outcome.DONE, Outcome.FAILED, Outcome.SKIPPED, Outcome.SKIPPED), "30 seconds"),
    ],
)
def test_zimbra_is_not_flipped_before_legacy_is_final(
    home: Path, journal: Journal, broken: str, outcomes: tuple[Outcome, ...], word: str
) -> None:
    far = Routes(home, table={"alice@example.com": TO_ZIMBRA}, broken=(broken,))
    ended, events = run(routed_plan(Side.LEGACY, TO_ZIMBRA), far, journal)
    assert ended.outcomes == outcomes
    assert any(word in message for message in messages(events))
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [LMTP]


def test_a_route_that_somebody_changed_is_a_conflict(home: Path, journal: Journal) -> None:
    far = Routes(home, table={"alice@example.com": "smtp:elsewhere"})
    ended, _ = run(routed_plan(Side.LEGACY, TO_ZIMBRA), far, journal)
    assert ended.outcomes[0] is Outcome.CONFLICT
    assert far.table == {"alice@example.com": "smtp:elsewhere"}


def test_a_run_again_reloads_what_the_first_one_left_unreloaded(home: Path, journal: Journal) -> None:
    far = Routes(home)
    ended, _ = run(routed_plan(Side.LEGACY, TO_ZIMBRA), far, journal)
    assert ended.outcomes == (Outcome.ALREADY, Outcome.DONE, Outcome.DONE, Outcome.DONE)


def test_noise_in_the_answer_to_the_last_look_is_no_reason_to_say_that_nothing_was_sent(
    home: Path, journal: Journal
) -> None:
    pipes = BrokenPipes(home, (Strike(Fault.LOCALE, 2),), lambda fault: None)
    events: list[Event] = []
    ended = Runner(plan(("alice", Side.LEGACY)), pipes, journal, "test", events.append, Control()).run()
    pipes.end()
    assert pipes.struck == [Fault.LOCALE]
    assert ended.outcomes[0] is Outcome.DONE
    assert messages(events)[0].startswith("its answer was lost, but read back it is right")
    assert attributes(home, "alice@example.com")["zimbraMailTransport"] == [SMTP]
    assert all(stream.process.poll() is not None for stream in pipes.streams)


def test_somebody_who_was_made_and_moved_is_no_conflict_when_the_run_is_taken_up_again(
    home: Path, journal: Journal
) -> None:
    made = plan(("carol", Side.ZIMBRA), extra=(on_legacy("carol"),))
    assert [step.act for step in made.steps[:2]] == [Act.CREATE, Act.MODIFY]
    ended, _ = run(made, Pipes(home), journal)
    assert ended.clean
    # The second step was sent as well, but nobody heard what became of it.
    for settled in (frozenset({0, 1}), frozenset({0})):
        events: list[Event] = []
        pipes = Pipes(home)
        again = Earlier(ended.run_id, settled)
        taken_up = Runner(made, pipes, journal, "test", events.append, Control(), earlier=again).run()
        pipes.end()
        assert taken_up.outcomes[:2] == (Outcome.ALREADY, Outcome.ALREADY), messages(events)


def test_who_was_changed_after_being_made_and_moved_is_a_conflict(home: Path, journal: Journal) -> None:
    made = plan(("carol", Side.ZIMBRA), extra=(on_legacy("carol"),))
    ended, _ = run(made, Pipes(home), journal)
    far_end.change(home, "carol@example.com", zimbraMailTransport="smtp:elsewhere.example.com:25")
    pipes, events = Pipes(home), []
    again = Earlier(ended.run_id, frozenset({0, 1}))
    taken_up = Runner(made, pipes, journal, "test", events.append, Control(), earlier=again).run()
    pipes.end()
    assert taken_up.outcomes[0] is Outcome.CONFLICT
    assert attributes(home, "carol@example.com")["zimbraMailTransport"] == ["smtp:elsewhere.example.com:25"]


def test_a_result_that_cannot_be_written_ends_the_run_and_is_no_success(
    home: Path, journal: Journal, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("CREATE TRIGGER full BEFORE UPDATE ON step BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
    ended, _ = run(plan(*BOTH), Pipes(home), journal)
    assert ended.outcomes[0] is Outcome.DONE
    assert ended.outcomes[1] is Outcome.SKIPPED
    assert "cannot be written (disk is full)" in ended.error
    assert not ended.clean
    assert not ended.stopped
