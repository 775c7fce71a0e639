"""A short list of things to do, each on one row, with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip

from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Tone, cells, line
from splittui.tui.row import Row
from splittui.tui.widgets.line_view import fit
from splittui.tui.widgets.text_view import TonedView

_MARGIN = 2


class RowList(TonedView):
    """Either all rows are shown with their full text, or all with the brief one."""

    HAS_CURSOR: ClassVar[bool] = True

    def __init__(self, glyphs: Glyphs, view_id: str) -> None:
        super().__init__(view_id)
        self._glyphs = glyphs
        self._rows: Sequence[Row] = ()
        self.empty_text = ""

    @property
    def line_count(self) -> int:
        return len(self._rows) or bool(self.empty_text)

    def show(self, rows: Sequence[Row], cursor: int | None = None) -> None:
        """Shows other rows; the cursor stays at its place unless it is given one."""
        self._rows = rows
        self.lines_changed()
        if cursor is not None:
            self.cursor = cursor

    def render_line(self, y: int) -> Strip:
        """The cursor has a sign of its own: a colour alone is not seen everywhere."""
        strip = super().render_line(y)
        if not self._rows or y + self.scroll_offset.y != self.cursor:
            return strip
        first, rest = strip.divide([1, strip.cell_length])
        style = next(iter(first), Segment(" ")).style
        return Strip.join([Strip([Segment(self._glyphs.cursor, style)], 1), rest])

    def render_row(self, index: int, width: int) -> Strip:
        if not self._rows:
            return self.toned(line((self.empty_text, Tone.QUIET)), width)
        row = self._rows[index]
        whole = all(cells(one.text) <= self._room(one, width) for one in self._rows)
        text = fit(row.text if whole else row.brief, self._room(row, width), self._glyphs.more)
        sign, tone = row.sign
        plain = Tone.QUIET if row.quiet else Tone.PLAIN
        word, word_tone = row.word
        gap = " " * _MARGIN
        return self.toned(line(" ", (fit(sign, _MARGIN), tone), (text, plain), gap, (word, word_tone)), width)

    @staticmethod
    def _room(row: Row, width: int) -> int:
        """The columns for the text, beside the cursor, the sign, and the word at the right."""
        return max(0, width - 1 - _MARGIN - _MARGIN - cells(row.word[0]))
