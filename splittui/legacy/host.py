"""The existing mail system's host as it is reached: its own commands, run over SSH."""

from __future__ import annotations

from splittui import config
from splittui.remote import Command
from splittui.remote.login import Login

SECONDS = 60.0


class LegacyHost:
    """Runs the router's commands there. Connects when first needed."""

    def __init__(self, settings: config.SshLogin) -> None:
        self._login = Login(settings, ("/bin/sh",))

    def run(self, argv: tuple[str, ...]) -> tuple[int, str]:
        """A command's exit status and what it printed. Raises RemoteError."""
        link, become = self._login.connected()
        done = link.run(Command(argv, become, merge_stderr=True), timeout=SECONDS)
        return done.status, done.stdout.decode(errors="replace")

    @property
    def alive(self) -> bool:
        return self._login.alive

    def close(self) -> None:
        self._login.close()
