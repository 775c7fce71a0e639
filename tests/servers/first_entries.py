"""What the lab's Zimbra directory begins with: a fresh Zimbra with one server, and a domain without people."""

from __future__ import annotations

from random import Random

from splittui.lab.directory import Attrs
from splittui.lab.home import ADMIN_DN, POSTFIX_DN
from splittui.lab.people_base import base_entries
from splittui.lab.people_entries import PEOPLE_BASE, Registry
from splittui.lab.tools import ldif
from tests.servers.hosts import DOMAIN, ZIMBRA

ADMIN_PASSWORD = "zimbra_ldap_password of the lab"
POSTFIX_PASSWORD = "ldap_postfix_password of the lab"
CONFIG_DN = "cn=config,cn=zimbra"
SERVER_DN = f"cn={ZIMBRA.name},cn=servers,cn=zimbra"

_PASSWORDS = {ADMIN_DN: ADMIN_PASSWORD, POSTFIX_DN: POSTFIX_PASSWORD}
ACCESS = (
    "limits * size=unlimited",
    'access to attrs=userPassword by anonymous auth by dn.children="cn=admins,cn=zimbra" write by * none',
    f'access to * by dn.children="cn=admins,cn=zimbra" write by dn.exact="{POSTFIX_DN}" read by * none',
)
"""Lines of slapd.conf for the database: the zimbra user may do all, Postfix's own user reads, nobody else anything."""


def first_entries() -> str:
    """LDIF, for slapadd."""
    return "".join(
        ldif.entry(dn, _lab_s_own(dn, attributes).items())
        for dn, attributes in base_entries(Registry(Random(7)), "primary", "/opt/zimbra")
    )


def _lab_s_own(dn: str, attributes: Attrs) -> Attrs:
    if dn in _PASSWORDS:
        return {**attributes, "objectClass": ["inetOrgPerson"], "userPassword": [_PASSWORDS[dn]]}
    if dn == SERVER_DN:
        # The addresses of the lab: neither the existing system's nor the outsiders'.
        return {**attributes, "zimbraMtaMyNetworks": [f"{ZIMBRA.address}/32"]}
    return attributes


def person_dn(local: str) -> str:
    """Where an account or list of the domain is kept."""
    return f"uid={local},{PEOPLE_BASE}"


def domain_dn(name: str = DOMAIN) -> str:
    return ",".join(f"dc={part}" for part in name.split("."))
