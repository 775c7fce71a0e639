"""Zimbra's half read from a real slapd by the real ldapsearch answers as Postfix's own maps on that slapd do."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from splittui.lab.directory import Attrs
from splittui.lab.home import ADMIN_DN
from splittui.lab.people import Sample, people
from splittui.lab.people_base import alias_domain, base_entries
from splittui.lab.people_entries import Name, Registry, Routing, account, distribution_list
from splittui.lab.people_zoo import ACCOUNTS
from splittui.lab.prov.groups import group_entries
from splittui.lab.tools import ldif
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.maps import CANON, ROUTES, SPLIT, VAD, VAM, VMD, VMM, LdapMap, Maps
from splittui.model.entries import Role, ZimbraAccount
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split
from splittui.zimbra.directory import SCRIPT, neighbour_arguments, read_half, read_neighbours, script_arguments
from splittui.zimbra.neighbours import with_neighbours
from tests.servers import zimbra_schema
from tests.servers.ground import unavailable
from tests.servers.slapd import Slapd
from tests.servers.zimbra_home import ZimbraHome

DOMAIN = "example.com"
MARK = "splittui-0011223344556677"
PASSWORD = "of the zimbra user"
ENABLED = "(zimbraMailStatus=enabled)"
NAMED = "(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)"
DELIVERY, FORWARDS = "zimbraMailDeliveryAddress", "zimbraMailForwardingAddress,zimbraPrefMailForwardingAddress"
# As zmmtainit writes them (zm-core-utils, src/libexec/zmmtainit).
MAPS: tuple[tuple[LdapMap, str, str], ...] = (
    (VMM, f"(&(zimbraMailDeliveryAddress=%s){ENABLED})", DELIVERY),
    (VMD, f"(&(zimbraDomainName=%s)(zimbraDomainType=local){ENABLED})", "zimbraDomainName"),
    (VAD, f"(&(zimbraDomainName=%s)(zimbraDomainType=alias){ENABLED})", "zimbraDomainName"),
    (
        VAM,
        f"(&(|{NAMED}(zimbraOldMailAddress=%s)(zimbraMailCatchAllAddress=%s)){ENABLED})",
        f"{DELIVERY},{FORWARDS},zimbraMailCatchAllForwardingAddress\nspecial_result_attribute = member",
    ),
    (
        CANON,
        f"(&(|{NAMED}(zimbraMailCatchAllAddress=%s)){ENABLED})",
        "zimbraMailCanonicalAddress,zimbraMailCatchAllCanonicalAddress",
    ),
    (ROUTES, f"(&(|(zimbraMailDeliveryAddress=%s)(zimbraDomainName=%s)){ENABLED})", "zimbraMailTransport"),
    (SPLIT, f"(&(|{NAMED}(zimbraMailCatchAllAddress=%s)){ENABLED})", f"{DELIVERY},{FORWARDS}"),
)
STRANGE = Routing("lmtp:zimbra.example.com:7025", "zimbra.example.com")


@dataclass(frozen=True)
class Site:
    """A directory that runs, a home whose commands reach it, and a folder with the maps."""

    home: Path
    maps: Path

    def printed(self, arguments: tuple[str, ...]) -> bytes:
        done = subprocess.run(("/bin/sh", "-c", SCRIPT, "sh", *arguments), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def half(self) -> ZimbraHalf:
        def neighbours(addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
            return read_neighbours([self.printed(neighbour_arguments(str(self.home), MARK, addresses))], MARK)

        text = self.printed(script_arguments(str(self.home), MARK, DOMAIN))
        return with_neighbours(read_half([text], MARK, DOMAIN, 0.0, lambda number: None), neighbours)

    def asked(self, name: str, keys: list[str]) -> dict[str, list[str]]:
        """What Postfix finds for each key, each value for itself, sorted."""
        words = ("postmap", "-c", str(self.maps), "-q", "-", f"ldap:{self.maps}/{name}.cf")
        done = subprocess.run(words, input="\n".join(keys), capture_output=True, check=False, text=True)
        assert not done.stderr, done.stderr
        pairs = (line.split("\t", 1) for line in done.stdout.splitlines())
        return {key: sorted(value.split(",")) for key, value in pairs}


def strange_entries() -> Iterator[tuple[str, Attrs]]:
    """What the sample people have not: a second domain with people who matter here, rewriting, a group of both."""
    registry = Registry(Random(5))
    dns = ("dc=net", "dc=example,dc=net", "ou=people,dc=example,dc=net", "cn=groups,dc=example,dc=net")
    for dn in dns[:1]:
        yield dn, {"objectClass": ["organization", "dcObject"], "dc": ["net"], "o": ["net domain"]}
    domain: Attrs = {
        "objectClass": ["dcObject", "organization", "zimbraDomain", "amavisAccount"],
        "dc": ["example"],
        "o": ["example.net domain"],
        "zimbraDomainName": ["example.net"],
        "zimbraDomainType": ["local"],
        "zimbraMailStatus": ["enabled"],
        "zimbraId": [registry.new_id()],
    }
    yield dns[1], domain
    yield dns[2], {"objectClass": ["organizationalRole"], "ou": ["people"], "cn": ["people"]}
    yield dns[3], {"objectClass": ["organizationalRole"], "cn": ["groups"]}
    both, muted = registry.new_id(), Routing(mail_status="disabled", status="closed")
    member = {"zimbraMemberOf": [both]}
    for address, routing, aliases, extra in (
        ("far@example.net", STRANGE, ["near@example.com"], member),
        ("old@example.net", STRANGE, [], {"zimbraOldMailAddress": ["once@example.com"]}),
        ("named@example.net", STRANGE, [], {"zimbraPrefMailForwardingAddress": ["again@example.net"]}),
        ("again@example.net", STRANGE, ["otherwise@example.net"], {}),
        ("nobody.names@example.net", STRANGE, [], {}),
        ("gone@example.com", muted, [], {**member, "zimbraMailForwardingAddress": ["foo@example.com", "x@y.example"]}),
        ("writes@example.com", STRANGE, ["pen@example.com"], {"zimbraMailCanonicalAddress": ["pen@example.com"]}),
        ("tells@example.com", STRANGE, [], {"zimbraMailForwardingAddress": ["NAMED@example.net", "all@example.net"]}),
    ):
        (dn, attrs), *_ = account(registry, address, Name(address), routing, aliases, extra)
        branch = address.rpartition("@")[2].replace(".", ",dc=")
        yield dn.replace("dc=example,dc=com", f"dc={branch}"), attrs
    dn, attrs = distribution_list(registry, "all@example.net", "All", ["otherwise@example.net", "bar@example.com"])
    names = {"zimbraMailAlias": ["all@example.net", "everyone@example.com"]}
    yield dn.replace("dc=example,dc=com", "dc=example,dc=net"), {**attrs, **names}
    units = registry.new_id(), registry.new_id()
    yield from group_entries("both@example.com", both, units, ["out@side.example"])
    yield from group_entries("few@example.net", registry.new_id(), (registry.new_id(), registry.new_id()))


def all_entries() -> Iterator[tuple[str, Attrs]]:
    registry = Registry(Random(7))
    for dn, attrs in base_entries(registry, "secondary", "/opt/zimbra"):
        is_user = dn.startswith("uid=")
        yield dn, {**attrs, "objectClass": ["inetOrgPerson"], "userPassword": [PASSWORD]} if is_user else attrs
    yield from alias_domain(registry, registry.new_id())
    for person in people(Sample(ACCOUNTS, 7, "secondary")):
        yield from person.entries
    yield from strange_entries()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if shutil.which("postmap") is None or not Path("/etc/postfix/dynamicmaps.cf").exists():
        unavailable("Postfix and its LDAP maps are not installed")
    folder = tmp_path_factory.mktemp("reading")
    schema = folder / "zimbra.schema"
    schema.write_text(zimbra_schema.schema())
    limits = ("limits * size=unlimited", 'access to * by dn.children="cn=admins,cn=zimbra" write by anonymous auth')
    server = Slapd(
        folder / "slapd",
        suffix="",
        schemas=("core", "cosine", "inetorgperson", schema),
        globals=zimbra_schema.GLOBALS,
        database=(*limits, *zimbra_schema.DATABASE),
    )
    server.load(ldif.entry(dn, attrs.items()) for dn, attrs in all_entries())
    home = ZimbraHome(folder / "zimbra", server.url, "zimbra.example.com", PASSWORD, name=str(folder / "zimbra"))
    home.lay_out()
    maps = folder / "maps"
    maps.mkdir()
    (maps / "main.cf").write_text("compatibility_level = 3.6\n")
    shutil.copy("/etc/postfix/dynamicmaps.cf", maps)
    for map_, query, results in MAPS:
        lines = (f"server_host = {server.url}", "search_base =", f"query_filter = {query}", "version = 3")
        credentials = ("bind = yes", f"bind_dn = {ADMIN_DN}", f"bind_pw = {PASSWORD}")
        (maps / f"{map_.name}.cf").write_text("\n".join((*lines, *credentials, f"result_attribute = {results}\n")))
    with server:
        yield Site(home.place, maps)


def test_every_map_answers_the_same(site: Site) -> None:
    half = site.half()
    assert half.reading.complete, half.reading.why_partial
    split = Split(DOMAIN, Role.SECONDARY, "zimbra.example.com", "mail.example.com", "smtp:mail.example.com:25")
    maps = Maps(world(split, Snapshot(half, LegacyHalf(Reading(True, 0.0), {}))).entries)
    keys = sorted(_keys())
    for map_, _, _ in MAPS:
        said = {key: sorted(found.text.split(",")) for key in keys if (found := maps.find(map_, key))}
        assert said == site.asked(map_.name, keys), map_.name
    assert len(site.asked("ldap-vam", keys)) > ACCOUNTS


def test_nobody_of_the_other_domain_is_read_who_does_not_matter(site: Site) -> None:
    half = site.half()
    assert {*half.neighbours} == {
        "far@example.net",
        "old@example.net",
        "named@example.net",
        "again@example.net",
        "all@example.net",
    }
    assert {domain.name for domain in half.other_domains} == {"example.net", "example.org"}
    both = half.accounts["both@example.com"].rare
    assert both is not None
    assert {*both.members} == {"far@example.net", "gone@example.com", "out@side.example"}


def _keys() -> Iterator[str]:
    """Whatever somebody could write to and the reading must know of, and names that nobody has."""
    far = ("nobody.names@example.net", "few@example.net")
    for _, attrs in all_entries():
        names = [name for attribute, values in attrs.items() if "Address" in attribute for name in values]
        for value in (*names, *attrs.get("zimbraMailAlias", ()), *attrs.get("zimbraDomainName", ())):
            for name in value.split(","):
                if name not in far and "__internal__" not in name:
                    yield name.strip()
    yield from ("nobody@example.com", "@example.com", "@example.org", "@example.net", "example.invalid")
