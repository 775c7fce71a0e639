"""The emulated zmprov on a real slapd: it answers as in the lab, and the real ldapsearch shows what it did."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.lab.directory import Attrs, EntryExistsError, LdapLike, NoSuchEntryError, NotALeafError
from splittui.lab.home import ADMIN_DN, POSTFIX_DN, Home, lay_out
from splittui.lab.people import Sample, fill
from splittui.lab.people_entries import PEOPLE_BASE, SERVER
from splittui.lab.prov.rules import LdapRefusalError
from splittui.lab.prov.schema import Schema
from splittui.lab.replay import Rig, load_scene, replay_scene, start_entries
from splittui.lab.tools import ldif
from splittui.model.snapshot import ZimbraHalf
from splittui.zimbra.directory import SCRIPT, read_half, script_arguments
from tests.servers import zimbra_schema
from tests.servers.first_entries import ACCESS, ADMIN_PASSWORD
from tests.servers.ldap_directory import Account, LdapDirectory
from tests.servers.slapd import Slapd
from tests.servers.zimbra_home import ZimbraHome

TRANSCRIPTS = Path(__file__).parent.parent / "data" / "transcripts"
# The others are about the reading of commands, which no directory changes.
SCENES = (
    "10_ca_file",
    "11_ma_file",
    "14_domain_config_server_file",
    "17_da_file",
    "20_quoting_file",
    "22_batch_misc_file",
    "35_split_domain_file",
    "50_ldap_down",
)
FOO = f"uid=foo,{PEOPLE_BASE}"

Run = Callable[..., str]


@pytest.fixture
def slapd(tmp_path: Path) -> Iterator[Slapd]:
    """A running directory with Zimbra's schema and no entries; it writes down every change in ``changes.ldif``."""
    schema = tmp_path / "zimbra.schema"
    schema.write_text(zimbra_schema.schema())
    with Slapd(
        tmp_path / "slapd",
        suffix="",
        schemas=("core", "cosine", "inetorgperson", schema),
        globals=(*zimbra_schema.GLOBALS, "moduleload auditlog"),
        database=(*zimbra_schema.DATABASE, *ACCESS, "overlay auditlog", f"auditlog {tmp_path}/changes.ldif"),
    ) as server:
        yield server


@pytest.fixture
def lab(tmp_path: Path) -> Home:
    """The lab's own Zimbra, with all its oddities."""
    lab = Home(tmp_path / "lab")
    lay_out(lab, SERVER, "the admin's", "Postfix's")
    with lab.directory() as directory:
        fill(directory, tmp_path / "people.csv", Sample(60), lab.path)
    return lab


def load(slapd: Slapd, entries: Sequence[tuple[str, Attrs]]) -> None:
    admin = {"objectClass": ["inetOrgPerson"], "userPassword": [ADMIN_PASSWORD]}
    slapd.add("".join(ldif.entry(dn, {**attrs, **(admin if dn == ADMIN_DN else {})}.items()) for dn, attrs in entries))


@pytest.fixture
def home(slapd: Slapd, lab: Home, tmp_path: Path) -> Path:
    """A ZIMBRA_HOME on slapd, with the same entries as the lab's."""
    with lab.directory() as directory:
        load(slapd, [(dn, attrs) for dn, attrs in directory.under("") if dn != POSTFIX_DN])
    place = tmp_path / "zimbra"
    place.mkdir()
    ZimbraHome(place, slapd.url, SERVER, ADMIN_PASSWORD, name=str(place)).lay_out()
    return place


