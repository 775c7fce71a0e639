"""The runs so far: what each one did, and the ways on from there: finish it, take it back, keep a report of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from splittui.execution.history import HistoryError, RunRecord
from splittui.tui.fold_line import FoldLine
from splittui.tui.history_lines import history_lines, unfinished
from splittui.tui.keymap import Hint
from splittui.tui.lines import Tone, count, line
from splittui.tui.widgets.fold_view import FoldView
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of

Reads = Callable[[], Sequence[RunRecord]]


class Wish(Enum):
    """What shall be done with a run."""

    FINISH = "finish"
    UNDO = "undo"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run, and what shall be done with it."""

    run: RunRecord
    wish: Wish


class _Read(Message):
    """The journal was read, or why it could not be."""

    def __init__(self, runs: Sequence[RunRecord], trouble: str = "") -> None:
        super().__init__()
        self.runs, self.trouble = runs, trouble


class HistoryScreen(Screen[Chosen | None]):
    """Dismissed with what was chosen. ``reads`` takes the journal's runs, the newest first, in a thread of its own."""

    DEFAULT_CSS = """
    HistoryScreen {
        #title { height: 1; background: $panel; }
        #open { height: auto; padding: 0 1; color: $warning; display: none; }
        FoldView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "choose('finish')", "finish", tooltip="finish this run", show=False),
        Binding("u", "choose('undo')", "undo", tooltip="take this run back", show=False),
        Binding("w", "choose('report')", "report", tooltip="write a report of this run", show=False),
        Binding("escape,q,h", "back", "back", tooltip="back", show=False),
    ]

    def __init__(self, reads: Reads) -> None:
        super().__init__()
        self._reads = reads
        self._runs: Sequence[RunRecord] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static(id="open", markup=False)
        yield FoldView((), glyphs_of(self.app))
        yield KeyHints()

    def on_mount(self) -> None:
        self._title(f"reading{glyphs_of(self.app).more}")
        self.query_one(KeyHints).show(
            [
                Hint("Enter", "unfold"),
                Hint("c", "finish it", "choose('finish')"),
                Hint("u", "take it back", "choose('undo')"),
                Hint("w", "write a report", "choose('report')"),
                Hint("Esc", "back", "back"),
            ]
        )
        threading.Thread(target=self._work, name="history", daemon=True).start()

    def _work(self) -> None:
        try:
            read = _Read(self._reads())
        except HistoryError as error:
            read = _Read((), str(error))
        # The screen may be gone by then.
        with suppress(RuntimeError):
            self.post_message(read)

    @on(_Read)
    def _show(self, read: _Read) -> None:
        read.stop()
        self._runs = read.runs
        glyphs = glyphs_of(self.app)
        lines = history_lines(read.runs, glyphs)
        if not lines:
            why = read.trouble or "No run is in the journal of this profile yet."
            lines = [FoldLine(0, line((why, Tone.BAD if read.trouble else Tone.QUIET)))]
        self.query_one(FoldView).show_lines(lines, 0)
        self._title(count(len(read.runs), "run"))
        why = unfinished(read.runs[0]) if read.runs else ""
        told = self.query_one("#open", Static)
        told.update(f"{glyphs.warning} {why} c reads and finishes it, u takes it back, Esc leaves it as it is.")
        told.display = bool(why)

    def _title(self, state: str) -> None:
        dot = glyphs_of(self.app).dot
        self.query_one("#title", Static).update(Content.assemble(" ", ("History", "bold"), f"{dot}{state}"))

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_choose(self, wish: str) -> None:
        run = self._current()
        if run is None:
            self.notify("There is no run here.", markup=False, timeout=4)
        elif wish == Wish.FINISH.value and run.finished:
            self.notify(f"Run {run.id} left nothing to do.", markup=False, timeout=4)
        elif wish == Wish.UNDO.value and not run.undoable:
            self.notify(f"Run {run.id} changed nothing that could be taken back.", markup=False, timeout=4)
        else:
            self.dismiss(Chosen(run, Wish(wish)))

    def _current(self) -> RunRecord | None:
        number = self.query_one(FoldView).head
        return self._runs[number] if number < len(self._runs) else None

    def action_back(self) -> None:
        self.dismiss(None)
