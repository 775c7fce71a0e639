"""Zimbra's half out of ldapsearch's output: complete only where both marks say success."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.entries import Kind, Rare, ZimbraAccount
from splittui.model.snapshot import ZimbraHalf
from splittui.remote.ldap.ldif import LdifError, LdifReader
from splittui.zimbra.directory import neighbour_arguments, read_half, read_neighbours, script_arguments
from splittui.zimbra.entries import address_of_dn
from splittui.zimbra.half import DirectoryError
from splittui.zimbra.neighbours import with_neighbours

MARK = "splittui-0011223344556677"
TOPOLOGY = b"""dn: cn=config,cn=zimbra
objectClass: zimbraGlobalConfig
zimbraSpamIsSpamAccount: spam.x@example.com
zimbraAmavisQuarantineAccount: old.quarantine@example.com
zimbraLmtpBindPort: 7025

dn: cn=z1,cn=servers,cn=zimbra
objectClass: zimbraServer
cn: z1
zimbraServiceHostname: zimbra.example.com
zimbraServiceEnabled: mailbox
zimbraServiceEnabled: mta

dn: dc=example,dc=com
objectClass: zimbraDomain
zimbraDomainName: example.com
zimbraGalAccountId: id-gal

dn: dc=example,dc=org
objectClass: zimbraDomain
zimbraDomainName: example.org
zimbraDomainType: alias
zimbraMailCatchAllAddress: @example.org
zimbraMailCatchAllForwardingAddress: @example.com

