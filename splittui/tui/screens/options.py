"""What can be chosen for a task of the guide: one list, what is chosen now has a mark and says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from splittui.model.text import clean
from splittui.tui.fold_line import FoldLine
from splittui.tui.glyphs import Glyphs
from splittui.tui.guide_options import Option
from splittui.tui.keymap import Hint
from splittui.tui.lines import Tone, line
from splittui.tui.widgets.acting_view import ActingView
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of


def option_lines(options: Sequence[Option], glyphs: Glyphs) -> tuple[list[FoldLine], list[int | None]]:
    """The lines, and for each of them which option it is."""
    lines: list[FoldLine] = []
    owners: list[int | None] = []
    group = ""
    width = max((len(option.name) for option in options), default=0)
    for index, option in enumerate(options):
        if option.group != group:
            group = option.group
            lines += [FoldLine(0, ()), FoldLine(0, line((clean(group), Tone.STRONG)))][0 if lines else 1 :]
            owners += [None] * (len(lines) - len(owners))
        mark = (f"{glyphs.mark if option.chosen else ' '} ", Tone.STRONG)
        name = (clean(option.name).ljust(width + 2), Tone.STRONG if option.chosen else Tone.PLAIN)
        now = f"chosen now{glyphs.dot}" if option.chosen else ""
        lines.append(FoldLine(1, line(mark, name, (now, Tone.GOOD), (clean(option.words), Tone.QUIET)), hang=width + 4))
        owners.append(index)
    return lines, owners


class OptionsScreen(Screen[Option | None]):
    """Dismissed with the option that was chosen; whoever opened it writes it into the profile."""

    DEFAULT_CSS = """
    OptionsScreen {
        #title { height: 1; background: $panel; }
        ActingView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,o", "back", "back", tooltip="back; nothing is chosen", show=False),
    ]

    def __init__(self, title: str, options: Sequence[Option]) -> None:
        super().__init__()
        self._heading = clean(title)
        self._options = options
        self._owners: list[int | None] = []

    def compose(self) -> ComposeResult:
        yield Static(Content.assemble(" ", (f"Options: {self._heading}", "bold")), id="title", markup=False)
        yield ActingView(glyphs_of(self.app), "options")
        yield KeyHints()

    def on_mount(self) -> None:
        lines, self._owners = option_lines(self._options, glyphs_of(self.app))
        view = self.query_one(ActingView)
        first = [at for at, own in enumerate(self._owners) if self._group_of(own) == self._options[0].group]
        chosen = [at for at in first if (own := self._owners[at]) is not None and self._options[own].chosen]
        view.show_lines(lines, (chosen or first)[0])
        view.focus()
        hints = [Hint("Enter", "choose: it is written into the profile", "enter"), Hint("Esc", "back", "back")]
        self.query_one(KeyHints).show(hints)

    def _group_of(self, option: int | None) -> str:
        return self._options[option].group if option is not None else ""

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_enter(self) -> None:
        index = self._owners[self.query_one(ActingView).current]
        if index is None:
            self.notify("The cursor is on a heading.", markup=False, timeout=4)
        else:
            self.dismiss(self._options[index])

    def action_back(self) -> None:
        self.dismiss(None)
