"""The way of mail to an address, from each origin, now and after a plan."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.cli.main import main
from splittui.lab.lab import Lab
from tests.cli.conftest import Run, Said


@pytest.fixture(scope="module")
def secondary() -> Iterator[Lab]:
    with Lab.start(accounts=60, role="secondary") as running:
        yield running


def chain(text: str) -> list[str]:
    """The links of a chain without their reasons."""
    return [line.strip() for line in text.splitlines() if line.startswith("  ") and not line.startswith("   ")]


def test_the_first_example_of_a_split_domain(run: Run) -> None:
    said = run("trace", "bar@example.com", "--from", "internet")
    assert said.code == 0
    assert chain(said.out) == [
        "internet ->",
        "zimbra.example.com postfix server ->",
        "account transport says to use smtp:mail.example.com:25 ->",
        "mail.example.com existing infrastructure MTA ->",
        "mail.example.com existing infrastructure mail store",
        "+ delivered to the mailbox on mail.example.com (250)",
    ]
    assert "      zimbraMailTransport of the account bar@example.com (ldap-transport)\n" in said.out


def test_the_second_example_of_a_split_domain(secondary: Lab, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(secondary.config), "trace", "dave@example.com", "--from", "zimbra"]) == 0
    assert chain(capfd.readouterr().out) == [
        "a Zimbra user's web browser ->",
        "zimbra.example.com web client's server ->",
        "zimbra.example.com postfix server ->",
        "account not local, finds domain transport setting smtp:mail.example.com:25 ->",
        "mail.example.com existing infrastructure MTA ->",
        "mail.example.com existing infrastructure mail store",
        "+ delivered to the mailbox on mail.example.com (250)",
    ]


def test_json_has_every_hop_with_its_reason(run: Run) -> None:
    said = run("trace", "BAR@example.com", "--json")
    assert said.code == 0
    assert list(said.json) == ["address", "routes"]
    assert said.json["address"] == "bar@example.com"
    assert [route["from"] for route in said.json["routes"]] == ["internet", "zimbra", "legacy"]
    for route in said.json["routes"]:
        assert list(route) == ["from", "outcome", "hops", "delivered"]
        assert (route["outcome"], route["delivered"]) == ("delivered", ["legacy:bar@example.com"])
        assert all(list(hop) == ["host", "action", "because"] and hop["because"] for hop in route["hops"])


def test_after_a_plan(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "bar.plan"
    assert run("plan", "move", "bar@example.com", "--to", "zimbra", "--out", file).code == 2
    said = run("trace", "bar@example.com", "--from", "internet", "--plan", file, "--json")
    assert said.code == 0
    assert [route["delivered"] for route in said.json["now"]] == [["legacy:bar@example.com"]]
    assert [route["delivered"] for route in said.json["routes"]] == [["zimbra:bar@example.com"]]
    text = run("trace", "bar@example.com", "--plan", file).out
    assert text.index("bar@example.com, now") < text.index("bar@example.com, after the plan")


def test_mail_that_does_not_arrive(run: Run) -> None:
    unknown = run("trace", "nobody@example.com")
    assert unknown.code == 2
    assert "x refused: 550 at RCPT by zimbra.example.com: 5.1.1" in unknown.out
    assert "x BOUNCES: accepted (250), then bounced by mail.example.com: host zimbra.example.com said:" in unknown.out
    loop = run("trace", "loop@example.com")
    assert loop.code == 2
    assert "x LOOPS between zimbra.example.com and mail.example.com, until" in loop.out
    assert run("trace", "hugo@example.com").code == 2
    assert run("trace", "hugo@example.com", "--from", "legacy").code == 0


@pytest.mark.parametrize(
    ("address", "code", "words"),
    [("bar@example.org", 3, "is not in example.com"), ("bar", 1, "name@domain")],
)
def test_refusals(run: Run, address: str, code: int, words: str) -> None:
    said = run("trace", address)
    assert (said.code, said.out) == (code, "")
    assert words in said.err


def test_only_a_plan_for_this_split_is_taken(run: Run, secondary: Lab, tmp_path: Path, capfd) -> None:
    file = tmp_path / "bar.plan"
    run("plan", "move", "bar@example.com", "--to", "zimbra", "--out", file)

    def trace(lab: Lab) -> Said:
        code = main(["--config", str(lab.config), "trace", "bar@example.com", "--plan", str(file)])
        return Said(code, *capfd.readouterr())

    other = trace(secondary)
    assert (other.code, "is a plan for example.com (primary)" in other.err) == (3, True)
    plan = json.loads(file.read_text())
    plan["steps"] = []
    file.write_text(json.dumps(plan))
    assert run("trace", "bar@example.com", "--plan", file).code == 3
    assert run("trace", "bar@example.com", "--plan", tmp_path / "none").code == 3


def test_a_host_that_cannot_be_reached(lab: Lab, tmp_path: Path, capfd) -> None:
    config = tmp_path / "splittui.toml"
    config.write_text(lab.config.read_text().replace(f"port = {lab.address.port}", "port = 1"))
    assert main(["--config", str(config), "trace", "bar@example.com"]) == 4
    assert "cannot be reached" in capfd.readouterr().err
