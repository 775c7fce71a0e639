"""What a Zimbra directory holds before there are people: global configuration, server, classes of service, domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from splittui.lab.directory import Attrs
from splittui.lab.home import ADMIN_DN, POSTFIX_DN
from splittui.lab.people_entries import ALIAS_DOMAIN, DOMAIN, LEGACY, ON_LEGACY, SERVER, Found, Registry
from splittui.lab.prov.addresses import domain_dn
from splittui.lab.prov.start import bootstrap_entries

_HOME = "/opt/zimbra"
_SERVICES = ("amavis", "antispam", "ldap", "logger", "mailbox", "memcached", "mta", "proxy", "service", "stats")
_WEBAPPS = ("zimbra", "zimbraAdmin", "zimlet")
CONFIG: Attrs = {
    "zimbraDefaultDomainName": [DOMAIN],
    "zimbraSpamIsSpamAccount": [f"spam.lab@{DOMAIN}"],
    "zimbraSpamIsNotSpamAccount": [f"ham.lab@{DOMAIN}"],
    "zimbraAmavisQuarantineAccount": [f"quarantine@{DOMAIN}"],
}
"""Settings that name the domain."""

_OUTBOUND: Attrs = {"zimbraMtaRelayHost": [f"[{LEGACY}]:25"], "zimbraMtaSmtpDnsSupportLevel": ["disabled"]}


def base_entries(registry: Registry, role: str, home: str) -> Iterator[Found]:
    """Entries that come before those of people. In the secondary role the split's settings are already made."""
    yield from platform_entries(registry, home, {**CONFIG, **(_OUTBOUND if role == "secondary" else {})})
    yield from _domain(registry, role)


def platform_entries(registry: Registry, home: str, config: Attrs) -> Iterator[Found]:
    """What is there before any domain. Paths of a Zimbra host become paths below ``home``."""
    for dn, attrs in bootstrap_entries():
        own = {name: [_moved(value, home) for value in values] for name, values in attrs.items()}
        if dn == "cn=config,cn=zimbra":
            own |= {name: list(values) for name, values in config.items()}
        yield dn, own
    yield "cn=admins,cn=zimbra", {"objectClass": ["organizationalRole"], "cn": ["admins"]}
    yield "cn=appaccts,cn=zimbra", {"objectClass": ["organizationalRole"], "cn": ["appaccts"]}
    for dn, uid in ((ADMIN_DN, "zimbra"), (POSTFIX_DN, "zmpostfix")):
        yield dn, {"objectClass": ["organizationalPerson"], "uid": [uid], "cn": [uid], "sn": [uid]}
    yield f"cn={SERVER},cn=servers,cn=zimbra", _server(registry)


def _moved(value: str, home: str) -> str:
    return value.replace(f"{_HOME}/", f"{home}/")


def _server(registry: Registry) -> Attrs:
    return {
        "objectClass": ["zimbraServer"],
        "cn": [SERVER],
        "zimbraId": [registry.new_id()],
        "zimbraCreateTimestamp": ["20140102030405.000Z"],
        "zimbraServiceHostname": [SERVER],
        "zimbraSmtpHostname": [SERVER],
        "zimbraLmtpBindPort": ["7025"],
        "zimbraServiceInstalled": list(_SERVICES),
        "zimbraServiceEnabled": [*_SERVICES, *_WEBAPPS],
        # zmsetup writes the addresses of the host's interfaces there (zm-build, zmsetup.pl).
        "zimbraMtaMyNetworks": ["127.0.0.0/8 [::1]/128 192.0.2.0/28"],
    }


def _domain(registry: Registry, role: str) -> Iterator[Found]:
    split: dict[str, Sequence[str]] = {}
    if role == "secondary":
        split = {
            "zimbraMailTransport": [ON_LEGACY],
            "zimbraMailCatchAllAddress": [f"@{DOMAIN}"],
            "zimbraMailCatchAllForwardingAddress": [f"@{DOMAIN}"],
        }
    yield from with_branches(DOMAIN, {"zimbraDomainType": ["local"], "zimbraId": [registry.new_id()], **split})


def alias_domain(registry: Registry, target: str) -> Iterator[Found]:
    """A domain that stands for the one with the id ``target``: whoever has an address there has it here."""
    attributes = {
        "zimbraDomainType": ["alias"],
        "zimbraDomainAliasTargetId": [target],
        "zimbraId": [registry.new_id()],
        "zimbraMailCatchAllAddress": [f"@{ALIAS_DOMAIN}"],
        "zimbraMailCatchAllForwardingAddress": [f"@{DOMAIN}"],
    }
    yield from with_branches(ALIAS_DOMAIN, attributes)


def with_branches(name: str, attributes: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """A domain, what is above it, and its branches for people and dynamic groups, as ``cd`` leaves them."""
    label, *above = name.split(".")
    for number in reversed(range(len(above))):
        over = ".".join(above[number:])
        higher = {"objectClass": ["organization", "dcObject"], "o": [f"{over} domain"], "dc": [above[number]]}
        yield domain_dn(over), higher
    attrs: Attrs = {
        "objectClass": ["dcObject", "organization", "zimbraDomain", "amavisAccount"],
        "dc": [label],
        "o": [f"{name} domain"],
        "zimbraDomainName": [name],
        "zimbraDomainStatus": ["active"],
        "zimbraMailStatus": ["enabled"],
        "zimbraCreateTimestamp": ["20140102030506.000Z"],
        **{attribute: list(values) for attribute, values in attributes.items()},
    }
    yield domain_dn(name), attrs
    people = {"objectClass": ["organizationalRole"], "ou": ["people"], "cn": ["people"]}
    yield f"ou=people,{domain_dn(name)}", people
    groups = {"objectClass": ["organizationalRole"], "cn": ["groups"], "description": ["dynamic groups base"]}
    yield f"cn=groups,{domain_dn(name)}", groups
