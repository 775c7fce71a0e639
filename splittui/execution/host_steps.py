"""Programs run on a host: routes of the existing mail system, and reloads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from splittui.execution.events import Event, LiveKind, LiveLine
from splittui.legacy.routers.errors import RouteError


class Runs(Protocol):
    """Whoever can run a program on one of the two hosts."""

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        """The program's exit status and what it printed. Raises RemoteError and RouteError."""
        ...


class HostCommands:
    """Runs programs and tells what was said."""

    def __init__(self, hosts: Runs, emit: Callable[[Event], None]) -> None:
        self._hosts, self._emit = hosts, emit

    def run(self, host: str, argv: tuple[str, ...], shown: str) -> str:
        """What the program printed. Raises RouteError where it ended with an error, and RemoteError."""
        self._emit(LiveLine(host, LiveKind.RUN, shown))
        status, printed = self._hosts.command(host, argv)
        for line in printed.splitlines():
            self._emit(LiveLine(host, LiveKind.RECEIVED, line))
        if status != 0:
            last = next((line for line in reversed(printed.splitlines()) if line.strip()), "it said nothing")
            raise RouteError(f"{argv[0]} ended with {status}: {last}")
        return printed
