"""Steps on the existing system's routing: looked at, made in the way that each kind is made, and looked at again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from splittui.execution.control import Control
from splittui.execution.events import Asks, Event, LiveKind, LiveLine, Outcome
from splittui.execution.host_steps import HostCommands, Runs
from splittui.execution.observed import Lost, Observed, differences, holds, sentence, told
from splittui.legacy.routers.errors import RouteError
from splittui.planning.plan import Plan, Step
from splittui.planning.route_change import EntryChange, HandWork, RouteChange, RouteCommand, TableLine
from splittui.planning.routes import ROUTE
from splittui.remote import RemoteError

_NO_ROUTE = (Outcome.FAILED, "the plan does not say how its route is changed")


class Tables(Protocol):
    """The Postfix tables on the existing system's host."""

    def look(self, line: TableLine) -> tuple[str, ...]:
        """What the table has for the key now. Raises RouteError and RemoteError."""
        ...

    def make(self, line: TableLine) -> None:
        """Changes the line, and no other. Raises RouteError and RemoteError."""
        ...


class Entries(Protocol):
    """The entries of the existing system's directory."""

    def look(self, change: EntryChange) -> Observed:
        """The attributes as they are now. Raises RouteError and RemoteError."""
        ...

    def make(self, change: EntryChange) -> None:
        """Changes all of the attributes, or none. Raises RouteError and RemoteError."""
        ...


class Routed(Runs, Protocol):
    """Whoever reaches the place where the existing system's routing is kept."""

    def tables(self, heard: Callable[[str], None]) -> Tables:
        """``heard`` is told what the host says. Raises RouteError where there is no login."""
        ...

    def entries(self) -> Entries:
        """Raises RouteError where the profile names no directory."""
        ...


