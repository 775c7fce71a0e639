"""``splittui connect``: a profile is written, kept as it is otherwise, and every way that it names is tried."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from splittui import config
from splittui.cli.main import main
from splittui.lab.lab import Lab
from tests.cli.conftest import Said

Connect = Callable[..., Said]


@pytest.fixture
def connect(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Connect:
    """Runs ``splittui --config NEW connect ...``."""

    def run(*arguments: object) -> Said:
        code = main(["--config", str(tmp_path / "new.toml"), "connect", *map(str, arguments)])
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture
def said(lab: Lab) -> list[str]:
    """All that a profile of the lab needs, as options; what the lab's own profile says besides, as settings."""
    known = config.load(lab.config)
    ssh = known.zimbra.ssh
    return [
        *("--domain", known.domain, "--role", "primary", "--zimbra", ssh.host, "--zimbra-user", str(ssh.user)),
        *("--legacy", known.legacy.name, "--people", str(known.legacy.directory.path)),
        *("--set", f"zimbra.port={ssh.port}", "--set", f"zimbra.name={known.zimbra.name}"),
        *("--set", f"zimbra.key_file={ssh.key_file}", "--set", f"zimbra.known_hosts={ssh.known_hosts}"),
        *("--set", f"zimbra.home={known.zimbra.home}", "--yes"),
    ]


def test_from_nothing(connect: Connect, said: list[str], tmp_path: Path) -> None:
    done = connect(*said, "--json")
    file = tmp_path / "new.toml"
    assert f"Written: {file}" in done.err
    assert file.stat().st_mode & 0o777 == 0o600
    written = config.load(file)
    assert (written.name, written.legacy.transport) == ("example", "smtp:mail.example.com:25")
    looked = {one["what"]: one for one in done.json}
    assert looked[f"log in to {written.zimbra.name}"]["good"]
    assert looked[f"Zimbra's version on {written.zimbra.name}"]["seen"].startswith("Release ")
    assert looked["people of mail.example.com"]["good"]
    assert looked[f"example.com on {written.zimbra.name}"]["seen"].startswith("is there, active")
    assert "DNS from this machine" in looked


def test_once_more_changes_nothing_and_only_tries(connect: Connect, said: list[str], tmp_path: Path) -> None:
    connect(*said)
    file = tmp_path / "new.toml"
    file.write_text(f"# ours\n{file.read_text()}# the end\n")
    before = file.read_text()
    done = connect()
    assert file.read_text() == before
    assert "Written" not in done.err
    assert "ok   log in to" in done.out


def test_one_setting_more_leaves_all_else_as_it_is(connect: Connect, said: list[str], tmp_path: Path) -> None:
    connect(*said)
    file = tmp_path / "new.toml"
    before = f"# ours\n{file.read_text()}"
    file.write_text(before)
    connect("--set", "limits.people=20", "--yes")
    assert config.load(file).limits.people == 20
    assert file.read_text().startswith("# ours\n")
    assert set(before.splitlines()) < set(file.read_text().splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--domain", "example.com"), 3, "--zimbra, --become, --legacy, --transport, --people, --role"),
        (("--set", "limits"), 1, "write it as NAME=VALUE"),
    ],
)
def test_what_is_missing_or_wrong(connect: Connect, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = connect(*arguments)
    assert done.code == code
    assert words in done.err


def test_nothing_wrong_is_written(connect: Connect, said: list[str], tmp_path: Path) -> None:
    done = connect(*said, "--set", "limits.peple=20")
    assert done.code == 1
    assert "did you mean 'people'?" in done.err
    assert not (tmp_path / "new.toml").exists()


def test_it_is_shown_and_asked_for_before_it_is_written(connect: Connect, said: list[str], tmp_path: Path) -> None:
    done = connect(*said[:-1])
    assert done.code == 3
    assert '+domain = "example.com"' in done.err
    assert "Nothing was written" in done.err
    assert not (tmp_path / "new.toml").exists()


def test_a_host_that_is_not_there(connect: Connect, said: list[str]) -> None:
    done = connect(*said, "--set", "zimbra.port=1")
    assert done.code == 4
    assert "NOT  log in to" in done.out
    assert "cannot be reached" in done.out


def test_on_a_terminal_it_asks_for_what_is_missing(said: list[str], tmp_path: Path) -> None:
    """A real terminal, and the answers typed at it; an empty line takes the usual answer."""
    file = tmp_path / "asked.toml"
    given = dict(zip(said[::2], said[1::2], strict=False))
    people = given["--people"]
    main_end, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "splittui", "--config", str(file), "connect", "--json"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=terminal,
        cwd=Path(__file__).parent.parent.parent,
    )
    os.close(terminal)
    heard = ""

    def hear(words: str) -> None:
        nonlocal heard
        deadline = time.monotonic() + 20
        while words not in heard and time.monotonic() < deadline:
            if select.select([main_end], [], [], 0.5)[0]:
                heard += os.read(main_end, 4096).decode()
        assert words in heard
        heard = heard.partition(words)[2]

    for question, answer in (
        ("Mail domain", "example.com"),
        ("Zimbra's host", "127.0.0.1"),
        ("How to become zimbra", "direct"),
        ("Host of the existing mail system", "mail.example.com"),
        ("Transport to it [smtp:mail.example.com:25]", ""),
        ("Its people", people),
        ("What Zimbra is to be, primary or secondary [primary]", ""),
        ("Write this? Type yes:", "no"),
    ):
        hear(question)
        os.write(main_end, f"{answer}\n".encode())
    hear("Nothing was written.")
    assert process.wait(20) == 3
    os.close(main_end)
    assert process.stdout is not None
    assert process.stdout.read() == b""
    process.stdout.close()
    assert not file.exists()


def test_json_is_all_there_is_on_stdout(connect: Connect, said: list[str]) -> None:
    assert {"what", "good", "seen", "next_step", "unreachable"} == set(json.loads(connect(*said, "--json").out)[0])
