"""``splittui prove`` on real servers, from the profile to the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from splittui.cli.main import main
from tests.cli.conftest import Said
from tests.servers.ground import free_port
from tests.servers.lab import Lab
from tests.servers.legacy_mta import AWAY, HERE
from tests.servers.profile import SENDER, profile

Command = Callable[..., Said]


@pytest.fixture(scope="module")
def config(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with profile(lab, tmp_path_factory.mktemp("profile")) as file:
        yield file


@pytest.fixture
def prove(config: Path, capfd: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str, **changes: str) -> Said:
        text = config.read_text()
        for key, value in changes.items():
            old = next(line for line in text.splitlines() if line.startswith(f"{key} = ") and "127.0.0.1:" in line)
            text = text.replace(old, f"{key} = {json.dumps(value)}" if value else "")
        changed = config.with_name("changed.toml")
        changed.write_text(text)
        code = main(["--config", str(changed), "prove", *arguments])
        return Said(code, *capfd.readouterr())

    return run


def test_all_as_predicted(prove: Command) -> None:
    said = prove("bar@example.com", "--yes", "--json")
    assert said.code == 0, said.err
    assert [(one["address"], one["from"], one["result"], one["why"]) for one in said.json] == [
        ("bar@example.com", origin, "as predicted", "") for origin in ("internet", "zimbra", "legacy")
    ]
    for one in said.json:
        assert one["predicted"]["delivered"] == one["seen"]["delivered"] == ["legacy:bar@example.com"]
        assert list(one["seen"]) == ["from", "outcome", "hops", "delivered"]
        assert "C: DATA" in one["dialogue"]
    assert "a message to bar@example.com, as mail from the internet, sent from this machine" in said.err


def test_both_chains_are_shown(prove: Command) -> None:
    said = prove("foo@example.com", "--from", "internet", "--yes")
    assert said.code == 0
    assert "foo@example.com, as predicted" in said.out
    assert "foo@example.com, as seen (<splittui." in said.out
    assert said.out.count("+ delivered to the mailbox on zimbra.example.com (250)") == 2
    assert said.out.endswith("+ as predicted\n")


def test_a_difference_is_exit_2(prove: Command, lab: Lab) -> None:
    lab.legacy.route({}, None)
    try:
        said = prove("bar@example.com", "--from", "zimbra", "--yes")
    finally:
        lab.legacy.route({"bar": HERE}, AWAY)
    assert said.code == 2
    assert "x differs: bar@example.com was to be delivered on mail.example.com, and was bounced on" in said.out


def test_nobody_takes_it(prove: Command) -> None:
    said = prove("bar@example.com", "--from", "internet", "--yes", internet=f"127.0.0.1:{free_port()}")
    assert said.code == 4
    assert "! not proven: From this machine, 127.0.0.1:" in said.out
    assert "Connection refused" in said.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bar@example.com"], "say --yes, or answer at a terminal"),
        (["bar@example.net", "--yes"], "only mail to example.com can be proven"),
    ],
)
def test_refusals(prove: Command, arguments: list[str], words: str) -> None:
    said = prove(*arguments)
    assert said.code == 3
    assert words in said.err
    assert "C: " not in said.err


def test_a_sender_is_needed(prove: Command, config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    without = config.with_name("without.toml")
    without.write_text(config.read_text().replace(f'sender = "{SENDER}"', ""))
    assert main(["--config", str(without), "prove", "bar@example.com", "--yes"]) == 3
    assert "say who sends it, with --sender" in capfd.readouterr().err
