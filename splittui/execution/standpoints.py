"""From where a site can be looked at, and the two MTAs as they are asked: what probes and proofs stand on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from splittui.config import Profile
from splittui.legacy import mta as legacy_mta
from splittui.mailflow.world import Origin, System
from splittui.model.dns import DnsView
from splittui.remote import Command
from splittui.remote.login import Login
from splittui.remote.postfix import Postfix
from splittui.remote.smtp.conversation import Server
from splittui.remote.vantage import Here, Through, Vantage
from splittui.zimbra import mta as zimbra_mta

if TYPE_CHECKING:
    from splittui.remote.dns import Resolver


class NoEntrance(Exception):
    """Nobody is known who would take mail for the domain from the internet; the text says why, and what to do."""


class Standpoints:
    """The points of view of one profile. Links are made when first needed; every call here may block."""

    def __init__(self, profile: Profile, zimbra: Login, legacy: Login | None) -> None:
        """``legacy`` is None where the profile has no login on the existing system."""
        split, probing = profile.split, profile.probing
        self.split, self.probing = split, probing
        outside = Login(probing.outside, ("/bin/sh",)) if probing.outside else None
        self._own = (outside,) if outside else ()
        self._logins = {Origin.INTERNET: outside, Origin.ZIMBRA: zimbra, Origin.LEGACY: legacy}
        names = {
            Origin.INTERNET: probing.outside.host if probing.outside else "",
            Origin.ZIMBRA: split.zimbra,
            Origin.LEGACY: split.legacy,
        }
        self._vantages: dict[Origin, Vantage] = {Origin.INTERNET: Here()}
        for origin, login in self._logins.items():
            if login is not None:
                self._vantages[origin] = _through(names[origin], login)
        self.zimbra_mta = zimbra_mta.mta(zimbra, split.zimbra, split.zimbra_home, probing.zimbra_log)
        self.legacy_mta = legacy_mta.mta(legacy, split.legacy, probing.legacy_log) if legacy is not None else None

    def vantage(self, origin: Origin) -> Vantage | None:
        """Where mail of this origin is sent from; None: the profile has no login there.

        The internet is the outside host where the profile names one, and this machine otherwise.
        """
        return self._vantages.get(origin)

    @property
    def mtas(self) -> dict[System, Postfix]:
        """The Postfixes that can be asked. That an existing system is none shows only when it is."""
        asked = {System.ZIMBRA: self.zimbra_mta}
        return asked if self.legacy_mta is None else {**asked, System.LEGACY: self.legacy_mta}

    def entrances(self, origin: Origin) -> Sequence[tuple[System, Server]]:
        """The servers to which mail of this origin is handed, best first. Raises NoEntrance and RemoteError."""
        if origin is Origin.ZIMBRA:
            return ((System.ZIMBRA, self.server(System.ZIMBRA)),)
        if origin is Origin.LEGACY:
            return ((System.LEGACY, self.server(System.LEGACY)),)
        return [(self._owner(server), server) for server in self._exchangers()]

    def server(self, system: System) -> Server:
        """Where a system's MTA takes mail."""
        if system is System.ZIMBRA:
            return Server(*(self.probing.zimbra or (self.split.zimbra, 25)))
        return Server(*(self.probing.legacy or (self.split.legacy, 25)))

    def dns(self, names: Iterable[str], origin: Origin = Origin.INTERNET) -> DnsView:
        """What the DNS says of the names from there. Raises RemoteError."""
        from splittui.remote.dns import lookup

        return lookup(self._resolver(origin), names)

    def close(self) -> None:
        """Ends the links that were made for probes alone; safe to call twice."""
        for login in self._own:
            login.close()

    def _resolver(self, origin: Origin) -> Resolver:
        from splittui.remote.dns import resolver_here, resolver_of

        login, vantage = self._logins[origin], self._vantages.get(origin)
        if login is None or vantage is None:
            return resolver_here()
        link, _ = login.connected()
        return resolver_of(vantage, link.run(Command(("cat", "/etc/resolv.conf"))).stdout.decode("utf-8", "replace"))

    def _exchangers(self) -> Sequence[Server]:
        if self.probing.internet is not None:
            return (Server(*self.probing.internet),)
        domain = self.split.domain
        answer = self.dns([domain]).answers[domain]
        if answer.trouble:
            raise NoEntrance(
                f"The mail exchangers of {domain} cannot be looked up: {answer.trouble}. "
                "Name one in the profile (probe.internet), or look again later."
            )
        hosts = [host for _, host in answer.mx if host.strip(".")]
        if not hosts and (answer.mx or not answer.addresses):
            raise NoEntrance(f"The DNS names nobody that takes mail for {domain}: say who does (probe.internet).")
        return [Server(host) for host in hosts or [domain]]

    def _owner(self, server: Server) -> System:
        """Whose a mail exchanger is, by its name; one of another name stands before the MTA that the role wants."""
        for system in (System.ZIMBRA, System.LEGACY):
            if server == self.server(system) or server.host == self.server(system).host.lower():
                return system
        return System.ZIMBRA if self.split.role.value == "primary" else System.LEGACY


def _through(name: str, login: Login) -> Through:
    return Through(name, lambda: login.connected()[0])
