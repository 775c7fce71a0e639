"""The split itself: which domain, in which role, between which two systems."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.model.entries import Role, Side
from splittui.model.router import Router
from splittui.model.transport import Transport, parse_transport


@dataclass(frozen=True, slots=True)
class Split:
    """The site's settings that planning needs; hosts are the names shown on screen.

    ``legacy_transport`` is what a placeholder's zimbraMailTransport is set to; ``mail_host`` names the Zimbra server
    that a person without one is given, and may be empty where there is only one. ``router`` is None where the existing
    system's routing is changed by hand.
    """

    domain: str
    role: Role
    zimbra: str
    legacy: str
    legacy_transport: str
    zimbra_home: str = "/opt/zimbra"
    mail_host: str = ""
    router: Router | None = None

    @property
    def legacy_nexthop(self) -> Transport:
        return parse_transport(self.legacy_transport)

    def host_of(self, side: Side) -> str:
        return self.zimbra if side is Side.ZIMBRA else self.legacy
