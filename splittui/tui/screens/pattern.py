"""Asks for a pattern of addresses."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class PatternScreen(ModalScreen[str | None]):
    """Dismissed with the pattern, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", tooltip="back, and mark nobody"),
    ]

    def __init__(self, title: str, among: int) -> None:
        """``among`` is how many rows the pattern is looked for in."""
        super().__init__()
        self._title = title
        self._among = among

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(
                f"Among the {self._among:,} people shown. With * or ? the whole address or the part before the @, "
                "otherwise words as in a filter.",
                markup=False,
            )
            pattern = Input(placeholder="*smith*", compact=True)
            pattern.cursor_blink = False
            yield pattern
            yield Static("Enter marks   Esc back", classes="quiet", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        self.dismiss(None)
