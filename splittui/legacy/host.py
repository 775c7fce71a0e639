"""The existing mail system's host as it is reached: its own commands, run over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splittui import config
from splittui.legacy.routers.errors import RouteError
from splittui.remote import Command
from splittui.remote.login import Login

if TYPE_CHECKING:
    from splittui.remote.process import Completed

SECONDS = 60.0
SCRIPT_SECONDS = 180.0
"""A table of a million lines is indexed in some ten seconds; a script that is ended half-way changes nothing."""


class LegacyHost:
    """Runs the router's commands there. Connects when first needed."""

    def __init__(self, settings: config.SshLogin) -> None:
        self._name = settings.host
        self._login = Login(settings, ("/bin/sh",))

    @property
    def login(self) -> Login:
        """The login on the host."""
        return self._login

    def run(self, argv: tuple[str, ...]) -> tuple[int, str]:
        """A command's exit status and what it printed. Raises RemoteError and RouteError."""
        link, become = self._login.connected()
        if become.limited and not argv[0].startswith("/"):
            raise RouteError(f"{self._name}: sudo allows single programs only, so name {argv[0]} by its full path")
        done = link.run(Command(argv, become, merge_stderr=True), timeout=SECONDS)
        return done.status, done.stdout.decode(errors="replace")

    def script(self, text: str, *arguments: str, stdin: bytes = b"") -> Completed:
        """Runs POSIX sh with these arguments and that input. Raises RemoteError and RouteError."""
        link, become = self._login.connected()
        if become.limited:
            raise RouteError(
                f"{self._name}: changing a table takes a shell of {become.user}, and sudo allows single programs only"
            )
        return link.run(Command.script(text, *arguments, become=become), stdin=stdin, timeout=SCRIPT_SECONDS)

    @property
    def alive(self) -> bool:
        return self._login.alive

    def close(self) -> None:
        self._login.close()
