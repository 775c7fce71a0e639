"""The rows of one side, drawn from a ``RosterView``: mark, address, name, state, and where a row is staged to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import line, text_of, wrap
from splittui.tui.roster_view import RosterView, trouble_of
from splittui.tui.widgets.line_view import LineView, fit

_COLUMNS_FROM = 72
_NAMES_FROM = 44
_STATE = 15
_WIDE_STATE = 32
_ARROW = 5
_NARROW_ADDRESS = 26
_CUT_NAME = 12


class PeopleList(LineView):
    """The list in a pane. It looks staging up by address, and tells when marks have changed."""

    HAS_CURSOR: ClassVar[bool] = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "people--name",
        "people--mark",
        "people--marked",
        "people--staged",
        "people--incoming",
        "people--bad",
        "people--warning",
        "people--note",
        "people--match",
    }

    class MarksChanged(Message):
        """Other rows are marked now."""

    def __init__(self, side: Side, split: Split, staged_to: Callable[[str], Side | None], glyphs: Glyphs) -> None:
        super().__init__(f"people-{side}")
        self.side = side
        self.view = RosterView()
        self.empty_text = ""
        self._staged_to = staged_to
        self._split = split
        self._glyphs = glyphs
        self._range_from: int | None = None
        self._sticky = False
        self._address_width = 24

    @property
    def line_count(self) -> int:
        return len(self.view)

    @property
    def current(self) -> Person | None:
        """The row under the cursor."""
        return self.view[self.cursor] if self.cursor < len(self.view) else None

    @property
    def in_range(self) -> bool:
        return self._range_from is not None

    def watch_cursor(self, before: int, after: int) -> None:
        super().watch_cursor(before, after)
        if self._range_from is not None:
            self.lines_changed()
            self.post_message(self.MarksChanged())

    # What is shown

    def show(self, change: Callable[[], None], otherwise: int | None = None) -> None:
        """Changes the view; the cursor stays on its person, or where that one is gone at its index or ``otherwise``."""
        self.end_range()
        current = self.current
        change()
        index = self.view.find(current.address) if current else None
        if index is None:
            index = self.cursor if otherwise is None else otherwise
        self.lines_changed()
        index = self.validate_cursor(index)
        if index == self.cursor:
            # The index is the same, the person need not be.
            self.post_message(self.CursorMoved(self, index))
        self.cursor = index
        self.show_line(index)
        self.post_message(self.MarksChanged())

    def show_incoming(self, people: Iterable[Person]) -> None:
        """Shows who is staged to come, and the arrows of those who are staged to go."""
        coming = list(people)
        self.show(lambda: self.view.set_incoming(coming))

    def measure(self) -> None:
        """Takes the width of the address column from what is loaded; a few very long ones do not widen it for all."""
        lengths = sorted(len(row.address) for row in self.view.rows())
        self._address_width = max(16, min(36, lengths[int(len(lengths) * 0.98)])) if lengths else 24

    # Marks

    @property
    def mark_count(self) -> int:
        """How many are marked, with those in the range that is being drawn."""
        return len(self.view.marked) + len(self.range_marks() - self.view.marked)

    def range_marks(self) -> set[str]:
        if self._range_from is None:
            return set()
        return self.view.between(self._range_from, self.cursor)

    def begin_range(self) -> None:
        self._range_from = self.cursor
        self._sticky = True
        self.marks_changed()

    def end_range(self) -> None:
        """Makes the range's rows marks."""
        if self._range_from is not None:
            self.view.marked |= self.range_marks()
            self._range_from = None
            self.marks_changed()

    def drop_range(self) -> None:
        self._range_from = None
        self.marks_changed()

    def extend(self, lines: int) -> None:
        """Marks a range while Shift is held; an arrow without Shift ends it."""
        if self._range_from is None:
            self._range_from = self.cursor
            self._sticky = False
        self.cursor += lines
        self.marks_changed()

    def toggle_mark(self) -> bool:
        """Marks or unmarks the row under the cursor and steps down; false where it cannot be marked."""
        row = self.current
        if row is None or self.view.is_incoming(row):
            self.action_step(1)
            return False
        self.view.marked ^= {row.address}
        self.row_changed(self.cursor)
        self.action_step(1)
        self.post_message(self.MarksChanged())
        return True

    def mark(self, addresses: set[str]) -> None:
        self.view.marked |= addresses
        self.marks_changed()

    def unmark(self, addresses: set[str]) -> None:
        self.view.marked -= addresses
        self.marks_changed()

    def marks_changed(self) -> None:
        self.lines_changed()
        self.post_message(self.MarksChanged())

    def action_step(self, lines: int) -> None:
        if self._range_from is not None and not self._sticky:
            self.end_range()
        super().action_step(lines)

    # Mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click takes the cursor there; with Ctrl it marks."""
        offset = event.get_content_offset(self)
        if event.button == 1 and offset is not None:
            index = offset.y + self.scroll_offset.y
            if index < self.line_count:
                self.cursor = index
                if event.ctrl:
                    row = self.view[index]
                    self.view.marked ^= self.view.markable([row])
                    self.marks_changed()

    # Drawing

    def render_line(self, y: int) -> Strip:
        if not self.line_count and self.empty_text:
            width = self.scrollable_content_region.width
            rows = wrap(line(self.empty_text), max(10, width - 2))
            row = y - max(0, self.size.height // 3)
            if 0 <= row < len(rows):
                text = fit(f"  {text_of(rows[row])}", width, self._glyphs.more)
                return Strip([Segment(text, self.row_style("people--name"))], width)
        strip = super().render_line(y)
        if y + self.scroll_offset.y == self.cursor and self.line_count and self.has_focus:
            first, *rest = strip.divide([1, strip.cell_length])
            style = next(iter(first), Segment(" ")).style
            return Strip.join([Strip([Segment(self._glyphs.cursor, style)], 1), *rest])
        return strip

    def render_row(self, index: int, width: int) -> Strip:
        row = self.view[index]
        return Strip(list(self._segments(row, index, width)), width)

    def _segments(self, row: Person, index: int, width: int) -> Iterator[Segment]:
        incoming = self.view.is_incoming(row)
        marked = not incoming and (row.address in self.view.marked or self._within_range(index))
        base = self._row_base(incoming, marked)
        end, end_style = self._end_of(row, incoming, width, base)
        arrow = "" if incoming else self._arrow_of(row)
        room = width - 3 - (len(arrow) + 1 if arrow else 0)
        yield Segment(" ", base)
        yield Segment(f"{self._glyphs.mark} " if marked else "  ", self.row_style("people--mark") if marked else base)
        if width >= _COLUMNS_FROM:
            tail = (_WIDE_STATE if width > 90 else _STATE) + _ARROW
            left = width - 3 - tail - 2
            address_width = min(self._address_width, left * 2 // 3)
            yield from self._text(self._address(row, address_width), address_width, base)
            yield Segment(" ", base)
            yield from self._text(
                clean(row.name), left - address_width, base if incoming else self.row_style("people--name")
            )
            # The arrow of a staged row comes off the state's column, so that the columns before it stay in line.
            end = fit(end, room - left - 2, self._glyphs.more)
        else:
            end = fit(end, min(cell_len(end), max(0, room - 12)), self._glyphs.more)
            left = room - (cell_len(end) + 1 if end else 0)
            name, name_width = clean(row.name), left - min(self._address_width, _NARROW_ADDRESS) - 1
            named = bool(name) and width >= _NAMES_FROM and (name_width >= _CUT_NAME or cell_len(name) <= name_width)
            if named:
                left -= name_width + 1
            yield from self._text(self._address(row, left), left, base)
            if named:
                yield Segment(" ", base)
                yield from self._text(name, name_width, base if incoming else self.row_style("people--name"))
        if end:
            yield Segment(" ", base)
            yield Segment(end, end_style)
        if arrow:
            yield Segment(" ", base)
            yield Segment(arrow, self.row_style("people--staged"))

    def _address(self, row: Person, width: int) -> str:
        """The address; where it is too long, first its domain goes, which is everybody's."""
        address = clean(row.address)
        if len(address) <= width:
            return address
        local = address.partition("@")[0]
        return f"{local}@{self._glyphs.more}" if len(local) + 2 <= width else address

    def _arrow_of(self, row: Person) -> str:
        to = self._staged_to(row.address)
        if to is None:
            return ""
        if to is self.side:
            return "+ Z"
        return f"{self._glyphs.arrow} Z" if self.side is Side.LEGACY else f"{self._glyphs.back} L"

    def _text(self, text: str, width: int, style: Style) -> Iterator[Segment]:
        """Text in a column, with what the filter found in it marked."""
        shown = fit(text, width, self._glyphs.more)
        word = max(self.view.filter.wanted, key=len, default="")
        folded = shown.casefold()
        at = folded.find(word) if word and len(folded) == len(shown) else -1
        if at < 0:
            yield Segment(shown, style)
            return
        found = style + self.row_style("people--match")
        yield Segment(shown[:at], style)
        yield Segment(shown[at : at + len(word)], found)
        yield Segment(shown[at + len(word) :], style)

    def _within_range(self, index: int) -> bool:
        if self._range_from is None:
            return False
        low, high = sorted((self._range_from, self.cursor))
        return low <= index <= high

    def _row_base(self, incoming: bool, marked: bool) -> Style:
        if incoming:
            return self.row_style("people--incoming")
        return self.row_style("people--marked") if marked else self.base_style

    def _end_of(self, row: Person, incoming: bool, width: int, base: Style) -> tuple[str, Style]:
        """The state with its sign, or where an incoming row comes from."""
        glyphs = self._glyphs
        if incoming:
            arrow = glyphs.arrow if self.side is Side.ZIMBRA else glyphs.back
            wide = width >= 90
            return f"{arrow} coming" + (f" from {clean(self._split.host_of(self.side.other))}" if wide else ""), base
        if not row.state:
            return "", base
        trouble = trouble_of(row)
        return f"{glyphs.of(trouble)} {clean(row.state)}", self.row_style(f"people--{trouble}")
