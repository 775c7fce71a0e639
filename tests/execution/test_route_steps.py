"""Runs that change a Postfix table, an entry of a directory, or what a person does by hand, beside a real zmprov."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from splittui.execution.control import Control
from splittui.execution.events import Asks, Event, LiveLine, Outcome, RunEnded, StepEnded
from splittui.execution.history import History
from splittui.execution.journal import Journal
from splittui.execution.runner import Earlier, Runner
from splittui.legacy.routers.errors import RouteError
from splittui.model.entries import Side
from splittui.model.router import LdapRouter, ManualRouter, PostfixRouter, Router, System
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.route_change import EntryChange
from splittui.planning.undo import undo_plan
from splittui.remote.errors import LinkLost
from tests.far_end import Pipes, attributes
from tests.legacy.tables import LocalShell, Table
from tests.sites import LMTP, SMTP, SPLIT, on_legacy, on_zimbra, people, snapshot

TO_ZIMBRA = "smtp:[zimbra.example.com]:25"
ALICE, BOB = "alice@example.com", "bob@example.com"
IDS = {"alice": "33333333-0000-4000-8000-000000000002", "bob": "33333333-0000-4000-8000-000000000003"}


@dataclass
class Far(Pipes):
    """The two systems: zmprov on pipes, a Postfix table in a folder, a directory that is a dict, a route printed."""

    table: Table | None = None
    shell: LocalShell | None = None
    directory: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    def tables(self, heard: Callable[[str], None]):
        if self.table is None:
            raise RouteError("the profile has no login on mail.example.com")
        return self.table.at_work(self.shell)

    def entries(self) -> Far:
        return self

    def look(self, change: EntryChange) -> Mapping[str, tuple[str, ...]]:
        return {each.attribute: self.directory.get(each.attribute, ()) for each in change.changes}

    def make(self, change: EntryChange) -> None:
        self.directory |= {each.attribute: each.after for each in change.changes}
        if self.cut:
            raise LinkLost("mail.example.com", "cut")

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        self.shells.append(argv)
        return 0, f"{self.shown.get(argv[1], '')}\n" if argv[0] == "show" else "done\n"


def plan(router: Router, to: Side, *names: str, forwards_to: str = "", **held: tuple[str, ...]) -> Plan:
    """A plan for people of the recorded start state, who all live on Zimbra."""
    split = replace(SPLIT, router=router)
    accounts = (replace(on_zimbra(name), id=IDS[name]) for name in names)
    seen = snapshot(*accounts, *(on_legacy(name, forwards_to=forwards_to) for name in names))
    seen = replace(seen, legacy=replace(seen.legacy, routing={f"{name}@example.com": held for name in names}))
    return plan_moves(split, seen, people(seen, split), [Move(f"{n}@example.com", to) for n in names], made_at=1.0)


def run(
    made: Plan,
    far: Far,
    journal: Journal,
    answers: Callable[[Control, Asks], None] = lambda control, asks: control.answer(True),
    earlier: Earlier | None = None,
) -> tuple[RunEnded, list[Event]]:
    events: list[Event] = []
    control = Control()

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, Asks):
            answers(control, event)

    ended = Runner(made, far, journal, "test", emit, control, earlier=earlier).run()
    far.end()
    return ended, events


def messages(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, StepEnded)]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "postfix").write(f"{ALICE} {TO_ZIMBRA}\n{BOB} {TO_ZIMBRA}\nfoo@example.com :\n")


def back(table: Table, *names: str) -> Plan:
    router = PostfixRouter(table.name)
    return plan(router, Side.LEGACY, *names, forwards_to=TO_ZIMBRA, route=(TO_ZIMBRA,))


def test_a_table_there_and_back(home: Path, journal: Journal, table: Table) -> None:
    made = back(table, "alice", "bob")
    far = Far(home, table=table)
    ended, events = run(made, far, journal)
    assert ended.clean, messages(events)
    assert table.path.read_text() == "foo@example.com :\n"
    assert messages(events)[0] == "shown afterwards: route unset"
    assert [argv[0].rpartition("/")[2] for argv in far.shells] == ["postfix", "zmmtactl"]
    assert attributes(home, ALICE)["zimbraMailTransport"] == [SMTP]
    split = replace(SPLIT, router=PostfixRouter(table.name))
    undone, events = run(undo_plan(split, made, range(len(made.steps)), 2.0), Far(home, table=table), journal)
    assert undone.clean, messages(events)
    assert (table.found(ALICE), table.found(BOB)) == (TO_ZIMBRA, TO_ZIMBRA)
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]


def test_a_line_that_somebody_changed_is_a_conflict_for_one_person(home: Path, journal: Journal, table: Table) -> None:
    table.write(f"{ALICE} smtp:other\n{BOB} {TO_ZIMBRA}\n")
    ended, events = run(back(table, "alice", "bob"), Far(home, table=table), journal)
    kinds = [Outcome.CONFLICT, Outcome.DONE, Outcome.DONE, Outcome.SKIPPED, Outcome.DONE, Outcome.DONE]
    assert list(ended.outcomes) == kinds
    assert messages(events)[0].endswith(f"route is smtp:other instead of {TO_ZIMBRA}")
    assert table.path.read_text() == f"{ALICE} smtp:other\n"
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]


def test_a_change_in_the_last_moment_is_a_conflict_too(home: Path, journal: Journal, table: Table) -> None:
    def edit(script: str) -> None:
        if "new table" in script:
            table.write(f"{ALICE} smtp:other\n")

    far = Far(home, table=table, shell=LocalShell(table.folder, before=edit))
    ended, events = run(back(table, "alice"), far, journal)
    assert ended.outcomes[0] is Outcome.CONFLICT
    assert "changed in between" in messages(events)[0]
    assert messages(events)[0].endswith("Now route smtp:other")
    assert table.found(ALICE) == "smtp:other"


def test_a_table_that_cannot_be_written_fails_and_zimbra_stays(home: Path, journal: Journal, table: Table) -> None:
    def full(script: str) -> None:
        if "new table" in script:
            (table.path.parent / "transport.splittui-new").mkdir(exist_ok=True)

    far = Far(home, table=table, shell=LocalShell(table.folder, before=full))
    ended, events = run(back(table, "alice"), far, journal)
    assert ended.outcomes == (Outcome.FAILED, Outcome.ALREADY, Outcome.SKIPPED, Outcome.ALREADY)
    assert "not applied: mail.example.com: " in messages(events)[0]
    assert "cannot be made" in messages(events)[0]
    assert table.found(ALICE) == TO_ZIMBRA
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]


def test_what_postmap_says_is_in_the_live_log_and_the_journal_has_the_line(
    home: Path, journal: Journal, table: Table, tmp_path: Path
) -> None:
    made = back(table, "alice")
    ended, events = run(made, Far(home, table=table), journal)
    said = [event.text for event in events if isinstance(event, LiveLine) and event.host == "mail.example.com"]
    assert made.steps[0].command in said
    assert History(tmp_path / "journal.db").run(ended.run_id).steps[0].command == made.steps[0].command


def test_without_a_login_nothing_is_touched(home: Path, journal: Journal, table: Table) -> None:
    ended, events = run(back(table, "alice"), Far(home), journal)
    assert ended.outcomes[0] is Outcome.FAILED
    assert "no login on mail.example.com" in messages(events)[0]
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]


ENTRY = LdapRouter("dc=example", away=(("mailHost", "{zimbra}"),), here=(("mailHost", "{legacy}"),), reload="reload")


def test_an_entry_there_and_back(home: Path, journal: Journal) -> None:
    made = plan(ENTRY, Side.LEGACY, "alice", forwards_to=TO_ZIMBRA, mailhost=("zimbra.example.com",))
    far = Far(home, directory={"mailHost": ("zimbra.example.com",)})
    ended, events = run(made, far, journal)
    assert ended.clean, messages(events)
    assert far.directory == {"mailHost": ("mail.example.com",)}
    assert messages(events)[0] == "shown afterwards: mailHost mail.example.com"
    split = replace(SPLIT, router=ENTRY)
    undone, _ = run(undo_plan(split, made, range(len(made.steps)), 2.0), far, journal)
    assert undone.clean
    assert far.directory == {"mailHost": ("zimbra.example.com",)}


def test_an_entry_whose_answer_is_lost_is_read_back(home: Path, journal: Journal) -> None:
    made = plan(ENTRY, Side.LEGACY, "alice", forwards_to=TO_ZIMBRA, mailhost=("zimbra.example.com",))
    ended, events = run(made, Far(home, directory={"mailHost": ("zimbra.example.com",)}, cut=1), journal)
    assert ended.clean, messages(events)


HAND = ManualRouter(System.POSTFIX)


def by_hand(*names: str, router: ManualRouter = HAND) -> Plan:
    return plan(router, Side.LEGACY, *names, forwards_to=TO_ZIMBRA)


def test_by_hand_it_is_asked_once_for_all_and_taken_at_its_word(home: Path, journal: Journal) -> None:
    ended, events = run(by_hand("alice", "bob"), Far(home), journal)
    assert ended.clean, messages(events)
    [asked] = [event for event in events if isinstance(event, Asks)]
    assert asked.indexes == (0, 1)
    assert [line for line in asked.words if "alice" in line or "bob" in line] == [
        f"on mail.example.com, keep the mail of {address}: in /etc/postfix/transport no line for them"
        for address in (ALICE, BOB)
    ]
    assert sum("postfix reload" in line for line in asked.words) == 1
    assert messages(events)[:2] == ["confirmed by the operator, and seen by nobody else"] * 2
    assert attributes(home, ALICE)["zimbraMailTransport"] == [SMTP]


def test_what_was_left_undone_leaves_zimbra_as_it_is(home: Path, journal: Journal) -> None:
    ended, events = run(by_hand("alice"), Far(home), journal, lambda control, asks: control.answer(False))
    assert ended.outcomes == (Outcome.SKIPPED, Outcome.SKIPPED, Outcome.ALREADY)
    assert not ended.stopped
    assert messages(events)[0] == "left undone by the operator"
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]


def test_stopping_is_an_answer(home: Path, journal: Journal) -> None:
    ended, events = run(by_hand("alice"), Far(home), journal, lambda control, asks: control.stop())
    assert ended.stopped
    assert set(ended.outcomes) == {Outcome.SKIPPED}
    assert "stopped before anybody confirmed" in messages(events)[0]


def test_an_answer_may_come_from_another_thread(home: Path, journal: Journal) -> None:
    def later(control: Control, asks: Asks) -> None:
        threading.Thread(target=control.answer, args=(True,)).start()

    assert run(by_hand("alice"), Far(home), journal, later)[0].clean


SHOWN = replace(HAND, show="show {address}")


def test_what_was_said_to_be_done_is_looked_at_where_it_can_be(home: Path, journal: Journal) -> None:
    far = Far(home, shown={ALICE: TO_ZIMBRA})
    ended, events = run(by_hand("alice", router=SHOWN), far, journal)
    assert ended.outcomes == (Outcome.FAILED, Outcome.SKIPPED, Outcome.ALREADY)
    assert messages(events)[0] == f"said to be done, but route is {TO_ZIMBRA} instead of unset"
    assert attributes(home, ALICE)["zimbraMailTransport"] == [LMTP]

    def really(control: Control, asks: Asks) -> None:
        far.shown.clear()
        control.answer(True)

    far = Far(home, shown={ALICE: TO_ZIMBRA})
    ended, events = run(by_hand("alice", router=SHOWN), far, journal, really)
    assert ended.clean
    assert messages(events)[0] == "shown afterwards: route unset"


def test_who_is_done_already_is_not_asked_for(home: Path, journal: Journal) -> None:
    far = Far(home, shown={ALICE: TO_ZIMBRA})
    ended, events = run(
        by_hand("alice", "bob", router=SHOWN), far, journal, lambda control, asks: control.answer(False)
    )
    assert ended.outcomes[:2] == (Outcome.SKIPPED, Outcome.ALREADY)
    [asked] = [event for event in events if isinstance(event, Asks)]
    assert asked.indexes == (0,)


def test_taken_up_again_what_was_confirmed_is_not_asked_for_again(home: Path, journal: Journal) -> None:
    made = by_hand("alice")
    first, _ = run(made, Far(home), journal)
    again, events = run(made, Far(home), journal, earlier=Earlier(first.run_id, frozenset({0})))
    assert again.outcomes[0] is Outcome.ALREADY
    assert messages(events)[0] == "confirmed by the operator in an earlier run"
    assert not [event for event in events if isinstance(event, Asks)]


def test_waiting_ends_when_the_run_is_stopped() -> None:
    control = Control()
    threading.Timer(0.05, control.stop).start()
    assert control.wait(60.0) is False
    control.ask()
    assert control.await_answer() is None
