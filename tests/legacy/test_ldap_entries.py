"""Attributes of a person's entry, in a real slapd: changed, taken back, and left alone where somebody was there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.config.directory import Encryption, LdapServer, Password
from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.ldap import DirectoryEntries
from splittui.planning.route_change import AttributeChange, EntryChange
from splittui.remote.errors import RemoteError
from splittui.remote.password import Passwords
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

PEOPLE = "ou=people,dc=example,dc=com"
TREE = """dn: dc=example,dc=com
objectClass: domain

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit

"""
PERSON = """dn: uid={uid},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: inetLocalMailRecipient
sn: x
cn: x
mail: {uid}@example.com
{more}

"""


def ldif(*people: tuple[str, str]) -> str:
    return TREE + "".join(PERSON.format(uid=uid, more=more).replace("\n\n\n", "\n\n") for uid, more in people)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    server = Slapd(tmp_path_factory.mktemp("slapd"), schemas=("core", "cosine", "inetorgperson", "misc"))
    plain = "dn: uid=plain,ou=people,dc=example,dc=com\nobjectClass: inetOrgPerson\nsn: x\ncn: x\nmail: p@example.com\n"
    twice = "".join(PERSON.format(uid=uid, more="mail: twice@example.com") for uid in ("one", "two"))
    server.load(ldif(("bar", "mailHost: mail.example.com"), ("bare", "telephoneNumber: 1")) + twice + plain)
    with server:
        yield server


def settings(server: Slapd, password: str = ADMIN_PASSWORD) -> tuple[LdapServer, Passwords]:
    where = LdapServer(server.address, server.port, Encryption.NONE, server.admin, Password())
    return where, Passwords(lambda question: password)


@pytest.fixture
def at_work(directory: Slapd) -> Iterator[DirectoryEntries]:
    opened = DirectoryEntries(*settings(directory))
    yield opened
    opened.close()


def change(uid: str, *changes: tuple[str, tuple[str, ...], tuple[str, ...]]) -> EntryChange:
    return EntryChange(PEOPLE, "mail", f"{uid}@example.com", tuple(AttributeChange(*each) for each in changes))


BAR = change(
    "bar",
    ("mailHost", ("mail.example.com",), ("zimbra.example.com",)),
    ("mailRoutingAddress", (), ("bar@zimbra.example.com",)),
)


def test_away_and_back(at_work: DirectoryEntries) -> None:
    before = {"mailHost": ("mail.example.com",), "mailRoutingAddress": ()}
    assert at_work.look(BAR) == before
    at_work.make(BAR)
    assert at_work.look(BAR) == {
        "mailHost": ("zimbra.example.com",),
        "mailRoutingAddress": ("bar@zimbra.example.com",),
    }
    at_work.make(BAR.inverse)
    assert at_work.look(BAR) == before


def test_what_stays_is_not_sent(at_work: DirectoryEntries) -> None:
    same = change(
        "bar", ("mailHost", ("mail.example.com",), ("mail.example.com",)), ("mailRoutingAddress", (), ("x@y",))
    )
    at_work.make(same)
    at_work.make(same.inverse)
    assert at_work.look(same)["mailRoutingAddress"] == ()


def test_an_entry_that_somebody_changed_is_left_alone(directory: Slapd, at_work: DirectoryEntries) -> None:
    at_work.look(BAR)
    line = "dn: uid=bar,ou=people,dc=example,dc=com\nchangetype: modify\nreplace: mailHost\nmailHost: {}\n"
    directory.modify(line.format("other.example.com"))
    with pytest.raises(RouteError, match="changed in between"):
        at_work.make(BAR)
    assert at_work.look(BAR)["mailHost"] == ("other.example.com",)
    directory.modify(line.format("mail.example.com"))


class Hasty(DirectoryEntries):
    """Looks, lets somebody else change the entry, and then sends what it had meant to send."""

    def __init__(self, directory: Slapd, meanwhile: str) -> None:
        super().__init__(*settings(directory))
        self._directory, self._meanwhile = directory, meanwhile

    def _find(self, change: EntryChange):
        found = super()._find(change)
        if self._meanwhile:
            self._directory.modify(self._meanwhile)
            self._meanwhile = ""
        return found


@pytest.mark.parametrize(
    "meanwhile",
    [
        "replace: mailHost\nmailHost: other.example.com\n",
        "delete: mailHost\n",
        "add: mailRoutingAddress\nmailRoutingAddress: x@other.example.com\n",
    ],
)
def test_the_server_itself_refuses_what_came_in_between(directory: Slapd, meanwhile: str) -> None:
    opened = Hasty(directory, f"dn: uid=bar,ou=people,dc=example,dc=com\nchangetype: modify\n{meanwhile}")
    with pytest.raises(RouteError, match="changed in between"):
        opened.make(BAR)
    seen = opened.look(BAR)
    assert "zimbra.example.com" not in seen["mailHost"]
    assert seen["mailRoutingAddress"] in ((), ("x@other.example.com",))
    directory.modify(
        "dn: uid=bar,ou=people,dc=example,dc=com\nchangetype: modify\n"
        "replace: mailHost\nmailHost: mail.example.com\n-\nreplace: mailRoutingAddress\n-\n"
    )
    opened.close()


def test_an_entry_that_is_not_there_or_is_two(at_work: DirectoryEntries) -> None:
    with pytest.raises(RouteError, match=r"no entry with mail=nobody@example\.com below ou=people"):
        at_work.look(change("nobody", ("mailHost", (), ("x",))))
    with pytest.raises(RouteError, match=r"2 entries with mail=twice@example\.com"):
        at_work.look(change("twice", ("mailHost", (), ("x",))))


def test_an_address_is_no_filter(at_work: DirectoryEntries) -> None:
    with pytest.raises(RouteError, match="no entry"):
        at_work.look(change("*", ("mailHost", (), ("x",))))


def test_an_entry_without_the_object_class(at_work: DirectoryEntries) -> None:
    with pytest.raises(RouteError, match="inetLocalMailRecipient"):
        at_work.make(change("p", ("mailHost", (), ("x",))))


def test_somebody_who_may_not_write(directory: Slapd) -> None:
    where, passwords = settings(directory)
    opened = DirectoryEntries(replace(where, bind_dn=""), passwords)
    with pytest.raises(RouteError, match=r"refuses|wants|does not allow"):
        opened.make(BAR)
    assert opened.look(BAR)["mailHost"] == ("mail.example.com",)
    opened.close()


def test_a_wrong_password_is_told_before_anything(directory: Slapd) -> None:
    opened = DirectoryEntries(*settings(directory, "wrong"))
    with pytest.raises(RemoteError, match="password"):
        opened.open()
    opened.close()


def test_a_connection_that_the_server_ended_is_made_again(tmp_path: Path) -> None:
    server = Slapd(tmp_path, schemas=("core", "cosine", "inetorgperson", "misc"))
    server.load(ldif(("bar", "mailHost: mail.example.com")))
    with server:
        opened = DirectoryEntries(*settings(server))
        opened.look(BAR)
        server.stop()
        server.start()
        assert opened.look(BAR)["mailHost"] == ("mail.example.com",)
        opened.make(BAR)
        server.stop()
        with pytest.raises(RemoteError, match="cannot be reached"):
            opened.look(BAR)
        opened.close()
