"""One randomised run: a plan, faults, somebody else's edit, taken up again until it is through; and then the truth."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from splittui.execution.again import earlier, open_steps, taken_back, written
from splittui.execution.control import Control
from splittui.execution.events import Outcome
from splittui.execution.history import SO, History, RunRecord
from splittui.execution.journal import Journal
from splittui.execution.runner import Runner
from splittui.planning.plan import Act, Plan
from tests.faults.ground import Far, Ground
from tests.faults.stream import BrokenPipes, Fault, Strike

MOST_ATTEMPTS = 8
CALM = 6
"""From this attempt on nothing breaks any more."""

_CERTAIN = ("Nothing was run", "is not known", "with nothing in flight", "people failed one after the other")
_NEXT = ("Mend", "Refresh when", "Connect again", "take the run up again", "look at")
"""What an error that ends a run says of what is certain, or is not, and of what to do."""

_ELSEWHERE = "smtp:elsewhere.example.com:25"
_BROKEN = 70
_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Told:
    """What one run was like; ``wrong`` is what is not as it must be, empty where all is well."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    unknown: int = 0
    conflicts: int = 0
    people: int = 0
    undone: bool = False
    wrong: list[str] = field(default_factory=list)


class Play:
    """The run of one seed."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self._ground, self._dice = ground, random.Random(seed)
        self.told = Told(seed)
        self._edited: set[str] = set()
        self._edits: Counter[str] = Counter()

    def run(self) -> Told:
        """Plays it out, with a copy on which nothing breaks beside it: both must be the same in the end."""
        plan = self._ground.plan(self._dice, 6)
        self.told.people = len(plan.people)
        name = f"seed-{self.told.seed}"
        with self._ground.copy(f"{name}-calm") as calm, self._ground.copy(name) as far:
            journal = far.home / "journal.db"
            before = {address: far.entry(address) for address in plan.people}
            _attempt(plan, calm, calm.home / "journal.db", None, ())
            chain = self._until_through(plan, far, journal)
            self._compare(plan, calm, far, before)
            self._hold_journal_to_it(plan, calm, far, chain)
            creates = any(step.act is Act.CREATE for step in plan.steps)
            if self._dice.random() < 0.25 and not creates and not self.told.wrong:
                self._take_back(plan, far, journal, chain, before)
        return self.told

    def _until_through(self, plan: Plan, far: Far, journal: Path) -> Sequence[RunRecord]:
        chain: Sequence[RunRecord] = ()
        while self.told.attempts < MOST_ATTEMPTS:
            if self._dice.random() < 0.25:
                self._edit(plan, far)
            struck, trouble = _attempt(plan, far, journal, chain or None, self._strikes(plan))
            self.told.attempts += 1
            self.told.faults.update(struck)
            self.told.wrong += trouble
            history = History(journal)
            runs = history.runs()
            chain = history.chain(runs[0].id) if runs else ()
            self.told.unknown += sum(step.unknown for step in chain[-1].steps.values()) if chain else 0
            if trouble or (chain and not self._left(plan, chain)):
                break
        else:
            self.told.wrong.append(f"not through after {MOST_ATTEMPTS} attempts")
        if chain:
            self.told.conflicts = chain[-1].count(Outcome.CONFLICT)
        return chain

    def _strikes(self, plan: Plan) -> tuple[Strike, ...]:
        """At first always something, later on less and less."""
        attempt = self.told.attempts
        if attempt >= CALM or (attempt and self._dice.random() < 0.5):
            return ()
        # Each step is a look, a command and a look.
        lines = 3 * len(plan.steps)
        count = self._dice.choice((1, 1, 2, 3))
        drawn = [Strike(self._dice.choice(list(Fault)), self._dice.randrange(lines)) for _ in range(count)]
        return tuple(sorted(drawn, key=lambda strike: strike.line))

    def _edit(self, plan: Plan, far: Far) -> None:
        address = self._dice.choice(plan.people)
        if far.edit(address, _ELSEWHERE):
            self._edited.add(address)
            self._edits[address] += 1

    def _left(self, plan: Plan, chain: Sequence[RunRecord]) -> bool:
        """Whether something is still to be done for those whom nobody else touched."""
        steps = (plan.steps[number] for number in open_steps(chain))
        return any(step.address and step.address not in self._edited for step in steps)

    def _compare(self, plan: Plan, calm: Far, far: Far, before: dict[str, dict[str, list[str]] | None]) -> None:
        for address in plan.people:
            found = far.entry(address)
            if address in self._edited:
                if found is None or found.get("zimbraMailTransport") != [_ELSEWHERE]:
                    self.told.wrong.append(f"{address}: somebody else's edit was overwritten: {found}")
            elif found != calm.entry(address):
                self.told.wrong.append(f"{address}: is {found}, not {calm.entry(address)}; before {before[address]}")

    def _hold_journal_to_it(self, plan: Plan, calm: Far, far: Far, chain: Sequence[RunRecord]) -> None:
        """The directory's own memory of writes against a calm run's, and against what the journal says was written."""
        if not chain:
            self.told.wrong.append("there is no run in the journal")
            return
        wanted, seen = calm.writes(), far.writes()
        said = {plan.steps[number].address for number in written(chain)} - {""}
        # What nobody knew when somebody else changed it is told as unknown, and stays so.
        unknown = {plan.steps[number].address for run in chain for number, step in run.steps.items() if step.unknown}
        in_doubt = unknown & self._edited
        for dn in wanted | seen:
            address = _address(dn)
            by_us = seen[dn] - self._edits[address]
            if by_us > wanted[dn]:
                self.told.wrong.append(f"{address}: written {by_us} times, and {wanted[dn]} would do")
            if address in set(plan.people) - in_doubt and bool(by_us) != (address in said):
                self.told.wrong.append(f"{address}: written {by_us} times, and the journal says {address in said}")
        done = Counter(n for run in chain for n, step in run.steps.items() if step.outcome is Outcome.DONE)
        twice = [n for n, count in done.items() if count > 1 and plan.steps[n].address]
        if twice:
            self.told.wrong.append(f"the journal has steps {twice} done twice")
        for run in chain:
            if run.error and not (_has(run.error, _CERTAIN) and _has(run.error, _NEXT)):
                self.told.wrong.append(f"an error that leaves one alone: {run.error}")
        last = chain[-1]
        for number, step in enumerate(plan.steps):
            if step.address not in self._edited and last.outcome(number) is Outcome.CONFLICT:
                said_of_it = last.steps[number].message
                self.told.wrong.append(f"step {number}: a conflict although nobody else was there: {said_of_it}")
            settled = any(run.outcome(number) in SO for run in chain)
            if step.address and not settled and step.address not in self._edited:
                self.told.wrong.append(f"step {number} for {step.address} is left open")

    def _take_back(
        self,
        plan: Plan,
        far: Far,
        journal: Path,
        chain: Sequence[RunRecord],
        before: dict[str, dict[str, list[str]] | None],
    ) -> None:
        self.told.undone = True
        back = taken_back(self._ground.split, chain, 2.0)
        if back.steps:
            _attempt(back, far, journal, None, ())
        for address in set(plan.people) - self._edited:
            if far.entry(address) != before[address]:
                self.told.wrong.append(f"{address}: after undo {far.entry(address)}, not {before[address]}")


def _has(text: str, any_of: tuple[str, ...]) -> bool:
    return any(words in text for words in any_of)


def _address(dn: str) -> str:
    uid = dn.partition(",")[0].partition("=")[2]
    return f"{uid}@example.com"


def _attempt(
    plan: Plan, far: Far, journal: Path, chain: Sequence[RunRecord] | None, strikes: tuple[Strike, ...]
) -> tuple[list[str], list[str]]:
    """Runs the plan in a process of its own, which may be killed: what struck it, and what it broke of itself.

    Returns when it and every zmprov that it started are gone.
    """
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        os.close(ours)
        _run_and_end(plan, far, journal, chain, strikes, theirs)
    os.close(theirs)
    with os.fdopen(ours) as heard:
        struck = heard.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    # Orphans come to this process; a zmprov that its splittui left behind ends at the end of its input.
    while True:
        try:
            os.waitpid(-process, 0)
        except ChildProcessError:
            break
    trouble = [] if status in (0, -signal.SIGKILL) else [f"splittui itself ended with {status}"]
    return struck, trouble


def _run_and_end(
    plan: Plan, far: Far, journal: Path, chain: Sequence[RunRecord] | None, strikes: tuple[Strike, ...], theirs: int
) -> None:
    """The child's whole life. What struck is told at once, since it may be the last that is heard of it."""
    status = _BROKEN
    try:
        pipes = BrokenPipes(far.home, strikes, lambda fault: os.write(theirs, f"{fault.value}\n".encode()))
        opened = Journal(journal)
        again = earlier(chain) if chain else None
        Runner(plan, pipes, opened, "faults", lambda event: None, Control(), earlier=again).run()
        opened.close()
        pipes.end()
        status = 0
    finally:
        if status:
            traceback.print_exc(file=sys.stderr)
        os._exit(status)
