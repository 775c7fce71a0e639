"""A tree of lines that fold, drawn virtually: a hundred thousand lines open at once are no burden."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from splittui.tui.fold_line import FoldLine, counted, made
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Line, Tone, wrap
from splittui.tui.widgets.text_view import TonedView

_INDENT = 2
_MARK = 2
_NARROWEST = 20


class FoldView(TonedView):
    """The cursor stands on a row; Enter turns the fold of its line, Right opens, Left closes or goes to the parent."""

    HAS_CURSOR: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "turn", "Fold", show=False),
        Binding("right", "open", "Unfold", show=False),
        Binding("left", "close", "Fold", show=False),
        Binding("e", "all(True)", "Unfold all", show=False),
        Binding("E", "all(False)", "Fold all", show=False),
    ]

    def __init__(self, lines: Sequence[FoldLine], glyphs: Glyphs, view_id: str | None = None) -> None:
        super().__init__(view_id)
        self._lines = list(lines)
        self._glyphs = glyphs
        self._opened = [_starts_open(line) for line in lines]
        # For each row the line it belongs to and its content; rows of one line follow each other.
        self._owners: list[int] = []
        self._rows: list[Line] = []

    @property
    def line_count(self) -> int:
        return len(self._rows)

    @property
    def current(self) -> int:
        """The index of the line under the cursor."""
        return self._owners[self.cursor] if self._owners else 0

    @property
    def head(self) -> int:
        """Which of the lines that belong to no other one the cursor is at or below, counted from 0."""
        return max(0, sum(not line.depth for line in self._lines[: self.current + 1]) - 1)

    def is_open(self, line: int) -> bool:
        return self._opened[line]

    def render_row(self, index: int, width: int) -> Strip:
        owner = self._owners[index]
        line = self._lines[owner]
        indent = _INDENT * line.depth + _MARK
        first = index == 0 or self._owners[index - 1] != owner
        if not first:
            return self.toned(self._rows[index], width, indent + line.hang)
        sign = (self._glyphs.fold if self._opened[owner] else self._glyphs.unfold) if line.below or line.later else " "
        mark = (" " * (indent - _MARK) + sign.ljust(_MARK), Tone.QUIET)
        return self.toned((mark, *self._rows[index]), width)

    def show_lines(self, lines: Sequence[FoldLine], current: int | None = None) -> None:
        """Shows other lines, with the cursor on the line ``current``; without one it stays as far down as it was."""
        self._lines = list(lines)
        self._opened = [_starts_open(line) for line in lines]
        self._owners, self._rows = self._laid_out(0, len(lines))
        self.lines_changed()
        if current is not None:
            self.cursor = self._row_of(current)

    def on_resize(self) -> None:
        """Wraps anew, with the cursor on the line it was on."""
        current = self.current
        self._owners, self._rows = self._laid_out(0, len(self._lines))
        self.lines_changed()
        self.cursor = self._row_of(current)

    def _laid_out(self, start: int, end: int) -> tuple[list[int], list[Line]]:
        width = max(_NARROWEST, self.scrollable_content_region.width)
        owners: list[int] = []
        rows: list[Line] = []
        # Alike people share their lines, which then are wrapped once for all of them.
        seen: dict[int, list[Line]] = {}
        index = start
        while index < end:
            line = self._lines[index]
            parts = seen.get(id(line))
            if parts is None:
                parts = seen[id(line)] = wrap(line.content, width - _INDENT * line.depth - _MARK, line.hang)
            rows += parts
            owners += [index] * len(parts)
            index += 1 if self._opened[index] else 1 + line.below
        return owners, rows

    def _row_of(self, line: int) -> int:
        return bisect_left(self._owners, line)

    def set_open(self, line: int, opened: bool) -> None:
        """Opens or closes one line."""
        if opened:
            self._make(line)
        below = self._lines[line].below
        if not below or self._opened[line] is opened:
            return
        self._opened[line] = opened
        first, last = self._row_of(line), bisect_left(self._owners, line + 1 + below)
        self._owners[first:last], self._rows[first:last] = self._laid_out(line, line + 1 + below)
        self.cursor = self._row_of(line)
        self.lines_changed()

    def _make(self, line: int) -> None:
        """Makes the lines that belong to this one, where that was left until now."""
        later = self._lines[line].later
        if later is None:
            return
        new = [replace(self._lines[line], later=None), *later()]
        self._lines = counted([*self._lines[:line], *new, *self._lines[line + 1 :]])
        self._opened[line : line + 1] = [False, *(_starts_open(one) for one in new[1:])]
        # The rows above stay; those below belong to lines that have moved.
        below = bisect_left(self._owners, line + 1)
        self._owners[below:] = [owner + len(new) - 1 for owner in self._owners[below:]]

    def _make_all(self, line: int) -> int:
        """Makes all lines that were left until now; returns where the line is then."""
        if all(one.later is None for one in self._lines):
            return line
        lines: list[FoldLine] = []
        there = line
        for index, one in enumerate(self._lines):
            if index == line:
                there = len(lines)
            lines += made(one)
        self._lines = counted(lines)
        return there

    def action_turn(self) -> None:
        self.set_open(self.current, not self._opened[self.current])

    def action_open(self) -> None:
        """Opens the line, or goes into it where it is open."""
        line = self.current
        if self._lines[line].below and self._opened[line]:
            self.cursor = self._row_of(line + 1)
        else:
            self.set_open(line, True)

    def action_close(self) -> None:
        """Closes the line, or goes to its parent where there is nothing to close."""
        line = self.current
        if self._lines[line].below and self._opened[line]:
            self.set_open(line, False)
        else:
            self.cursor = self._row_of(self._parent_of(line))

    def _parent_of(self, line: int) -> int:
        depth = self._lines[line].depth
        return next((i for i in range(line, -1, -1) if self._lines[i].depth < depth), line)

    def action_all(self, opened: bool) -> None:
        """Opens or closes every line; the cursor stays on its line, or on what it is folded into."""
        line = self.current
        if opened:
            line = self._make_all(line)
        else:
            while self._lines[line].depth and self._parent_of(line) != line:
                line = self._parent_of(line)
        self._opened = [opened] * len(self._lines)
        self._owners, self._rows = self._laid_out(0, len(self._lines))
        self.lines_changed()
        self.cursor = self._row_of(line)

    def on_click(self, event: events.Click) -> None:
        """A click takes the cursor there, and turns the fold."""
        offset = event.get_content_offset(self)
        index = offset.y + self.scroll_offset.y if offset is not None else self.line_count
        if index < self.line_count:
            self.cursor = index
            self.action_turn()


def _starts_open(line: FoldLine) -> bool:
    return line.opened and line.later is None
