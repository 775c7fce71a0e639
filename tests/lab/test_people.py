from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from splittui.lab.directory import Attrs, Directory
from splittui.lab.people import Sample, fill, people
from splittui.lab.people_entries import LEGACY_HEADER, ON_LEGACY, ON_ZIMBRA, SERVER
from splittui.lab.people_zoo import ACCOUNTS
from splittui.model.address import parse_address
from splittui.model.text import clean

PEOPLE = "ou=people,dc=example,dc=com"
Rows = dict[str, dict[str, str]]


def filled(folder: Path, sample: Sample) -> tuple[dict[str, Attrs], Rows]:
    """Entries by DN and legacy rows by address."""
    with Directory(folder / "directory.db") as directory:
        fill(directory, folder / "people.csv", sample, Path("/home/of/zimbra"))
        entries = dict(directory.under(""))
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == list(LEGACY_HEADER)
        rows = list(reader)
    assert len({row["address"] for row in rows}) == len(rows)
    return entries, {row["address"]: row for row in rows}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Attrs], Rows]:
    return filled(tmp_path_factory.mktemp("small"), Sample(ACCOUNTS, 3))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Attrs], Rows]:
    return filled(tmp_path_factory.mktemp("large"), Sample(3000, 3))


def of(entries: dict[str, Attrs], local: str) -> Attrs:
    return entries[f"uid={local},{PEOPLE}"]


def one(attrs: Attrs, name: str) -> str:
    return attrs.get(name, [""])[0]


def accounts(entries: dict[str, Attrs]) -> list[Attrs]:
    return [attrs for attrs in entries.values() if "zimbraAccount" in attrs.get("objectClass", [])]


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_the_same_seed_gives_the_same_people(role: str) -> None:
    once, again = (list(people(Sample(500, 11, role))) for _ in range(2))
    assert once == again
    assert once != list(people(Sample(500, 12, role)))


def test_more_people_leave_the_first_ones_as_they_are() -> None:
    few, many = list(people(Sample(100))), list(people(Sample(700)))
    assert many[: len(few)] == few


@pytest.mark.parametrize("number", [0, 1, 12, ACCOUNTS, ACCOUNTS + 1, 500])
def test_as_many_as_asked_for(number: int) -> None:
    found = [person for person in people(Sample(number)) if not person.address.startswith(("team@", "crew@", "group"))]
    assert len(found) == number + (3 if number >= ACCOUNTS else 0)


def test_addresses_are_valid_and_unique(large: tuple[dict[str, Attrs], Rows]) -> None:
    entries, rows = large
    owners = Counter(
        address
        for attrs in entries.values()
        for address in {*attrs.get("zimbraMailDeliveryAddress", []), *attrs.get("zimbraMailAlias", [])}
    )
    assert max(owners.values()) == 1
    for address in (*owners, *rows):
        assert parse_address(address) == address
    identities = [value for attrs in entries.values() for value in attrs.get("zimbraId", [])]
    assert len(set(identities)) == len(identities)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity) for identity in identities)
    for attrs in entries.values():
        for stamp in attrs.get("zimbraCreateTimestamp", []):
            assert datetime.strptime(stamp, "%Y%m%d%H%M%S.000Z").year >= 2014


def test_the_shares_of_the_primary_role(large: tuple[dict[str, Attrs], Rows]) -> None:
    entries, rows = large
    transports = Counter((one(a, "zimbraMailTransport"), one(a, "zimbraMailHost")) for a in accounts(entries))
    at_zimbra = transports[ON_ZIMBRA, SERVER]
    host_less, hosted = transports[ON_LEGACY, ""], transports[ON_LEGACY, SERVER]
    assert 0.2 < at_zimbra / 3000 < 0.3
    assert 0.45 < host_less / 3000 < 0.65
    assert 0.08 < hosted / 3000 < 0.2
    known = {one(a, "zimbraMailDeliveryAddress") for a in accounts(entries)}
    only_legacy = [row for address, row in rows.items() if address not in known]
    assert 0.04 < len(only_legacy) / 3000 < 0.12
    leftover = [row for row in rows.values() if row["forwards_to"]]
    assert 2 <= len(leftover) < 100
    assert {row["forwards_to"] for row in leftover} == {"smtp:[zimbra.example.com]:25"}
    aliases = [a for a in entries.values() if "zimbraAlias" in a.get("objectClass", [])]
    identities = {one(a, "zimbraId") for a in accounts(entries)}
    assert len(aliases) > 100
    assert all(one(alias, "zimbraAliasTargetId") in identities for alias in aliases)
    lists = [a for a in entries.values() if "zimbraDistributionList" in a.get("objectClass", [])]
    assert len(lists) == 12


