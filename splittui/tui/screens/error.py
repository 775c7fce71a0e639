"""Something went wrong, in three parts: what happened, what is certain now, what to do next."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from splittui.model.text import clean
from splittui.tui.keymap import Hint
from splittui.tui.widgets.status import KeyHints

SMALLEST = Size(60, 16)


class ErrorScreen(ModalScreen[bool]):
    """Dismissed with true where the operator wants it tried again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,ctrl+r", "again", "try again", tooltip="try it again"),
        Binding("escape,enter,q", "leave", "back", tooltip="back, with what is on screen"),
    ]

    def __init__(self, title: str, what: str, certain: str, following: str) -> None:
        super().__init__()
        self._title = title
        self._parts = (("What happened", what), ("What is certain", certain), ("What to do next", following))

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -error") as dialog:
            dialog.border_title = Content(clean(self._title))
            for heading, text in self._parts:
                yield Static(Content.assemble((heading, "bold"), "\n", clean(text)), markup=False, classes="part")
            yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(KeyHints).show([Hint("r", "try again", "again"), Hint("Esc", "back", "leave")])

    async def on_key_hints_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_again(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


class TooSmallScreen(ModalScreen[None]):
    """Covers everything while the terminal is too small to show it honestly."""

    def compose(self) -> ComposeResult:
        yield Static(id="too-small", markup=False)

    def on_mount(self) -> None:
        self._tell()

    def on_resize(self) -> None:
        self._tell()

    def _tell(self) -> None:
        size = self.app.size
        text = f"terminal too small\n{size.width}x{size.height}, needs {SMALLEST.width}x{SMALLEST.height}"
        self.query_one("#too-small", Static).update(Content(text))
