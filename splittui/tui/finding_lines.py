"""What is wrong with a split as a tree of lines: each finding folds, worst first. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from splittui.mailflow.findings import Found
from splittui.model.entries import Kind
from splittui.model.home import Person
from splittui.model.text import clean
from splittui.planning.plan import Severity
from splittui.tui.fold_line import FoldLine
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import hint
from splittui.tui.lines import Tone, count, line, people

NOTHING = "Nothing was found in what was read."
_SHOWN = 5
_LABEL = 10
_HUMAN = (Kind.PERSON, Kind.ADMIN)


@dataclass(frozen=True, slots=True)
class _Look:
    """A severity's word, its tone, and the kind of sign it gets."""

    word: str
    tone: Tone
    kind: str


_LOOKS = {
    Severity.ERROR: _Look("error", Tone.BAD, "bad"),
    Severity.WARNING: _Look("warning", Tone.WARN, "warning"),
    Severity.INFO: _Look("note", Tone.STRONG, "info"),
}


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one reading, worst first, among these ``people``.

    ``partial`` says why the reading is not whole, ``trouble`` why nothing is known; both are empty as a rule.
    """

    found: tuple[Found, ...]
    people: Mapping[str, Person]
    partial: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Lines, and for each of them the finding that it belongs to, or None."""

    lines: Sequence[FoldLine]
    owners: Sequence[Found | None]

    def head_of(self, code: str) -> int:
        """The line a finding begins at; the first finding's where there is none of that code."""
        heads = {owner.code: index for index, owner in reversed(list(enumerate(self.owners))) if owner is not None}
        return heads.get(code, min(heads.values(), default=0))


def counted(findings: Findings, glyphs: Glyphs) -> str:
    """``3 findings``, with the worst of them as a sign and a word, and the key; empty where nothing was found."""
    key = hint("findings").key
    if findings.trouble:
        return f"{glyphs.warning} findings not known ({key})"
    if not findings.found:
        return ""
    worst = _LOOKS[findings.found[0].severity]
    return f"{glyphs.of(worst.kind)} {count(len(findings.found), 'finding')}, worst: {worst.word} ({key})"


def by_severity(findings: Findings) -> str:
    """``2 errors, 1 note``."""
    severities = [one.severity for one in findings.found]
    return ", ".join(count(severities.count(s), look.word) for s, look in _LOOKS.items() if s in severities)


def fix_text(one: Found) -> str:
    """The whole fix, one line below the other, safe to paste."""
    return "\n".join(map(clean, one.fix))


def tree(findings: Findings, glyphs: Glyphs, opened: Collection[str] = ()) -> Tree:
    """All findings under their severities; those whose code is in ``opened`` are unfolded."""
    lines: list[FoldLine] = []
    owners: list[Found | None] = []
    if findings.trouble:
        told = f"{glyphs.bad} The findings could not be worked out: {clean(findings.trouble)}. Please report this."
        lines.append(FoldLine(0, line((told, Tone.BAD))))
    elif findings.partial:
        told = f"{glyphs.warning} From a partial reading ({clean(findings.partial)}): there may be more."
        lines.append(FoldLine(0, line((told, Tone.WARN))))
    if not findings.found and not findings.trouble:
        lines.append(FoldLine(0, line(NOTHING)))
    owners += [None] * len(lines)
    for severity, group in groupby(findings.found, key=lambda one: one.severity):
        of_this, look = list(group), _LOOKS[severity]
        lines.append(FoldLine(0, line((f"{glyphs.of(look.kind)} {count(len(of_this), look.word)}", look.tone))))
        owners.append(None)
        for one in of_this:
            body = _body(one)
            # A wrapped title goes on under its own beginning.
            lines.append(FoldLine(0, _head(one, findings.people, glyphs), len(body), one.code in opened, hang=0))
            lines += body
            owners += [one] * (1 + len(body))
    return Tree(lines, owners)


def _head(one: Found, known: Mapping[str, Person], glyphs: Glyphs) -> tuple[tuple[str, Tone], ...]:
    title = line((clean(one.title), Tone.STRONG))
    number = len(one.addresses)
    if not number:
        return title
    human = all(address in known and known[address].kind in _HUMAN for address in one.addresses)
    who = people(number) if human else count(number, "address", "addresses")
    return (*title, (f"{glyphs.dot}{who}", Tone.QUIET))


def _body(one: Found) -> list[FoldLine]:
    parts = [_part("who", _who(one.addresses))] if one.addresses else []
    parts += [_part("evidence", clean(one.evidence)), _part("mail", clean(one.consequence))]
    parts += [_part("" if number else "fix", clean(text)) for number, text in enumerate(one.fix[:_SHOWN])]
    more = len(one.fix) - _SHOWN
    return [*parts, _part("", f"and {more:,} more; y copies all")] if more > 0 else parts


def _who(addresses: Sequence[str]) -> str:
    shown = ", ".join(map(clean, addresses[:_SHOWN]))
    more = len(addresses) - _SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def _part(label: str, text: str) -> FoldLine:
    return FoldLine(1, line((label.ljust(_LABEL), Tone.QUIET), text), hang=_LABEL)