def test_the_secondary_role_forwards_what_it_does_not_host(tmp_path: Path) -> None:
    entries, rows = filled(tmp_path, Sample(1000, 3, "secondary"))
    domain, config = entries["dc=example,dc=com"], entries["cn=config,cn=zimbra"]
    assert one(domain, "zimbraMailTransport") == ON_LEGACY
    assert one(domain, "zimbraMailCatchAllAddress") == "@example.com"
    assert one(domain, "zimbraMailCatchAllForwardingAddress") == "@example.com"
    assert one(config, "zimbraMtaRelayHost") == "[mail.example.com]:25"
    assert one(config, "zimbraMtaSmtpDnsSupportLevel") == "disabled"
    ordinary = [a for a in accounts(entries) if "." in one(a, "uid") and "TRUE" not in a.get("zimbraHideInGal", [])]
    at_zimbra = [a for a in ordinary if one(a, "zimbraMailTransport") == ON_ZIMBRA]
    assert len(at_zimbra) > 0.8 * len(ordinary)
    assert len(ordinary) < 400
    for attrs in at_zimbra:
        address = one(attrs, "zimbraMailDeliveryAddress")
        assert address == "guest.partner.example@example.com" or rows[address]["forwards_to"]


def test_the_primary_role_has_no_catch_all(small: tuple[dict[str, Attrs], Rows]) -> None:
    entries, _ = small
    assert not {"zimbraMailTransport", "zimbraMailCatchAllAddress"} & set(entries["dc=example,dc=com"])
    assert not any("zimbraMailCatchAllAddress" in attrs for attrs in accounts(entries))
    assert "zimbraMtaRelayHost" not in entries["cn=config,cn=zimbra"]


@pytest.mark.parametrize(
    ("local", "transport", "host", "status"),
    [
        ("foo", ON_ZIMBRA, SERVER, "active"),
        ("bar", ON_LEGACY, "", "locked"),
        ("bell", "smtp:[mail.example.com]:25", SERVER, "locked"),
        ("locked", ON_ZIMBRA, SERVER, "locked"),
        ("closed", ON_ZIMBRA, SERVER, "closed"),
        ("pending", ON_ZIMBRA, SERVER, "pending"),
        ("maintenance", ON_ZIMBRA, SERVER, "maintenance"),
        ("lockout", ON_ZIMBRA, SERVER, "lockout"),
        ("hugo", ON_ZIMBRA, "", "active"),
        ("lost", "lmtp:mbox9.example.com:7025", SERVER, "active"),
        ("shout", "SMTP:mail.example.com:25", "", "locked"),
        ("bare", "mail.example.com:25", "", "locked"),
        ("blank", "", SERVER, "active"),
        ("other", "smtp:old.example.com:25", "", "locked"),
        ("admin", ON_ZIMBRA, SERVER, "active"),
    ],
)
def test_the_zoos_routing(
    small: tuple[dict[str, Attrs], Rows], local: str, transport: str, host: str, status: str
) -> None:
    attrs = of(small[0], local)
    assert one(attrs, "zimbraMailTransport") == transport
    assert one(attrs, "zimbraMailHost") == host
    assert one(attrs, "zimbraAccountStatus") == status
    assert one(attrs, "zimbraMailStatus") == ("disabled" if status in ("closed", "pending") else "enabled")


