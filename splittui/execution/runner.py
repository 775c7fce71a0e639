"""The lock-step runner: read the entry again, compare with the plan, journal the intent, send, verify by reading back.

One command is in flight at a time. When its answer is lost, the entry is read back through a new session and classed as
applied, not applied, or unknown; nothing is ever sent twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from splittui.execution.control import Control
from splittui.execution.entries import Entries, conflict_of, key, named
from splittui.execution.events import Event, LiveKind, LiveLine, Outcome, RunEnded, RunStarted, StepEnded, StepStarted
from splittui.execution.host_steps import HostCommands
from splittui.execution.journal import Journal, JournalError
from splittui.execution.observed import Lost, Observed, differences, holds, sentence, told
from splittui.execution.route_steps import Routed, RouteSteps
from splittui.legacy.routers.errors import RouteError
from splittui.model.zmprov_line import UnquotableError
from splittui.planning.plan import Act, Plan, Step, Target
from splittui.planning.routes import WAIT
from splittui.remote import LinkLost, ProcessEnded, RemoteError
from splittui.zimbra.zmprov.errors import (
    CommandFailed,
    NoAnswer,
    NotACommand,
    NotForPlainInput,
    SessionEnded,
    ZmprovError,
)
from splittui.zimbra.zmprov.reply import UnreadableReply
from splittui.zimbra.zmprov.session import Direction, Listener, ZmprovSession

_FLIPS = (Act.MODIFY, Act.CREATE, Act.ROUTE)
_SO = (Outcome.DONE, Outcome.ALREADY)

MAX_SESSIONS = 4
"""How often zmprov may be started in one run while nothing gets done; a host where it keeps dying needs a person."""


class FarEnd(Routed, Protocol):
    """What a run needs of the two hosts."""

    def session(self, listener: Listener) -> ZmprovSession:
        """A zmprov at its prompt, that tells ``listener`` of its dialogue. Raises RemoteError and ZmprovError."""
        ...

    def release(self, session: ZmprovSession) -> None:
        """Takes back a session that is at its prompt."""
        ...

    def given(self, name: str) -> str:
        """The secret that a step calls by this name. Raises RemoteError where it cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run of the same plan that is taken up again: its number, and the steps that it had done.

    What it had done is looked at and never sent again: where it is not so any more, somebody wanted it otherwise.
    ``looked_at`` are those at which that was done already.
    """

    run: int
    settled: frozenset[int]
    looked_at: frozenset[int] = frozenset()


class _KeepsEnding(ZmprovError):
    """zmprov was started as often as is sensible."""


class Runner:
    """Runs one plan once."""

    def __init__(
        self,
        plan: Plan,
        far_end: FarEnd,
        journal: Journal,
        profile: str,
        emit: Callable[[Event], None],
        control: Control,
        clock: Callable[[], float] = time.time,
        *,
        earlier: Earlier | None = None,
        failures: int = 5,
    ) -> None:
        self._plan = plan
        self._far_end = far_end
        self._journal = journal
        self._profile = profile
        self._emit = emit
        self._commands = HostCommands(far_end, emit)
        self._routes = RouteSteps(plan, far_end, emit, control, clock)
        self._control = control
        self._clock = clock
        self._earlier = earlier
        self._failures_allowed = failures
        self._failures = 0
        self._unwritten = ""
        self._seen: Observed = {}
        self._entries = Entries(plan)
        self._host = plan.steps[0].host if plan.steps else ""
        self._session: ZmprovSession | None = None
        self._sessions = 0
        self._run = 0
        self._outcomes: list[Outcome] = []
        self._failed: dict[str, Outcome] = {}
        self._flipped: set[str] = set()
        self._found_flipped: set[str] = set()
        self._not_reloaded: set[str] = set()

    def run(self) -> RunEnded:
        """Takes the plan to its end, or to the first trouble that concerns more than one entry.

        Raises JournalError where not even the run's beginning could be journalled.
        """
        resumes = self._earlier.run if self._earlier is not None else None
        self._run = self._journal.begin(self._profile, self._plan, self._clock(), resumes=resumes)
        self._emit(RunStarted(self._run, len(self._plan.steps), self._clock()))
        error = ""
        try:
            for index, step in enumerate(self._plan.steps):
                if not self._control.may_go_on(step.address):
                    break
                self._seen = {}
                self._emit(StepStarted(index, self._clock()))
                try:
                    outcome, message = self._step(index, step)
                except (RemoteError, ZmprovError, JournalError) as trouble:
                    error = sentence(trouble)
                    outcome, message = Outcome.SKIPPED, f"not sent: {error}"
                except Lost as lost:
                    error = str(lost)
                    outcome, message = Outcome.UNKNOWN, error
                self._end_step(index, step, outcome, message)
                error = error or self._unwritten or self._too_many_failures() or self._rests_on(step, outcome)
                if error:
                    break
            self._skip_rest(error)
        finally:
            if self._session is not None:
                self._far_end.release(self._session)
        stopped = self._control.stopped and not error and Outcome.SKIPPED in self._outcomes
        at = self._clock()
        try:
            self._journal.end(self._run, error, stopped, at)
        except JournalError as trouble:
            error = error or str(trouble)
        ended = RunEnded(self._run, tuple(self._outcomes), error, stopped, at)
        self._emit(ended)
        return ended

    def _skip_rest(self, error: str) -> None:
        reason = "the run ended before it" if error else "stopped by the operator"
        for index in range(len(self._outcomes), len(self._plan.steps)):
            self._outcomes.append(Outcome.SKIPPED)
            self._emit(StepEnded(index, Outcome.SKIPPED, f"not sent: {reason}", self._clock()))

    def _end_step(self, index: int, step: Step, outcome: Outcome, message: str) -> None:
        self._outcomes.append(outcome)
        if (step.act in _FLIPS or step.target is Target.DOMAIN) and outcome in _SO:
            (self._flipped if outcome is Outcome.DONE else self._found_flipped).add(step.host)
        elif step.act is Act.RELOAD and outcome not in _SO:
            self._not_reloaded.add(step.host)
        elif step.address and outcome not in _SO:
            self._failed[step.address] = outcome
        if outcome is Outcome.DONE:
            # Only what breaks again and again without getting anywhere needs a person.
            self._failures = 0
            self._sessions = min(self._sessions, 1)
        elif outcome is Outcome.FAILED and step.address:
            self._failures += 1
        self._emit(StepEnded(index, outcome, message, self._clock()))
        try:
            self._journal.result(self._run, index, step.command, outcome, message, self._clock(), self._seen)
        except JournalError as trouble:
            self._unwritten = str(trouble)

    def _too_many_failures(self) -> str:
        """Why the run stops by itself: what fails again and again needs a person, not another try."""
        if self._failures < self._failures_allowed:
            return ""
        return f"{self._failures} people failed one after the other, so it was stopped: look at the last message first."

    def _rests_on(self, step: Step, outcome: Outcome) -> str:
        """Why the rest is not sent: what concerns nobody alone is what the steps behind it stand on."""
        if outcome in _SO or step.address or step.act is Act.RELOAD:
            return ""
        return f"“{step.summary}” did not come about, and what follows rests on it, so it was not sent."

    def _step(self, index: int, step: Step) -> tuple[Outcome, str]:
        earlier = self._earlier_failure(step)
        if earlier:
            return Outcome.SKIPPED, earlier
        if step.act is Act.RELOAD:
            return self._reload(index, step)
        if self._earlier is not None and index in self._earlier.looked_at:
            return Outcome.ALREADY, "done, and found so, by earlier runs"
        if step.act is Act.ROUTE:
            return self._route(index, step)
        try:
            before = self._read(step)
        except (CommandFailed, UnreadableReply) as unread:
            return Outcome.FAILED, f"left alone, as it cannot be read: {unread}"
        if before is not None and self._is_done(step, before):
            return Outcome.ALREADY, "already so, nothing was sent"
        if before is None and step.act is Act.DELETE:
            return Outcome.ALREADY, "already gone, nothing was sent"
        if self._is_settled(index):
            if before is not None and self._went_on(index, step, before):
                return Outcome.ALREADY, "done by an earlier run, and what comes after it as well"
            return Outcome.CONFLICT, self._changed_since(step, before)
        conflict = conflict_of(step, before)
        if conflict:
            return Outcome.CONFLICT, conflict
        given = tuple(self._far_end.given(name) for name in step.given)
        self._journal.intend(self._run, index, step.command, before or {}, self._clock())
        try:
            self._zmprov().do(step.tokens, step.secrets, given)
        except (CommandFailed, NotACommand) as failed:
            return Outcome.FAILED, f"Zimbra refused it, nothing was changed: {failed}"
        except (NotForPlainInput, UnquotableError) as unsendable:
            return Outcome.FAILED, str(unsendable)
        except (SessionEnded, NoAnswer, RemoteError) as trouble:
            return self._read_back(step, trouble)
        return self._verify(step)

    def _is_settled(self, index: int) -> bool:
        return self._earlier is not None and index in self._earlier.settled

    def _went_on(self, index: int, step: Step, seen: Observed) -> bool:
        """Whether the entry is as some later step of the plan leaves it, which an earlier run had come to as well."""
        facts = {fact.attribute: fact for fact in step.verify}
        for later in self._plan.steps[index + 1 :]:
            if key(later) == key(step) and later.act is Act.MODIFY:
                facts |= {fact.attribute: fact for fact in later.verify}
                if holds(facts.values(), seen):
                    return True
        return False

    def _changed_since(self, step: Step, seen: Observed | None) -> str:
        now = (
            "the entry is gone"
            if seen is None
            else differences(step.verify, seen) or f"the {step.target} is there again"
        )
        run = self._earlier.run if self._earlier is not None else 0
        return f"left alone: run {run} had done it, and it was changed since: {now}"

    def _reload(self, index: int, step: Step) -> tuple[Outcome, str]:
        if step.host not in self._flipped and not self._other_flips(index, step):
            return Outcome.ALREADY, "no route was changed, so there is nothing to reload"
        self._journal.intend(self._run, index, step.command, {}, self._clock())
        if step.tokens == WAIT:
            self._note(step.host, f"Waiting {WAIT[1]} seconds, until Postfix has forgotten its last answers by itself.")
            waited = self._control.wait(float(WAIT[1]))
            self._flipped.discard(step.host)
            return (Outcome.DONE, "waited") if waited else (Outcome.SKIPPED, "stopped by the operator while waiting")
        try:
            self._commands.run(step.host, step.tokens, step.command)
        except (RouteError, RemoteError) as failed:
            return Outcome.FAILED, f"{failed}; Postfix takes the new routes within 30 seconds by itself"
        self._flipped.discard(step.host)
        return Outcome.DONE, "Postfix was reloaded"

    def _other_flips(self, index: int, step: Step) -> bool:
        """Whether the other host is flipped later on: an earlier run may have ended before it could reload this one."""
        later = self._plan.steps[index + 1 :]
        return step.host in self._found_flipped and any(s.act in _FLIPS and s.host != step.host for s in later)

    def _route(self, index: int, step: Step) -> tuple[Outcome, str]:
        """Changes where the existing system sends an address."""
        routes = self._routes
        ended = routes.before(step)
        self._seen = routes.seen
        if ended is not None:
            return ended
        if self._is_settled(index):
            if not routes.seen:
                return Outcome.ALREADY, "confirmed by the operator in an earlier run"
            return Outcome.CONFLICT, self._changed_since(step, routes.seen)
        conflict = routes.conflict(step)
        if conflict:
            return Outcome.CONFLICT, conflict
        self._journal.intend(self._run, index, step.command, routes.seen, self._clock())
        outcome = routes.make(index, step, lambda other: not self._earlier_failure(other))
        self._seen = routes.seen
        return outcome

    def _earlier_failure(self, step: Step) -> str:
        for host in self._not_reloaded - {step.host}:
            return f"not sent: {host} was not reloaded; plan the rest again in 30 seconds, or mail could loop"
        failed = self._failed.get(step.address)
        return f"not sent: the step before it for {step.address} is {failed.value}" if failed else ""

    def _zmprov(self) -> ZmprovSession:
        if self._session is None:
            if self._sessions >= MAX_SESSIONS:
                raise _KeepsEnding(
                    f"zmprov broke off {self._sessions} times in this run, so it was stopped with nothing in flight: "
                    "look at the host first, then take the run up again."
                )
            self._sessions += 1
            self._session = self._far_end.session(self._heard)
        return self._session

    def _heard(self, direction: Direction, text: str) -> None:
        kind = LiveKind.SENT if direction is Direction.SENT else LiveKind.RECEIVED
        self._emit(LiveLine(self._host, kind, text))

    def _abandon_session(self, trouble: Exception) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        if isinstance(trouble, NoAnswer):
            try:
                gone = session.abandon()
            except RemoteError:
                gone = False
            if not gone:
                self._note(self._host, "The zmprov that gave no answer could not be ended; it may still be at work.")
        elif isinstance(trouble, (CommandFailed, UnreadableReply)):
            self._far_end.release(session)

    def _read(self, step: Step) -> Observed | None:
        """The entry now; None where there is none. A session that dies while only reading is replaced."""
        while True:
            try:
                return self._observe(step)
            except (SessionEnded, NoAnswer, LinkLost, ProcessEnded) as trouble:
                self._note(step.host, f"{trouble} Starting it again; nothing was sent.")
                self._abandon_session(trouble)

    def _observe(self, step: Step) -> Observed | None:
        self._seen = {}
        found = self._entries.read(self._zmprov(), step)
        self._seen = found if found is not None and "" not in found else {}
        return found

    def _is_done(self, step: Step, seen: Observed) -> bool:
        return step.act is not Act.DELETE and "" not in seen and holds(step.verify, seen)

    def _verify(self, step: Step) -> tuple[Outcome, str]:
        try:
            after = self._observe(step)
        except (RemoteError, ZmprovError) as trouble:
            # It was sent: an answer that cannot be read is as good as lost.
            return self._read_back(step, trouble)
        if step.act is Act.DELETE:
            return (
                (Outcome.DONE, "gone") if after is None else (Outcome.FAILED, "zmprov said yes, but it is still there")
            )
        if after is None:
            return Outcome.FAILED, f"zmprov said yes, but the {step.target} is not there"
        if self._is_done(step, after):
            return Outcome.DONE, f"read back: {told(step, after)}"
        return Outcome.FAILED, f"zmprov said yes, but read back is {differences(step.verify, after)}"

    def _read_back(self, step: Step, trouble: Exception) -> tuple[Outcome, str]:
        """Classes a step whose answer was lost."""
        self._note(step.host, f"{sentence(trouble)} Reading {named(step)} back.")
        self._abandon_session(trouble)
        try:
            after = self._observe(step)
        except (RemoteError, ZmprovError) as again:
            raise Lost(
                f"{sentence(trouble)} Whether {named(step)} was changed is not known, as it cannot be read back: "
                f"{sentence(again)} Refresh when {step.host} answers again: the row then shows what is true."
            ) from again
        if step.act is Act.DELETE:
            return (Outcome.DONE, "gone") if after is None else (Outcome.FAILED, f"not applied: {trouble}")
        if after is not None and self._is_done(step, after):
            return Outcome.DONE, f"its answer was lost, but read back it is right: {told(step, after)}"
        if after is None if step.act is Act.CREATE else after is not None and holds(step.expect, after):
            return Outcome.FAILED, f"not applied, nothing was changed: {trouble}"
        seen = f"the {step.target} is gone" if after is None else differences(step.verify, after)
        return Outcome.CONFLICT, f"its answer was lost, and read back it is neither as before nor as planned: {seen}"

    def _note(self, host: str, text: str) -> None:
        self._emit(LiveLine(host, LiveKind.NOTE, text))
