"""Toned lines in a virtual view: wrapped to the width there is, so that nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Protocol, runtime_checkable

from rich.segment import Segment
from textual.strip import Strip

from splittui.tui.glyphs import UNICODE, Glyphs
from splittui.tui.lines import Line, Tone, cells, wrap
from splittui.tui.widgets.line_view import LineView


@runtime_checkable
class HasGlyphs(Protocol):
    """An application that has chosen its signs."""

    glyphs: Glyphs


def glyphs_of(app: object) -> Glyphs:
    """The signs the application draws with."""
    return app.glyphs if isinstance(app, HasGlyphs) else UNICODE


class TonedView(LineView):
    """The colours of the tones, for views of toned lines. Blue and orange rather than red and green."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {tone.value for tone in Tone}
    DEFAULT_CSS = """
    TonedView {
        background: $background;
        color: $foreground;
        padding: 0 0 0 1;

        .lines--strong { text-style: bold; }
        .lines--quiet { color: $text-muted; }
        .lines--before { color: $text-accent; }
        .lines--after { color: $text-primary; }
        .lines--good { color: $text-primary; }
        .lines--warn { color: $text-warning; text-style: bold; }
        .lines--bad { color: $text-error; text-style: bold; }
    }
    """

    def toned(self, content: Line, width: int, indent: int = 0) -> Strip:
        """One line as it is drawn."""
        segments = [Segment(" " * indent, self.rich_style)] if indent else []
        segments += [Segment(text, self.row_style(tone)) for text, tone in content]
        return Strip(segments, indent + sum(cells(text) for text, _ in content))


class TextView(TonedView):
    """Lines laid out for a width by a function, as tables with wrapped cells need it. ``at_end``: shown from there."""

    def __init__(self, layout: Callable[[int], Sequence[Line]], *, at_end: bool = False) -> None:
        super().__init__()
        self._at_end = at_end
        self._layout = layout
        self._rows: Sequence[Line] = ()

    @property
    def line_count(self) -> int:
        return len(self._rows)

    def render_row(self, index: int, width: int) -> Strip:
        return self.toned(self._rows[index], width)

    def on_resize(self) -> None:
        self.renew()
        if self._at_end:
            self.jump(y=self.max_scroll_y)

    def renew(self) -> None:
        """Lays the lines out anew, after what they tell became something else or the width did."""
        self._rows = self._layout(max(20, self.scrollable_content_region.width))
        self.lines_changed()


def wrapped(lines: Sequence[Line], width: int, hang: int = 2) -> list[Line]:
    """The lines as rows of at most ``width`` columns; later rows of a line are indented by ``hang``."""
    rows: list[Line] = []
    for content in lines:
        first, *rest = wrap(content, width, hang)
        rows.append(first)
        rows += (((" " * hang, Tone.PLAIN), *row) for row in rest)
    return rows
