"""Edits by hand, plans, runs, cut runs, resumes and undos in any order: the directory is always as a model says.

The model is a few lines: what each account is, and what a step may do to it. It knows no runner, no journal, no zmprov.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from splittui.execution.again import earlier, settled, taken_back
from splittui.execution.control import Control
from splittui.execution.events import Event, Outcome, RunEnded
from splittui.execution.history import History
from splittui.execution.journal import Journal
from splittui.execution.runner import Runner
from splittui.lab.replay import make_home
from splittui.model.entries import LegacyAccount, Side, ZimbraAccount
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Fact, Plan, Step
from tests.far_end import attributes, change
from tests.faults.stream import BrokenPipes, Fault, Strike
from tests.sites import SPLIT, on_legacy, people, snapshot

SEEN = ("zimbraMailTransport", "zimbraMailHost", "zimbraAccountStatus")
PEOPLE = ("alice", "bob", "carol")
"""Carol is somebody whom Zimbra does not know at first."""

Entry = dict[str, tuple[str, ...]]
Entries = dict[str, Entry | None]

_CUTS = (Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.EXIT, Fault.STALL)
_SO = (Outcome.DONE, Outcome.ALREADY)


def holds(facts: tuple[Fact, ...], entry: Entry | None) -> bool:
    return entry is not None and all(entry.get(f.attribute, ()) == f.values for f in facts if f.attribute in SEEN)


def may_become(step: Step, entry: Entry | None) -> Entry | None:
    """What the step makes of the entry; the entry itself where it must be left alone."""
    if step.act is Act.CREATE:
        return dict(written(step)) if entry is None else entry
    if not holds(step.expect, entry):
        return entry
    return None if step.act is Act.DELETE else {**(entry or {}), **written(step)}


def written(step: Step) -> Entry:
    return {fact.attribute: fact.values for fact in step.verify if fact.attribute in SEEN}


class AnyOrder(RuleBasedStateMachine):
    """One directory, several operators, and a link that may break."""

    plans = Bundle("plans")
    runs = Bundle("runs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="splittui-any-order-"))
        self.home, self.file = self.folder / "zimbra", self.folder / "journal.db"
        make_home(self.home, True)
        self.model: Entries = {name: self.really(name) for name in PEOPLE}
        self.edits = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def really(self, name: str) -> Entry | None:
        found = attributes(self.home, f"{name}@example.com")
        if found is None:
            return None
        return {one: tuple(found.get(one, ())) for one in SEEN}

    @rule(name=st.sampled_from(PEOPLE))
    def edit_by_hand(self, name: str) -> None:
        entry = self.model[name]
        if entry is not None:
            self.edits += 1
            transport = f"smtp:by-hand-{self.edits}.example.com:25"
            change(self.home, f"{name}@example.com", zimbraMailTransport=transport)
            self.model[name] = {**entry, "zimbraMailTransport": (transport,)}

    @rule(target=plans, wishes=st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(list(Side)), min_size=1))
    def plan(self, wishes: dict[str, Side]) -> Plan:
        """Of what is there now; by the time it is run it may not be so any more."""
        entries: list[ZimbraAccount | LegacyAccount] = [on_legacy(name) for name in PEOPLE]
        for name in PEOPLE:
            found = attributes(self.home, f"{name}@example.com")
            if found is not None:
                values = {one: found.get(one, [""])[0] for one in (*SEEN, "zimbraId")}
                transport, host, status, known_as = values.values()
                entries.append(
                    ZimbraAccount(f"{name}@example.com", known_as, transport=transport, host=host, status=status)
                )
        seen = snapshot(*entries)
        moves = [Move(f"{name}@example.com", to) for name, to in wishes.items()]
        return plan_moves(SPLIT, seen, people(seen), moves, made_at=float(self.edits))

    @rule(target=runs, plan=plans)
    def apply(self, plan: Plan) -> int:
        return self.carry_out(plan, (), None)

    @rule(target=runs, plan=plans, fault=st.sampled_from(_CUTS), line=st.integers(0, 12))
    def apply_and_cut(self, plan: Plan, fault: Fault, line: int) -> int:
        return self.carry_out(plan, (Strike(fault, line),), None)

    @rule(target=runs, number=runs)
    def resume(self, number: int) -> int:
        return self.carry_out(History(self.file).run(number).plan, (), number)

    @rule(target=runs, number=runs)
    def undo(self, number: int) -> int | object:
        back = taken_back(SPLIT, History(self.file).chain(number), 2.0)
        return self.carry_out(back, (), None) if back.steps else multiple()

    def carry_out(self, plan: Plan, strikes: tuple[Strike, ...], resumed: int | None) -> int:
        """Runs it, and lets the model follow: exactly what was done, and of what is unknown one of two."""
        chain = History(self.file).chain(resumed) if resumed is not None else []
        done_before = settled(chain) if chain else frozenset()
        pipes = BrokenPipes(self.home, strikes, lambda fault: None)
        journal, events = Journal(self.file), list[Event]()
        again = earlier(chain) if chain else None
        ended = Runner(plan, pipes, journal, "any", events.append, Control(), earlier=again).run()
        journal.close()
        pipes.end()
        for number, (step, outcome) in enumerate(zip(plan.steps, ended.outcomes, strict=True)):
            if step.address:
                self.follow(step, outcome, sent_before=number in done_before)
        self.journal_tells_of_it(ended)
        return ended.run_id

    def journal_tells_of_it(self, ended: RunEnded) -> None:
        """What it says became of each step is what became of it, and what it says was read last is there."""
        told = History(self.file).run(ended.run_id)
        assert tuple(told.outcome(number) for number in range(len(told.plan.steps))) == ended.outcomes
        assert told.ended_at is not None
        last = {step.address: number for number, step in enumerate(told.plan.steps) if step.address}
        for address, number in last.items():
            if told.outcome(number) is Outcome.DONE and told.steps[number].after:
                entry = self.model[address.partition("@")[0]]
                assert entry is not None
                read = told.steps[number].after
                assert all(read[name] == entry[name] for name in SEEN if name in read)

    def follow(self, step: Step, outcome: Outcome, *, sent_before: bool) -> None:
        name = step.address.partition("@")[0]
        before, after = self.model[name], may_become(step, self.model[name])
        if outcome is Outcome.DONE:
            assert not sent_before, "what an earlier run had done was sent again"
            assert before != after, "it was sent although it must be left alone, or was right already"
            self.model[name] = after
        elif outcome is Outcome.UNKNOWN:
            found = self.really(name)
            assert found in (before, after)
            self.model[name] = found
        elif outcome is Outcome.CONFLICT:
            assert before == after or sent_before, "it could have been done"

    @invariant()
    def directory_is_as_the_model_says(self) -> None:
        for name in PEOPLE:
            assert self.really(name) == self.model[name], name


AnyOrder.TestCase.settings = settings(
    max_examples=15, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
)
test_any_order = AnyOrder.TestCase
