"""A tree of lines beside a list: Enter is the screen's, Space and the arrows fold."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from splittui.tui.glyphs import Glyphs
from splittui.tui.widgets.fold_view import FoldView


class ActingView(FoldView):
    """Whatever has the focus, Enter does the same."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "screen.enter", show=False)]

    def __init__(self, glyphs: Glyphs, view_id: str) -> None:
        super().__init__((), glyphs, view_id)
