"""What the journal tells afterwards: lists, one run, and reports for others."""

import csv
import io
import json
import stat
from html.parser import HTMLParser
from pathlib import Path

from tests.cli.conftest import Run


class Page(HTMLParser):
    """The page's text and its tags; every tag that is opened must be closed again."""

    VOID = ("meta", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_run_is_listed_shown_and_exported(run: Run, tmp_path: Path) -> None:
    moved = run("move", "bar@example.com", "dave@example.com", "--to", "zimbra", "--yes", "--json")
    assert moved.code == 0, moved.err
    number = moved.json["run"]
    newest = run("history", "--json").json[0]
    assert (newest["run"], newest["state"], newest["people"]) == (
        number,
        "done",
        ["bar@example.com", "dave@example.com"],
    )
    assert f"\n{number:>5}  " in f"\n{run('history').out}"

    whole = run("history", number, "--json").json
    assert [step["outcome"] for step in whole["steps"]] == ["done"] * len(whole["steps"])
    first = next(step for step in whole["steps"] if step["address"] == "bar@example.com")
    assert first["before"]["zimbraMailTransport"] == ["smtp:mail.example.com:25"]
    shown = run("history", number)
    assert "read back" in shown.out
    assert f"splittui undo {number}" in shown.err

    file = tmp_path / "run.html"
    assert run("export", number, "--out", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    page = Page(file.read_text(encoding="utf-8"))
    assert not page.open
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href"} & set(page.attributes)
    for words in ("bar@example.com", "prov> ", "lmtp:zimbra.example.com:7025", "********", newest["fingerprint"]):
        assert words in page.text
    assert run("export", number, "--out", file).code == 1

    rows = list(csv.DictReader(io.StringIO(run("export", number, "--format", "csv").out)))
    assert [row["outcome"] for row in rows] == ["done"] * len(rows)
    assert json.loads(run("export", number, "--format", "json").out)["run"] == number


def test_a_run_that_is_not_there(run: Run) -> None:
    said = run("history", 4711)
    assert said.code == 1
    assert "no run 4711" in said.err
