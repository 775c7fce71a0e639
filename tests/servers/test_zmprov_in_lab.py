"""zmprov and its neighbours as user zimbra finds them when he logs in, among real servers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.servers.accounts import ZIMBRA_USER
from tests.servers.first_entries import ADMIN_PASSWORD
from tests.servers.ground import wait_until
from tests.servers.hosts import LDAP_PORT, ON_LEGACY, ON_ZIMBRA, ZIMBRA
from tests.servers.lab import Lab
from tests.servers.zimbra_home import ZimbraHome
from tests.servers.zimbra_mta import HOME

BAR = "bar@example.com"
TRANSPORT_MAP = f"ldap:{HOME}/conf/ldap-transport.cf"


@pytest.fixture(scope="module", autouse=True)
def home(lab: Lab) -> None:
    url = f"ldap://{ZIMBRA.name}:{LDAP_PORT}"
    ZimbraHome(lab.capsule.path(HOME), url, ZIMBRA.name, ADMIN_PASSWORD).lay_out()


@pytest.fixture
def ssh(lab: Lab) -> Callable[..., str]:
    """Runs a command line as zimbra on the Zimbra host, over the real sshd, and returns both its streams."""
    way = lab.logins.inside(ZIMBRA, ZIMBRA_USER)
    options = (f"UserKnownHostsFile={way.known_hosts}", "BatchMode=yes", "IdentitiesOnly=yes")
    words = ("ssh", "-i", str(way.key_file), *(word for option in options for word in ("-o", option)), "-l", way.user)

    def run(command: str, text: str = "") -> str:
        done = lab.capsule.run(*words, way.host, command, text=text, check=False)
        return done.stdout + done.stderr

    return run


def test_a_move_by_zmprov_is_a_move_of_mail(lab: Lab, ssh: Callable[..., str]) -> None:
    assert ssh(f"postmap -q {BAR} {TRANSPORT_MAP}") == f"{ON_LEGACY}\n"
    assert ssh(f"zmprov -l ma {BAR} zimbraMailHost {ZIMBRA.name}") == ""
    assert ssh(f"postmap -q {BAR} {TRANSPORT_MAP}") == f"{ON_ZIMBRA}\n"
    assert lab.outcome(lab.send(BAR)).delivered == (f"zimbra:{BAR}",)
    batch = f'ma {BAR} zimbraMailHost "" zimbraMailTransport {ON_LEGACY}\nga {BAR} zimbraMailHost zimbraMailTransport\n'
    said = ssh(f"cat | {HOME}/bin/zmprov -l -f /dev/stdin", batch)
    assert said == f"prov> prov> # name {BAR}\nzimbraMailTransport: {ON_LEGACY}\n\nprov> "
    # Zimbra's queue manager remembers bar's home for 30 seconds.
    lab.reload()
    assert lab.outcome(lab.send(BAR)).delivered == (f"legacy:{BAR}",)


def test_zmmtactl_makes_postfix_look_anew(lab: Lab, ssh: Callable[..., str]) -> None:
    def reloads() -> int:
        return lab.capsule.path("/var/log/zimbra.log").read_text().count("reload -- version")

    before = reloads()
    assert ssh(f"{HOME}/bin/zmmtactl reload norewrite") == ""
    wait_until(lambda: reloads() == before + 1, "Postfix has reloaded")
    assert ssh("zmmtactl restart") == "Rewriting configuration files...done.\n"
    wait_until(lambda: reloads() == before + 2, "Postfix has reloaded again")


def test_the_password_is_zimbra_s_alone(lab: Lab, ssh: Callable[..., str]) -> None:
    assert ssh("zmlocalconfig -s -q -m nokey zimbra_ldap_password") == f"{ADMIN_PASSWORD}\n"
    assert (
        "Permission denied"
        in lab.capsule.run(
            "setpriv", "--reuid=nobody", "--clear-groups", "cat", f"{HOME}/conf/localconfig.xml", check=False
        ).stderr
    )
