"""What sudo, su and runuser say when they refuse, and what an operator can do about each."""

from __future__ import annotations

import re

from splittui.remote.command import Become, Way
from splittui.remote.errors import BecomeRefused, readable
from splittui.remote.ssh_config import Target

_SUDOERS = "Have root add to sudoers there: {line}"

# (what is said, what it means, what to do); sudo(8), sudo-rs, su(1), runuser(1) of util-linux, and the shells' "not
# found". Only a language other than English is not recognised; then the text itself is the reason.
_KNOWN = (
    (r"must have a tty", "its sudo wants a terminal", "Have root add to sudoers there: Defaults:{login} !requiretty"),
    (r"(password|authentication|terminal) is required", "sudo asks for a password", _SUDOERS),
    (r"not in the sudoers|not allowed to|may not run sudo|can't do that", "sudo does not allow it", _SUDOERS),
    (r"no new privileges", "sudo may not gain privileges there", "Look at how sshd is confined on that host."),
    (r"unknown user|user .*does not exist|user .*not found", "there is no user {user}", "Correct the user name."),
    (
        r"\b(sudo|runuser|su)\b.*not found",
        "there is no {way} there",
        "Choose another way to become {user}, or log in as {user}.",
    ),
    (r"may not be used by non-root", "runuser is for root only", "Log in as root, or use sudo."),
    (r"[Pp]assword|Authentication failure|from a terminal", "su asks for a password", "Log in as root, or use sudo."),
)
_SPEAKER = re.compile(r"^(sudo|su|runuser)(-rs)?: .+|^Sorry, user .+|^.* is not in the sudoers file.*|^I'm sorry .+")


def sudoers_line(login: str, user: str, program: str = "ALL") -> str:
    """The line that lets ``login`` run ``program`` (an absolute path, or ALL) as ``user`` without a password."""
    return f"{login} ALL=({user}) NOPASSWD: {program}"


def refusal(target: Target, become: Become, said: bytes) -> BecomeRefused | None:
    """The error for what the way to the other user said, or None when it is not a refusal of it."""
    if become.way is Way.DIRECT:
        return None
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    for line in lines:
        missing = re.search(rf"\b{become.way.value}\b.*not found", line)
        asks = become.way is Way.SU and re.search(r"[Pp]assword", line)
        if _SPEAKER.match(line) or missing or asks:
            return _explained(target, become, line)
    return None


def _explained(target: Target, become: Become, line: str) -> BecomeRefused:
    words = {
        "user": become.user,
        "login": target.user,
        "way": become.way.value,
        "line": sudoers_line(target.user, become.user),
    }
    for pattern, reason, next_step in _KNOWN:
        if re.search(pattern, line):
            reason, next_step = reason.format_map(words), next_step.format_map(words)
            break
    else:
        reason, next_step = readable(line), "Try the same by hand on that host."
    return BecomeRefused(target.name, become.user, reason, next_step=next_step, said=readable(line))
