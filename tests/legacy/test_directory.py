"""The existing system's people out of a real directory: everybody, or a half that says why nothing is planned of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.config.directory import Encryption, EntryMapping, LdapDirectory, LdapServer, Password, Schema
from splittui.legacy.directory import LegacyDirectory
from splittui.model.entries import Kind, LegacyAccount
from splittui.model.snapshot import LegacyHalf
from splittui.remote import RemoteError
from splittui.remote.ldap.errors import LdapFault
from splittui.remote.ldap.paging import FIRST_PAGE, PAGE
from splittui.remote.password import Passwords
from tests.remote.conftest import Proxy
from tests.remote.ldap_script import Ldap
from tests.remote.scripted import Scripted
from tests.servers.people import BASE, PEOPLE, SUFFIX, crowd, person
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

HERE = Path(__file__).parent


def directory(
    port: int,
    schema: Schema = Schema.INETORGPERSON,
    *,
    bind_dn: str = "",
    answers: Sequence[str] = (ADMIN_PASSWORD,),
    routing: Sequence[str] = (),
    **changes: object,
) -> LegacyDirectory:
    server = LdapServer("127.0.0.1", port, Encryption.NONE, bind_dn)
    settings = replace(LdapDirectory(server, SUFFIX, mapping=EntryMapping(schema)), **changes)
    left = iter(answers)
    passwords = Passwords(lambda question: next(left))
    return LegacyDirectory(settings, "example.com", frozenset({"mail.example.com"}), passwords, routing=routing)


def read(reader: LegacyDirectory) -> LegacyHalf:
    return reader.read(1.0, lambda count: None)


def loaded(folder: Path, *entries: str, **settings: object) -> Slapd:
    slapd = Slapd(folder, **settings)
    slapd.load(BASE + "".join(entries))
    return slapd


def test_people_of_inetorgperson(tmp_path: Path) -> None:
    slapd = loaded(
        tmp_path,
        person("bar", "mail: Bar@Example.com", "mail: b@example.com", "givenName: Bar", "displayName:: QsOkciBCZWxs"),
        person("elsewhere", "mail: x@other.org"),
        person("printer"),
        f"dn: cn=all,{SUFFIX}\nobjectClass: groupOfNames\nobjectClass: extensibleObject\ncn: all\n"
        f"mail: all@example.com\nmember: uid=bar,{PEOPLE}\n\n",
    )
    told: list[int] = []
    with slapd:
        half = directory(slapd.port).read(1.0, told.append)
    assert half.reading.complete
    assert half.without_address == 1
    assert half.accounts == {
        "bar@example.com": LegacyAccount("bar@example.com", "Bär Bell", "Bar", "Person", aliases=("b@example.com",)),
        "all@example.com": LegacyAccount("all@example.com", "all", kind=Kind.LIST),
    }
    assert told == [4]


def test_people_of_active_directory(tmp_path: Path) -> None:
    def user(name: str, *lines: str, kind: str = "user", account: str = "sAMAccountType: 805306368") -> str:
        return "\n".join(
            (f"dn: cn={name},{SUFFIX}", f"objectClass: {kind}", f"cn: {name}", "sn: x", account, *lines, "\n")
        )

    contact = "displayName: Contact"
    slapd = loaded(
        tmp_path,
        user(
            "bar", "proxyAddresses: smtp:b@example.com", "proxyAddresses: SMTP:bar@example.com", "mail: x@example.com"
        ),
        user("gone", "mail: gone@example.com", "userAccountControl: 514"),
        user("service"),
        user("pc", "mail: pc@example.com", kind="computer", account="sAMAccountType: 805306369"),
        user(
            "moved",
            "mail: moved@example.com",
            "targetAddress: SMTP:moved@zimbra.example.com",
            kind="contact",
            account=contact,
        ),
        user("note", "mail: note@example.com", kind="contact", account=contact),
        f"dn: cn=all,{SUFFIX}\nobjectClass: group\ncn: all\nproxyAddresses: SMTP:all@example.com\n\n",
        f"dn: cn=security,{SUFFIX}\nobjectClass: group\ncn: security\n\n",
        schemas=("core", "cosine", "inetorgperson", HERE / "ad.schema"),
    )
    with slapd:
        half = read(directory(slapd.port, Schema.AD))
    assert half.reading.complete
    assert half.without_address == 1
    assert {
        account.address: (account.kind, account.enabled, account.forwards_to) for account in half.accounts.values()
    } == {
        "bar@example.com": (Kind.PERSON, True, ""),
        "gone@example.com": (Kind.PERSON, False, ""),
        "moved@example.com": (Kind.PERSON, True, "moved@zimbra.example.com"),
        "all@example.com": (Kind.LIST, True, ""),
    }


def test_routing_attributes_and_what_the_router_changes(tmp_path: Path) -> None:
    slapd = loaded(
        tmp_path,
        person(
            "bar",
            "objectClass: inetLocalMailRecipient",
            "mailLocalAddress: bar@example.com",
            "mailHost: zimbra.example.com",
        ),
        person("foo", "objectClass: inetLocalMailRecipient", "mail: foo@example.com", "mailHost: mail.example.com"),
        person("baz", "mail: baz@example.com"),
        schemas=("core", "cosine", "inetorgperson", "misc"),
    )
    with slapd:
        half = read(directory(slapd.port, Schema.INETLOCALMAILRECIPIENT, routing=("mailHost", "mailRoutingAddress")))
    assert {name: account.forwards_to for name, account in half.accounts.items()} == {
        "bar@example.com": "zimbra.example.com",
        "foo@example.com": "",
        "baz@example.com": "",
    }
    assert half.routing == {
        "bar@example.com": {"mailhost": ("zimbra.example.com",)},
        "foo@example.com": {"mailhost": ("mail.example.com",)},
    }


def test_a_filter_of_ones_own(tmp_path: Path) -> None:
    slapd = loaded(tmp_path, person("bar", "mail: bar@example.com"), person("foo", "mail: foo@example.com"))
    with slapd:
        assert list(read(directory(slapd.port, filter="(uid=foo)")).accounts) == ["foo@example.com"]


def test_the_size_limit_makes_it_partial(tmp_path: Path) -> None:
    slapd = Slapd(tmp_path)
    slapd.load(crowd(PAGE))
    with slapd:
        half = read(directory(slapd.port))
    assert not half.reading.complete
    assert half.accounts
    assert half.reading.why_partial.startswith("127.0.0.1 ended the search at its size limit")


@pytest.mark.parametrize("how", ["cut", "anew", "cancelled"])
def test_a_reading_that_ends_in_the_middle_is_partial(tmp_path: Path, how: str) -> None:
    slapd = Slapd(tmp_path)
    slapd.load(crowd(FIRST_PAGE + 3 * PAGE))
    proxy = Proxy(slapd.port)
    reader = directory(proxy.port, bind_dn=slapd.admin)

    def disturb(count: int) -> None:
        if count > FIRST_PAGE:
            return
        if how == "cancelled":
            reader.cancel()
            return
        slapd.stop()
        if how == "anew":
            slapd.start()

    with slapd:
        half = reader.read(1.0, disturb)
    proxy.close()
    assert not half.reading.complete
    assert FIRST_PAGE <= len(half.accounts) < FIRST_PAGE + 3 * PAGE
    assert half.reading.why_partial.endswith(f"after {len(half.accounts)} entries")
    assert ("broken off here" if how == "cancelled" else "broke") in half.reading.why_partial


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ((), "the directory on 127.0.0.1 below dc=example,dc=com shows nobody at all"),
        ((person("printer"),), "nobody in the directory on 127.0.0.1 below dc=example,dc=com has an address"),
        (
            (person("bar", "mail: bar@example.com"), person("b", "mail: bar@example.com")),
            "bar@example.com stands in two entries",
        ),
        ((person("bar", "mail: b r@example.com"), person("b", "mail: b@example.com")), "uid=bar,ou=people"),
    ],
)
def test_doubts(tmp_path: Path, entries: tuple[str, ...], why: str) -> None:
    with loaded(tmp_path, *entries) as slapd:
        half = read(directory(slapd.port))
    assert not half.reading.complete
    assert half.reading.why_partial.startswith(why)


def test_entries_without_their_attributes_are_not_taken_for_people_without_mail(tmp_path: Path) -> None:
    """The wrong account sees who is there, but not the addresses."""
    slapd = loaded(
        tmp_path,
        person("bar", "mail: bar@example.com"),
        database=["access to attrs=mail by * none", "access to * by * read"],
    )
    with slapd:
        half = read(directory(slapd.port))
    assert not half.reading.complete
    assert "1 entries were read" in half.reading.why_partial


def test_a_wrong_password_is_an_error_and_asked_for_again(tmp_path: Path) -> None:
    with loaded(tmp_path, person("bar", "mail: bar@example.com")) as slapd:
        reader = directory(slapd.port, bind_dn=slapd.admin, answers=("wrong", ADMIN_PASSWORD))
        with pytest.raises(LdapFault, match="does not accept the password"):
            read(reader)
        assert read(reader).reading.complete


def test_a_base_that_is_not_there(tmp_path: Path) -> None:
    with loaded(tmp_path) as slapd, pytest.raises(LdapFault, match="has nothing at ou=nobody"):
        read(directory(slapd.port, base=f"ou=nobody,{SUFFIX}"))


def test_nobody_can_be_asked_for_the_password() -> None:
    server = LdapServer("127.0.0.1", 1, Encryption.NONE, "cn=reader", Password(variable="SPLITTUI_NO_SUCH"))
    reader = LegacyDirectory(LdapDirectory(server, SUFFIX), "example.com", frozenset(), Passwords())
    with pytest.raises(RemoteError, match="is not in the environment variable"):
        reader.unlock()


def test_what_active_directory_always_refers_to_is_no_doubt() -> None:
    ldap = Ldap()
    parts = [
        *(ldap.request, ldap.bound(), ldap.request, ldap.entry("cn=bar", mail="bar@example.com")),
        ldap.reference("ldap://ForestDnsZones.example.com/DC=ForestDnsZones,DC=example,DC=com"),
        ldap.reference("ldap://DomainDnsZones.example.com/DC=DomainDnsZones,DC=example,DC=com"),
        ldap.reference("ldap://example.com/CN=Configuration,DC=example,DC=com"),
    ]
    with Scripted([*parts, ldap.done()]) as there:
        assert read(directory(there.port, Schema.AD)).reading.complete
    child = ldap.reference("ldap://child.example.com/DC=child,DC=example,DC=com")
    with Scripted([*parts, child, ldap.done()]) as there:
        half = read(directory(there.port, Schema.AD))
    assert not half.reading.complete
    assert "ldap://child.example.com/DC=child,DC=example,DC=com" in half.reading.why_partial


def test_a_server_that_cannot_page_leaves_a_doubt() -> None:
    ldap = Ldap()
    entry = ldap.entry("cn=bar", mail="bar@example.com")
    with Scripted([ldap.request, ldap.bound(), ldap.request, entry, ldap.done(cookie=None)]) as there:
        half = read(directory(there.port))
    assert not half.reading.complete
    assert "does not say whether its list is complete" in half.reading.why_partial


def test_a_reading_that_waits_is_broken_off_at_once() -> None:
    ldap = Ldap()
    waiting = threading.Event()
    caught: list[str] = []
    with Scripted() as there:
        there.scripts = ([ldap.request, ldap.bound(), ldap.request, lambda client: waiting.set(), there.silence],)
        reader = directory(there.port)

        def work() -> None:
            try:
                read(reader)
            except LdapFault as fault:
                caught.append(str(fault))

        thread = threading.Thread(target=work)
        thread.start()
        assert waiting.wait(5)
        reader.cancel()
        thread.join(5)
        assert not thread.is_alive()
    assert caught == ["the reading of the directory on 127.0.0.1 was broken off here"]
