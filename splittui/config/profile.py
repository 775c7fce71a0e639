"""A profile: one split domain of the operator, as his configuration describes it. No secret is ever in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from splittui.config.directory import Directory, LdapServer
from splittui.config.setup import SetUp
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
    """Zimbra's host: its name on screen, its login, ZIMBRA_HOME there, and the server for people who have none.

    ``directory`` is Zimbra's LDAP server where it is asked directly; None: by ldapsearch on the host.
    """

    name: str
    ssh: SshLogin
    home: str = "/opt/zimbra"
    mail_host: str = ""
    directory: LdapServer | None = None


@dataclass(frozen=True, slots=True)
class LegacySystem:
    """The existing mail system: its name on screen, the transport that leads there, and where its people are known.

    ``router`` is how its routing is changed; None: it is not part of any plan. ``router_server`` is the directory that
    a router by LDAP changes, ``ssh`` the login of the others.
    """

    name: str
    transport: str
    directory: Directory
    router: Router | None = None
    router_server: LdapServer | None = None
    ssh: SshLogin | None = None


@dataclass(frozen=True, slots=True)
class Probing:
    """How the site is probed. ``sender`` sends proof mails, and bounces come back to it.

    ``internet``, ``zimbra`` and ``legacy`` are where each origin hands its mail in (None: the domain's MX, and port 25
    of the two hosts). Logs are given where they lie in an unusual place. ``outside`` is a host from which the
    internet's mail is sent; None: from this machine.
    """

    sender: str = ""
    internet: tuple[str, int] | None = None
    zimbra: tuple[str, int] | None = None
    legacy: tuple[str, int] | None = None
    zimbra_log: str = ""
    legacy_log: str = ""
    outside: SshLogin | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One split domain. ``journal`` is where its runs are journalled; None: in the operator's state directory.

    ``setup`` is what was chosen for the guided set-up.
    """

    name: str
    file: Path
    domain: str
    role: Role
    zimbra: ZimbraHost
    legacy: LegacySystem
    limits: Limits
    journal: Path | None = None
    probing: Probing = Probing()
    setup: SetUp = field(default_factory=SetUp)

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
