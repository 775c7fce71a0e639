"""The network that the lab's hosts see: a name server everywhere, and the two MTAs on their port 25.

Whoever logs in stands on one of three machines, and is answered accordingly: ``zimbra`` on Zimbra's host, ``root`` on
the existing mail system's, ``outside`` somewhere on the internet.
"""

from __future__ import annotations

from collections.abc import Callable

from paramiko import Channel

from splittui.lab.mail_world import ADDRESSES
from splittui.lab.postmaster import HOSTS, Postmaster
from splittui.lab.smtp import Dialogue
from splittui.lab.smtp import serve as serve_mail
from splittui.lab.world import WorldError
from splittui.mailflow.world import Origin, System

OUTSIDE_USER, LEGACY_USER = "outside", "root"

_DNS, _SMTP = 53, 25
_ORIGINS = {OUTSIDE_USER: Origin.INTERNET, LEGACY_USER: Origin.LEGACY}

Service = Callable[[Channel], None]
"""Speaks with one client on its connection."""


class Network:
    """Connections from the lab's hosts."""

    def __init__(self, postmaster: Postmaster) -> None:
        self._postmaster = postmaster

    def connect(self, user: str, host: str, port: int) -> Service | None:
        """Who answers there; None where the lab has nothing. Raises ConnectionRefusedError where nobody listens."""
        origin = _ORIGINS.get(user, Origin.ZIMBRA)
        try:
            if port == _DNS:
                return self._name_server()
            system = _system(host) if port == _SMTP else None
            if system is None:
                return None
            if not self._postmaster.listens(system, origin):
                raise ConnectionRefusedError(f"{host} does not take connections from {origin}")
        except WorldError as error:
            raise ConnectionRefusedError(str(error)) from error
        return self._mta(system, origin)

    def _name_server(self) -> Service:
        from splittui.lab.name_server import serve

        names = self._postmaster.names()
        return lambda channel: serve(channel, names)

    def _mta(self, system: System, origin: Origin) -> Service:
        def answer(channel: Channel) -> None:
            serve_mail(channel, Dialogue(HOSTS[system], lambda a: self._postmaster.recipient(system, origin, a)))

        return answer


def _system(host: str) -> System | None:
    wanted = host.lower().strip("[].")
    return next((s for s, name in HOSTS.items() if wanted in (name, *ADDRESSES[name])), None)
