"""A profile: one split domain of the operator, as his configuration describes it. No secret is ever in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from splittui.model.entries import Role
from splittui.model.router import Router
from splittui.model.split import Split
from splittui.planning.brake import Limits


@dataclass(frozen=True, slots=True)
class SshLogin:
    """How a host is logged in to. ``become`` is one of direct, sudo, runuser, su, and leads to ``run_as``.

    ``known_hosts`` is read beside the operator's own files, and keys that are accepted here are written there.
    """

    host: str
    known_hosts: Path
    port: int | None = None
    user: str | None = None
    become: str = "direct"
    run_as: str = "root"
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ZimbraHost:
    """Zimbra's host: its name on screen, its login, ZIMBRA_HOME there, and the server for people who have none."""

    name: str
    ssh: SshLogin
    home: str = "/opt/zimbra"
    mail_host: str = ""


@dataclass(frozen=True, slots=True)
class LegacySystem:
    """The existing mail system: its name on screen, the transport that leads there, and who is on it (a CSV export).

    ``router`` holds the commands that show and change its routing, which are run by ``ssh``; None: by hand.
    """

    name: str
    transport: str
    people: Path
    router: Router | None = None
    ssh: SshLogin | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One split domain. ``journal`` is where its runs are journalled; None: in the operator's state directory."""

    name: str
    file: Path
    domain: str
    role: Role
    zimbra: ZimbraHost
    legacy: LegacySystem
    limits: Limits
    journal: Path | None = None

    @property
    def split(self) -> Split:
        return Split(
            self.domain,
            self.role,
            self.zimbra.name,
            self.legacy.name,
            self.legacy.transport,
            self.zimbra.home,
            self.zimbra.mail_host,
            self.legacy.router,
        )
