"""Ways in for an operator: an sshd on each of the two mail hosts, and on one outside."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.capsule import Capsule
from tests.servers.ground import wait_until
from tests.servers.hosts import CLIENT, LEGACY, SSH_PORT, ZIMBRA, Host

_HOSTS = (ZIMBRA, LEGACY, CLIENT)


@dataclass(frozen=True, slots=True)
class Access:
    """All that ssh needs to log in. Files are the same inside and outside the capsule."""

    host: str
    port: int
    user: str
    key_file: Path
    known_hosts: Path


class Logins:
    """One key lets every user in on all hosts; each host has a host key of its own."""

    def __init__(self, capsule: Capsule) -> None:
        self._capsule = capsule
        self._folder = capsule.folder / "ssh"
        self._folder.mkdir()
        self._forwards: dict[Host, int] = {}
        for name in ("id", *(host.name for host in _HOSTS)):
            words = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(self._folder / name))
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        shutil.copy(self._folder / "id.pub", self._folder / "authorized_keys")

    def start(self) -> None:
        for host in _HOSTS:
            self._know(host.name, host)
            self._serve(host)

    def inside(self, host: Host, user: str) -> Access:
        """For who runs in the capsule (``capsule.enter``), where the host's real name and port 22 lead to it."""
        return Access(host.name, SSH_PORT, user, self._folder / "id", self._folder / "known_hosts")

    def outside(self, host: Host, user: str) -> Access:
        """For the test's own process: a port of 127.0.0.1 that leads there."""
        if host not in self._forwards:
            port = self._capsule.forward(host.address, SSH_PORT)
            self._forwards[host] = port
            self._know(f"[127.0.0.1]:{port}", host)
        return Access("127.0.0.1", self._forwards[host], user, self._folder / "id", self._folder / "known_hosts")

    def _serve(self, host: Host) -> None:
        file = self._folder / f"{host.name}.conf"
        file.write_text(
            f"ListenAddress {host.address}\nPort {SSH_PORT}\nHostKey {self._folder}/{host.name}\nPidFile none\n"
            f"AuthorizedKeysFile {self._folder}/authorized_keys\nStrictModes no\nUsePAM no\nUseDNS no\nLogLevel ERROR\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n"
            "PrintMotd no\nMaxStartups 100\n"
        )
        # sshd starts itself anew for each login, so it must be named by its full path.
        server = self._capsule.start(f"sshd-{host.name}", ("/usr/sbin/sshd", "-D", "-e", "-f", str(file)))
        wait_until(
            lambda: not server.running or self._capsule.listens(host.address, SSH_PORT), f"sshd on {host.name} answers"
        )
        assert server.running, server.said

    def _know(self, name: str, host: Host) -> None:
        key = " ".join((self._folder / f"{host.name}.pub").read_text().split()[:2])
        with (self._folder / "known_hosts").open("a") as file:
            file.write(f"{name} {key}\n")
