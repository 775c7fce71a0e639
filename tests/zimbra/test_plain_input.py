"""Where sudo allows zmprov alone: plain standard input, with its echo, its history file and its spoiled letters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.lab.directory import Directory
from splittui.lab.people import Sample, fill
from splittui.lab.people_zoo import ACCOUNTS
from splittui.lab.replay import make_home
from splittui.model.entries import Kind
from splittui.planning.plan import MASK
from splittui.zimbra.by_zmprov import read_half_by_zmprov
from splittui.zimbra.zmprov.errors import NoSuchEntry, NotForPlainInput
from splittui.zimbra.zmprov.session import Direction, ZmprovSession
from tests.far_end import PipeStream, attributes, change
from tests.mailflow.through_reading import read_all


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "zimbra", True)
    return tmp_path / "zimbra"


@pytest.fixture
def heard() -> list[tuple[Direction, str]]:
    return []


@pytest.fixture
def session(home: Path, heard: list[tuple[Direction, str]]) -> Iterator[ZmprovSession]:
    with on(home, heard) as opened:
        yield opened


@contextmanager
def on(home: Path, heard: list[tuple[Direction, str]]) -> Iterator[ZmprovSession]:
    stream = PipeStream(home, ("-l", "-m"))
    opened = ZmprovSession(stream, lambda way, line: heard.append((way, line)), 20.0)
    opened.open()
    yield opened
    opened.close()
    stream.process.wait(10)
    assert stream.process.stdout is not None
    stream.process.stdout.close()


def test_the_echo_is_noticed_and_left_out(session: ZmprovSession, heard: list[tuple[Direction, str]]) -> None:
    assert session.echoes
    found = session.entry("ga", "alice@example.com", ("zimbraMailTransport",))
    assert found.attributes == {"zimbraMailTransport": ("lmtp:zimbra.example.com:7025",)}
    assert (Direction.RECEIVED, "ga alice@example.com zimbraMailTransport") not in heard
    with pytest.raises(NoSuchEntry):
        session.entry("ga", "nobody@example.com", ("zimbraId",))


def test_it_works(session: ZmprovSession, home: Path) -> None:
    session.do(
        ("ma", "alice@example.com", "zimbraMailTransport", "smtp:[mail.example.com]:25", "displayName", "A \\ B")
    )
    entry = attributes(home, "alice@example.com")
    assert entry["zimbraMailTransport"] == ["smtp:[mail.example.com]:25"]
    assert entry["displayName"] == ["A \\ B"]


def test_nothing_secret_and_nothing_outside_ascii_is_sent(session: ZmprovSession, home: Path) -> None:
    with pytest.raises(NotForPlainInput, match="history file"):
        session.do(("ca", "ann@example.com", MASK, "zimbraAccountStatus", "locked"), (2,))
    with pytest.raises(NotForPlainInput, match="ASCII"):
        session.do(("ma", "alice@example.com", "displayName", "Älice"))
    with pytest.raises(NotForPlainInput, match="sudoers"):
        session.do(("ma", "alice@example.com", "displayName", "Älice"))
    assert attributes(home, "ann@example.com") is None
    assert attributes(home, "alice@example.com")["displayName"] == ["Alice Adams"]


def test_the_domain_is_read_account_by_account(session: ZmprovSession, home: Path) -> None:
    change(home, "bob@example.com", displayName="two\nlines: here", zimbraIsSystemResource="TRUE")
    half = read_half_by_zmprov(session, "example.com", 1.0, lambda n: None)
    assert half.reading.complete
    assert {a.address: a.kind for a in half.accounts.values()} == {
        "admin@example.com": Kind.ADMIN,
        "alice@example.com": Kind.PERSON,
        "bob@example.com": Kind.SYSTEM,
    }
    assert half.accounts["alice@example.com"].name == "Alice Adams"
    assert half.accounts["bob@example.com"].transport == "lmtp:zimbra.example.com:7025"
    assert [server.service_hostname for server in half.servers] == ["zimbra.example.com"]
    assert half.servers[0].has_mailboxes
    assert half.domain.exists


def test_a_domain_that_is_not_there(session: ZmprovSession) -> None:
    half = read_half_by_zmprov(session, "nowhere.example.com", 1.0, lambda n: None)
    assert (half.domain.exists, half.accounts) == (False, {})


def test_it_reads_what_ldapsearch_reads(tmp_path: Path) -> None:
    home = tmp_path / "zimbra"
    make_home(home, True)
    (home / "lab" / "directory.db").unlink()
    with Directory(home / "lab" / "directory.db") as directory:
        fill(directory, tmp_path / "people.csv", Sample(ACCOUNTS), home)
        known = read_all(directory, "example.com")
    with on(home, []) as session:
        half = read_half_by_zmprov(session, "example.com", 0.0, lambda n: None)
    bare = {"name": "", "given_name": "", "surname": ""}

    def told(entries: dict) -> dict:
        rare = {
            name: replace(entry.rare, members=tuple(sorted(entry.rare.members))) if entry.rare is not None else None
            for name, entry in entries.items()
        }
        return {
            name: replace(entry, **bare, rare=rare[name], forwards=tuple(sorted(entry.forwards)))
            for name, entry in entries.items()
        }

    assert told({**half.accounts}) == told({**known.accounts})
    assert (half.domain, half.other_domains, half.neighbours) == (known.domain, known.other_domains, known.neighbours)
    assert (half.servers, dict(half.config)) == (known.servers, dict(known.config))
