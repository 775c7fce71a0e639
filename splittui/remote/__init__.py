"""Remote machines over SSH: connect, run programs as the right user, notice when the other end is gone.

    target = resolve("mbox1", Overrides(user="ops"))
    with Link.connect(target) as link:
        done = link.run(Command(("/opt/zimbra/bin/zmcontrol", "-v"), Become.sudo("zimbra")))
        process = link.start(Command.script("exec cat", become=Become.sudo("zimbra"), merge_stderr=True))

Every call may block for a limited time, so none belongs into an event loop. Secrets go to a program's standard input
and nowhere else. Every failure is a RemoteError that says what happened, what is certain, and what to do next.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from splittui.remote.command import Become, Command, Way
from splittui.remote.errors import (
    AuthenticationFailed,
    BecomeRefused,
    ChannelRefused,
    ConfigRefused,
    HostKeyChanged,
    HostKeyRefused,
    HostKeyRevoked,
    HostKeyUnknown,
    LinkLost,
    ProcessEnded,
    RemoteError,
    RemoteTimeout,
    SentinelMissing,
    Unreachable,
    readable,
)
from splittui.remote.known_hosts import KnownHosts, Verdict, accept
from splittui.remote.public_key import PublicKey
from splittui.remote.ssh_config import Overrides, Target, resolve

if TYPE_CHECKING:
    from splittui.remote.access import Access, BecomeAccess, probe_become
    from splittui.remote.authentication import Credentials
    from splittui.remote.link import Link, Timeouts, log_to
    from splittui.remote.process import SIGNALLED, Completed, RemoteProcess

_WITH_PARAMIKO = {
    "access": ("Access", "BecomeAccess", "probe_become"),
    "authentication": ("Credentials",),
    "link": ("Link", "Timeouts", "log_to"),
    "process": ("SIGNALLED", "Completed", "RemoteProcess"),
}


def __getattr__(name: str) -> object:
    """Loads what needs paramiko when it is first asked for: paramiko takes longer to load than a console to appear."""
    for module, names in _WITH_PARAMIKO.items():
        if name in names:
            return getattr(import_module(f"splittui.remote.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "SIGNALLED",
    "Access",
    "AuthenticationFailed",
    "Become",
    "BecomeAccess",
    "BecomeRefused",
    "ChannelRefused",
    "Command",
    "Completed",
    "ConfigRefused",
    "Credentials",
    "HostKeyChanged",
    "HostKeyRefused",
    "HostKeyRevoked",
    "HostKeyUnknown",
    "KnownHosts",
    "Link",
    "LinkLost",
    "Overrides",
    "ProcessEnded",
    "PublicKey",
    "RemoteError",
    "RemoteProcess",
    "RemoteTimeout",
    "SentinelMissing",
    "Target",
    "Timeouts",
    "Unreachable",
    "Verdict",
    "Way",
    "accept",
    "log_to",
    "probe_become",
    "readable",
    "resolve",
]
