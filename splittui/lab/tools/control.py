"""zmcontrol and zmhostname: what the host is, and what runs on it."""

from __future__ import annotations

import sys

from splittui.lab.home import Home

RELEASE = "Release 10.1.0.GA.4655.UBUNTU22.64 UBUNTU22_64 FOSS edition."
_SERVICES = ("amavis", "antispam", "ldap", "logger", "mailbox", "memcached", "mta", "opendkim", "proxy", "zmconfigd")


def zmcontrol(home: Home, arguments: list[str]) -> int:
    """``zmcontrol -v`` and ``zmcontrol status``; the last word of a status line is the service's state."""
    if arguments == ["-v"]:
        sys.stdout.write(f"{RELEASE}\n")
        return 0
    if arguments != ["status"]:
        sys.stdout.write("/opt/zimbra/bin/zmcontrol [-v -h -H <host>] command\n")
        return 1
    settings = home.settings()
    stopped = {name for name, runs in (("mailbox", settings.mailboxd), ("ldap", settings.ldap)) if not runs}
    sys.stdout.write(f"Host {_server(home)}\n")
    for name in _SERVICES:
        sys.stdout.write(f"\t{name:<24}{'Stopped' if name in stopped else 'Running'}\n")
    return 1 if stopped else 0


def zmhostname(home: Home, arguments: list[str]) -> int:
    """The name that Zimbra knows this server by."""
    sys.stdout.write(f"{_server(home)}\n")
    return 0


def _server(home: Home) -> str:
    return home.localconfig().get("zimbra_server_hostname", "localhost")
