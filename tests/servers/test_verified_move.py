"""A move on real servers: afterwards both MTAs are asked, and they say what was planned, or what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from splittui.cli.main import main
from tests.cli.conftest import Said
from tests.servers.hosts import LEGACY, ON_LEGACY, ON_ZIMBRA, ZIMBRA
from tests.servers.lab import Lab
from tests.servers.legacy_mta import AWAY, HERE
from tests.servers.profile import profile

BAR = "bar@example.com"
Move = Callable[..., Said]


@pytest.fixture(scope="module")
def config(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with profile(lab, tmp_path_factory.mktemp("profile")) as file:
        yield file


@pytest.fixture
def move(config: Path, capfd: pytest.CaptureFixture[str]) -> Move:
    def run(to: str) -> Said:
        code = main(["--config", str(config), "move", BAR, "--to", to, "--yes", "--json", "--probe"])
        return Said(code, *capfd.readouterr())

    return run


def test_there_and_back(move: Move) -> None:
    there = move("zimbra")
    assert there.code == 0, there.err
    transport, known, rcpt = there.json["verified"]
    assert transport["asked"] == f"postmap -q {BAR} ldap:/opt/zimbra/conf/ldap-transport.cf"
    assert (transport["host"], transport["expected"], transport["answered"]) == (ZIMBRA.name, ON_ZIMBRA, ON_ZIMBRA)
    assert (known["agrees"], known["answered"]) == (True, BAR)
    assert rcpt["asked"] == f"RCPT TO:<{BAR}> at {ZIMBRA.name}:25, from {LEGACY.name}"
    assert (rcpt["agrees"], rcpt["answered"]) == (True, "accepted")
    back = move("legacy")
    assert back.code == 0, back.err
    transport, known, rcpt = back.json["verified"]
    assert (transport["expected"], transport["answered"]) == (ON_LEGACY, ON_LEGACY)
    assert rcpt["asked"] == f"RCPT TO:<{BAR}> at {LEGACY.name}:25, from {ZIMBRA.name}"
    assert "the MTAs gave 3 of 3 answers as planned" in back.err


def test_a_new_home_that_takes_no_mail(move: Move, lab: Lab) -> None:
    assert move("zimbra").code == 0
    lab.legacy.route({}, None)
    try:
        said = move("legacy")
    finally:
        lab.legacy.route({"bar": HERE}, AWAY)
    assert said.code == 1
    assert said.json["clean"]
    *_, rcpt = said.json["verified"]
    assert not rcpt["agrees"]
    assert rcpt["answered"].startswith(f"550 5.1.1 <{BAR}>: Recipient address rejected")
    assert f"x {BAR}: on {LEGACY.name}, RCPT TO:<{BAR}> at {LEGACY.name}:25, from {ZIMBRA.name} says 550" in said.err


def test_the_existing_systems_postfix_is_asked_by_its_own_maps(
    lab: Lab, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table, kept = "lmdb:/etc/postfix/transport", "lmtp:[127.0.0.12]:2424"
    with profile(lab, tmp_path, f'kind = "postfix"\ntable = "{table}"\nhere = "{kept}"\n') as config:

        def moved(to: str) -> list[tuple[str, str, str]]:
            assert main(["--config", str(config), "move", BAR, "--to", to, "--yes", "--json"]) == 0
            verified = Said(0, *capfd.readouterr()).json["verified"]
            return [(one["asked"], one["answered"], one["expected"]) for one in verified if one["host"] == LEGACY.name]

        away = f"smtp:[{ZIMBRA.name}]:25"
        assert moved("zimbra") == [(f"postmap -q {BAR} {table}", away, away)]
        assert moved("legacy") == [(f"postmap -q {BAR} {table}", kept, kept)]
