"""Zimbra's half straight from its LDAP server: as by ldapsearch, and doubted where the bind sees too little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from splittui.config.directory import Encryption, LdapServer
from splittui.lab.home import ADMIN_DN, POSTFIX_DN
from splittui.lab.tools import ldif
from splittui.model.snapshot import ZimbraHalf
from splittui.remote.errors import Unreachable
from splittui.remote.ldap.errors import LdapFault
from splittui.remote.password import Passwords
from splittui.zimbra.by_ldap import ZimbraLdap
from splittui.zimbra.half import DirectoryError
from tests.remote.ldap_script import Ldap
from tests.remote.scripted import Scripted
from tests.servers import zimbra_schema
from tests.servers.slapd import Slapd
from tests.servers.test_reading import DOMAIN, PASSWORD, Site, all_entries
from tests.servers.zimbra_home import ZimbraHome

LIMITS = "limits * size=unlimited"
ADMINS = 'access to * by dn.children="cn=admins,cn=zimbra" write by anonymous auth'


def started(folder: Path, *database: str) -> Slapd:
    schema = folder / "zimbra.schema"
    schema.write_text(zimbra_schema.schema())
    server = Slapd(
        folder / "slapd",
        suffix="",
        schemas=("core", "cosine", "inetorgperson", schema),
        globals=zimbra_schema.GLOBALS,
        database=(*database, *zimbra_schema.DATABASE),
    )
    server.load(ldif.entry(dn, attrs.items()) for dn, attrs in all_entries())
    return server


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with started(tmp_path_factory.mktemp("zimbra"), LIMITS, ADMINS) as server:
        yield server


class Zmprov:
    """What zmprov prints when it is asked for all accounts."""

    def __init__(self, printed: str | None = None, status: int = 0) -> None:
        self.asked: list[Sequence[str]] = []
        self._printed, self._status = printed if printed is not None else _everybody(), status

    def __call__(self, *words: str) -> tuple[int, str]:
        self.asked.append(words)
        return self._status, self._printed


def _everybody() -> str:
    names = [
        attrs["zimbraMailDeliveryAddress"][0]
        for _, attrs in all_entries()
        if "zimbraAccount" in attrs["objectClass"] and "zimbraCalendarResource" not in attrs["objectClass"]
    ]
    return "".join(f"{name}\n" for name in names if name.endswith(f"@{DOMAIN}"))


def reader(port: int, zmprov: Zmprov, bind_dn: str = ADMIN_DN, answer: str = PASSWORD) -> ZimbraLdap:
    return ZimbraLdap(
        LdapServer("127.0.0.1", port, Encryption.NONE, bind_dn), Passwords(lambda question: answer), zmprov
    )


def read(found: ZimbraLdap) -> ZimbraHalf:
    return found.read(DOMAIN, 0.0, lambda count: None)


def test_it_reads_what_ldapsearch_reads(slapd: Slapd, tmp_path: Path) -> None:
    home = ZimbraHome(tmp_path / "zimbra", slapd.url, "zimbra.example.com", PASSWORD, name=str(tmp_path / "zimbra"))
    home.lay_out()
    told: list[int] = []
    half = reader(slapd.port, Zmprov()).read(DOMAIN, 0.0, told.append)
    assert half.reading.complete, half.reading.why_partial
    assert half == Site(home.place, tmp_path).half()
    assert half.neighbours
    assert told[-1] == len([a for a in half.accounts if a.endswith(f"@{DOMAIN}")])


def test_zmprov_is_asked_until_it_has_agreed(slapd: Slapd) -> None:
    zmprov = Zmprov()
    found = reader(slapd.port, zmprov)
    read(found)
    read(found)
    assert zmprov.asked == [("-l", "-m", "gaa", DOMAIN)]


@pytest.mark.parametrize(
    ("zmprov", "words"),
    [
        (Zmprov(_everybody() + "hidden@example.com\n"), "accounts to uid=zimbra,cn=admins,cn=zimbra, but zmprov lists"),
        (Zmprov("ERROR: account.NO_SUCH_DOMAIN", 2), "zmprov gives no list: zmprov ended with 2: ERROR"),
    ],
)
def test_accounts_that_zmprov_does_not_confirm(slapd: Slapd, zmprov: Zmprov, words: str) -> None:
    found = reader(slapd.port, zmprov)
    half = read(found)
    assert not half.reading.complete
    assert words in half.reading.why_partial
    assert "bar@example.com" in half.accounts
    read(found)
    assert len(zmprov.asked) == 2


def test_a_host_without_zmprov_leaves_a_doubt(slapd: Slapd) -> None:
    def gone(*words: str) -> tuple[int, str]:
        raise Unreachable("zimbra.example.com", "no answer")

    found = ZimbraLdap(
        LdapServer("127.0.0.1", slapd.port, Encryption.NONE, ADMIN_DN), Passwords(lambda question: PASSWORD), gone
    )
    assert "zmprov gives no list: zimbra.example.com cannot be reached" in read(found).reading.why_partial


def test_a_bind_that_sees_no_mail_attributes(tmp_path: Path) -> None:
    """As Zimbra's access rules have it for whoever is no administrator."""
    hidden = "zimbraMailDeliveryAddress,zimbraId"
    rules = (
        "access to attrs=userPassword by anonymous auth",
        f'access to attrs={hidden} by dn.children="cn=admins,cn=zimbra" write by * none',
        "access to * by * read",
    )
    with started(tmp_path, LIMITS, *rules) as server:
        half = read(reader(server.port, Zmprov(), POSTFIX_DN))
    assert not half.reading.complete
    assert half.accounts == {}


def test_a_bind_that_sees_nothing(tmp_path: Path) -> None:
    with started(tmp_path, LIMITS, ADMINS) as server, pytest.raises((LdapFault, DirectoryError)):
        read(reader(server.port, Zmprov(), POSTFIX_DN))


def test_a_wrong_password(slapd: Slapd) -> None:
    with pytest.raises(LdapFault, match="does not accept the password of uid=zimbra"):
        read(reader(slapd.port, Zmprov(), answer="wrong"))


def test_a_domain_that_is_not_there(slapd: Slapd) -> None:
    half = reader(slapd.port, Zmprov("")).read("nowhere.example", 0.0, lambda count: None)
    assert not half.domain.exists
    assert (half.reading.complete, half.accounts) == (True, {})


def test_a_domain_that_is_not_shown_is_not_taken_for_one_that_is_not_there(slapd: Slapd) -> None:
    half = reader(slapd.port, Zmprov("somebody@nowhere.example")).read("nowhere.example", 0.0, lambda count: None)
    assert not half.reading.complete
    assert "shows 0 accounts" in half.reading.why_partial


def test_a_limit_is_told(tmp_path: Path) -> None:
    with started(tmp_path, "limits * size.soft=20 size.hard=20", ADMINS) as server:
        half = read(reader(server.port, Zmprov()))
    assert not half.reading.complete
    assert "ended the search at its size limit" in half.reading.why_partial


def test_a_server_that_goes_away_after_the_servers_were_read() -> None:
    ldap = Ldap()
    config = ldap.entry("cn=config,cn=zimbra", objectClass="zimbraGlobalConfig")
    with Scripted([ldap.request, ldap.bound(), ldap.request, config, ldap.done(), ldap.request]) as there:
        half = read(reader(there.port, Zmprov()))
    assert not half.reading.complete
    assert "broke" in half.reading.why_partial
