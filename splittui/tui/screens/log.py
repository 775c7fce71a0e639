"""The command log: every command sent from this console, with its time, its host and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from splittui.execution.events import Outcome
from splittui.model.text import clean
from splittui.tui.clipboard import copy
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import Hint
from splittui.tui.lines import Line, Tone, count, line
from splittui.tui.run_job import SentCommand
from splittui.tui.widgets.live_log import short_host
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import TextView, glyphs_of, wrapped

_WORD = max(len(outcome.value) for outcome in Outcome)
_HOST = 12
_BEFORE_TEXT = len("00:00:00  ") + _WORD + 4 + _HOST
_WIDE = 100
_TONES = {
    Outcome.DONE: Tone.GOOD,
    Outcome.ALREADY: Tone.GOOD,
    Outcome.CONFLICT: Tone.WARN,
    Outcome.FAILED: Tone.BAD,
    Outcome.UNKNOWN: Tone.BAD,
    Outcome.SKIPPED: Tone.WARN,
}


def clock_time(at: float) -> str:
    """The time of day, as the operator's clock has it."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def log_line(command: SentCommand, glyphs: Glyphs) -> Line:
    """One command as the log shows it."""
    outcome = command.outcome
    word, tone, sign = "in flight", Tone.STRONG, glyphs.more
    if outcome is not None and command.reads:
        word, tone, sign = "read", Tone.QUIET, glyphs.info
    elif outcome is not None:
        well = outcome in (Outcome.DONE, Outcome.ALREADY)
        word, tone, sign = outcome.value, _TONES[outcome], glyphs.good if well else glyphs.bad
    state = f"{sign} {word}".ljust(_WORD + 4)
    host = short_host(command.host)[:_HOST].ljust(_HOST)
    return line((f"{clock_time(command.at)}  ", Tone.QUIET), (state, tone), (host, Tone.QUIET), clean(command.text))


class LogScreen(Screen[None]):
    """Shows the commands, the newest at the end; a filter leaves those that have every word."""

    DEFAULT_CSS = """
    LogScreen {
        #title { height: 1; background: $panel; }
        Input { display: none; margin: 0 1; }
        Input.-shown { display: block; }
        TextView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", tooltip="filter the commands", show=False),
        Binding("c,y", "copy", "copy", tooltip="copy the commands shown", show=False),
        Binding("escape", "back", "back", tooltip="leave the filter, then the log", show=False),
        Binding("q", "leave", "back", show=False),
    ]

    def __init__(self, lines: Sequence[SentCommand]) -> None:
        super().__init__()
        self._commands = lines
        self._shown = list(lines)

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        words = Input(placeholder="words that the command has", compact=True)
        words.cursor_blink = False
        yield words
        yield TextView(self._laid_out, at_end=True)
        yield KeyHints()

    def on_mount(self) -> None:
        self.query_one(TextView).focus()
        self._tell()
        hints = [Hint("/", "filter", "filter"), Hint("c", "copy what is shown", "copy"), Hint("Esc", "back", "back")]
        self.query_one(KeyHints).show(hints)

    def _laid_out(self, width: int) -> list[Line]:
        if not self._shown:
            why = "No command was sent from this console yet." if not self._commands else "No command has these words."
            return [line((why, Tone.QUIET))]
        glyphs = glyphs_of(self.app)
        hang = _BEFORE_TEXT if width >= _WIDE else 4
        return wrapped([log_line(command, glyphs) for command in self._shown], width, hang)

    def _tell(self) -> None:
        number = count(len(self._commands), "command")
        shown = f"{len(self._shown):,} of {number}" if len(self._shown) != len(self._commands) else number
        dot = glyphs_of(self.app).dot
        title = Content.assemble(" ", ("Command log", "bold"), f"{dot}{shown} sent from this console, secrets masked")
        self.query_one("#title", Static).update(title)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.casefold().split()
        self._shown = [c for c in self._commands if _has(c, words)]
        self.query_one(TextView).renew()
        self._tell()

    @on(Input.Submitted)
    def _filtered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(TextView).focus()

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_filter(self) -> None:
        words = self.query_one(Input)
        words.add_class("-shown")
        words.focus()

    def action_copy(self) -> None:
        text = "\n".join(f"{clock_time(c.at)} {clean(c.host)} {clean(c.text)}" for c in self._shown)
        if text:
            copy(self, text, count(len(self._shown), "command"))

    def action_back(self) -> None:
        """One step back: the filter first."""
        words = self.query_one(Input)
        if not words.has_class("-shown"):
            self.dismiss(None)
            return
        words.value = ""
        words.remove_class("-shown")
        self.query_one(TextView).focus()

    def action_leave(self) -> None:
        self.dismiss(None)


def _has(command: SentCommand, words: Sequence[str]) -> bool:
    outcome = command.outcome.value if command.outcome and not command.reads else ""
    told = f"{command.host} {command.text} {outcome}".casefold()
    return all(word in told for word in words)
