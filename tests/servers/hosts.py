"""Who is where in the lab: the names that the split-domain instructions use, each on a loopback address of its own."""

from __future__ import annotations

from dataclasses import dataclass

DOMAIN = "example.com"
OUTSIDE_DOMAIN = "internet.test"


@dataclass(frozen=True, slots=True)
class Host:
    """A host of the lab: its full name and its address."""

    name: str
    address: str


ZIMBRA = Host("zimbra.example.com", "127.0.0.11")
LEGACY = Host("mail.example.com", "127.0.0.12")
INTERNET = Host("mx.internet.test", "127.0.0.20")
CLIENT = Host("client.internet.test", "127.0.0.99")
"""Where mail from outside comes from; it is in nobody's mynetworks."""
DEAD = Host("dead.example.com", "127.0.0.30")
"""It has an address, and nothing listens there."""
DNS = Host("dns.internet.test", "127.0.0.53")

HERE = (ZIMBRA, LEGACY, INTERNET, CLIENT, DNS)
"""Those whose address an interface must carry: Postfix refuses any other in inet_interfaces."""

SMTP_PORT = 25
SSH_PORT = 22
LDAP_PORT = 389
ZIMBRA_LMTP_PORT = 7025
LEGACY_LMTP_PORT = 2424

ON_ZIMBRA = f"lmtp:{ZIMBRA.name}:{ZIMBRA_LMTP_PORT}"
"""The zimbraMailTransport of who lives on Zimbra."""
ON_LEGACY = f"smtp:{LEGACY.name}:{SMTP_PORT}"
"""The zimbraMailTransport of a placeholder."""
