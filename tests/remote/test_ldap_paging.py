"""Pages: all entries, or a fault behind those that came; never a part that looks like all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.config.directory import Encryption, LdapServer
from splittui.remote.ldap.connection import LdapConnection, Timeouts
from splittui.remote.ldap.decoder import Attributes
from splittui.remote.ldap.errors import SIZE_LIMIT, LdapFault
from splittui.remote.ldap.paging import FIRST_PAGE, PAGE, pages
from tests.remote.conftest import Proxy
from tests.remote.ldap_script import Ldap
from tests.remote.scripted import Part, Scripted
from tests.servers.people import BASE, PEOPLE, SUFFIX, crowd
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

CROWD = FIRST_PAGE + 2 * PAGE + 300
ANY = "(uid=*)"
QUICK = Timeouts(connect=5, answer=5, search=1)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """With the limits that OpenLDAP has by itself: 500 entries, however they are asked for."""
    made = Slapd(tmp_path_factory.mktemp("slapd"))
    made.load(crowd(CROWD))
    with made:
        yield made


def at(port: int, bind_dn: str = "", stock: bool = False) -> LdapServer:
    return LdapServer("127.0.0.1", port, Encryption.NONE, bind_dn, stock_decoder=stock)


def read(server: LdapServer, password: str = "") -> tuple[list[Attributes], list[str], LdapFault | None]:
    """What came, the references in it, and the fault behind it."""
    found: list[Attributes] = []
    references: list[str] = []
    with LdapConnection(server, password, timeouts=QUICK) as connection:
        try:
            for page in pages(connection, SUFFIX, ANY, ["mail"], references):
                found += page
        except LdapFault as fault:
            return found, references, fault
    return found, references, None


@pytest.mark.servers
@pytest.mark.parametrize("stock", [False, True])
def test_everybody(slapd: Slapd, stock: bool) -> None:
    found, references, fault = read(at(slapd.port, slapd.admin, stock), ADMIN_PASSWORD)
    assert (references, fault) == ([], None)
    assert [entry["mail"] for entry in found] == [[f"user{number}@example.com"] for number in range(CROWD)]


@pytest.mark.servers
def test_the_size_limit_ends_it_with_a_fault(slapd: Slapd) -> None:
    found, _, fault = read(at(slapd.port))
    assert 0 < len(found) <= 500
    assert fault is not None
    assert fault.code == SIZE_LIMIT
    assert str(fault).startswith("127.0.0.1 ended the search at its size limit")
    assert "size.prtotal" in fault.next_step


@pytest.mark.servers
def test_two_readings_on_one_connection_spoil_the_first(slapd: Slapd) -> None:
    with LdapConnection(at(slapd.port, slapd.admin), ADMIN_PASSWORD) as connection:
        query = connection.query(SUFFIX, ANY, ["mail"])
        first = connection.answer(query, connection.ask_page(query, 10, b""))
        connection.answer(query, connection.ask_page(query, 20, b""))
        assert first.cookie
        again = connection.answer(query, connection.ask_page(query, 10, first.cookie))
    assert again.fault is not None
    assert "lost its place in the list" in str(again.fault)


@pytest.mark.servers
def test_two_readings_at_a_time_on_two_connections(slapd: Slapd) -> None:
    results: list[tuple[int, LdapFault | None]] = []

    def one() -> None:
        found, _, fault = read(at(slapd.port, slapd.admin), ADMIN_PASSWORD)
        results.append((len(found), fault))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(CROWD, None)] * 3


@pytest.mark.servers
def test_a_server_that_is_started_anew_between_two_pages(tmp_path: Path) -> None:
    slapd = Slapd(tmp_path)
    slapd.load(crowd(FIRST_PAGE + 2 * PAGE))
    slapd.start()
    found: list[Attributes] = []
    try:
        with LdapConnection(at(slapd.port, slapd.admin), ADMIN_PASSWORD, timeouts=QUICK) as connection:
            reading = pages(connection, SUFFIX, ANY, ["mail"], [])
            found += next(reading)
            slapd.stop()
            slapd.start()
            with pytest.raises(LdapFault, match=r"the connection to the directory on .* broke"):
                found.extend(entry for page in reading for entry in page)
    finally:
        slapd.stop()
    assert FIRST_PAGE <= len(found) < FIRST_PAGE + 2 * PAGE


@pytest.mark.servers
@pytest.mark.parametrize(("mode", "words"), [("swallow", "has said nothing for 1 seconds"), ("close", "broke")])
def test_a_link_that_is_cut_in_the_middle(slapd: Slapd, mode: str, words: str) -> None:
    proxy = Proxy(slapd.port)
    with LdapConnection(at(proxy.port, slapd.admin), ADMIN_PASSWORD, timeouts=QUICK) as connection:
        reading = pages(connection, SUFFIX, ANY, ["mail"], [])
        assert len(next(reading)) == FIRST_PAGE
        proxy.mode = "swallow"
        if mode == "close":
            proxy.cut()
        # The next page is under way already; the one behind it is not.
        with pytest.raises(LdapFault, match=words):
            list(reading)
    proxy.close()


def asked(*answers: Part, ldap: Ldap) -> Scripted:
    """A server that lets anybody in and then answers each request with the parts up to the next None."""
    return Scripted([ldap.request, ldap.bound(), ldap.request, *answers])


def scripted(ldap: Ldap, *answers: Part) -> tuple[list[Attributes], list[str], LdapFault | None]:
    with asked(*answers, ldap=ldap) as there:
        return read(at(there.port))


def test_a_server_that_ignores_pages() -> None:
    ldap = Ldap()
    found, _, fault = scripted(ldap, ldap.entry("uid=a", mail="a@example.com"), ldap.done(cookie=None))
    assert len(found) == 1
    assert "does not say whether its list is complete" in str(fault)


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (3, "", "ended the search at its time limit"),
        (11, "", "at an administrative limit"),
        (12, "critical extension is not recognized", "cannot hand out its entries in pages"),
        (50, "", "does not allow this to an anonymous reader"),
        (51, "", "too busy"),
        (53, "paged results cookie is invalid", "lost its place in the list"),
        (2, "paged results cookie is invalid", "lost its place in the list"),
        (80, "\x1b]0;title\x07internal error", "refuses with result 80 (it said: ]0;title internal error)"),
    ],
)
def test_a_page_that_ends_badly(code: int, text: str, words: str) -> None:
    ldap = Ldap()
    entry = ldap.entry("uid=a", mail="a@example.com")
    found, _, fault = scripted(ldap, entry, ldap.done(cookie=b"go on"), ldap.request, entry, ldap.done(code, text))
    assert len(found) == 2
    assert fault is not None
    assert fault.code == code
    assert words in str(fault)


def test_a_code_that_nobody_knows() -> None:
    ldap = Ldap()
    found, _, fault = scripted(ldap, ldap.entry("uid=a", mail="a@example.com"), ldap.done(99))
    assert fault is not None
    assert found == []
    assert "garbled" in str(fault)


def test_the_server_says_that_it_ends() -> None:
    notice = b"0$\x02\x01\x00x\x1f\x0a\x01\x34\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20036"
    _, _, fault = scripted(Ldap(), notice)
    assert "broke: the server ends it (unavailable)" in str(fault)


def test_other_parts_of_the_tree_are_named() -> None:
    ldap = Ldap()
    url = "ldap://other.example.com/ou=more,dc=example,dc=com"
    _, references, fault = scripted(ldap, ldap.reference(url), ldap.done())
    assert (references, fault) == ([url], None)


def test_a_base_that_is_elsewhere() -> None:
    ldap = Ldap()
    _, _, fault = scripted(ldap, ldap.done(10))
    assert "refers to another server" in str(fault)


@pytest.mark.parametrize("stock", [False, True])
def test_attributes_that_come_in_parts_are_made_whole(stock: bool) -> None:
    """As Active Directory hands out the members of a big group."""
    ldap = Ldap()
    members = [f"cn={number}" for number in range(5)]
    parts = [
        *(ldap.request, ldap.bound(), ldap.request),
        ldap.entry("cn=small", member=members[:1]),
        ldap.ranged("cn=big", "member;range=0-1", members[:2]),
        *(ldap.done(cookie=b"more"), ldap.request),
        *(ldap.ranged("cn=big", "member;range=2-3", members[2:4]), ldap.done(cookie=None), ldap.request),
        *(ldap.ranged("cn=big", "member;range=4-*", members[4:]), ldap.done(cookie=None), ldap.request),
        *(ldap.entry("cn=last", member=members[:1]), ldap.done()),
    ]
    with Scripted(parts) as there:
        found, _, fault = read(at(there.port, stock=stock))
    assert fault is None
    assert [(entry["dn"], entry["member"]) for entry in found] == [
        (["cn=small"], members[:1]),
        (["cn=big"], members),
        (["cn=last"], members[:1]),
    ]
    assert [b"member;range=2-*" in request for request in ldap.asked[2:]] == [True, False, False]
    assert b"more" in ldap.asked[4]


def test_a_part_that_does_not_come_is_a_fault() -> None:
    ldap = Ldap()
    found, _, fault = scripted(
        ldap,
        ldap.ranged("cn=big", "member;range=0-1", ["a", "b"]),
        *(ldap.done(cookie=b"more"), ldap.request, ldap.done(cookie=None)),
    )
    assert found == []
    assert "values of member from 2 on are missing" in str(fault)


@pytest.mark.servers
def test_an_empty_tree_is_no_fault(tmp_path: Path) -> None:
    slapd = Slapd(tmp_path)
    slapd.load(BASE)
    with slapd:
        assert read(at(slapd.port)) == ([], [], None)


@pytest.mark.servers
def test_a_referral_object_of_slapd(tmp_path: Path) -> None:
    slapd = Slapd(tmp_path)
    slapd.load(
        f"{BASE}dn: ou=away,{SUFFIX}\nobjectClass: referral\nobjectClass: extensibleObject\nou: away\n"
        f"ref: ldap://other.example.com/{PEOPLE}\n\n"
    )
    with slapd:
        found, references, fault = read(at(slapd.port))
    assert (found, fault) == ([], None)
    assert references == [f"ldap://other.example.com/{PEOPLE}??sub"]