@pytest.fixture
def zmprov(home: Path) -> Run:
    """Runs the lines as one batch and returns what it said, both streams together."""

    def run(*lines: str) -> str:
        batch = "".join(f"{line}\n" for line in lines)
        words = (str(home / "bin/zmprov"), "-l", "-f", "/dev/stdin")
        done = subprocess.run(words, input=batch.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        return done.stdout.decode()

    return run


@pytest.fixture
def held(home: Path, slapd: Slapd) -> Callable[[str], set[str]]:
    """What the real ldapsearch prints of one entry, as lines without the DN; nothing where there is none."""

    def search(dn: str) -> set[str]:
        words = (str(home / "common/bin/ldapsearch"), "-LLL", "-o", "ldif-wrap=no", "-x", "-H", slapd.url)
        bind = ("-D", ADMIN_DN, "-w", ADMIN_PASSWORD)
        done = subprocess.run((*words, *bind, "-s", "base", "-b", dn), capture_output=True, text=True, check=False)
        assert done.returncode in (0, 32), done.stderr
        return set(done.stdout.splitlines()[1:]) - {""}

    return search


@pytest.fixture
def directory(slapd: Slapd, home: Path) -> Iterator[LdapDirectory]:
    with connected(slapd) as opened:
        yield opened


def connected(slapd: Slapd) -> LdapDirectory:
    return LdapDirectory(Account(slapd.url, ADMIN_DN, ADMIN_PASSWORD), Schema())


def sent(tmp_path: Path) -> list[str]:
    """The lines of the changes that slapd was told to make since it started; what it adds itself is left out."""
    own = ("entryCSN", "modif", "entryUUID", "creat", "structuralObjectClass", "#", "-", "replace: entryCSN")
    lines = (tmp_path / "changes.ldif").read_text().splitlines()
    return [line for line in lines if line and not line.removeprefix("replace: ").startswith(own)]


@pytest.mark.parametrize("scene", SCENES)
def test_transcript(slapd: Slapd, scene: str) -> None:
    def prepare(home: Path, ldap: bool) -> None:
        (home / "conf").mkdir(parents=True)
        admin: list[tuple[str, Attrs]] = [
            ("cn=zimbra", {"objectClass": ["organizationalRole"], "cn": ["zimbra"]}),
            ("cn=admins,cn=zimbra", {"objectClass": ["organizationalRole"], "cn": ["admins"]}),
            (ADMIN_DN, {"objectClass": ["inetOrgPerson"], "uid": ["zimbra"], "cn": ["zimbra"], "sn": ["zimbra"]}),
        ]
        load(slapd, admin + [entry for entry in start_entries() if entry[0] != "cn=zimbra"])
        if not ldap:
            slapd.stop()

    keys = {"ldap_url": slapd.url, "zimbra_ldap_userdn": ADMIN_DN, "zimbra_ldap_password": ADMIN_PASSWORD}
    rig = Rig(("-m", "tests.servers.ldap_directory"), {**Rig().config, **keys}, prepare)
    verdicts = list(replay_scene(load_scene(TRANSCRIPTS / f"{scene}.json"), merged_every=0, rig=rig))
    assert verdicts
    assert [verdict for verdict in verdicts if verdict.diff] == []


def test_what_a_move_changes_is_what_ldapsearch_shows(zmprov: Run, held: Callable[[str], set[str]]) -> None:
    before = held(FOO)
    assert zmprov("ma foo@example.com zimbraMailTransport smtp:mail.example.com:25") == "prov> prov> "
    after = held(FOO)
    assert before - after == {"zimbraMailTransport: lmtp:zimbra.example.com:7025"}
    assert after - before == {"zimbraMailTransport: smtp:mail.example.com:25"}
    zmprov("ma foo@example.com zimbraMailTransport lmtp:zimbra.example.com:7025")
    assert held(FOO) == before


def test_a_placeholder_comes_and_goes_with_its_alias(zmprov: Run, held: Callable[[str], set[str]]) -> None:
    dn, alias = f"uid=newcomer,{PEOPLE_BASE}", f"uid=n.comer,{PEOPLE_BASE}"
    said = zmprov(
        'ca newcomer@example.com "" displayName "Jürgen, der \\"Neue\\"" zimbraMailTransport smtp:mail.example.com:25 '
        "zimbraAccountStatus locked",
        "aaa newcomer@example.com n.comer@example.com",
    )
    assert "ERROR" not in said
    entry = held(dn)
    assert {
        "zimbraAccountStatus: locked",
        "zimbraMailStatus: enabled",
        "zimbraMailTransport: smtp:mail.example.com:25",
        "zimbraMailAlias: n.comer@example.com",
        "mail: newcomer@example.com",
        "mail: n.comer@example.com",
        "displayName:: SsO8cmdlbiwgZGVyICJOZXVlIg==",
    } <= entry
    assert not any(line.startswith("zimbraMailHost") for line in entry)
    (identity,) = (line.removeprefix("zimbraId: ") for line in entry if line.startswith("zimbraId: "))
    assert f"zimbraAliasTargetId: {identity}" in held(alias)
    assert "ERROR" not in zmprov("da newcomer@example.com")
    assert held(dn) == held(alias) == set()


def test_a_dynamic_group_has_whom_the_directory_finds(zmprov: Run, held: Callable[[str], set[str]]) -> None:
    group = "cn=gang,cn=groups,dc=example,dc=com"
    members = "adlm gang@example.com foo@example.com gang@partner.example"
    assert "ERROR" not in zmprov("cddl gang@example.com displayName Gang", members)
    assert {"displayName: Gang", f"member: {FOO}", f"member: cn=external,{group}"} <= held(group)
    assert "zimbraMailForwardingAddress: gang@partner.example" in held(f"cn=external,{group}")
    assert "ERROR" not in zmprov("rdlm gang@example.com foo@example.com")
    assert f"member: {FOO}" not in held(group)


def test_domain_and_configuration(zmprov: Run, held: Callable[[str], set[str]]) -> None:
    domain, config = held("dc=example,dc=com"), held("cn=config,cn=zimbra")
    zmprov(
        "md example.com zimbraMailTransport smtp:mail.example.com:25 zimbraMailCatchAllAddress @example.com "
        "zimbraMailCatchAllForwardingAddress @example.com",
        "mcf zimbraMtaRelayHost [mail.example.com]:25 zimbraMtaSmtpDnsSupportLevel disabled",
    )
    assert held("dc=example,dc=com") - domain == {
        "zimbraMailTransport: smtp:mail.example.com:25",
        "zimbraMailCatchAllAddress: @example.com",
        "zimbraMailCatchAllForwardingAddress: @example.com",
    }
    assert held("cn=config,cn=zimbra") - config == {
        "zimbraMtaRelayHost: [mail.example.com]:25",
        "zimbraMtaSmtpDnsSupportLevel: disabled",
    }
    zmprov(
        'md example.com zimbraMailTransport "" zimbraMailCatchAllAddress "" zimbraMailCatchAllForwardingAddress ""',
        "mcf -zimbraMtaRelayHost [mail.example.com]:25 zimbraMtaSmtpDnsSupportLevel enabled",
    )
    assert held("dc=example,dc=com") == domain
    assert held("cn=config,cn=zimbra") == config


def test_only_what_differs_is_sent(zmprov: Run, tmp_path: Path) -> None:
    (tmp_path / "changes.ldif").write_text("")
    zmprov(
        "ma foo@example.com zimbraMailTransport smtp:mail.example.com:25",
        "ma foo@example.com +zimbraMailForwardingAddress a@example.net +zimbraMailForwardingAddress b@example.net",
        "ma foo@example.com -zimbraMailForwardingAddress a@example.net",
        "ma foo@example.com zimbraMailTransport smtp:mail.example.com:25",
        'ma foo@example.com zimbraMailForwardingAddress ""',
    )
    head = [f"dn: {FOO}", "changetype: modify"]
    assert sent(tmp_path) == [
        *(*head, "replace: zimbraMailTransport", "zimbraMailTransport: smtp:mail.example.com:25"),
        *(*head, "add: zimbraMailForwardingAddress", "zimbraMailForwardingAddress: a@example.net"),
        "zimbraMailForwardingAddress: b@example.net",
        *(*head, "delete: zimbraMailForwardingAddress", "zimbraMailForwardingAddress: a@example.net"),
        *(*head, "replace: zimbraMailForwardingAddress"),
    ]


def test_two_at_the_same_entry_both_keep_their_changes(slapd: Slapd, directory: LdapDirectory) -> None:
    members = "zimbraMailForwardingAddress"
    with connected(slapd) as other, directory.transaction():
        mine = directory.entry(FOO)
        theirs = other.entry(FOO)
        assert mine is not None
        assert theirs is not None
        other.replace(FOO, {**theirs, "displayName": ["Changed meanwhile"], members: ["theirs@example.net"]})
        assert directory.find("zimbraMailDeliveryAddress", "foo@example.com")
        directory.replace(FOO, {**mine, "zimbraMailTransport": ["smtp:x"], members: ["mine@example.net"]})
    found = directory.entry(FOO)
    assert found is not None
    assert (found["displayName"], found["zimbraMailTransport"]) == (["Changed meanwhile"], ["smtp:x"])
    assert sorted(found[members]) == ["mine@example.net", "theirs@example.net"]


def test_it_is_a_directory_like_the_lab_s(directory: LdapDirectory) -> None:
    like: LdapLike = directory
    assert like.entry("uid=nobody,dc=example,dc=com") is None
    assert list(like.under("dc=example,dc=net")) == []
    assert [dn for dn, _ in like.find("ZIMBRAMAILALIAS", "*")] == []
    assert {dn for dn, _ in like.having("zimbraDomainName")} == {"dc=example,dc=com", "dc=example,dc=org"}
    assert [dn for dn, _ in like.find("objectClass", "zimbraServer")] == [f"cn={SERVER},cn=servers,cn=zimbra"]
    with pytest.raises(KeyError):
        like.find("displayName", "x")
    with pytest.raises(KeyError):
        like.find("objectClass", "zimbraAccount")
    with pytest.raises(KeyError):
        like.having("displayName")
    with pytest.raises(EntryExistsError):
        like.add(FOO, {"objectClass": ["zimbraAlias"], "uid": ["foo"], "zimbraId": ["1"]})
    with pytest.raises(NotALeafError):
        like.delete(PEOPLE_BASE)
    with pytest.raises(NoSuchEntryError):
        like.delete("dc=net")
    with pytest.raises(NoSuchEntryError):
        like.replace("dc=net", {"dc": ["net"]})
    with pytest.raises(LdapRefusalError, match="attribute 'ou' not allowed"):
        like.add(f"uid=x,{PEOPLE_BASE}", {"objectClass": ["zimbraAlias"], "uid": ["x"], "zimbraId": ["1"], "ou": ["x"]})


def test_more_entries_than_fit_on_a_page(slapd: Slapd, directory: LdapDirectory) -> None:
    slapd.add("".join(f"dn: cn=n{n},cn=zimbra\nobjectClass: organizationalRole\ncn: n{n}\n\n" for n in range(2500)))
    assert len({dn for dn, _ in directory.under("cn=zimbra") if dn.startswith("cn=n")}) == 2500


def test_what_only_the_server_refuses_is_an_error_of_the_command(zmprov: Run, held: Callable[[str], set[str]]) -> None:
    before = held(FOO)
    said = zmprov("ma foo@example.com manager nobody", "ca new@example.com secret-1 manager nobody", "gaa example.com")
    fault = "manager: value #0 invalid per syntax"
    assert "ERROR: account.INVALID_ATTR_VALUE (invalid attr value: invalid attr value - unable to modify" in said
    assert "ERROR: ldap.INVALID_ATTR_VALUE (invalid attr value - unable to create entry" in said
    assert said.count(f"{fault}) (cause: ") == 2
    assert "\nfoo@example.com\n" in said
    assert held(FOO) == before


def test_a_batch_outlives_a_restart_of_the_directory(slapd: Slapd, home: Path) -> None:
    words = (str(home / "bin/zmprov"), "-l", "-f", "/dev/stdin")
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        commands, answers = process.stdin, process.stdout
        assert commands is not None
        assert answers is not None

        def say(line: str) -> str:
            commands.write(f"{line}\n".encode())
            commands.flush()
            return answer()

        def answer() -> str:
            text = b""
            while not text.endswith(b"prov> "):
                byte = answers.read(1)
                assert byte, text
                text += byte
            return text.decode().removesuffix("prov> ")

        answer()
        assert say("ma foo@example.com zimbraMailTransport smtp:a") == ""
        slapd.stop()
        assert say("ma foo@example.com zimbraMailTransport smtp:b").startswith("ERROR: service.FAILURE ")
        slapd.start()
        assert say("ma foo@example.com zimbraMailTransport smtp:c") == ""
        assert "zimbraMailTransport: smtp:c\n" in say("ga foo@example.com zimbraMailTransport")
        commands.close()
        assert process.wait() == 0


def test_the_console_reads_the_same_from_slapd_as_from_the_lab(home: Path, lab: Home) -> None:
    halves = []
    for place in (lab.path, home):
        arguments = script_arguments(str(place), "mark-1", "example.com")
        done = subprocess.run(("/bin/sh", "-c", SCRIPT, "sh", *arguments), capture_output=True, check=True)
        assert done.stderr == b""
        halves.append(read_half([done.stdout], "mark-1", "example.com", 5.0, lambda seen: None))
    assert halves[0].reading.complete
    assert len(halves[0].accounts) > 50
    assert any(account.rare and len(account.rare.members) > 1 for account in halves[0].accounts.values())
    assert _unordered(halves[0]) == _unordered(halves[1])


def _unordered(half: ZimbraHalf) -> ZimbraHalf:
    """Members of a dynamic group come in the order in which the directory finds them."""
    found = dict(half.accounts)
    for address, account in found.items():
        if account.rare is not None and account.rare.members:
            rare = replace(account.rare, members=tuple(sorted(account.rare.members)))
            found[address] = replace(account, rare=rare)
    return replace(half, accounts=found)
