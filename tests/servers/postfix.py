"""A real Postfix in the capsule: its folders, its parameters, starting, reloading, and what lies in its queue."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from tests.servers.capsule import Capsule
from tests.servers.daemon import Daemon, alive, children_of, program_of
from tests.servers.ground import unavailable, wait_until
from tests.servers.hosts import SMTP_PORT, Host
from tests.servers.maillog import MailLog

MASTER = "/usr/lib/postfix/sbin/master"
SECONDS = 20.0

# Postfix's own defaults, without chroot (Debian's file asks for it), and without what a lab has no use for. The queue
# manager looks for mail every second, as queue_run_delay has it, too: what it once skipped would wait for 300.
_MASTER_CF = """\
smtp      inet  n       -       n       -       -       smtpd
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       1       1       qmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
local     unix  -       n       n       -       -       local
lmtp      unix  -       -       n       -       -       lmtp
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
"""
_QUEUE_FOLDERS = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush"),
    *("hold", "incoming", "private", "saved", "trace"),
)
_LOOK_AGAIN_SECONDS = 0.3
_REMEMBERING = ("qmgr", "trivial-rewrite")
_IN_MOTION = ("maildrop", "incoming", "active")


def require_maps() -> None:
    """Skips the test (or fails it, where servers are required) unless Postfix can read LDAP and LMDB maps."""
    try:
        known = {
            line.split()[0] for line in Path("/etc/postfix/dynamicmaps.cf").read_text().splitlines() if line.strip()
        }
    except FileNotFoundError:
        known = set()
    if not {"ldap", "lmdb"} <= known:
        unavailable("not installed: postfix-ldap and postfix-lmdb")


class Postfix:
    """One instance, on the address of ``host``. All names of folders and files are those inside the capsule."""

    def __init__(self, capsule: Capsule, host: Host, *, config: str, queue: str, data: str, log: str) -> None:
        self.capsule, self.host = capsule, host
        self.config, self.queue, self.data = config, queue, data
        self._server: Daemon | None = None
        self._looked_again = 0.0
        self._lay_out()
        log_file = capsule.path(log)
        log_file.touch()
        log_file.chmod(0o644)
        self.log = MailLog(log_file, capsule.path(f"{queue}/public/postlog"))
        self._log_name = log

    def configure(self, parameters: Mapping[str, str]) -> None:
        """Writes main.cf: these parameters, and what every Postfix of the lab has. A running one notices at reload."""
        self.write("main.cf", "".join(f"{name} = {value}\n" for name, value in {**self._own(), **parameters}.items()))

    def write(self, name: str, text: str) -> None:
        """Writes a file into the configuration folder."""
        write_settled(self.capsule.path(f"{self.config}/{name}"), text)

    def start(self) -> None:
        # master(8) itself: "postfix start" spends two seconds in scripts and waiting. It writes why it can not start to
        # a terminal or not at all.
        self._server = self.capsule.start(self.host.name, (MASTER, "-c", self.config, "-d"), terminal=True)
        server = self._server
        wait_until(lambda: not server.running or self._answers(), f"Postfix on {self.host.name} answers", SECONDS)
        assert server.running, server.said

    def reload(self) -> None:
        """As ``postfix reload``: the queue manager and its resolver remember nothing of before when this returns.

        Others that are busy go on for a while; they keep parameters in mind, but no answers of maps.
        """
        self._renew(lambda name: name in _REMEMBERING)

    def reload_at_rest(self) -> None:
        """As ``reload``, and waits for all others, too: no process must be busy with mail meanwhile."""
        self._renew(lambda name: True)

    def _renew(self, matters: Callable[[str], bool]) -> None:
        assert self._server is not None
        old = [pid for pid in children_of(self._server.pid) if matters(program_of(pid))]
        self._server.signal(signal.SIGHUP)
        wait_until(lambda: not any(alive(pid) for pid in old), f"Postfix on {self.host.name} is reloaded", SECONDS)

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def in_motion(self) -> int:
        """How many messages are neither delivered nor put off."""
        # In the order in which a message goes through them, so that none is missed between two looks.
        return sum(len(self.queued(name)) for name in _IN_MOTION)

    def look_again(self) -> None:
        """Makes the queue manager look at mail that it has put off because another process had it open.

        That happens to mail which is under way during a reload; by itself the queue manager looks again after a minute.
        """
        now = time.monotonic()
        if now - self._looked_again > _LOOK_AGAIN_SECONDS and self._has_put_off():
            self._looked_again = now
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(str(self.capsule.path(f"{self.queue}/public/qmgr")))
                # For qmgr(8): all of the incoming queue, whatever its time.
                sock.sendall(b"AI")

    def held(self) -> set[str]:
        """The queue ids of all mail that is here, moving or not."""
        # What is put off now and then begins to move, and is put off again: hence that folder first and last.
        return {name for folder in ("deferred", *_IN_MOTION, "deferred") for name in self.queued(folder)}

    def queued(self, folder: str) -> list[str]:
        """The queue ids in one folder of the queue, such as ``deferred``."""
        top = self.capsule.path(f"{self.queue}/{folder}")
        return [name for _, _, names in os.walk(top) for name in names]

    def purge(self) -> None:
        """Removes all mail that waits in the queue."""
        if self.queued("deferred"):
            self.capsule.run("postsuper", "-c", self.config, "-d", "ALL")

    def _has_put_off(self) -> bool:
        """Whether the incoming queue has a file that is not to be looked at yet: its time lies in the future."""
        folder = self.capsule.path(f"{self.queue}/incoming")
        with suppress(FileNotFoundError):
            return any((folder / name).stat().st_mtime > time.time() + 1 for name in self.queued("incoming"))
        # One has just gone, so there is no hurry.
        return False

    def _answers(self) -> bool:
        return self.capsule.listens(self.host.address, SMTP_PORT)

    def _own(self) -> dict[str, str]:
        return {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": self.data,
            "maillog_file": self._log_name,
            "myhostname": self.host.name,
            "inet_interfaces": self.host.address,
            "inet_protocols": "ipv4",
            # On a loopback network it would not take inet_interfaces as the source, and the peer would not know it.
            "smtp_bind_address": self.host.address,
            "lmtp_bind_address": self.host.address,
            "mydestination": "localhost",
            "alias_maps": "",
            "local_recipient_maps": "",
            "biff": "no",
            # Short ids return within seconds on a memory file system.
            "enable_long_queue_ids": "yes",
            # The same behaviour in less time.
            "queue_run_delay": "1s",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "2s",
            "smtp_connect_timeout": "3s",
            "in_flow_delay": "0",
            "smtpd_tls_security_level": "none",
            "smtp_tls_security_level": "none",
        }

    def _lay_out(self) -> None:
        """What ``postfix check`` would make, in less than its two seconds."""
        for name in (self.config, self.queue, self.data):
            self.capsule.path(name).mkdir(parents=True, exist_ok=True)
        self.write("master.cf", _MASTER_CF)
        self._folder(self.data, 0o700, "postfix")
        for name in _QUEUE_FOLDERS:
            self._folder(f"{self.queue}/{name}", 0o700, "postfix")
        self._folder(f"{self.queue}/pid", 0o755, "root")
        self._folder(f"{self.queue}/maildrop", 0o1730, "postfix", "postdrop")
        self._folder(f"{self.queue}/public", 0o2710, "postfix", "postdrop")

    def _folder(self, name: str, mode: int, user: str, group: str | None = None) -> None:
        folder = self.capsule.path(name)
        folder.mkdir(exist_ok=True)
        shutil.chown(folder, user, group)
        folder.chmod(mode)


def write_settled(file: Path, text: str) -> None:
    """Writes a configuration file that looks old: Postfix waits until a file is two seconds old before it trusts it."""
    file.write_text(text)
    long_ago = time.time() - 60
    os.utime(file, (long_ago, long_ago))
