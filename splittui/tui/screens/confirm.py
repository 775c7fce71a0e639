"""Questions that stand in the way on purpose: yes or no, a count to be typed, a name to be given."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from splittui.model.text import clean

_CSS = """
$SCREEN {
    align: center middle;

    .dialog { width: 64; max-width: 96%; height: auto; padding: 1 2; background: $surface; border: round $primary; }
    .question { text-style: bold; }
    .detail { margin-top: 1; color: $text-muted; }
    Input { margin-top: 1; background: $panel; }
    Horizontal { height: auto; margin: 1 0; }
    Button { width: auto; min-width: 12; margin-right: 2; }
}
"""


class EnterGuard:
    """An Enter in the first moments after a question opened was typed before it could be read."""

    seconds: ClassVar[float] = 0.3

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._opened = clock()

    @property
    def holds(self) -> bool:
        return self._clock() - self._opened < self.seconds


class ConfirmScreen(ModalScreen[bool]):
    """Dismissed with true for yes. Cancel has the focus; with ``expected`` that text must be typed first."""

    DEFAULT_CSS = _CSS.replace("$SCREEN", "ConfirmScreen")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", tooltip="change nothing"),
        Binding("enter", "swallow", show=False, priority=True),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, *, expected: str | None = None, detail: str = "", yes: str = "Yes") -> None:
        super().__init__()
        self._question = clean(question)
        self._expected = expected
        self._detail = detail
        self._yes = yes
        self.guard = EnterGuard()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter is swallowed only while the guard holds; later it goes to what has the focus."""
        return self.guard.holds if action == "swallow" else True

    def action_swallow(self) -> None:
        """Does nothing."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="question")
            if self._detail:
                text = "\n".join(clean(line) for line in self._detail.splitlines())
                yield Static(Content(text), classes="detail")
            if self._expected is not None:
                yield Static(Content(f"Type {clean(self._expected)} to go on:"), classes="detail")
                typed = Input(id="typed", compact=True, select_on_focus=False)
                typed.cursor_blink = False
                yield typed
            with Horizontal():
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(Content(self._yes), id="yes", compact=True, disabled=self._expected is not None)

    def on_mount(self) -> None:
        self.guard = EnterGuard()
        self.query_one("#cancel").focus()

    def on_key(self, event: events.Key) -> None:
        """A digit typed on Cancel goes where it is meant to go: into the field."""
        if self._expected is None or event.character is None or not event.is_printable:
            return
        field = self.query_one("#typed", Input)
        if not field.has_focus and event.key != "space":
            event.stop()
            field.focus()
            field.value += event.character
            field.cursor_position = len(field.value)

    @on(Input.Changed)
    def _compare(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one("#yes", Button).disabled = event.value.strip() != self._expected

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._expected:
            self.dismiss(True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.dismiss(event.button.id == "yes")

    def action_cancel(self) -> None:
        self.dismiss(False)


class AskScreen(ModalScreen[str | None]):
    """Asks for one line of text, such as a file name; dismissed with None where there is no answer."""

    DEFAULT_CSS = _CSS.replace("$SCREEN", "AskScreen")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel", tooltip="change nothing")]

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question = clean(question)
        self._value = clean(value)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="question")
            answer = Input(self._value, compact=True, select_on_focus=False)
            answer.cursor_blink = False
            yield answer
            yield Static(Content("Enter goes on   Esc cancels"), classes="detail")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip() or None)

    def action_cancel(self) -> None:
        self.dismiss(None)
