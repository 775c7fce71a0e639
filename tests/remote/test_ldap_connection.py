"""Connections to a real slapd: what protects them, how they end, and the sentence for each thing that goes wrong."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.config.directory import Encryption, LdapServer
from splittui.remote import Link, LinkLost
from splittui.remote.ldap.connection import LdapConnection, Timeouts
from splittui.remote.ldap.errors import NO_SUCH_ATTRIBUTE, LdapFault
from splittui.remote.ldap.tls import TlsStream, context
from splittui.remote.vantage import Through
from tests.remote.conftest import Proxy
from tests.remote.ldap_script import Ldap
from tests.remote.scripted import Scripted
from tests.servers.certificates import Authority
from tests.servers.ground import free_port
from tests.servers.people import BASE, PEOPLE, SUFFIX, person
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

pytestmark = pytest.mark.servers

QUICK = Timeouts(connect=5, answer=5, search=0.5)
SECRET = "correct horse"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("ca") / "zimbra")


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Slapd]:
    """One with TLS, an account that may read, and no look for strangers."""
    made = Slapd(
        tmp_path_factory.mktemp("slapd"),
        globals=["disallow bind_anon"],
        database=[
            "access to attrs=userPassword by anonymous auth",
            f'access to * by dn.base="uid=reader,{PEOPLE}" read by * none',
        ],
        tls=authority.server("good", "DNS:localhost", "IP:127.0.0.1"),
    )
    made.load(BASE + person("reader", f"userPassword: {SECRET}") + person("bar", "mail: bar@example.com"))
    with made:
        yield made


def settings(slapd: Slapd, **changes: object) -> LdapServer:
    server = LdapServer(
        "127.0.0.1",
        slapd.port,
        Encryption.START_TLS,
        f"uid=reader,{PEOPLE}",
        ca_file=slapd.tls.ca if slapd.tls else None,
    )
    return replace(server, **changes)


def mail_of(connection: LdapConnection, uid: str) -> list[str]:
    answer = connection.search(SUFFIX, f"(uid={uid})", ["mail"])
    assert answer.fault is None
    return [mail for entry in answer.entries for mail in entry.get("mail", [])]


def fault(opening: Callable[[], object]) -> LdapFault:
    with pytest.raises(LdapFault) as caught:
        opening()
    assert caught.value.host
    assert caught.value.certain.endswith(".")
    assert caught.value.next_step.endswith((".", ")"))
    return caught.value


def opened(server: LdapServer, password: str = SECRET) -> None:
    with LdapConnection(server, password, timeouts=QUICK):
        pass


@pytest.mark.parametrize("stock", [False, True])
@pytest.mark.parametrize("encryption", list(Encryption))
def test_it_reads_whatever_the_protection(slapd: Slapd, encryption: Encryption, stock: bool) -> None:
    port = slapd.tls_port if encryption is Encryption.TLS else slapd.port
    server = settings(slapd, port=port, encryption=encryption, stock_decoder=stock)
    with LdapConnection(server, SECRET) as connection:
        assert mail_of(connection, "bar") == ["bar@example.com"]


def test_a_name_in_the_certificate_does_as_well_as_an_address(slapd: Slapd) -> None:
    opened(settings(slapd, host="localhost"))


def test_the_password_is_kept_nowhere(slapd: Slapd) -> None:
    with LdapConnection(settings(slapd), SECRET) as connection:
        inside = connection._connection
        assert SECRET not in repr(vars(connection)) + repr(vars(inside)) + repr(inside) + repr(vars(inside.strategy))


def test_a_wrong_password(slapd: Slapd) -> None:
    error = fault(lambda: opened(settings(slapd), "wrong"))
    assert str(error) == f"127.0.0.1 does not accept the password of uid=reader,{PEOPLE}"
    assert "lock accounts" in error.next_step


def test_an_empty_password_is_not_an_anonymous_login(slapd: Slapd) -> None:
    assert "is empty" in str(fault(lambda: opened(settings(slapd), "")))


def test_no_strangers(slapd: Slapd) -> None:
    error = fault(lambda: opened(settings(slapd, bind_dn="")))
    assert "does not let an anonymous reader log in" in str(error)


@pytest.mark.parametrize("encryption", [Encryption.TLS, Encryption.START_TLS])
def test_a_certificate_of_somebody_else(slapd: Slapd, tmp_path: Path, encryption: Encryption) -> None:
    other = Authority.make(tmp_path / "other")
    port = slapd.tls_port if encryption is Encryption.TLS else slapd.port
    error = fault(lambda: opened(settings(slapd, port=port, encryption=encryption, ca_file=other.file)))
    assert "is not signed by anybody who is trusted" in str(error)
    assert error.certain == "No password was sent."


def test_without_a_ca_file_the_machines_own_are_asked(slapd: Slapd) -> None:
    assert "is not signed by anybody who is trusted" in str(fault(lambda: opened(settings(slapd, ca_file=None))))


def test_the_servers_own_certificate_can_be_what_is_trusted(slapd: Slapd) -> None:
    assert slapd.tls is not None
    opened(settings(slapd, ca_file=slapd.tls.certificate))


@pytest.mark.parametrize(
    ("names", "days", "words"),
    [(("DNS:ldap.example.com",), 10, "is for another name"), (("DNS:localhost", "IP:127.0.0.1"), -1, "has expired")],
)
def test_certificates_that_are_not_right(
    tmp_path: Path, authority: Authority, names: tuple[str, ...], days: int, words: str
) -> None:
    with Slapd(tmp_path, tls=authority.server(words.replace(" ", "-"), *names, days=days)) as slapd:
        error = fault(lambda: opened(settings(slapd, port=slapd.tls_port, encryption=Encryption.TLS)))
    assert str(error) == f"the certificate of 127.0.0.1 {words}"


@pytest.mark.parametrize("text", [None, "no certificate in here"])
def test_a_ca_file_that_is_none(slapd: Slapd, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "ca.pem"
    if text is not None:
        file.write_text(text)
    assert f"cannot be read from {file}" in str(fault(lambda: opened(settings(slapd, ca_file=file))))


def test_a_server_without_tls(tmp_path: Path) -> None:
    with Slapd(tmp_path) as slapd:
        error = fault(lambda: opened(settings(slapd)))
        assert "does not encrypt the connection by StartTLS" in str(error)
        assert error.certain == "No password was sent."
        error = fault(lambda: opened(settings(slapd, encryption=Encryption.TLS)))
        assert "no encrypted connection to 127.0.0.1 came about" in str(error)


def test_nobody_listens() -> None:
    error = fault(lambda: opened(LdapServer("127.0.0.1", free_port(), Encryption.NONE)))
    assert str(error).startswith("the directory on 127.0.0.1 cannot be reached")


def test_nobody_has_that_name() -> None:
    assert "is not known" in str(fault(lambda: opened(LdapServer("nowhere.invalid", 389, Encryption.NONE))))


@pytest.mark.parametrize("said", [b"HTTP/1.0 400 Bad Request\r\n\r\n", b"0\x82\xff\xff", b"0\x84\xff\xff\xff\xff"])
def test_something_else_than_a_directory(said: bytes) -> None:
    ldap = Ldap()
    with Scripted([ldap.request, said]) as there:
        error = fault(lambda: opened(LdapServer("127.0.0.1", there.port, Encryption.NONE)))
    assert "garbled" in str(error) or "broke" in str(error)


def test_something_in_clear_after_starttls_is_not_taken_for_the_servers(authority: Authority) -> None:
    """What somebody on the way adds before encryption begins must not be read as if it were protected."""
    ldap = Ldap()
    with Scripted([ldap.request, ldap.agreed(times=2)]) as there:
        server = LdapServer("127.0.0.1", there.port, Encryption.START_TLS, "cn=x", ca_file=authority.file)
        error = fault(lambda: opened(server))
    assert "was added in clear" in str(error)
    assert len(ldap.asked) == 1


@pytest.mark.parametrize("code", ["52e", "533", "775"])
def test_active_directory_says_why(code: str) -> None:
    ldap = Ldap()
    text = f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {code}, v3839"
    with Scripted([ldap.request, ldap.bound(49, text)]) as there:
        error = fault(lambda: opened(LdapServer("127.0.0.1", there.port, Encryption.NONE, "cn=reader")))
    assert str(error).endswith(
        {
            "52e": "account or password is wrong",
            "533": "the account is disabled",
            "775": "the account is locked out",
        }[code]
    )


@pytest.mark.parametrize(
    ("base", "filter_", "words"),
    [
        ("ou=nowhere,dc=example,dc=com", "(uid=*)", "has nothing at ou=nowhere,dc=example,dc=com"),
        ("this is no DN", "(uid=*)", "does not take this is no DN for a DN"),
        (SUFFIX, "(uid=*", "cannot be asked this"),
        (SUFFIX, "uid", "cannot be asked this"),
    ],
)
def test_what_cannot_be_asked(slapd: Slapd, base: str, filter_: str, words: str) -> None:
    def ask() -> None:
        with LdapConnection(settings(slapd), SECRET) as connection:
            answer = connection.search(base, filter_, ["mail"])
            assert answer.fault is not None
            raise answer.fault

    assert words in str(fault(ask))


def test_a_server_that_falls_silent(tmp_path: Path) -> None:
    with Slapd(tmp_path) as slapd:
        server = LdapServer("127.0.0.1", slapd.port, Encryption.NONE)
        with LdapConnection(server, timeouts=QUICK) as connection:
            slapd.freeze()
            error = fault(lambda: connection.search(SUFFIX, "(uid=*)", []))
            slapd.thaw()
    assert str(error) == "the directory on 127.0.0.1 has said nothing for 0.5 seconds"


def test_a_server_that_goes_away(tmp_path: Path) -> None:
    slapd = Slapd(tmp_path)
    slapd.start()
    with LdapConnection(LdapServer("127.0.0.1", slapd.port, Encryption.NONE), timeouts=QUICK) as connection:
        slapd.stop()
        assert "broke" in str(fault(lambda: connection.search(SUFFIX, "(uid=*)", [])))


@pytest.mark.parametrize("encryption", [Encryption.NONE, Encryption.TLS])
def test_breaking_off_from_another_thread(slapd: Slapd, encryption: Encryption) -> None:
    proxy = Proxy(slapd.tls_port if encryption is Encryption.TLS else slapd.port)
    server = settings(slapd, port=proxy.port, encryption=encryption)
    connection = LdapConnection(server, SECRET)
    connection.open()
    proxy.mode = "swallow"
    waiting = threading.Event()
    caught: list[LdapFault] = []

    def wait() -> None:
        waiting.set()
        caught.append(fault(lambda: connection.search(SUFFIX, "(uid=*)", [])))

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    connection.cancel()
    thread.join(5)
    assert not thread.is_alive()
    connection.close()
    proxy.close()
    assert str(caught[0]) == "the reading of the directory on 127.0.0.1 was broken off here"


def test_a_change_is_made_or_refused_as_a_whole(slapd: Slapd) -> None:
    dn = f"uid=bar,{PEOPLE}"
    with LdapConnection(settings(slapd, bind_dn=slapd.admin), ADMIN_PASSWORD) as connection:
        connection.modify(dn, [("MODIFY_ADD", "description", ["moved"]), ("MODIFY_ADD", "title", ["Bär"])])
        refused = fault(
            lambda: connection.modify(
                dn, [("MODIFY_DELETE", "description", ["something else"]), ("MODIFY_REPLACE", "title", ["changed"])]
            )
        )
        assert refused.code == NO_SUCH_ATTRIBUTE
        answer = connection.search(dn, "(objectClass=*)", ["description", "title"], "BASE")
        assert answer.entries == [{"dn": [dn], "description": ["moved"], "title": ["Bär"]}]
        connection.modify(dn, [("MODIFY_DELETE", "description", ["moved"]), ("MODIFY_REPLACE", "title", [])])
        assert connection.search(dn, "(objectClass=*)", ["description", "title"], "BASE").entries == [{"dn": [dn]}]


def test_a_change_whose_answer_never_came_may_have_been_made(slapd: Slapd) -> None:
    proxy = Proxy(slapd.port)
    server = settings(slapd, port=proxy.port, encryption=Encryption.NONE, bind_dn=slapd.admin, ca_file=None)
    with LdapConnection(server, ADMIN_PASSWORD, timeouts=QUICK) as connection:
        proxy.mode = "swallow"
        error = fault(lambda: connection.modify(f"uid=bar,{PEOPLE}", [("MODIFY_REPLACE", "title", ["x"])]))
    proxy.close()
    assert error.certain == "What was sent last may have taken effect or not."
    assert "Read uid=bar" in error.next_step


@pytest.fixture
def link(server) -> Iterator[Link]:
    with server.connect() as link:
        yield link


@pytest.mark.parametrize("encryption", list(Encryption))
def test_through_a_host(slapd: Slapd, link: Link, encryption: Encryption) -> None:
    port = slapd.tls_port if encryption is Encryption.TLS else slapd.port
    server = settings(slapd, port=port, encryption=encryption)
    with LdapConnection(server, SECRET, Through("mail.example.com", lambda: link)) as connection:
        assert mail_of(connection, "bar") == ["bar@example.com"]
    assert link.alive


def test_nobody_listens_beyond_a_host(link: Link) -> None:
    server = LdapServer("127.0.0.1", free_port(), Encryption.NONE)
    connection = LdapConnection(server, vantage=Through("mail.example.com", lambda: link))
    assert "From mail.example.com, 127.0.0.1" in str(fault(connection.open))


def test_a_lost_link_is_not_the_servers_fault(slapd: Slapd, server) -> None:
    with server.connect() as link:
        vantage = Through("mail.example.com", lambda: link)
        with LdapConnection(settings(slapd), SECRET, vantage, QUICK) as connection:
            link.close()
            with pytest.raises(LinkLost):
                mail_of(connection, "bar")


def test_zimbras_own_ca_would_be_refused_by_the_strict_checks_of_python_3_13(slapd: Slapd) -> None:
    """... which are therefore off: its CA does without what RFC 5280 asks for."""
    assert slapd.tls is not None
    strict = context(slapd.tls.ca)
    assert not strict.verify_flags & ssl.VERIFY_X509_STRICT
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        socket.create_connection(("127.0.0.1", slapd.tls_port), timeout=5) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        TlsStream(raw, strict, "127.0.0.1")
