"""One side of the main screen: a numbered frame with the host's name, its filter line and its list."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import bindings
from splittui.tui.roster_view import Sheet
from splittui.tui.screens.pattern import PatternScreen
from splittui.tui.widgets.line_view import LineView, fit
from splittui.tui.widgets.people_list import PeopleList

_ROOM = 200


class FilterInput(Input):
    """The filter line. Keys that go to the list from here: Enter, Down, Tab; Esc clears it first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "leave", "To the list", show=False),
    ]

    def __init__(self, people: PeopleList) -> None:
        super().__init__(placeholder="filter", compact=True)
        self.cursor_blink = False
        self._people = people

    @property
    def content_width(self) -> int:
        """Always the same: a change of it would lay out the whole screen anew for every letter."""
        return max(_ROOM, super().content_width)

    def action_leave(self) -> None:
        self.screen.set_focus(self._people)


_NOTHING_YET = "nothing is set up yet: press g for the guided set-up"


class PeoplePane(Vertical):
    """A pane. ``people`` is its list."""

    class Changed(Message):
        """Cursor, filter or marks of a pane are others now."""

        def __init__(self, pane: PeoplePane) -> None:
            super().__init__()
            self.pane = pane

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, PeoplePane.Changed) and message.pane is self.pane

    class Said(Message):
        """A short word for the status line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    BINDINGS: ClassVar[list[BindingType]] = bindings(of_pane=True)

    def __init__(
        self,
        number: int,
        side: Side,
        split: Split,
        staged_to: Callable[[str], Side | None],
        glyphs: Glyphs,
    ) -> None:
        super().__init__(id=f"pane-{side}")
        self.side = side
        self._number = number
        self._host = clean(split.host_of(side))
        self._glyphs = glyphs
        self._loaded = False
        self._nobody = ""
        self._titles = ("", "")
        self.people = PeopleList(side, split, staged_to, glyphs)
        self.filter_input = FilterInput(self.people)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="filter"):
            yield Static("/", classes="slash", markup=False)
            yield self.filter_input
        yield self.people

    def on_mount(self) -> None:
        self.show_titles()

    @property
    def filtering(self) -> bool:
        return bool(self.filter_input.value)

    def load(self, sheet: Sheet) -> None:
        """Shows another reading; cursor, marks, filter and order stay."""
        self._loaded = True
        fresh = self.side is Side.ZIMBRA and not sheet.roster.snapshot.zimbra.domain.exists
        self._nobody = _NOTHING_YET if fresh else f"nobody lives on {self._host}"
        self.people.show(lambda: self.people.view.load(self.side, sheet))
        self.people.measure()
        self.people.lines_changed()
        self.show_titles()

    def say(self, text: str) -> None:
        """What stands in the pane while it has no rows."""
        self.people.empty_text = text
        self.people.refresh()

    def show_titles(self) -> None:
        if not self.size.width:
            return
        view, glyphs = self.people.view, self._glyphs
        counts = f"{glyphs.dot}{view.passing:,} of {view.total:,}" if self._loaded else ""
        coming = f"{glyphs.dot}{view.incoming:,} coming" if view.incoming else ""
        room = max(0, self.size.width - 4 - len(f"{self._number} "))
        if len(self._host + counts + coming) <= room:
            counts += coming
        host = self._host if len(self._host + counts) <= room else fit(self._host, room - len(counts), glyphs.more)
        order = glyphs.falling if view.descending else glyphs.rising
        titles = f"{self._number} {host}{counts}", f"by {view.sort} {order}"
        if titles != self._titles:
            # Assigning a title draws the whole pane anew.
            self._titles = titles
            self.border_title, self.border_subtitle = Content(titles[0]), Content(titles[1])
        if self._loaded:
            nobody = "nobody passes the filter" if view.filter else self._nobody
            self.people.empty_text = nobody

    def on_resize(self) -> None:
        self.show_titles()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.people.show(lambda: self.people.view.set_filter(event.value), otherwise=0)

    def on_line_view_cursor_moved(self, event: LineView.CursorMoved) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def on_people_list_marks_changed(self, event: PeopleList.MarksChanged) -> None:
        event.stop()
        self.show_titles()
        self.post_message(self.Changed(self))

    # Keys

    def action_filter(self) -> None:
        self.screen.set_focus(self.filter_input)

    def action_sort(self) -> None:
        view = self.people.view
        self.people.show(lambda: view.set_sort(view.sort.next, view.descending))

    def action_reverse(self) -> None:
        view = self.people.view
        self.people.show(lambda: view.set_sort(view.sort, not view.descending))

    def action_back(self) -> None:
        """One step back: the filter first, then the range, then the marks."""
        people = self.people
        if self.filtering or self.filter_input.has_focus:
            self.filter_input.value = ""
            self.screen.set_focus(people)
        elif people.in_range:
            people.drop_range()
        elif people.view.marked:
            people.unmark(set(people.view.marked))

    def action_mark(self) -> None:
        if self.people.in_range:
            self.people.end_range()
        elif not self.people.toggle_mark():
            self.post_message(self.Said("only people who live here can be marked"))

    def action_range(self) -> None:
        if self.people.in_range:
            self.people.end_range()
        else:
            self.people.begin_range()

    def action_extend(self, lines: int) -> None:
        self.people.extend(lines)

    def action_mark_all(self) -> None:
        everybody = self.people.view.markable(self.people.view.rows())
        if everybody <= self.people.view.marked:
            self.people.unmark(everybody)
        else:
            self.people.mark(everybody)

    def action_invert(self) -> None:
        self.people.end_range()
        self.people.view.marked ^= self.people.view.markable(self.people.view.rows())
        self.people.marks_changed()

    def action_mark_pattern(self) -> None:
        self._ask_pattern("Mark by pattern", mark=True)

    def action_unmark_pattern(self) -> None:
        self._ask_pattern("Unmark by pattern", mark=False)

    def _ask_pattern(self, title: str, mark: bool) -> None:
        people = self.people

        def answered(pattern: str | None) -> None:
            if pattern:
                found = people.view.matching(pattern)
                (people.mark if mark else people.unmark)(found)
                self.post_message(self.Said(f"{len(found):,} match {pattern}"))

        self.app.push_screen(PatternScreen(title, len(people.view)), answered)
