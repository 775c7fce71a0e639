"""Lines of toned text, and how they wrap. Pure: the widgets give each tone its colours.

A tone is never the only sign of a state: a glyph and a word stand beside it. Text from outside is cleaned before it
becomes part of a line.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from rich.cells import cell_len


class Tone(StrEnum):
    """What a piece of text is; the values are the names of the widgets' component classes."""

    PLAIN = "lines--plain"
    STRONG = "lines--strong"
    QUIET = "lines--quiet"
    BEFORE = "lines--before"
    AFTER = "lines--after"
    GOOD = "lines--good"
    WARN = "lines--warn"
    BAD = "lines--bad"


Span = tuple[str, Tone]
Line = tuple[Span, ...]


def line(*pieces: str | Span) -> Line:
    """A line of pieces; bare text is plain."""
    return tuple((piece, Tone.PLAIN) if isinstance(piece, str) else piece for piece in pieces)


def text_of(of: Line) -> str:
    return "".join(text for text, _ in of)


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def count(number: int, one: str, many: str = "") -> str:
    """``1 person``, ``37 people``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def people(number: int) -> str:
    return count(number, "person", "people")


def wrap(of: Line, width: int, hang: int = 0) -> list[Line]:
    """The line cut into rows of at most ``width`` columns, at spaces where there are any; later rows lack ``hang``.

    No character is lost but the space at a cut. The caller indents the later rows.
    """
    text = text_of(of)
    if cells(text) <= width:
        return [of]
    rows: list[Line] = []
    start = 0
    room = width
    while start < len(text):
        end, following = _cut(text, start, max(2, room))
        rows.append(_part(of, start, end))
        start = following
        room = width - hang
    return rows


def _cut(text: str, start: int, room: int) -> tuple[int, int]:
    """Where the row that begins at ``start`` ends, and where the next one begins."""
    fits = _fitting(text, start, room)
    if fits == len(text):
        return fits, fits
    space = text.rfind(" ", start, fits + 1)
    if space > start and text[start:space].strip():
        return space, space + 1
    return fits, fits


def _fitting(text: str, start: int, room: int) -> int:
    """The end of the longest part from ``start`` that takes at most ``room`` columns; at least one character."""
    part = text[start : start + room]
    if cells(part) <= room:
        return start + len(part)
    used = 0
    for offset, char in enumerate(part):
        used += cell_len(char)
        if used > room:
            return start + max(1, offset)
    return start + len(part)


def _part(of: Sequence[Span], start: int, end: int) -> Line:
    spans: list[Span] = []
    position = 0
    for text, tone in of:
        piece = text[max(0, start - position) : max(0, end - position)]
        if piece:
            spans.append((piece, tone))
        position += len(text)
    return tuple(spans)
