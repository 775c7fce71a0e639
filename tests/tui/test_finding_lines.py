"""Findings as lines."""

from __future__ import annotations

from splittui.mailflow.findings import Found
from splittui.planning.plan import Severity
from splittui.tui.finding_lines import NOTHING, Findings, by_severity, counted, fix_text, tree
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.lines import text_of

MANY = tuple(f"p{number}@example.com" for number in range(1234))
FOUND = (
    Found(
        Severity.ERROR, "one", "Many of them", MANY, "evidence", "it bounces", tuple(f"ma {name} a b" for name in MANY)
    ),
    Found(Severity.WARNING, "two", "The domain", (), "evidence", "it waits"),
    Found(Severity.INFO, "three", "A note", MANY[:1], "evidence", "it arrives", ("Do something.",)),
)


def texts(findings: Findings) -> list[str]:
    return [text_of(line.content) for line in tree(findings, UNICODE).lines]


def test_the_count_names_the_worst_by_sign_and_word() -> None:
    assert counted(Findings(FOUND, {}), UNICODE) == "✗ 3 findings, worst: error (f)"
    assert counted(Findings(FOUND[1:], {}), UNICODE) == "! 2 findings, worst: warning (f)"
    assert counted(Findings(FOUND[2:], {}), ASCII) == "- 1 finding, worst: note (f)"
    assert counted(Findings((), {}), UNICODE) == ""
    assert by_severity(Findings(FOUND, {})) == "1 error, 1 warning, 1 note"


def test_long_things_are_cut_and_copied_whole() -> None:
    lines = texts(Findings(FOUND, {}))
    assert lines[:3] == [
        "✗ 1 error",
        "Many of them · 1,234 addresses",
        "who       p0@example.com, p1@example.com, p2@example.com, p3@example.com, p4@example.com and 1,229 more",
    ]
    assert lines[5:11] == [
        "fix       ma p0@example.com a b",
        *(f"          ma p{number}@example.com a b" for number in range(1, 5)),
        "          and 1,229 more; y copies all",
    ]
    assert lines[11:15] == ["! 1 warning", "The domain", "evidence  evidence", "mail      it waits"]
    assert len(fix_text(FOUND[0]).splitlines()) == 1234


def test_each_line_knows_its_finding_and_folds_nest() -> None:
    made = tree(Findings(FOUND, {}), UNICODE, {"two"})
    heads = [index for index, line in enumerate(made.lines) if line.below]
    assert [made.owners[index] for index in heads] == list(FOUND)
    assert [made.lines[index].opened for index in heads] == [False, True, False]
    assert all(made.owners[index] is made.owners[index + made.lines[index].below] for index in heads)
    assert len(made.owners) == len(made.lines)
    assert [made.head_of(code) for code in ("one", "two", "three", "gone")] == [*heads, heads[0]]


def test_nothing_and_partial_and_trouble_are_said() -> None:
    assert texts(Findings((), {})) == [NOTHING]
    assert texts(Findings((), {}, "cut\x1b[2J"))[0] == "! From a partial reading (cut␛[2J): there may be more."
    assert texts(Findings((), {}, trouble="KeyError")) == [
        "✗ The findings could not be worked out: KeyError. Please report this."
    ]
    assert tree(Findings((), {}), UNICODE).head_of("one") == 0
