"""Zimbra's half out of ldapsearch's output: complete only where both marks say success."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.entries import Kind
from splittui.zimbra.directory import DirectoryError, read_half, script_arguments
from splittui.zimbra.ldif import LdifError, LdifReader

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


def output(*people: bytes, topology: bytes = TOPOLOGY, statuses: tuple[int, int] = (0, 0)) -> bytes:
    first, second = (f"\n# {MARK} {status}\n".encode() for status in statuses)
    return topology + first + b"".join(people) + second


def half(text: bytes):
    return read_half([text], MARK, "example.com", 5.0, lambda n: None)


def test_people_servers_and_domain() -> None:
    read = half(
        output(
            person("bar", "displayName:: " + base64.b64encode("Bär ⚙".encode()).decode(), "sn: Bell"),
            person("old.quarantine"),
            person("gal"),
            person("spam.x", "zimbraIsSystemResource: TRUE"),
            person("room", "objectClass: zimbraCalendarResource"),
            person("guest", "zimbraIsExternalVirtualAccount: TRUE"),
            person("arch", "amavisArchiveQuarantineTo: bar-archive@example.com"),
            person("bar-archive"),
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


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (output(person("a"), statuses=(0, 4)), "size limit"),
        (output(person("a"), statuses=(0, 32)), "no branch of people"),
        (output(person("a"))[:-20], "broke off"),
        (output(person("a"), b"dn: uid=b\nobjectClass: zimbraAccount\nzimbraId: x\n\n"), "hide their attributes"),
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
        (f"\n# {MARK} 0\n\n# {MARK} 0\n".encode(), "shows no server"),
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
    entries = list(reader.feed(b"# c\ndn: uid=a\ncn: An\n n\nx:\n\n"))
    assert entries == [{"dn": ["uid=a"], "cn": ["Ann"], "x": [""]}]
    with pytest.raises(LdifError):
        list(reader.feed(b"dn: x\nno colon\n\n"))


def test_what_is_asked_for_is_escaped() -> None:
    assert r"(zimbraDomainName=ex\2aample\29)" in script_arguments("/opt/zimbra", MARK, "ex*ample)")[2]
