"""A profile for the lab, as an operator would write it: both hosts by real logins, an outsider's way to the MX."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.accounts import ROOT, ZIMBRA_USER
from tests.servers.first_entries import ADMIN_PASSWORD
from tests.servers.hosts import CLIENT, LDAP_PORT, LEGACY, ON_LEGACY, SMTP_PORT, ZIMBRA, Host
from tests.servers.lab import Lab
from tests.servers.legacy_mta import HERE, NEXTHOP, TRANSPORT
from tests.servers.relay import Relay
from tests.servers.zimbra_home import ZimbraHome
from tests.servers.zimbra_mta import HOME

SENDER = "postmaster@internet.test"
POSTFIX_ROUTER = f'''\
kind = "postfix"
table = "lmdb:{TRANSPORT}"
here = "{NEXTHOP[HERE]}"
reload = "postfix reload"
'''
"""The existing system is told by its transport table."""


@contextmanager
def profile(lab: Lab, folder: Path, router: str = "") -> Iterator[Path]:
    """Writes ``splittui.toml`` and ``people.csv`` into the folder, and makes Zimbra's commands.

    ``router`` is the table's content.
    """
    url = f"ldap://{ZIMBRA.name}:{LDAP_PORT}"
    ZimbraHome(lab.capsule.path(HOME), url, ZIMBRA.name, ADMIN_PASSWORD).lay_out()
    (folder / "people.csv").write_text("address,name\nbar@example.com,Bar Person\n")
    with Relay(lambda: lab.capsule.connect(ZIMBRA.address, SMTP_PORT, CLIENT.address)) as outsider:
        tables = (
            f'[profile.lab]\ndomain = "example.com"\nrole = "{lab.role}"\njournal = "{folder}/journal.db"\n',
            f'[profile.lab.zimbra]\nname = "{ZIMBRA.name}"\n{login_lines(lab, ZIMBRA, ZIMBRA_USER)}',
            f'[profile.lab.legacy]\nname = "{LEGACY.name}"\ntransport = "{ON_LEGACY}"\n',
            '[profile.lab.legacy.directory]\nkind = "csv"\npath = "people.csv"\n',
            f"[profile.lab.legacy.ssh]\n{login_lines(lab, LEGACY, ROOT)}",
            f"[profile.lab.legacy.router]\n{router}" if router else "",
            f'[profile.lab.probe]\nsender = "{SENDER}"\ninternet = "127.0.0.1:{outsider.port}"\n',
        )
        file = folder / "splittui.toml"
        file.write_text("".join(tables))
        yield file


def login_lines(lab: Lab, host: Host, user: str) -> str:
    """How that user logs in to that host, as lines of a profile."""
    way = lab.logins.outside(host, user)
    return (
        f'host = "{way.host}"\nport = {way.port}\nuser = "{way.user}"\n'
        f'key_file = "{way.key_file}"\nknown_hosts = "{way.known_hosts}"\n'
    )
