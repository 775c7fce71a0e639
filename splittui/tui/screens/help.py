"""Help: every key with what it does, made from the keymap, and what the signs on screen mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip

from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import KEYS, MOVEMENT, Area
from splittui.tui.widgets.line_view import LineView, fit

_KEY_WIDTH = 16


def help_lines(glyphs: Glyphs) -> list[tuple[str, str]]:
    """Key and sentence of each line; a heading has no sentence, an empty line neither."""
    lines: list[tuple[str, str]] = []
    for area in Area:
        lines += [("", ""), (area.value, "")] if lines else [(area.value, "")]
        if area is Area.LOOK:
            lines += MOVEMENT
        lines += [(key.all_shown, key.help) for key in KEYS if key.area is area]
    lines += [
        ("", ""),
        ("Signs", ""),
        (glyphs.mark, "marked"),
        (
            f"{glyphs.arrow} Z  {glyphs.back} L",
            "staged: this person is to go to Zimbra, or to the existing mail system",
        ),
        (glyphs.bad, "mail for this person does not arrive as things are"),
        (glyphs.warning, "two mailboxes get this person's mail"),
        (f"{glyphs.up} {glyphs.down}", "the link to a system is up, is down"),
        ("", ""),
        ("Mouse", ""),
        ("click", "go there; with Ctrl: mark; a key below: press it"),
        ("wheel", "scroll"),
        ("Shift+drag", "the terminal's own selection"),
    ]
    return lines


class HelpLines(LineView):
    """The help's text."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"help--heading", "help--key"}

    def __init__(self, glyphs: Glyphs, lines: Sequence[tuple[str, str]]) -> None:
        super().__init__("help-lines")
        self._glyphs = glyphs
        self._lines = lines

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def on_mount(self) -> None:
        self.lines_changed()

    def render_row(self, index: int, width: int) -> Strip:
        key, sentence = self._lines[index]
        if not sentence:
            return Strip([Segment(fit(f" {key}", width), self.row_style("help--heading"))], width)
        room = max(0, width - _KEY_WIDTH - 3)
        return Strip(
            [
                Segment(fit(f"   {key}", _KEY_WIDTH + 3), self.row_style("help--key")),
                Segment(fit(sentence, room, self._glyphs.more), self.base_style),
            ],
            width,
        )


class HelpScreen(ModalScreen[None]):
    """Closed by Esc, ?, F1, q or Enter. ``lines``: those of another screen than the main one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "leave", "back", tooltip="close the help"),
    ]

    def __init__(self, glyphs: Glyphs, lines: Sequence[tuple[str, str]] | None = None) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._lines = help_lines(glyphs) if lines is None else lines

    def compose(self) -> ComposeResult:
        lines = HelpLines(self._glyphs, self._lines)
        lines.border_title = Content("Keys")
        lines.border_subtitle = Content("Esc back")
        yield lines

    def action_leave(self) -> None:
        self.dismiss(None)
