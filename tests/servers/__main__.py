"""A lab to look around in: ``python -m tests.servers [--role primary|secondary]``."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from splittui.lab.home import ADMIN_DN
from tests.servers.accounts import OPERATOR, ROOT, ZIMBRA_USER
from tests.servers.first_entries import ADMIN_PASSWORD
from tests.servers.hosts import (
    CLIENT,
    DNS,
    INTERNET,
    LDAP_PORT,
    LEGACY,
    LEGACY_LMTP_PORT,
    SMTP_PORT,
    SSH_PORT,
    ZIMBRA,
    ZIMBRA_LMTP_PORT,
)
from tests.servers.lab import PRIMARY, SECONDARY, Lab

_LISTENERS = (
    (ZIMBRA, SMTP_PORT, "Zimbra's Postfix: /opt/zimbra/common/conf, /var/log/zimbra.log"),
    (ZIMBRA, ZIMBRA_LMTP_PORT, "Zimbra's mailboxes (LMTP)"),
    (ZIMBRA, LDAP_PORT, f"Zimbra's directory (slapd): {ADMIN_DN}, {ADMIN_PASSWORD!r}"),
    (ZIMBRA, SSH_PORT, f"sshd: {OPERATOR} (sudo to {ZIMBRA_USER}), {ZIMBRA_USER}, {ROOT}"),
    (LEGACY, SMTP_PORT, "the existing system's Postfix: /etc/postfix, /var/log/mail.log"),
    (LEGACY, LEGACY_LMTP_PORT, "the existing system's mailboxes (LMTP)"),
    (LEGACY, SSH_PORT, f"sshd: {OPERATOR} (sudo to {ROOT}), {ROOT}"),
    (INTERNET, SMTP_PORT, "the internet: a mail exchanger and mailboxes for everybody"),
    (DNS, 53, "name service (dnsmasq)"),
)


def main(arguments: list[str]) -> int:
    """Starts a lab, says what listens where, and opens a shell in it; the lab ends with the shell."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=main.__doc__)
    parser.add_argument("--role", choices=(PRIMARY, SECONDARY), default=PRIMARY, help="what Zimbra is (%(default)s)")
    role = parser.parse_args(arguments).role
    try:
        with Lab(role) as lab:
            print(_told(lab, role), flush=True)
            subprocess.run((*lab.capsule.enter, "bash"), check=False)
            for delivery in lab.deliveries():
                print(delivery)
    except (pytest.skip.Exception, pytest.fail.Exception) as unavailable:
        print(f"No lab here: {unavailable}", file=sys.stderr)
        return 4
    return 0


def _told(lab: Lab, role: str) -> str:
    lines = [f"Zimbra is {role}; foo@example.com lives on Zimbra, bar@example.com on the existing system.", ""]
    lines += [f"  {f'{host.address}:{port}':18} {host.name:20} {what}" for host, port, what in _LISTENERS]
    zimbra, legacy = (lab.logins.outside(host, OPERATOR) for host in (ZIMBRA, LEGACY))
    ssh = f"ssh -F none -i {zimbra.key_file} -o UserKnownHostsFile={zimbra.known_hosts}"
    lines += [
        "",
        f"Mail from outside comes from {CLIENT.address}. From outside the lab:",
        *(f"  {ssh} -p {access.port} {access.user}@{access.host}" for access in (zimbra, legacy)),
        "",
        "What follows is a shell inside; the lab ends with it, and what is in the mailboxes is listed then.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
