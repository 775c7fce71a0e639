"""Steps that are programs run on a host: routes of the existing mail system, and reloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from splittui.execution.events import Event, LiveKind, LiveLine
from splittui.planning.plan import Step
from splittui.planning.routes import ROUTE


class CommandError(Exception):
    """A program on a host ended with an error; the text is its own last words and its exit status."""


class Runs(Protocol):
    """Whoever can run a program on one of the two hosts."""

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        """The program's exit status and what it printed. Raises RemoteError."""
        ...


class HostCommands:
    """Runs a step's programs and tells what was said."""

    def __init__(self, hosts: Runs, emit: Callable[[Event], None]) -> None:
        self._hosts, self._emit = hosts, emit

    def run(self, host: str, argv: tuple[str, ...], shown: str) -> str:
        """What the program printed. Raises CommandError and RemoteError."""
        self._emit(LiveLine(host, LiveKind.RUN, shown))
        status, printed = self._hosts.command(host, argv)
        for line in printed.splitlines():
            self._emit(LiveLine(host, LiveKind.RECEIVED, line))
        if status != 0:
            last = next((line for line in reversed(printed.splitlines()) if line.strip()), "it said nothing")
            raise CommandError(f"{argv[0]} ended with {status}: {last}")
        return printed

    def route(self, step: Step) -> dict[str, tuple[str, ...]]:
        """Where the existing system sends the address now. Raises CommandError and RemoteError."""
        printed = self.run(step.host, step.probe, " ".join(step.probe)).strip()
        return {ROUTE: (printed,) if printed else ()}
