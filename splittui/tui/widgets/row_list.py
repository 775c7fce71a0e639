"""A short list of things to do, each on one row, with a cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

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

    def render_row(self, index: int, width: int) -> Strip:
        if not self._rows:
            return self.toned(line((self.empty_text, Tone.QUIET)), width)
        row = self._rows[index]
        words = max(cells(one.word[0]) for one in self._rows)
        room = max(0, width - _MARGIN - words - _MARGIN)
        whole = all(cells(one.text) <= room for one in self._rows)
        text = fit(row.text if whole else row.brief, room, self._glyphs.more)
        sign, tone = row.sign
        plain = Tone.QUIET if row.quiet else Tone.PLAIN
        word, word_tone = row.word
        gap = " " * (_MARGIN + words - cells(word))
        return self.toned(line((fit(sign, _MARGIN), tone), (text, plain), gap, (word, word_tone)), width)
