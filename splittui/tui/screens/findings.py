"""What is wrong with the split, or will be: who is concerned, what it does to their mail, and the lines that mend it.

It is looked for after each reading in a thread of its own: over a hundred thousand accounts it takes a second or two,
for which no pane waits. Textual's own executor is not used: a thread of it would keep the console from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from splittui.mailflow.findings import findings
from splittui.mailflow.roster import Roster
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.tui.clipboard import copy
from splittui.tui.finding_lines import Findings, Tree, by_severity, fix_text, tree
from splittui.tui.fold_line import FoldLine
from splittui.tui.keymap import Hint
from splittui.tui.lines import cells, line
from splittui.tui.widgets.fold_view import FoldView
from splittui.tui.widgets.line_view import fit
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of


class Looked(Message):
    """A reading has been looked through."""

    def __init__(self, roster: Roster) -> None:
        super().__init__()
        self.roster = roster
        self.findings = Findings((), roster.people, roster.snapshot.why_partial)

    def failed(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """A fault in a check must not end a console that has a run going on, so it is told as what was found."""
        if error is not None:
            self.findings = Findings((), {}, trouble=f"{type(error).__name__}: {error}")
        return True


class Search:
    """Looks through readings, one after the other; of those that wait only the last one is looked through."""

    def __init__(self, tell: Callable[[Message], object]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._waiting: Roster | None = None
        self._busy = False

    def start(self, roster: Roster) -> None:
        """Begins to look; the end is told with ``Looked``."""
        with self._lock:
            self._waiting = roster
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name="findings", daemon=True).start()

    def _work(self) -> None:
        while (roster := self._next()) is not None:
            looked = Looked(roster)
            with ExitStack() as stack:
                stack.push(looked.failed)
                found = findings(roster.split, roster.snapshot, roster.people, roster.tracer)
                looked.findings = Findings(found, roster.people, roster.snapshot.why_partial)
            # The console may have ended meanwhile, and its loop with it.
            with suppress(RuntimeError):
                self._tell(looked)

    def _next(self) -> Roster | None:
        with self._lock:
            roster, self._waiting = self._waiting, None
            self._busy = roster is not None
        return roster


class FindingsScreen(Screen[None]):
    """``found``: None while it is still looked for; ``show`` brings it."""

    DEFAULT_CSS = """
    FindingsScreen {
        #title { height: 1; background: $panel; }
        FoldView { height: 1fr; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", tooltip="copy the fix of this finding", show=False),
        Binding("escape,q,f", "back", "back", tooltip="back", show=False),
    ]

    def __init__(self, split: Split, found: Findings | None) -> None:
        super().__init__()
        self._split = split
        self._findings = found
        self._tree = Tree((), ())

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield FoldView((), glyphs_of(self.app))
        yield KeyHints()

    def on_mount(self) -> None:
        self._draw()
        self.query_one(KeyHints).show(
            [
                Hint("Enter", "unfold"),
                Hint("e", "unfold all"),
                Hint("E", "fold all"),
                Hint("y", "copy the fix", "copy"),
                Hint("Esc", "back", "back"),
            ]
        )

    def on_resize(self) -> None:
        self._draw_title()

    def show(self, found: Findings) -> None:
        """Shows what was found; what was unfolded stays so, and the cursor stays at its finding."""
        self._findings = found
        if self.query(FoldView):
            self._draw()

    def _draw(self) -> None:
        self._draw_title()
        view, glyphs = self.query_one(FoldView), glyphs_of(self.app)
        if self._findings is None:
            view.show_lines([FoldLine(0, line(f"looking{glyphs.more}"))], 0)
            return
        before = self._tree.owners
        opened = {owner.code for index, owner in enumerate(before) if owner is not None and self._unfolded(index)}
        current = before[view.current] if before else None
        self._tree = tree(self._findings, glyphs, opened)
        view.show_lines(self._tree.lines, self._tree.head_of(current.code if current else ""))

    def _unfolded(self, index: int) -> bool:
        return self._tree.lines[index].below > 0 and self.query_one(FoldView).is_open(index)

    def _draw_title(self) -> None:
        glyphs, found = glyphs_of(self.app), self._findings
        state = f"looking{glyphs.more}" if found is None else by_severity(found)
        if found is not None and found.partial:
            state = f"{state or 'nothing'}, from a partial reading"
        left = f"Findings{glyphs.dot}{clean(self._split.domain)}"
        room = max(0, self.size.width - 4 - cells(state))
        self.query_one("#title", Static).update(
            Content.assemble(" ", (fit(left, room, glyphs.more), "bold"), "  ", (state, "bold $accent"), " ")
        )

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_copy(self) -> None:
        """Copies the fix of the finding under the cursor."""
        owners = self._tree.owners
        one = owners[self.query_one(FoldView).current] if owners else None
        if one is None:
            self.notify("The cursor is on no finding.", markup=False, timeout=4)
        elif not one.fix:
            self.notify("No line mends this one; what it does to mail says more.", markup=False, timeout=4)
        else:
            text = fix_text(one)
            exact = text == "\n".join(one.fix)
            copy(self, text, "The fix", "" if exact else "Signs stand for characters that cannot be shown.")

    def action_back(self) -> None:
        self.dismiss(None)
