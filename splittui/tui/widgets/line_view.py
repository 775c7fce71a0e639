"""The one virtual view of lines: lists, differences and logs of any length are drawn a visible row at a time.

A subclass gives two things and calls one method::

    class Lines(LineView):
        @property
        def line_count(self) -> int: ...                          # how many lines there are
        def render_row(self, index: int, width: int) -> Strip: ...  # one line, exactly ``width`` cells or less

        self.lines_changed()      # after the lines became others; ``lines_appended()`` after some were added at the end
        self.row_changed(index)   # after one line became another

Rows are cached, so ``render_row`` is called once for a row that stays as it is. Every Segment needs a style with a
background (``self.base_style`` or ``self.row_style("component--class")``): Textual paints none behind it. Text from
outside goes through ``splittui.model.text.clean`` first. ``fit`` cuts or pads text to cells.

``HAS_CURSOR = True`` gives a cursor: ``cursor``, ``line-view--cursor`` as its style, ``CursorMoved`` as its message.
Without one the keys scroll. ``content_width`` above the visible width makes left and right scroll sideways.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

_SIDEWAYS = 8


def fit(text: str, width: int, more: str = "…") -> str:
    """``text`` cut or padded to exactly ``width`` cells; ``more`` marks the cut."""
    if text.isascii():
        if len(text) <= width:
            return text.ljust(width)
        return (text[: max(0, width - len(more))] + more)[: max(0, width)]
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, max(0, width - len(more))) + more, max(0, width))


class LineView(ScrollView, can_focus=True):
    """Lines drawn by ``render_row``; see the top of this file."""

    HAS_CURSOR: ClassVar[bool] = False
    ALLOW_SELECT = False
    ALLOW_MAXIMIZE = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--cursor"}
    DEFAULT_CSS = """
    LineView {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;

        .line-view--cursor {
            background: $surface-lighten-1;
        }
        &:focus .line-view--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Up", show=False),
        Binding("down", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "edge(-1)", "First line", show=False),
        Binding("end", "edge(1)", "Last line", show=False),
        Binding("left", "sideways(-1)", "Left", show=False),
        Binding("right", "sideways(1)", "Right", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class CursorMoved(Message):
        """The cursor stands on another line, or on another content at the same line."""

        view: LineView
        index: int

        @property
        def control(self) -> LineView:
            return self.view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LineView.CursorMoved) and message.view is self.view

    def __init__(self, view_id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=view_id, classes=classes)
        self._strips: LRUCache[int, Strip] = LRUCache(1024)
        self._drawn_width = 0
        self._base_style: Style | None = None

    @property
    def line_count(self) -> int:
        """How many lines there are; a view of its own says it."""
        return 0

    def render_row(self, index: int, width: int) -> Strip:
        """The line at ``index``, at most ``width`` cells wide; a view of its own draws it."""
        return Strip.blank(width, self.base_style)

    @property
    def content_width(self) -> int:
        """The width of the widest line where the view scrolls sideways; 0 where lines fit the view."""
        return 0

    def row_style(self, component: str) -> Style:
        """The style of a component class, with the background of the view behind it."""
        return self.get_component_rich_style(component)

    @property
    def base_style(self) -> Style:
        """The style of the view itself; ``rich_style`` is worked out anew at each call, which a row cannot afford."""
        if self._base_style is None:
            self._base_style = self.rich_style
        return self._base_style

    @property
    def page_height(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def lines_changed(self) -> None:
        """Draws everything anew. The cursor stays at its index, or at the last line where there are fewer now."""
        self._strips.clear()
        self._resize()

    def lines_appended(self) -> None:
        """Takes notice of lines added at the end; those before stay as they are drawn."""
        self._resize()

    def row_changed(self, index: int) -> None:
        """Draws one line anew."""
        self._strips.discard(index)
        self.refresh_line(index)

    def _resize(self) -> None:
        # Assigning virtual_size would lay out the whole screen and repaint it twice for each key in a filter.
        size = Size(self.content_width, self.line_count)
        self.set_reactive(Widget.virtual_size, size)
        self._scroll_update(size)
        self.refresh()
        if self.HAS_CURSOR:
            self.cursor = self.validate_cursor(self.cursor)

    def render_line(self, y: int) -> Strip:
        """One visible line, as Textual asks for it."""
        scroll_x, scroll_y = self.scroll_offset
        index = y + scroll_y
        visible = self.scrollable_content_region.width
        if index >= self.line_count:
            return Strip.blank(visible, self.base_style)
        width = max(visible, self.content_width)
        if width != self._drawn_width:
            self._strips.clear()
            self._drawn_width = width
        strip = self._strips.get(index)
        if strip is None:
            strip = self.render_row(index, width).adjust_cell_length(width, self.base_style)
            self._strips[index] = strip
        if self.HAS_CURSOR and index == self.cursor:
            over = self.get_component_rich_style("line-view--cursor", partial=True)
            strip = Strip(Segment.apply_style(strip, post_style=over), width)
        return strip if width == visible else strip.crop(scroll_x, scroll_x + visible)

    def notify_style_update(self) -> None:
        """Drops what was drawn in other colours."""
        self._strips.clear()
        self._base_style = None
        super().notify_style_update()

    def validate_cursor(self, index: int) -> int:
        return max(0, min(index, self.line_count - 1))

    def watch_cursor(self, before: int, after: int) -> None:
        self.refresh_line(before)
        self.refresh_line(after)
        self.show_line(after)
        self.post_message(self.CursorMoved(self, after))

    def show_line(self, index: int) -> None:
        """Scrolls no further than needed for the line to be seen."""
        top = self.scroll_offset.y
        if index < top:
            self.jump(y=index)
        elif index >= top + self.page_height:
            self.jump(y=index - self.page_height + 1)

    def jump(self, *, x: int | None = None, y: int | None = None) -> None:
        """Scrolls there at once."""
        self.scroll_to(x, y, animate=False, force=True, immediate=True)

    def action_step(self, lines: int) -> None:
        """Moves the cursor by lines, or scrolls."""
        if self.HAS_CURSOR:
            self.cursor += lines
        else:
            self.jump(y=self.scroll_offset.y + lines)

    def action_page(self, pages: int) -> None:
        """Moves by a page, one line of which stays in sight."""
        self.action_step(pages * max(1, self.page_height - 1))

    def action_edge(self, direction: int) -> None:
        """To the first (-1) or the last line (1)."""
        self.action_step(direction * max(1, self.line_count))

    def action_sideways(self, direction: int) -> None:
        """Scrolls left or right where the lines are wider than the view."""
        if self.content_width:
            self.jump(x=self.scroll_offset.x + direction * _SIDEWAYS)
