"""Passwords of directories: from a command, an environment variable, or the operator; never from a file of ours."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable

from splittui.config.directory import LdapServer
from splittui.remote.errors import RemoteError, readable

Ask = Callable[[str], str]
"""Asks the operator, who answers unseen; the argument says whose password is wanted."""

SECONDS = 60.0


class NoPassword(RemoteError):
    """The password cannot be had."""

    def __init__(self, host: str, what: str, next_step: str) -> None:
        super().__init__(host, what, certain="Nothing was sent to it.", next_step=next_step)


class Passwords:
    """Passwords as they are needed, remembered as long as the program runs. ``ask`` is None where nobody can be asked.

    Safe to use from several threads.
    """

    def __init__(self, ask: Ask | None = None) -> None:
        self.ask = ask
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], str] = {}

    def of(self, server: LdapServer) -> str:
        """The password of the server's account; empty where it is asked anonymously. Raises NoPassword."""
        if not server.bind_dn:
            return ""
        key = (server.url, server.bind_dn)
        with self._lock:
            if key not in self._known:
                self._known[key] = self._found(server)
            return self._known[key]

    def forget(self, server: LdapServer) -> None:
        """It was wrong: the next time it is looked for anew."""
        with self._lock:
            self._known.pop((server.url, server.bind_dn), None)

    def _found(self, server: LdapServer) -> str:
        source = server.password
        if source.command:
            return _printed(server.host, source.command)
        if source.variable:
            value = os.environ.get(source.variable, "")
            if not value:
                raise NoPassword(
                    server.host,
                    f"the password for {server.host} is not in the environment variable {source.variable}",
                    f"Set {source.variable}, or use password_command in the profile.",
                )
            return value
        if self.ask is None:
            raise NoPassword(
                server.host,
                f"the password of {readable(server.bind_dn)} on {server.host} has to be asked for, and nobody is there",
                "Start again in a terminal to be asked, or set password_command or password_env in the profile.",
            )
        return self.ask(f"Password of {readable(server.bind_dn)} on {server.host}")


def _printed(host: str, command: tuple[str, ...]) -> str:
    """The first line that the command prints."""
    name = readable(command[0])
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        # The exception itself holds what was printed so far.
        what = f"the password command for {host} ({name}) did not end in {SECONDS:g} seconds"
    except OSError as error:
        what = f"the password command for {host} ({name}) cannot be run: {error.strerror}"
    else:
        line = done.stdout.partition(b"\n")[0].rstrip(b"\r")
        if done.returncode == 0 and line:
            return line.decode("utf-8", "surrogateescape")
        said = readable(done.stderr)
        how = f"ended with {done.returncode}" if done.returncode else "printed nothing"
        what = f"the password command for {host} ({name}) {how}" + (f": {said}" if said else "")
    raise NoPassword(host, what, "Run it by hand; correct password_command in the profile.")
