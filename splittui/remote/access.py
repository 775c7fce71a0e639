"""Finding out, harmlessly, what a login may do as another user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from splittui.remote.command import Become, Command, Way
from splittui.remote.errors import BecomeRefused
from splittui.remote.link import Link
from splittui.remote.refusal import sudoers_line

# "sudo -l COMMAND" only says whether COMMAND would be allowed. The locale is set for messages that can be recognised.
_ALLOWED = 'LC_ALL=C; export LC_ALL; exec sudo -n -l -u "$@"'


class Access(Enum):
    """How much a login may do as the other user."""

    FULL = "everything"
    PROGRAM = "only that program"
    REFUSED = "nothing"


@dataclass(frozen=True, slots=True)
class BecomeAccess:
    """The answer: how much, and with which ``become`` to start commands from now on (None when refused).

    ``reason`` and ``next_step`` are for the operator; ``next_step`` names the sudoers line that would give more.
    """

    access: Access
    become: Become | None
    reason: str
    next_step: str = ""


def probe_become(link: Link, become: Become, argv: Sequence[str]) -> BecomeAccess:
    """What ``become`` allows on this link: a shell, or only the program ``argv`` (with these arguments), or nothing.

    Runs nothing but ``:`` as the other user and asks sudo what it would allow; leaves nothing behind.
    Raises the errors of ``Link.start``, other than BecomeRefused.
    """
    if not become.limited:
        try:
            if become.way is not Way.SUDO or _sudo_allows(link, become, ["/bin/sh", "-c", ":"]):
                link.run(Command.script(":", become=become))
                return BecomeAccess(Access.FULL, become, f"the login may do everything as {become.user or 'itself'}")
        except BecomeRefused as error:
            refused = error
            if become.way is not Way.SUDO:
                return BecomeAccess(Access.REFUSED, None, refused.reason, refused.next_step)
    login = link.target.user
    if _sudo_allows(link, become, argv):
        line = sudoers_line(login, become.user)
        reason = f"sudo lets {login} run only {argv[0]} as {become.user}"
        return BecomeAccess(Access.PROGRAM, become.as_limited(), reason, f"For everything, sudoers needs: {line}")
    some, full = sudoers_line(login, become.user, argv[0]), sudoers_line(login, become.user)
    reason = f"sudo does not let {login} run {argv[0]} as {become.user} without a password"
    return BecomeAccess(
        Access.REFUSED, None, reason, f"Have root add to sudoers there: {some} (or, for everything: {full})"
    )


def _sudo_allows(link: Link, become: Become, argv: Sequence[str]) -> bool:
    return link.run(Command.script(_ALLOWED, become.user, *argv)).status == 0
