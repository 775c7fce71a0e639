"""Exports in LDIF: as several programs write them, and never a part of one that looks like all of it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from splittui.config.directory import EntryMapping, Schema
from splittui.legacy.export import ExportError
from splittui.legacy.ldif_export import read_ldif
from splittui.legacy.mapping import Mapper
from splittui.model.entries import LegacyAccount
from splittui.model.snapshot import LegacyHalf

BAR = "dn: uid=bar,dc=example,dc=com\nobjectClass: inetOrgPerson\nmail: bar@example.com\ncn: Bar Bell\n\n"
FOO = "dn: uid=foo,dc=example,dc=com\nobjectClass: inetOrgPerson\nmail: foo@example.com\n\n"


def read(tmp_path: Path, text: str | bytes, schema: Schema = Schema.INETORGPERSON) -> LegacyHalf:
    file = tmp_path / "people.ldif"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_ldif(file, Mapper(EntryMapping(schema), "example.com", frozenset()), 1.0, lambda count: None)


def test_as_ldapsearch_and_slapcat_write_it(tmp_path: Path) -> None:
    name = base64.b64encode("Bär Bell".encode()).decode()
    half = read(
        tmp_path,
        "version: 1\n\n# bar, example.com\ndn: uid=bar,ou=a very long name of a place that has to be folded,dc=exam\n"
        f" ple,dc=com\nobjectClass: inetOrgPerson\nmail: bar@exam\n ple.com\ncn:: {name}\n\n"
        f"{FOO}# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 2\n",
    )
    assert half.reading.complete
    assert list(half.accounts.values()) == [
        LegacyAccount("bar@example.com", "Bär Bell"),
        LegacyAccount("foo@example.com"),
    ]


def test_as_ldifde_writes_it(tmp_path: Path) -> None:
    text = (
        "dn: CN=Bar,CN=Users,DC=example,DC=com\nchangetype: add\nobjectClass: top\nobjectClass: user\n"
        "userAccountControl: 514\nproxyAddresses: smtp:b@example.com\nproxyAddresses: SMTP:bar@example.com\n\n"
    )
    half = read(tmp_path, text.replace("\n", "\r\n"), Schema.AD)
    assert half.reading.complete
    assert list(half.accounts.values()) == [
        LegacyAccount("bar@example.com", aliases=("b@example.com",), enabled=False),
    ]


def test_a_big_one_in_pieces(tmp_path: Path) -> None:
    people = [f"dn: uid=u{n}\r\nmail: u{n}@example.com\r\ndescription: {'x' * (n % 97)}\r\n\r\n" for n in range(20_000)]
    half = read(tmp_path, "".join(people))
    assert half.reading.complete
    assert list(half.accounts) == [f"u{n}@example.com" for n in range(20_000)]


def test_who_has_no_address_is_counted(tmp_path: Path) -> None:
    half = read(tmp_path, BAR + "dn: uid=printer,dc=example,dc=com\nobjectClass: inetOrgPerson\n\n")
    assert half.reading.complete
    assert half.without_address == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BAR + "search: 2\nresult: 4 Size limit exceeded\n\n", "ended with result 4 Size limit exceeded"),
        (BAR + FOO[:-8], "ends in the middle of a line"),
        (BAR + "dn: uid=x\nmail:: ####\n\n", "is garbled after 1 entries"),
        (BAR + "dn: uid=x\nmail: b r@example.com\n\n", "uid=x: 'b r@example.com' has characters before the @"),
        (BAR + BAR, "bar@example.com stands in two entries"),
        ("dn: uid=x,dc=example\nmail: x@other.org\n\n", "nobody in .* has an address of the domain: 1 entries"),
        ("# nothing here\n", "shows nobody at all"),
        ("", "shows nobody at all"),
    ],
)
def test_doubts(tmp_path: Path, text: str, why: str) -> None:
    half = read(tmp_path, text)
    assert not half.reading.complete
    assert re.search(why, half.reading.why_partial), half.reading.why_partial
    assert ("bar@example.com" in half.accounts) == text.startswith(BAR)


@pytest.mark.parametrize(
    ("text", "why"), [("address,name\nbar@example.com,Bar\n\n", "is not LDIF"), (BAR.encode("utf-16"), "is in UTF-16")]
)
def test_what_is_no_export(tmp_path: Path, text: str | bytes, why: str) -> None:
    with pytest.raises(ExportError, match=why):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere\.ldif: cannot be read: No such file"):
        read_ldif(
            tmp_path / "nowhere.ldif", Mapper(EntryMapping(), "example.com", frozenset()), 1.0, lambda count: None
        )
