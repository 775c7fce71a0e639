"""Users of the capsule: Zimbra's own, and an operator's, in private copies of /etc/passwd and its like."""

from __future__ import annotations

import os
from pathlib import Path

from tests.servers.capsule import Capsule

ROOT = "root"
OPERATOR = "ops"
"""Logs in on both hosts; sudo lets it become zimbra, and root on the existing system."""
ZIMBRA_USER = "zimbra"

OUTSIDER = "outsider"
"""Logs in on the client's host, and is nobody's there."""

ID = {ZIMBRA_USER: 61100, OPERATOR: 61101, OUTSIDER: 61102}
"""User and group id of each."""

_HOMES = {ZIMBRA_USER: "/opt/zimbra", OPERATOR: "/opt/ops", OUTSIDER: "/opt/outsider"}
# What Zimbra's packages allow its user (02_zimbra-mta), and the line that splittui's README names for an operator.
_SUDOERS = f"""\
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
{ZIMBRA_USER} ALL=(root) NOPASSWD: /opt/zimbra/common/sbin/postfix, /opt/zimbra/common/sbin/postconf, \\
    /opt/zimbra/common/sbin/postsuper, /opt/zimbra/common/sbin/postcat
{OPERATOR} ALL=({ZIMBRA_USER}) NOPASSWD: ALL
{OPERATOR} ALL=(root) NOPASSWD: ALL
"""
_BASHRC = """\
PATH=/opt/zimbra/bin:/opt/zimbra/common/bin:/opt/zimbra/common/sbin:/usr/sbin:$PATH
export PATH
umask 0027
"""
_PROFILE = "umask 0027\n[ -f ~/.bashrc ] && . ~/.bashrc\nexport LANG=C LC_ALL=C\n"


def make_accounts(capsule: Capsule) -> None:
    """Adds the users, their home folders and what sudo allows them."""
    for name, home in _HOMES.items():
        number = ID[name]
        # "*": nobody knows the password, but the account is not locked; sshd without PAM refuses a locked one.
        for file, line in (
            ("passwd", f"{name}:x:{number}:{number}::{home}:/bin/bash"),
            ("shadow", f"{name}:*:19000::::::"),
            ("group", f"{name}:x:{number}:"),
        ):
            _replace_line(capsule.path(f"/etc/{file}"), name, line)
        place = capsule.path(home)
        place.mkdir(exist_ok=True)
        os.chown(place, number, number)
    own = capsule.path(_HOMES[ZIMBRA_USER])
    (own / ".bashrc").write_text(_BASHRC)
    (own / ".bash_profile").write_text(_PROFILE)
    sudoers = capsule.path("/etc/sudoers")
    sudoers.write_text(_SUDOERS)
    sudoers.chmod(0o440)


def _replace_line(file: Path, name: str, line: str) -> None:
    """The machine may have a user of that name; the capsule's own copy of the file gets the lab's instead."""
    others = [old for old in file.read_text().splitlines() if not old.startswith(f"{name}:")]
    file.write_text("\n".join((*others, line)) + "\n")