def test_the_zoos_other_inhabitants(small: tuple[dict[str, Attrs], Rows]) -> None:
    entries, rows = small
    assert one(of(entries, "foo"), "displayName") == "Foo Fighter"
    assert one(of(entries, "bar"), "displayName") == "Bar Bell"
    assert f"uid=dave,{PEOPLE}" not in entries
    assert rows["dave@example.com"]["aliases"] == "david@example.com"
    assert of(entries, "alice")["zimbraMailAlias"] == ["ally@example.com"]
    assert one(of(entries, "ally"), "zimbraAliasTargetId") == one(of(entries, "alice"), "zimbraId")
    assert of(entries, "bob")["zimbraMailAlias"] == [rows["bob@example.com"]["aliases"]]
    members = of(entries, "team")["zimbraMailForwardingAddress"]
    assert {"foo@example.com", "bar@example.com", "dave@example.com"} <= set(members)
    assert "zimbraCalendarResource" in of(entries, "room")["objectClass"]
    assert [a["uid"] for a in accounts(entries) if "TRUE" in a.get("zimbraIsAdminAccount", [])] == [["admin"]]
    for local in ("spam.lab", "ham.lab", "virus-quarantine.lab", "galsync.lab"):
        assert one(of(entries, local), "zimbraIsSystemAccount") == one(of(entries, local), "zimbraIsSystemResource")
        assert one(of(entries, local), "zimbraIsSystemAccount") == "TRUE"
    assert "zimbraIsSystemAccount" not in of(entries, "quarantine")
    assert one(entries["cn=config,cn=zimbra"], "zimbraAmavisQuarantineAccount") == "quarantine@example.com"
    assert one(of(entries, "guest.partner.example"), "zimbraIsExternalVirtualAccount") == "TRUE"
    assert one(of(entries, "foo"), "amavisArchiveQuarantineTo") == "foo.archive@example.com"
    assert len(of(entries, "fred")["zimbraMailForwardingAddress"]) == 2
    assert rows["mona@example.com"]["forwards_to"] == "smtp:[zimbra.example.com]:25"
    assert rows["twin@example.com"]["forwards_to"] == ""
    assert rows["loop@example.com"]["forwards_to"] == "smtp:[zimbra.example.com]:25"
    assert "ghost@example.com" not in rows
    assert (rows["pat@example.com"]["enabled"], rows["everyone@example.com"]["kind"]) == ("no", "list")
    assert (rows["projector@example.com"]["kind"], rows["postmaster@example.com"]["kind"]) == ("resource", "system")


def test_what_is_rare_in_the_zoo(small: tuple[dict[str, Attrs], Rows]) -> None:
    entries, _ = small
    alias = entries["dc=example,dc=org"]
    assert one(alias, "zimbraDomainType") == "alias"
    assert one(alias, "zimbraDomainAliasTargetId") == one(entries["dc=example,dc=com"], "zimbraId")
    assert one(alias, "zimbraMailCatchAllForwardingAddress") == "@example.com"
    assert one(of(entries, "vera"), "zimbraOldMailAddress") == "vera.maiden@example.com"
    assert one(of(entries, "otto"), "zimbraPrefMailLocalDeliveryDisabled") == "TRUE"
    crew = entries["cn=crew,cn=groups,dc=example,dc=com"]
    inside = [one(a, "uid") for a in accounts(entries) if crew["zimbraId"][0] in a.get("zimbraMemberOf", [])]
    assert sorted(inside) == ["alice", "bar", "foo"]
    outside = entries["cn=external,cn=crew,cn=groups,dc=example,dc=com"]
    assert outside["zimbraMailForwardingAddress"] == ["crew@partner.example"]
    assert f"(zimbraId={outside['zimbraId'][0]})" in one(crew, "memberURL")


def test_the_zoos_names_are_hostile_and_survive_the_export(small: tuple[dict[str, Attrs], Rows]) -> None:
    entries, rows = small
    names = {local: one(of(entries, local), "displayName") for local in ("asa", "nihon", "arabic", "markup", "quote")}
    assert names == {
        "asa": "Åsa Öberg",
        "nihon": "日本 太郎",
        "arabic": "محمد الأحمد",
        "markup": "[/b] [@click=app.quit]x[/]",
        "quote": 'O\'Brien "Bob" \\ back\\slash\\',
    }
    escape = one(of(entries, "escape"), "displayName")
    assert {"\x1b", "\x07", "\x9b", "\u202e"} <= set(escape)
    assert clean(escape).isprintable()
    assert len(one(of(entries, "long"), "displayName")) > 240
    for local in ("nihon", "arabic", "markup", "escape", "long"):
        assert rows[f"{local}@example.com"]["name"] == one(of(entries, local), "displayName")


def test_what_comes_before_people(small: tuple[dict[str, Attrs], Rows]) -> None:
    entries, _ = small
    server = entries["cn=zimbra.example.com,cn=servers,cn=zimbra"]
    assert one(server, "zimbraServiceHostname") == SERVER
    assert {"mailbox", "mta", "zimbra", "service"} <= set(server["zimbraServiceEnabled"])
    assert one(server, "zimbraLmtpBindPort") == "7025"
    config = entries["cn=config,cn=zimbra"]
    assert one(config, "zimbraMtaTransportMaps") == "proxy:ldap:/home/of/zimbra/conf/ldap-transport.cf"
    assert one(entries["cn=default,cn=cos,cn=zimbra"], "zimbraId") == one(of(entries, "foo"), "zimbraCOSId")
    assert one(entries["dc=example,dc=com"], "zimbraDomainStatus") == "active"
    paths = [value for attrs in entries.values() for values in attrs.values() for value in values]
    assert not any("/opt/zimbra/" in value for value in paths)
