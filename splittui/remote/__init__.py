"""Remote machines over SSH: connect, run programs as the right user, notice when the other end is gone.

    target = resolve("mbox1", Overrides(user="ops"))
    with Link.connect(target) as link:
        done = link.run(Command(("/opt/zimbra/bin/zmcontrol", "-v"), Become.sudo("zimbra")))
        process = link.start(Command.script("exec cat", become=Become.sudo("zimbra"), merge_stderr=True))

Every call may block for a limited time, so none belongs into an event loop. Secrets go to a program's standard input
and nowhere else. Every failure is a RemoteError that says what happened, what is certain, and what to do next.
"""

from splittui.remote.access import Access, BecomeAccess, probe_become
from splittui.remote.authentication import Credentials
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
from splittui.remote.link import Link, Timeouts, log_to
from splittui.remote.process import SIGNALLED, Completed, RemoteProcess
from splittui.remote.public_key import PublicKey
from splittui.remote.ssh_config import Overrides, Target, resolve

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