class RouteSteps:
    """The steps of one run that change routes. ``seen`` is what was last read."""

    def __init__(
        self,
        plan: Plan,
        hosts: Routed,
        emit: Callable[[Event], None],
        control: Control,
        clock: Callable[[], float],
    ) -> None:
        self._plan, self._hosts, self._emit, self._control, self._clock = plan, hosts, emit, control, clock
        self._commands = HostCommands(hosts, emit)
        self._answers: dict[int, bool] = {}
        self.seen: Observed = {}

    def look(self, step: Step, route: RouteChange) -> Observed | None:
        """The route now; None where there is no way to see it. Raises RouteError and RemoteError."""
        match route:
            case TableLine():
                return {ROUTE: self._hosts.tables(self._heard(step)).look(route)}
            case EntryChange():
                return self._hosts.entries().look(route)
            case RouteCommand(show=show) | HandWork(show=show):
                if not show:
                    return None
                printed = self._commands.run(step.host, show, " ".join(show)).strip()
                return {ROUTE: (printed,) if printed else ()}

    def before(self, step: Step) -> tuple[Outcome, str] | None:
        """How the step ends without anything being done: it is so, it cannot be seen. None where it is to be made."""
        if step.route is None:
            return _NO_ROUTE
        try:
            seen = self.look(step, step.route)
        except RouteError as failed:
            return Outcome.FAILED, f"left alone, as its route cannot be shown: {failed}"
        self.seen = seen or {}
        if seen is not None and holds(step.verify, seen):
            return Outcome.ALREADY, "already so, nothing was sent"
        return None

    def conflict(self, step: Step) -> str:
        """Why the step is left alone, after ``before``: somebody changed the route since the plan was made.

        Who does it by hand sees for himself.
        """
        if isinstance(step.route, HandWork) or holds(step.expect, self.seen):
            return ""
        return f"left alone: changed since the plan was made: {differences(step.expect, self.seen)}"

    def make(self, index: int, step: Step, open_: Callable[[Step], bool]) -> tuple[Outcome, str]:
        """Makes the change and looks at it. ``open_`` tells steps that are still to be done from those that are not.

        Raises Lost.
        """
        route, failed_with = step.route, ""
        if route is None:
            return _NO_ROUTE
        try:
            if isinstance(route, HandWork):
                answer = self._answer(index, open_)
                if answer is None:
                    return Outcome.SKIPPED, "the run was stopped before anybody confirmed that it is done"
                if not answer:
                    return Outcome.SKIPPED, "left undone by the operator"
            else:
                self._send(step, route)
        except (RouteError, RemoteError) as failed:
            failed_with = sentence(failed)
        return self._outcome(step, route, failed_with)

    def _send(self, step: Step, route: RouteCommand | TableLine | EntryChange) -> None:
        match route:
            case RouteCommand(do=do):
                self._commands.run(step.host, do, step.command)
            case TableLine():
                self._say(step, LiveKind.RUN, step.command)
                self._hosts.tables(self._heard(step)).make(route)
            case EntryChange():
                self._say(step, LiveKind.RUN, step.command)
                self._hosts.entries().make(route)

    def _outcome(self, step: Step, route: RouteChange, failed_with: str) -> tuple[Outcome, str]:
        """What came of it, by what is seen afterwards."""
        try:
            after = self.look(step, route)
        except (RouteError, RemoteError) as again:
            raise Lost(
                f"Whether {step.host} routes {step.address} as planned is not known: {failed_with} "
                f"{sentence(again)} Look at its route there before anything else."
            ) from again
        if after is None:
            return Outcome.DONE, "confirmed by the operator, and seen by nobody else"
        self.seen = after
        if holds(step.verify, after):
            return Outcome.DONE, f"shown afterwards: {told(step, after)}"
        if not failed_with:
            done = "said to be done" if isinstance(route, HandWork) else "it ended well"
            return Outcome.FAILED, f"{done}, but {differences(step.verify, after)}"
        if holds(step.expect, after):
            return Outcome.FAILED, f"not applied: {failed_with}"
        return Outcome.CONFLICT, f"left alone: {failed_with} Now {told(step, after)}"

    def _answer(self, index: int, open_: Callable[[Step], bool]) -> bool | None:
        """Whether the operator has done it; None where he stopped the run instead. Several are asked for together."""
        if index not in self._answers:
            together = [index, *self._further(index, open_)]
            self._control.ask()
            self._emit(Asks(tuple(together), _words([self._plan.steps[i] for i in together]), self._clock()))
            answer = self._control.await_answer()
            if answer is None:
                return None
            self._answers |= dict.fromkeys(together, answer)
        return self._answers[index]

    def _further(self, index: int, open_: Callable[[Step], bool]) -> list[int]:
        """The steps right behind that are done by hand for other people, and are to be done."""
        first, found = self._plan.steps[index], []
        for number in range(index + 1, len(self._plan.steps)):
            step = self._plan.steps[number]
            if not (first.address and step.address and step.host == first.host and isinstance(step.route, HandWork)):
                break
            if open_(step) and not self._is_so(step, step.route):
                found.append(number)
        return found

    def _is_so(self, step: Step, route: HandWork) -> bool:
        try:
            seen = self.look(step, route)
        except (RouteError, RemoteError):
            return False
        return seen is not None and holds(step.verify, seen)

    def _heard(self, step: Step) -> Callable[[str], None]:
        return lambda text: self._say(step, LiveKind.RECEIVED, text)

    def _say(self, step: Step, kind: LiveKind, text: str) -> None:
        self._emit(LiveLine(step.host, kind, text))


def _words(steps: Sequence[Step]) -> tuple[str, ...]:
    """What to do for all of them; what is the same for each stands there once, at the end."""
    works = [step.route.do for step in steps if isinstance(step.route, HandWork)]
    if len(works) < 2:
        return works[0] if works else ()
    times = Counter(line for work in works for line in dict.fromkeys(work))
    own = [line for work in works for line in work if times[line] < len(works)]
    return (*own, *(line for line in works[0] if times[line] == len(works)))
