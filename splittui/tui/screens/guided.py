"""What the guide's two screens have in common: a list, the details of one row, and a look at the systems behind it."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from splittui.config.table import ConfigError
from splittui.config.write import Settings
from splittui.execution.guidance import Stand
from splittui.execution.undertaking import Undertaking
from splittui.model.entries import Side
from splittui.model.text import clean
from splittui.planning.setup import Goal
from splittui.tui.fold_line import FoldLine
from splittui.tui.guide_desk import GuideDesk
from splittui.tui.guide_keys import guide_bindings, guide_help
from splittui.tui.guide_worker import Looking, NotSeen, Stands
from splittui.tui.keymap import Hint
from splittui.tui.lines import cells
from splittui.tui.screens.help import HelpScreen
from splittui.tui.widgets.acting_view import ActingView
from splittui.tui.widgets.line_view import LineView, fit
from splittui.tui.widgets.row_list import RowList
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of

WIDE = 100
"""From this many columns on the details stand beside the list."""

_FRESH = 60.0
"""Seconds: what was read longer ago is read again before it is judged."""

_MOST = 0.45
"""How much of the height the list may have where it stands above the details."""


class GuidedScreen(Screen[None]):
    """``goal`` is what is looked at. Leaving it, at any time, changes nothing."""

    DEFAULT_CSS = """
    GuidedScreen {
        #title { height: 1; background: $panel; }
        #both { height: 1fr; layout: vertical; }
        #rows { height: 8; padding: 0; }
        #details { height: 1fr; border-top: solid $border-blurred; }
        #details:focus { border-top: solid $primary; }
        #said { height: 1; padding: 0 1; }
        KeyHints { height: 1; background: $panel; }
        &.-columns #both { layout: horizontal; }
        &.-columns #rows { width: 42%; height: 1fr; }
        &.-columns #details { width: 1fr; height: 1fr; border-top: none; border-left: solid $border-blurred; }
        &.-columns #details:focus { border-left: solid $primary; }
        #details:blur .line-view--cursor { background: $background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = guide_bindings("enter", "other", "look_again", "help", "back")

    def __init__(self, desk: GuideDesk, goal: Goal) -> None:
        super().__init__()
        self._desk = desk
        self._looked_at(goal)

    def _looked_at(self, goal: Goal) -> None:
        self.goal = goal
        self.under = Undertaking(self._desk.site, goal)
        self.stand: Stand | None = None
        self.first_done: Mapping[str, float] = {}
        self.progress = ""
        self._trouble = ""
        self._number = 0

    def compose(self) -> ComposeResult:
        glyphs = glyphs_of(self.app)
        yield Static(id="title", markup=False)
        with Container(id="both"):
            yield RowList(glyphs, "rows")
            yield ActingView(glyphs, "details")
        yield Static(id="said", markup=False)
        yield KeyHints()

    def on_mount(self) -> None:
        self.set_focus(self.rows)
        self.draw()
        if self.stand is None or self.stand.found is not self._desk.roster:
            self.look()

    @property
    def rows(self) -> RowList:
        return self.query_one(RowList)

    @property
    def details(self) -> ActingView:
        return self.query_one(ActingView)

    # What the screens of their own say

    @abstractmethod
    def draw(self) -> None:
        """Draws everything as it is now; called when something was seen."""

    @abstractmethod
    def told(self, index: int) -> list[FoldLine]:
        """The details of a row."""

    @abstractmethod
    def titles(self) -> tuple[str, str]:
        """What stands at the left and at the right of the title."""

    @abstractmethod
    def status(self) -> str:
        """What the status line says while nothing is being looked at."""

    @abstractmethod
    def hints(self) -> list[Hint]:
        """The keys that do something now."""

    @abstractmethod
    def action_enter(self) -> None:
        """Goes on with the row under the cursor."""

    # Looking

    def look(self) -> None:
        """Looks at the systems, by what was read a moment ago or is read now."""
        roster = self._desk.roster
        at = 0.0 if roster is None else roster.snapshot.zimbra.reading.read_at
        if roster is None or roster.split != self._desk.site.split or time.time() - at > _FRESH:
            self._say_progress("reading both systems")
            self._desk.read()
        else:
            self._say_progress("both systems")
            self._number = self._desk.looker.start(self.under, roster, self.post_message)

    def was_read(self) -> None:
        """Both systems were read again, by whomever it was asked for."""
        roster = self._desk.roster
        if roster is not None:
            self._say_progress("both systems")
            self._number = self._desk.looker.start(self.under, roster, self.post_message)

    def reading(self, side: Side, entries: int) -> None:
        """So many entries of a side have been read so far."""
        host = clean(self._desk.site.split.host_of(side))
        self._say_progress(f"reading {host}" + (f", {entries:,} so far" if entries else ""))

    def not_read(self, why: str) -> None:
        """What was seen before still stands there."""
        self._fail(f"not read: {why}")

    @on(Looking)
    def _looking(self, event: Looking) -> None:
        event.stop()
        if event.number == self._number:
            self._say_progress(event.words)

    @on(Stands)
    def _stands(self, event: Stands) -> None:
        event.stop()
        if event.number == self._number:
            self.progress = self._trouble = ""
            self.stand, self.first_done = event.stand, event.first_done
            self.seen()
            self.draw()

    @on(NotSeen)
    def _not_seen(self, event: NotSeen) -> None:
        event.stop()
        if event.number == self._number:
            self._fail(f"not seen: {event.words}")

    def seen(self) -> None:
        """Told when a look has ended well, before it is drawn."""

    def _fail(self, why: str) -> None:
        self.progress, self._trouble = "", why
        self.warn("Nothing new is known", why)
        self.draw_frame()

    def _say_progress(self, words: str) -> None:
        self.progress = words
        if self.is_mounted:
            self.draw_frame()

    # Choices

    def choose(self, settings: Settings) -> bool:
        """Writes choices into the profile, and looks again by them; says so, or why it was not written."""
        if "role" in settings and self._desk.running:
            self.warn("Not written", "A run is going on. The role is written when it has ended.")
            return False
        before = self._desk.site.split
        try:
            self.under.choose(settings)
        except ConfigError as error:
            self.warn("Not written", str(error))
            return False
        self.notify(f"Written to {clean(str(self._desk.site.profile.file))}", markup=False)
        if self._desk.site.split != before:
            self._say_progress("reading both systems")
            self._desk.renewed()
        else:
            self.look()
        return True

    def warn(self, title: str, text: str) -> None:
        told = "\n".join(map(clean, text.splitlines()))
        self.notify(told, title=clean(title), severity="warning", timeout=8, markup=False)

    # Drawing

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= WIDE, "-columns")
        self._size_list()
        self.draw_frame()

    def _size_list(self) -> None:
        if self.has_class("-columns"):
            self.rows.styles.clear_rule("height")
        else:
            self.rows.styles.height = max(3, min(self.rows.line_count, int((self.size.height - 3) * _MOST)))

    def draw_details(self, *, anew: bool) -> None:
        """``anew``: another row's, shown from the beginning."""
        self.details.show_lines(self.told(self.rows.cursor), 0 if anew else None)
        self._size_list()
        self.draw_frame()

    def draw_frame(self) -> None:
        """The title, the status line and the keys."""
        glyphs = glyphs_of(self.app)
        left, right = map(clean, self.titles())
        room = max(0, self.size.width - 4 - cells(right))
        title = Content.assemble(
            " ", (fit(glyphs.plain(left), room, glyphs.more), "bold"), "  ", (right, "bold $accent"), " "
        )
        self.query_one("#title", Static).update(title)
        if self.progress:
            said = Content.assemble((f"looking: {clean(self.progress)}{glyphs.more}", "bold"), ("  Esc leaves", "dim"))
        elif self._trouble:
            said = Content.assemble(
                (f"{glyphs.warning} {clean(self._trouble)}", "bold $text-warning"), " r looks again"
            )
        else:
            said = Content(glyphs.plain(clean(self.status())))
        width = max(20, self.size.width - 2)
        if cells(said.plain) > width:
            said = Content.assemble(said.truncate(width - cells(glyphs.more)), glyphs.more)
        self.query_one("#said", Static).update(said)
        self.query_one(KeyHints).show(self.hints())

    @on(LineView.CursorMoved)
    def _moved(self, event: LineView.CursorMoved) -> None:
        event.stop()
        if event.view is self.rows:
            self.draw_details(anew=True)

    def on_descendant_focus(self) -> None:
        self.draw_frame()

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_other(self) -> None:
        """From the list to the details, and back."""
        # At once: a widget's own focus() comes about later, and the next key would still go to where it was.
        self.set_focus(self.details if self.rows.has_focus else self.rows)

    def action_look_again(self) -> None:
        """Reads everything again, the profile's choices too: somebody may have written some by hand."""
        try:
            self.under.choose({})
        except ConfigError as error:
            self.warn("The profile", str(error))
        self._say_progress("reading both systems")
        self._desk.renewed()

    def action_help(self) -> None:
        glyphs = glyphs_of(self.app)
        self.app.push_screen(HelpScreen(glyphs, guide_help(glyphs)))

    def action_back(self) -> None:
        self._desk.looker.stop()
        self.dismiss(None)
