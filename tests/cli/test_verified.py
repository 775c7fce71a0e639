"""After a run the MTAs themselves are asked, and the command tells what they say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from splittui.lab.lab import Lab
from tests.cli.conftest import Run


@contextmanager
def replaced(file: Path, old: str, new: str) -> Iterator[None]:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    try:
        yield
    finally:
        file.write_text(text)


def test_the_mta_agrees(run: Run) -> None:
    said = run("move", "bar@example.com", "--to", "zimbra", "--yes", "--json")
    assert said.code == 0
    transport, known = said.json["verified"]
    assert transport["asked"].startswith("postmap -q bar@example.com ldap:")
    assert transport["expected"] == transport["answered"] == "lmtp:zimbra.example.com:7025"
    assert (transport["agrees"], known["agrees"], known["answered"]) == (True, True, "bar@example.com")
    assert "+ asked where mail goes now, the MTAs gave 2 of 2 answers as planned" in said.err


def test_the_mta_sees_something_else(run: Run, lab: Lab) -> None:
    """The directory is as planned, but Postfix asks for another attribute."""
    file = lab.home.path / "conf" / "ldap-transport.cf"
    with replaced(file, "result_attribute = zimbraMailTransport", "result_attribute = zimbraMailHost"):
        said = run("move", "bell@example.com", "--to", "zimbra", "--yes", "--json")
    assert said.code == 1
    assert said.json["clean"]
    assert [check["agrees"] for check in said.json["verified"]] == [False, True]
    assert "x bell@example.com: on zimbra.example.com, postmap -q bell@example.com ldap:" in said.err
    assert "says zimbra.example.com instead of lmtp:zimbra.example.com:7025" in said.err


def test_the_mta_cannot_be_asked(run: Run, lab: Lab) -> None:
    postmap = lab.home.path / "common" / "sbin" / "postmap"
    postmap.rename(postmap.with_name("gone"))
    try:
        said = run("move", "bell@example.com", "--to", "legacy", "--yes", "--json")
    finally:
        postmap.with_name("gone").rename(postmap)
    assert said.code == 0
    assert [bool(check["trouble"]) for check in said.json["verified"]] == [True, True]
    assert said.err.count("! zimbra.example.com could not be asked where mail goes now: ") == 1


def test_the_new_home_is_probed_on_demand(run: Run) -> None:
    said = run("move", "bell@example.com", "--to", "zimbra", "--yes", "--json", "--probe")
    assert said.code == 0
    rcpt = said.json["verified"][-1]
    assert rcpt["asked"] == "RCPT TO:<bell@example.com> at zimbra.example.com:25, from mail.example.com"
    assert (rcpt["trouble"], rcpt["agrees"]) == ("", True)
