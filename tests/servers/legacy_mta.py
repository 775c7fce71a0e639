"""The existing mail system: a Postfix that keeps mailboxes by lists of its own, and sends the rest to Zimbra."""

from __future__ import annotations

from collections.abc import Mapping

from tests.servers.capsule import Capsule
from tests.servers.hosts import DOMAIN, LEGACY, LEGACY_LMTP_PORT, ZIMBRA, Host
from tests.servers.postfix import Postfix

CONFIG = "/etc/postfix"
RECIPIENTS = f"{CONFIG}/relay_recipients"
TRANSPORT = f"{CONFIG}/transport"

HERE = "here"
AWAY = "zimbra"
NEXTHOP = {HERE: f"lmtp:[{LEGACY.address}]:{LEGACY_LMTP_PORT}", AWAY: f"smtp:[{ZIMBRA.name}]"}


class LegacyMta(Postfix):
    """Postfix in the system's own places. One pair of lists serves both roles: who is accepted, and what goes where."""

    def __init__(self, capsule: Capsule) -> None:
        super().__init__(
            capsule,
            LEGACY,
            config=CONFIG,
            queue="/var/spool/postfix",
            data="/var/lib/postfix",
            log="/var/log/mail.log",
        )
        self.trust(LEGACY, ZIMBRA)

    def trust(self, *hosts: Host) -> None:
        """Whom it relays for without a login. Takes effect with ``start`` or ``reload``."""
        self.configure(
            {
                "mynetworks": " ".join(f"{host.address}/32" for host in hosts),
                "relay_domains": DOMAIN,
                "relay_recipient_maps": f"lmdb:{RECIPIENTS}",
                "transport_maps": f"lmdb:{TRANSPORT}",
                "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
                # So that Zimbra's user may use the system's commands on Zimbra's own Postfix.
                "alternate_config_directories": "/opt/zimbra/common/conf",
            }
        )

    def route(self, people: Mapping[str, str], everybody_else: str | None) -> None:
        """Who (by local part) has the mailbox HERE or is AWAY on Zimbra; None rejects everybody else of the domain."""
        recipients = [f"{local}@{DOMAIN} x" for local in people]
        transport = [f"{local}@{DOMAIN} {NEXTHOP[way]}" for local, way in people.items()]
        if everybody_else is not None:
            recipients.append(f"@{DOMAIN} x")
            transport.append(f"{DOMAIN} {NEXTHOP[everybody_else]}")
        for name, lines in ((RECIPIENTS, recipients), (TRANSPORT, transport)):
            self.capsule.path(name).write_text("".join(f"{line}\n" for line in lines))
        self.capsule.run("postmap", f"lmdb:{RECIPIENTS}", f"lmdb:{TRANSPORT}")
