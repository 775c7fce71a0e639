"""``splittui check`` against the lab, over its real SSH."""

from collections.abc import Iterator

import pytest

from splittui.cli.main import main
from splittui.lab.lab import Lab
from tests.cli.conftest import Run, read_in_part
from tests.far_end import change

KEYS = {"severity", "code", "title", "addresses", "evidence", "consequence", "fix"}
ZOO = {
    "unknown-to-primary": "dave",
    "unknown-address": "everyone",
    "stale-placeholder": "ghost",
    "placeholder-loops": "loop",
    "lmtp-unknown-server": "lost",
    "transport-without-mailer": "bare",
    "transport-upper-case": "shout",
    "transport-elsewhere": "other",
    "no-transport": "blank",
    "no-mail-host": "hugo",
    "old-box": "twin",
    "mail-off": "mute",
}


@pytest.fixture(scope="module")
def secondary() -> Iterator[Lab]:
    with Lab.start(accounts=60, role="secondary") as running:
        yield running


def test_the_zoo_as_json(run: Run) -> None:
    said = run("check", "--json")
    assert said.code == 2
    found = {one["code"]: one for one in said.json}
    assert set(found) == set(ZOO)
    assert all(set(one) == KEYS for one in said.json)
    assert all(one["evidence"] and one["consequence"] and one["fix"] for one in said.json)
    assert all(f"{local}@example.com" in found[code]["addresses"] for code, local in ZOO.items())
    severities = [one["severity"] for one in said.json]
    assert severities == sorted(severities)
    assert {"error", "warning"} == set(severities)


def test_the_zoo_as_text(run: Run) -> None:
    said = run("check")
    assert said.code == 2
    assert said.out.startswith("8 errors\n")
    assert "    fix          ma shout@example.com zimbraMailTransport smtp:mail.example.com:25\n" in said.out
    assert "loops until it bounces" in said.out
    assert not any(char in said.out for char in "\x1b\x07\x9b\u202e")


def test_the_secondary(secondary: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(secondary.config), "check"]) == 2
    said = capfd.readouterr().out
    assert "[two-boxes]\n    who          twin@example.com\n" in said
    assert "[off-but-routed]\n    who          closed@example.com, mute@example.com, pending@example.com\n" in said
    assert "[unknown-to-primary]" not in said


def test_many_people_are_folded(run: Run, lab: Lab) -> None:
    listed = run("list", "--json", "--home", "legacy").json
    people = [p["address"] for p in listed if p["zimbra"] and p["kind"] == "person"][:7]
    for address in people:
        change(lab.home.path, address, zimbraMailTransport="smtp:zimbra.example.com:25")
    said = run("check").out
    assert f"    who          {', '.join(sorted(people)[:5])} and 2 more\n" in said
    assert "                 and 2 more\n" in said
    for address in people:
        change(lab.home.path, address, zimbraMailTransport="smtp:mail.example.com:25")


def test_a_partial_reading_shows_what_it_can_and_fails(run: Run, lab: Lab) -> None:
    with read_in_part(lab, 30):
        said = run("check", "--json")
    assert (said.code, "not complete" in said.err) == (1, True)
    codes = {one["code"] for one in said.json}
    assert codes
    assert not codes & {"unknown-to-primary", "unknown-address", "routed-but-missing"}


def test_nothing_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("splittui.cli.check.findings", lambda *_: ())
    said = run("check")
    assert (said.code, said.out) == (0, "Nothing was found in what was read.\n")
    assert (run("check", "--json").code, run("check", "--json").json) == (0, [])


def test_unreachable(lab: Lab, tmp_path, capfd: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "splittui.toml"
    config.write_text(lab.config.read_text().replace(f"port = {lab.address.port}", "port = 1"))
    assert main(["--config", str(config), "check"]) == 4
    assert "cannot be reached" in capfd.readouterr().err
