"""The operator's way in: SSH to both mail hosts, becoming zimbra or root, and the commands that are there then."""

from __future__ import annotations

import json

import pytest

from splittui.remote import Command, Credentials, Link, Target
from splittui.remote.command import Become
from tests.servers.accounts import OPERATOR, ROOT, ZIMBRA_USER
from tests.servers.ground import wait_until
from tests.servers.hosts import LEGACY, ON_LEGACY, SMTP_PORT, ZIMBRA, Host
from tests.servers.lab import Lab

BAR = "bar@example.com"
SBIN = "/opt/zimbra/common/sbin"
pytestmark = pytest.mark.servers


def link(lab: Lab, host: Host, user: str) -> Link:
    access = lab.logins.outside(host, user)
    target = Target(
        host.name,
        access.host,
        access.port,
        access.user,
        identity_files=(access.key_file,),
        known_hosts_files=(access.known_hosts,),
    )
    return Link.connect(target, credentials=Credentials(use_agent=False, passphrase=lambda file: None))


def said(link: Link, *words: str, become: Become | None = None) -> str:
    done = link.run(Command(words, become or Become.direct()))
    assert done.status == 0, done
    return done.stdout.decode()


def test_an_operator_becomes_zimbra_and_asks_its_postfix(lab: Lab) -> None:
    zimbra = Become.sudo(ZIMBRA_USER)
    with link(lab, ZIMBRA, OPERATOR) as operator:
        assert said(operator, "id", "-un", become=zimbra) == "zimbra\n"
        maps = said(operator, f"{SBIN}/postconf", "-h", "transport_maps", "myhostname", become=zimbra)
        assert maps == f"proxy:ldap:/opt/zimbra/conf/ldap-transport.cf\n{ZIMBRA.name}\n"
        ldap = "ldap:/opt/zimbra/conf/ldap-transport.cf"
        assert said(operator, f"{SBIN}/postmap", "-q", BAR, ldap, become=zimbra) == f"{ON_LEGACY}\n"


def test_zimbra_s_user_logs_in_itself_and_reloads_its_postfix(lab: Lab) -> None:
    reloads = "reload -- version"
    log = lab.capsule.path("/var/log/zimbra.log")
    before = log.read_text().count(reloads)
    with link(lab, ZIMBRA, ZIMBRA_USER) as zimbra:
        assert said(zimbra, "sh", "-c", "echo $HOME; postconf -h queue_directory").splitlines() == [
            "/opt/zimbra",
            "/opt/zimbra/data/postfix/spool",
        ]
        said(zimbra, "/opt/zimbra/bin/postfix", "reload")
    wait_until(lambda: log.read_text().count(reloads) == before + 1, "the log tells of the reload")


def test_a_message_that_waits_is_in_the_queue_that_zimbra_sees(lab: Lab) -> None:
    lab.directory.account("held", zimbraMailTransport="retry:4.3.2 held")
    seen = lab.outcome(lab.send("held@example.com", sender="alice@internet.test"))
    assert seen.verdict == "deferred"
    with link(lab, ZIMBRA, ZIMBRA_USER) as zimbra:
        queued = json.loads(said(zimbra, f"{SBIN}/postqueue", "-j"))
    assert queued["sender"] == "alice@internet.test"
    assert queued["recipients"][0]["address"] == "held@example.com"
    lab.zimbra.purge()


@pytest.mark.parametrize(("user", "become"), [(ROOT, None), (OPERATOR, Become.sudo(ROOT))], ids=["root", "sudo"])
def test_the_existing_system_is_asked_and_changed_by_its_own_commands(
    lab: Lab, user: str, become: Become | None
) -> None:
    with link(lab, LEGACY, user) as legacy:
        assert said(legacy, "postconf", "-h", "myhostname", become=become) == f"{LEGACY.name}\n"
        here = said(legacy, "postmap", "-q", BAR, "lmdb:/etc/postfix/transport", become=become)
        assert here == "lmtp:[127.0.0.12]:2424\n"
        said(legacy, "postfix", "reload", become=become)


def test_a_tunnel_leads_from_one_host_to_the_other(lab: Lab) -> None:
    with link(lab, ZIMBRA, OPERATOR) as operator:
        tunnel = operator.open_tunnel(LEGACY.name, SMTP_PORT)
        assert tunnel.recv(100).startswith(b"220 mail.example.com ESMTP")
        tunnel.close()


def test_inside_the_hosts_have_their_real_names(lab: Lab) -> None:
    access = lab.logins.inside(ZIMBRA, ZIMBRA_USER)
    options = (f"UserKnownHostsFile={access.known_hosts}", f"IdentityFile={access.key_file}", "BatchMode=yes")
    words = [word for option in options for word in ("-o", option)]
    done = lab.capsule.run("ssh", "-F", "none", *words, f"{access.user}@{access.host}", "echo $USER; pwd")
    assert done.stdout == "zimbra\n/opt/zimbra\n"