dn: dc=example,dc=net
objectClass: zimbraDomain
zimbraDomainName: example.net
zimbraDomainType: local
zimbraGalMode: both
"""


def person(name: str, *lines: str) -> bytes:
    head = [
        f"dn: uid={name},ou=people,dc=example,dc=com",
        "objectClass: inetOrgPerson",
        "objectClass: zimbraAccount",
        f"zimbraId: id-{name}",
        f"zimbraMailDeliveryAddress: {name}@example.com",
        "zimbraAccountStatus: active",
        "zimbraMailStatus: enabled",
    ]
    return ("\n".join((*head, *lines)) + "\n\n").encode()


def entry(dn: str, classes: str, *lines: str) -> bytes:
    """What is no plain account of the domain."""
    head = [f"dn: {dn}", *(f"objectClass: {name}" for name in classes.split()), f"zimbraId: id of {dn}"]
    return ("\n".join((*head, *lines)) + "\n\n").encode()


def output(
    *people: bytes,
    others: tuple[bytes, ...] = (),
    topology: bytes = TOPOLOGY,
    statuses: tuple[int, int, int] = (0, 0, 0),
) -> bytes:
    marks = [f"\n# {MARK} {status}\n".encode() for status in statuses]
    return topology + marks[0] + b"".join(people) + marks[1] + b"".join(others) + marks[2]


def half(text: bytes) -> ZimbraHalf:
    return read_half([text], MARK, "example.com", 5.0, lambda n: None)


def test_people_servers_and_domain() -> None:
    read = half(
        output(
            person("bar", "displayName:: " + base64.b64encode("Bär ⚙".encode()).decode(), "sn: Bell"),
            person("old.quarantine"),
            person("gal"),
            person("spam.x", "zimbraIsSystemResource: TRUE"),
            person("guest", "zimbraIsExternalVirtualAccount: TRUE"),
            person("arch", "amavisArchiveQuarantineTo: bar-archive@example.com"),
            person("bar-archive"),
            others=(person("room", "objectClass: zimbraCalendarResource"),),
        )
    )
    assert read.reading.complete
    assert {a.address.partition("@")[0]: a.kind for a in read.accounts.values()} == {
        "bar": Kind.PERSON,
        "old.quarantine": Kind.SYSTEM,
        "gal": Kind.SYSTEM,
        "spam.x": Kind.SYSTEM,
        "room": Kind.RESOURCE,
        "guest": Kind.GUEST,
        "arch": Kind.PERSON,
        "bar-archive": Kind.ARCHIVE,
    }
    assert read.accounts["bar@example.com"].name == "Bär ⚙"
    assert [server.lmtp for server in read.servers] == ["lmtp:zimbra.example.com:7025"]
    assert read.domain.exists


def test_a_domain_that_is_not_hosted_has_no_branch_of_people_and_is_whole() -> None:
    without = TOPOLOGY.replace(b"zimbraDomainName: example.com", b"zimbraDomainName: zimbra.example.com")
    read = half(output(topology=without, statuses=(0, 32, 0)))
    assert (read.reading.complete, read.domain.exists, len(read.accounts)) == (True, False, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (output(person("a"), statuses=(0, 4, 0)), "size limit"),
        (output(person("a"), statuses=(0, 32, 0)), "no branch of people"),
        (output(person("a"), statuses=(0, 0, 50)), "denied access"),
        (output(person("a"))[:-20], "broke off"),
        (output(person("a")).replace(f"# {MARK} 0\n".encode(), b"", 2), "broke off"),
        (output(person("a"), b"dn: uid=b\nzimbraId: x\n\n"), "1 accounts hide their attributes"),
        (output(others=(entry("uid=b,ou=people,dc=example,dc=com", "zimbraAccount"),)), "hide their attributes"),
        (output(person("a"), b"garbage\n\n"), "garbled"),
    ],
)
def test_a_half_that_is_not_whole_says_why(text: bytes, why: str) -> None:
    read = half(text)
    assert not read.reading.complete
    assert why in read.reading.why_partial


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"\n# {MARK} 49\n".encode(), "refused the bind"),
        (f"# {MARK} config 127\n".encode(), "zmlocalconfig"),
        (b"", "broke off"),
        (f"\n# {MARK} 0\n\n# {MARK} 0\n\n# {MARK} 0\n".encode(), "shows no server"),
    ],
)
def test_nothing_at_all_is_an_error(text: bytes, why: str) -> None:
    with pytest.raises(DirectoryError, match=why):
        half(text)


@given(st.lists(st.integers(0, 30)))
def test_any_cut_between_lines_gives_the_same(cuts: list[int]) -> None:
    lines = output(person("a"), person("b")).splitlines(keepends=True)
    edges = sorted({0, len(lines), *(cut % len(lines) for cut in cuts)})
    chunks = [b"".join(lines[a:b]) for a, b in pairwise(edges)]
    read = read_half(chunks, MARK, "example.com", 5.0, lambda n: None)
    assert read == half(b"".join(lines))


def test_folded_lines_and_comments() -> None:
    reader = LdifReader()
    entries = list(reader.feed(b"# c: d\ndn: uid=a\ncn: An\n n\nx:\n# c\nX: y: z\n\n\n\ndn: b\n\n"))
    assert entries == [{"dn": ["uid=a"], "cn": ["Ann"], "x": ["", "y: z"]}, {"dn": ["b"]}]
    with pytest.raises(LdifError, match="no colon"):
        list(reader.feed(b"dn: x\nno colon\n\n"))
    with pytest.raises(LdifError, match="not base64"):
        list(LdifReader().feed(b"dn:: &\n\n"))


def test_bytes_that_are_no_utf_8_come_through() -> None:
    [found] = LdifReader().feed(b"dn: x\ncn:: " + base64.b64encode(b"\xff") + b"\nsn: \xfe\n\n")
    assert (found["cn"], found["sn"]) == (["\udcff"], ["\udcfe"])


def test_what_is_asked_for_is_escaped() -> None:
    arguments = script_arguments("/opt/zimbra", MARK, "ex*ample)")
    assert r"(zimbraMailAlias=*@ex\2aample\29)" in arguments[10]
    query = neighbour_arguments("/opt/zimbra", MARK, ["a*(b@x.net"])[4]
    assert r"(zimbraMailAlias=a\2a\28b@x.net)" in query
    assert "(zimbraMailCatchAllAddress=@x.net)" in query


def test_no_secret_is_asked_for() -> None:
    words = {word.lower() for arguments in script_arguments("/opt/zimbra", MARK, "x.net") for word in arguments.split()}
    assert "zimbragalldapurl" in words
    assert not [word for word in words if "password" in word]


def test_what_is_rare() -> None:
    read = half(
        output(
            person("plain", "zimbraHideInGal: FALSE", "zimbraPrefMailLocalDeliveryDisabled: FALSE"),
            person("hidden", "zimbraHideInGal: TRUE"),
            person("other", "zimbraHideInGal: TRUE"),
            person("vera", "zimbraOldMailAddress: maiden@example.com", "zimbraMailCanonicalAddress: v@example.com"),
            person("otto", "zimbraPrefMailLocalDeliveryDisabled: TRUE"),
            person("all", "zimbraMailCatchAllAddress: @example.com", "zimbraMailCatchAllForwardingAddress: @x.example"),
        )
    )
    rare = {name: read.accounts[f"{name}@example.com"].rare for name in ("plain", "hidden", "vera", "otto", "all")}
    assert rare == {
        "plain": None,
        "hidden": Rare(hidden_in_gal=True),
        "vera": Rare(old_address="maiden@example.com", canonical="v@example.com"),
        "otto": Rare(keeps_no_copy=True),
        "all": Rare(catch_all=("@example.com",), catch_all_forward="@x.example"),
    }
    assert rare["hidden"] is read.accounts["other@example.com"].rare


def test_lists_and_groups_are_named_by_their_place() -> None:
    read = half(
        output(
            others=(
                entry("cn=external,cn=crew,cn=groups,dc=example,dc=com", "zimbraGroupStaticUnit", "member: x"),
                entry(
                    "cn=crew,cn=groups,dc=example,dc=com",
                    "groupOfURLs zimbraGroup",
                    "mail: boat@example.com",
                    "mail: crew@example.com",
                    "zimbraMailAlias: crew@example.com",
                    "zimbraMailAlias: boat@example.com",
                    "zimbraMailStatus: enabled",
                    "member: uid=foo,ou=people,dc=example,dc=com",
                    "member: uid=a\\2Bb,ou=people,dc=example,dc=net",
                    "member: cn=External,cn=Crew,cn=groups,dc=example,dc=com",
                ),
                entry(
                    "cn=external,cn=club,cn=groups,dc=example,dc=com",
                    "zimbraGroupStaticUnit",
                    "zimbraMailForwardingAddress: out@side.example",
                ),
                entry(
                    "cn=club,cn=groups,dc=example,dc=com",
                    "groupOfURLs zimbraGroup",
                    "zimbraMailAlias: club@example.com",
                    "member: cn=external,cn=club,cn=groups,dc=example,dc=com",
                ),
                entry(
                    "uid=team,ou=people,dc=example,dc=net",
                    "zimbraDistributionList",
                    "mail: team@example.com",
                    "mail: team@example.net",
                    "zimbraMailAlias: team@example.net",
                    "zimbraMailAlias: team@example.com",
                    "zimbraMailForwardingAddress: foo@example.com",
                ),
            )
        )
    )
    crew, club = read.accounts["crew@example.com"], read.accounts["club@example.com"]
    assert (crew.kind, crew.aliases) == (Kind.LIST, ("boat@example.com",))
    assert crew.members == ("foo@example.com", "a+b@example.net")
    assert club.rare == Rare(dynamic=True, members=("out@side.example",))
    team = read.neighbours["team@example.net"]
    assert (team.aliases, team.members, team.rare) == (("team@example.com",), ("foo@example.com",), None)


@pytest.mark.parametrize(
    ("dn", "address"),
    [
        ("uid=bar,ou=people,dc=example,dc=com", "bar@example.com"),
        ("UID=O\\2CBrien,OU=people, DC=Example,DC=com", "o,brien@example.com"),
        (r"uid=a\,b,ou=people,dc=example,dc=com", "a,b@example.com"),
        ("cn=external,cn=team,cn=groups,dc=example,dc=com", ""),
        ("cn=zimbra", ""),
        ("", ""),
    ],
)
def test_the_place_of_an_entry_is_its_address(dn: str, address: str) -> None:
    assert address_of_dn(dn) == address


def test_other_domains_tell_only_where_their_mail_goes() -> None:
    read = half(output(person("bar")))
    assert read.domain.attributes["zimbraGalAccountId"] == ("id-gal",)
    alias, local = read.other_domains
    assert (alias.name, alias.is_alias, alias.one("zimbraMailCatchAllForwardingAddress")) == (
        "example.org",
        True,
        "@example.com",
    )
    assert (local.name, dict(local.attributes)) == (
        "example.net",
        {"zimbraDomainName": ("example.net",), "zimbraDomainType": ("local",)},
    )


def far(local: str, *lines: str) -> bytes:
    dn, head = f"uid={local},ou=people,dc=example,dc=net", ("zimbraAccountStatus: active", "zimbraMailStatus: enabled")
    return entry(dn, "zimbraAccount", f"zimbraMailDeliveryAddress: {local}@example.net", *head, *lines)


def test_whoever_is_named_in_another_domain_is_read_and_whom_he_names() -> None:
    asked: list[list[str]] = []
    there = {
        "b@example.net": far("b", "zimbraPrefMailForwardingAddress: c@example.net, own@example.com"),
        "c@example.net": far("c", "zimbraMailForwardingAddress: b@example.net"),
    }

    def read(addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
        asked.append(addresses)
        found = b"".join(there.get(address, b"") for address in addresses)
        return read_neighbours([found, f"\n# {MARK} 0\n".encode()], MARK)

    first = person("bar", "zimbraMailForwardingAddress: B@example.net", "zimbraMailForwardingAddress: x@elsewhere.com")
    second = person(
        "foo", "zimbraMailForwardingAddress: nobody@example.net", "zimbraMailForwardingAddress: a@example.org"
    )
    whole = with_neighbours(half(output(first, second)), read)
    assert asked == [["b@example.net", "nobody@example.net"], ["c@example.net"]]
    assert {*whole.neighbours} == {"b@example.net", "c@example.net"}
    assert whole.reading.complete


def test_neighbours_that_cannot_be_read_make_the_half_partial() -> None:
    def read(addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
        return read_neighbours([f"\n# {MARK} 51\n".encode()], MARK)

    bar = person("bar", "zimbraMailForwardingAddress: b@example.net")
    broken = with_neighbours(half(output(bar)), read)
    assert (broken.reading.complete, broken.reading.why_partial) == (False, "Zimbra's directory is busy")
