"""The items of a run: state, address, where to, and what was read back or went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.strip import Strip

from splittui.model.entries import Side
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Tone, cells, line
from splittui.tui.run_rows import WORD_WIDTH, RunRow, RunRows
from splittui.tui.widgets.line_view import fit
from splittui.tui.widgets.text_view import TonedView

_WIDE = 100
_WIDEST_ADDRESS = 36


class RunList(TonedView):
    """The cursor goes with the item in flight until somebody moves it."""

    HAS_CURSOR: ClassVar[bool] = True

    def __init__(self, rows: RunRows, glyphs: Glyphs) -> None:
        super().__init__("items")
        self.only_problems = False
        self._rows = rows
        self._glyphs = glyphs
        self._shown: list[int] | None = None
        self._went_to = 0
        self._address_width = min(_WIDEST_ADDRESS, max((cells(row.address) for row in rows.rows), default=0))

    @property
    def line_count(self) -> int:
        return len(self._rows.rows) if self._shown is None else len(self._shown)

    @property
    def current(self) -> int | None:
        """The index of the row under the cursor."""
        if not self.line_count:
            return None
        return self.cursor if self._shown is None else self._shown[self.cursor]

    def on_mount(self) -> None:
        self.lines_changed()

    def take_in(self, changed: Iterable[int]) -> None:
        """Draws rows that stand otherwise now."""
        if self.only_problems:
            self._filter()
            return
        for index in changed:
            self.row_changed(index)
        running = self._rows.running()
        if running is not None and self.cursor == self._went_to:
            self._went_to = running
            self.cursor = running

    def toggle_problems(self) -> None:
        """All items, or only those that are not as planned."""
        current = self.current
        self.only_problems = not self.only_problems
        self._filter()
        rows = self._shown
        if current is not None:
            self.cursor = current if rows is None else rows.index(current) if current in rows else 0

    def _filter(self) -> None:
        self._shown = self._rows.problems if self.only_problems else None
        self.lines_changed()

    def _where(self, row: RunRow) -> str:
        """The destination, in a column of its own."""
        words = {Side.ZIMBRA: "to Zimbra", Side.LEGACY: "to legacy", None: ""}
        return words[row.to].ljust(len("to Zimbra"))

    def render_row(self, index: int, width: int) -> Strip:
        number = index if self._shown is None else self._shown[index]
        row, state = self._rows.rows[number], self._rows.states[number]
        more = self._glyphs.more
        head = f"{state.sign(self._glyphs)} {state.word:{WORD_WIDTH}}  "
        to = f"{self._where(row)}  " if width >= _WIDE and row.address else ""
        name = clean(row.name)
        name = (fit(name, self._address_width, more) if row.address else name) + "  "
        room = max(0, width - cells(head) - cells(name) - len(to))
        message = fit(clean(state.message), room, more)
        return self.toned(line((head, state.tone), name, (to, Tone.QUIET), message), width)
