"""The lab's name server: dnsmasq, with the addresses of the lab's hosts, and the mail exchangers a test asks for."""

from __future__ import annotations

import socket

from tests.servers.capsule import Capsule
from tests.servers.daemon import Daemon
from tests.servers.ground import wait_until
from tests.servers.hosts import DEAD, DNS, DOMAIN, INTERNET, LEGACY, OUTSIDE_DOMAIN, ZIMBRA, Host

NAMED = (ZIMBRA, LEGACY, INTERNET, DEAD)


class Dns:
    """Asked by everybody in the capsule (/etc/resolv.conf). Names that are not the lab's do not exist."""

    def __init__(self, capsule: Capsule) -> None:
        self._capsule = capsule
        self._server: Daemon | None = None
        self._records: dict[str, Host] = {}
        own = f"127.0.0.1 localhost {socket.gethostname()}\n"
        others = "".join(f"{host.address} {host.name}\n" for host in NAMED if host != DEAD)
        capsule.path("/etc/hosts").write_text(own + others)
        capsule.path("/etc/resolv.conf").write_text(f"nameserver {DNS.address}\noptions timeout:1 attempts:2\n")

    def publish(self, mx: Host, others: dict[str, Host] | None = None) -> None:
        """Makes ``mx`` the mail exchanger of the domain, and sets those of further names. Does nothing if it is so."""
        records = {DOMAIN: mx, OUTSIDE_DOMAIN: INTERNET, **(others or {})}
        if records == self._records:
            return
        if self._server is not None:
            self._server.stop()
        self._server = self._capsule.start("dnsmasq", _words(records))
        server = self._server
        wait_until(lambda: not server.running or self._capsule.listens(DNS.address, 53), "dnsmasq answers")
        assert server.running, server.said
        self._records = records


def _words(records: dict[str, Host]) -> list[str]:
    return [
        "dnsmasq",
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--user=root",
        "--group=root",
        "--pid-file=",
        "--bind-interfaces",
        f"--listen-address={DNS.address}",
        "--except-interface=none",
        "--local-ttl=1",
        # Without it an unknown name is refused, which is a temporary error, rather than denied.
        "--local=/#/",
        *(f"--host-record={host.name},{host.address}" for host in NAMED),
        *(f"--mx-host={name},{host.name},10" for name, host in records.items()),
    ]
