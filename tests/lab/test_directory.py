"""The lab's LDAP: lookups, subtrees, transactions, and many processes at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.lab.directory import Directory, EntryExistsError, LdapLike, NoSuchEntryError, NotALeafError, dn_path

PEOPLE = "ou=people,dc=example,dc=com"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with Directory(tmp_path / "directory.db") as directory:
        yield directory


def test_it_is_what_the_emulator_needs(directory: Directory) -> None:
    needed: LdapLike = directory
    assert needed.entry("cn=nothing") is None


def test_a_dn_is_found_in_any_case_and_keeps_its_spelling(directory: Directory) -> None:
    directory.add("uid=Foo,ou=people,dc=Example,dc=com", {"uid": ["Foo"], "zimbraNotes": ["ä\n# name x"]})
    assert directory.entry(f"UID=foo, {PEOPLE}") == {"uid": ["Foo"], "zimbraNotes": ["ä\n# name x"]}
    assert [dn for dn, _ in directory.under("DC=COM")] == ["uid=Foo,ou=people,dc=Example,dc=com"]


def test_an_escaped_comma_is_no_border(directory: Directory) -> None:
    directory.add(rf"uid=a\,b,{PEOPLE}", {"uid": ["a,b"]})
    assert [dn for dn, _ in directory.under(PEOPLE)] == [rf"uid=a\,b,{PEOPLE}"]
    assert dn_path(rf"uid=a\,b,{PEOPLE}").count("\x01") == 3


def test_a_subtree_is_its_base_and_what_lies_below_in_the_order_of_arrival(directory: Directory) -> None:
    for dn in (
        "uid=z,ou=people,dc=example,dc=com",
        "dc=example,dc=com",
        "uid=a,dc=example,dc=com",
        "dc=example2,dc=com",
    ):
        directory.add(dn, {})
    assert [dn[:5] for dn, _ in directory.under("dc=example,dc=com")] == ["uid=z", "dc=ex", "uid=a"]
    assert len(list(directory.under(""))) == 4


def test_values_are_found_without_case_and_forgotten_when_they_go(directory: Directory) -> None:
    dn = f"uid=foo,{PEOPLE}"
    directory.add(dn, {"mail": ["Foo@example.com", "f@example.com"], "zimbraMailHost": ["z"]})
    assert [found for found, _ in directory.find("MAIL", "foo@EXAMPLE.com")] == [dn]
    directory.replace(dn, {"mail": ["f@example.com"]})
    assert directory.find("mail", "foo@example.com") == []
    assert directory.find("zimbraMailHost", "z") == []
    assert [found for found, _ in directory.having("mail")] == [dn]
    directory.delete(dn)
    assert directory.find("mail", "f@example.com") == []


def test_only_indexed_attributes_can_be_searched(directory: Directory) -> None:
    with pytest.raises(KeyError):
        directory.find("displayName", "x")
    with pytest.raises(KeyError):
        directory.having("displayName")


def test_what_cannot_be_done_is_refused(directory: Directory) -> None:
    directory.add("dc=com", {})
    directory.add("dc=example,dc=com", {})
    with pytest.raises(EntryExistsError, match="DC=com"):
        directory.add("DC=com", {})
    with pytest.raises(NotALeafError):
        directory.delete("dc=com")
    with pytest.raises(NoSuchEntryError):
        directory.delete("dc=org")
    with pytest.raises(NoSuchEntryError):
        directory.replace("dc=org", {})


def test_many_are_added_together_or_not_at_all(directory: Directory) -> None:
    assert directory.add_many((f"uid=u{i},{PEOPLE}", {"uid": [f"u{i}"]}) for i in range(12_000)) == 12_000
    assert sum(1 for _ in directory.under(PEOPLE)) == 12_000
    with pytest.raises(EntryExistsError, match="uid=u7,"):
        directory.add_many([("uid=new,dc=com", {}), (f"uid=u7,{PEOPLE}", {})])
    assert directory.entry("uid=new,dc=com") is None


def test_a_subtree_can_be_changed_while_it_is_read(directory: Directory) -> None:
    directory.add_many((f"uid=u{i},{PEOPLE}", {"uid": [f"u{i}"]}) for i in range(50))
    seen = 0
    with directory.transaction():
        for dn, attrs in directory.under(PEOPLE):
            directory.replace(dn, {**attrs, "seen": ["1"]})
            seen += 1
    assert seen == 50
    assert all(attrs["seen"] == ["1"] for _, attrs in directory.under(PEOPLE))


def test_a_failed_transaction_leaves_nothing(directory: Directory) -> None:
    def fail() -> None:
        with directory.transaction():
            directory.add("dc=com", {})
            with directory.transaction():
                directory.add("dc=org", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(directory.under("")) == []


def test_processes_at_the_same_time_lose_no_change(tmp_path: Path) -> None:
    path = tmp_path / "directory.db"
    code = (
        "import sys; from pathlib import Path; from splittui.lab.directory import Directory\n"
        "for _ in range(20):\n"
        "    with Directory(Path(sys.argv[1])) as directory, directory.transaction():\n"
        "        entry = directory.entry('cn=count')\n"
        "        if entry is None: directory.add('cn=count', {'n': ['1']})\n"
        "        else: directory.replace('cn=count', {'n': [str(int(entry['n'][0]) + 1)]})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(4)]
    assert [process.wait() for process in running] == [0, 0, 0, 0]
    with Directory(path) as directory:
        assert directory.entry("cn=count") == {"n": ["80"]}


def test_entries_of_a_rare_class_are_found_by_it(directory: Directory) -> None:
    directory.add("cn=team", {"objectClass": ["groupOfURLs", "zimbraGroup"]})
    directory.add("uid=foo", {"objectClass": ["inetOrgPerson", "zimbraAccount"]})
    assert [dn for dn, _ in directory.find("objectClass", "ZimbraGroup")] == ["cn=team"]
    with pytest.raises(KeyError):
        directory.find("objectClass", "zimbraAccount")


def test_a_directory_of_an_older_lab_is_indexed_again(tmp_path: Path) -> None:
    with Directory(tmp_path / "directory.db") as directory:
        directory.add("cn=team", {"objectClass": ["zimbraGroup"], "mail": ["team@example.com"]})
    with sqlite3.connect(tmp_path / "directory.db") as old:
        old.execute("DELETE FROM value WHERE name = 'objectclass'")
        old.execute("PRAGMA user_version=1")
    old.close()
    with Directory(tmp_path / "directory.db") as directory:
        assert [dn for dn, _ in directory.find("objectClass", "zimbraGroup")] == ["cn=team"]
        assert [dn for dn, _ in directory.find("mail", "team@example.com")] == ["cn=team"]
