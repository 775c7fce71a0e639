"""Remote commands as data, and how each is put on the one line that an SSH server hands to the login shell.

The program is started behind a sentinel: a line ``\\036NONCE TARGET`` on standard output, printed just before the
program replaces the shell that printed it. All that comes before it is noise of the login (profiles, banners);
``TARGET`` is what ``kill`` takes to reach the program: ``-PGID`` with a process group of its own, else its pid.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from enum import Enum

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\$?")

# Linux takes no single argument above 128 KiB, and the whole line is one argument of the login shell.
_MAX_LINE = 120_000

# One line without "!", so that login shells of the csh family hand it on unchanged.
_START = 'printf "\\036%s %s%s\\n" "$1" "$2" "$$"; shift 2; exec "$@"'

# setsid does not fork in a child of a non-interactive shell, so that the shell waits for the program itself and turns
# a death by signal N into status 128+N; that holds for every setsid, with or without the option -w.
_WRAP = (
    "cd 2>/dev/null || cd /; s=$1; n=$2; shift 2; "
    'if command -v setsid >/dev/null 2>&1; then setsid /bin/sh -c "$s" sh "$n" - "$@"; '
    'else /bin/sh -c "$s" sh "$n" "" "$@"; fi; exit $?'
)


class Way(Enum):
    """How a login becomes the user that runs the program."""

    DIRECT = "direct"
    SUDO = "sudo"
    RUNUSER = "runuser"
    SU = "su"


@dataclass(frozen=True, slots=True)
class Become:
    """As whom a program runs. ``limited`` means that sudo allows single programs only, no shell of that user."""

    way: Way = Way.DIRECT
    user: str = ""
    limited: bool = False

    def __post_init__(self) -> None:
        if self.way is Way.DIRECT:
            if self.user or self.limited:
                raise ValueError("a direct login becomes nobody else")
        elif not _USER.fullmatch(self.user):
            raise ValueError(f"{self.user!r} is not a user name")
        if self.limited and self.way is not Way.SUDO:
            raise ValueError("only sudo can be limited to single programs")

    @classmethod
    def direct(cls) -> Become:
        """The login user itself."""
        return cls()

    @classmethod
    def sudo(cls, user: str, *, limited: bool = False) -> Become:
        """``sudo -n -H -u USER``: never asks for a password."""
        return cls(Way.SUDO, user, limited)

    @classmethod
    def runuser(cls, user: str) -> Become:
        """``runuser -u USER``: for a login as root."""
        return cls(Way.RUNUSER, user)

    @classmethod
    def su(cls, user: str) -> Become:
        """``su - USER``: for a login as root; the user's profile runs first."""
        return cls(Way.SU, user)

    def as_limited(self) -> Become:
        """The same, limited to single programs."""
        return replace(self, limited=True)


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, run in the home directory of the user that it runs as, without a terminal.

    Arguments are visible to every user of the remote host (ps, sudo's log, audit): a secret never goes here, only to
    the program's standard input. ``merge_stderr`` sends what the program writes to stderr into stdout, in order;
    ``no_input`` gives it /dev/null to read.
    """

    argv: tuple[str, ...]
    become: Become = Become()
    merge_stderr: bool = False
    no_input: bool = False

    def __post_init__(self) -> None:
        if not self.argv or not self.argv[0]:
            raise ValueError("a command needs a program")
        if any("\0" in argument for argument in self.argv):
            raise ValueError("an argument cannot hold a NUL")
        if self.become.limited and not self.argv[0].startswith("/"):
            raise ValueError("with sudo limited to single programs, the program needs an absolute path")

    @classmethod
    def script(cls, text: str, *arguments: str, become: Become | None = None, merge_stderr: bool = False) -> Command:
        """A script for POSIX sh; ``arguments`` are its ``$1`` and so on. Not possible with a limited become."""
        become = become or Become()
        if become.limited:
            raise ValueError("sudo limited to single programs runs no script")
        return cls(("/bin/sh", "-c", text, "sh", *arguments), become, merge_stderr)


def command_line(command: Command, nonce: str) -> str:
    """The line for the login shell. Raises ValueError when it is too long for one (then use standard input)."""
    become = command.become
    start = _START + " 2>&1" * command.merge_stderr + " </dev/null" * command.no_input
    if become.limited:
        words = ["/bin/sh", "-c", start, "sh", nonce, "", *_sudo(become.user), *command.argv]
    else:
        home = f"HOME=~{become.user}; export HOME; " if become.way is Way.RUNUSER else ""
        words = ["/bin/sh", "-c", home + _WRAP, "sh", start, nonce, *command.argv]
        if become.way is Way.SUDO:
            words = [*_sudo(become.user), *words]
        elif become.way is Way.RUNUSER:
            words = ["runuser", "-u", become.user, "--", *words]
        elif become.way is Way.SU:
            words = ["su", "-", become.user, "-c", "exec " + shlex.join(words)]
    line = "exec " + shlex.join(words)
    if len(line.encode("utf-8", "surrogateescape")) > _MAX_LINE:
        raise ValueError("the command is too long for one line; hand its data to its standard input")
    return line


def _sudo(user: str) -> list[str]:
    return ["sudo", "-n", "-H", "-u", user, "--"]


def sentinel(nonce: str) -> re.Pattern[bytes]:
    """Finds the sentinel of ``command_line(..., nonce)``; group 1 is the target for ``kill``."""
    return re.compile(rb"\036" + nonce.encode() + rb" (-?[0-9]+)\n")
