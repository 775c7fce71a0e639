"""The way of mail to one address: from all three origins, each hop with its reason, now and after what is staged."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from splittui.mailflow.changes import after
from splittui.mailflow.roster import Roster
from splittui.mailflow.route import Route
from splittui.mailflow.world import Origin
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.tui.clipboard import copy
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import Hint
from splittui.tui.lines import cells
from splittui.tui.trace_lines import fold_lines, plain_text
from splittui.tui.widgets.fold_view import FoldView
from splittui.tui.widgets.line_view import fit
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of

WIDE = 120
"""From this many columns on the three origins stand side by side."""


class RouteView(FoldView):
    """Routes as a tree. The keys for all folds are the screen's: they act on all three origins."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "screen.reasons(True)", "all reasons", tooltip="show every reason", show=False),
        Binding("E", "screen.reasons(False)", "no reasons", tooltip="hide every reason", show=False),
    ]

    def __init__(self, glyphs: Glyphs, classes: str) -> None:
        super().__init__((), glyphs)
        self.set_classes(classes)


class TraceScreen(Screen[None]):
    """``plan``: what is staged and may change the way; None where nothing is."""

    DEFAULT_CSS = """
    TraceScreen {
        #title { height: 1; background: $panel; }
        #ways { height: 1fr; }
        RouteView { width: 1fr; height: 1fr; }
        RouteView:blur .line-view--cursor { background: $background; }
        .column { display: none; }
        .rule { border-left: solid $border-blurred; }
        KeyHints { height: 1; background: $panel; }
        &.-columns .column { display: block; }
        &.-columns .stacked { display: none; }
    }
    .-ascii TraceScreen .rule { border-left: ascii $border-blurred; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "turn", "now / after", tooltip="now, or after what is staged", show=False),
        Binding("y", "copy", "copy", tooltip="copy the chains with their reasons", show=False),
        Binding("escape,q,t", "back", "back", tooltip="back", show=False),
    ]

    class Traced(Message):
        """The routes are known: now, and after the plan."""

        def __init__(self, now: tuple[Route, ...], then: tuple[Route, ...]) -> None:
            super().__init__()
            self.now = now
            self.then = then

    def __init__(self, address: str, roster: Roster, plan: Plan | None = None) -> None:
        super().__init__()
        self._address = address
        self._roster = roster
        self._plan = plan
        self._now: tuple[Route, ...] = ()
        self._then: tuple[Route, ...] = ()
        self._after = False
        self._reasons = False

    def compose(self) -> ComposeResult:
        glyphs = glyphs_of(self.app)
        yield Static(id="title", markup=False)
        with Horizontal(id="ways"):
            yield RouteView(glyphs, "stacked")
            for number in range(len(Origin)):
                yield RouteView(glyphs, "column rule" if number else "column")
        yield KeyHints()

    def on_mount(self) -> None:
        self._draw()
        # A list may have a hundred thousand members; a fault in there ends the app as any does.
        self.run_worker(self._trace, thread=True)

    def _trace(self) -> None:
        tracer = self._roster.tracer
        now = tracer.routes(self._address)
        then: tuple[Route, ...] = ()
        if self._plan is not None:
            then = tracer.after(after(tracer.world, self._plan.steps)).routes(self._address)
        self.post_message(self.Traced(now, then))

    def on_trace_screen_traced(self, event: Traced) -> None:
        event.stop()
        self._now, self._then = event.now, event.then
        self._draw()
        for view in self.query(RouteView):
            view.cursor = 1

    @property
    def shown(self) -> tuple[Route, ...]:
        """The routes on screen; empty while they are not known."""
        return self._then if self._after else self._now

    def on_resize(self) -> None:
        self._draw_frame()
        columns = self.size.width >= WIDE
        if columns is not self.has_class("-columns") or self.focused is None:
            self.set_class(columns, "-columns")
            self.call_after_refresh(self._focus_first)

    def _focus_first(self) -> None:
        self.query(".column" if self.has_class("-columns") else ".stacked").first(RouteView).focus()

    def _draw(self) -> None:
        self._draw_frame()
        glyphs = glyphs_of(self.app)
        trees = [
            fold_lines(route, glyphs, note=self._note(route, before), reasons=self._reasons)
            for route, before in zip(self.shown, self._now, strict=True)
        ]
        stacked, *columns = self.query(RouteView)
        stacked.show_lines([line for tree in trees for line in tree])
        for view, tree in zip(columns, trees, strict=False):
            view.show_lines(tree)

    def _note(self, route: Route, before: Route) -> str:
        if not self._after:
            return ""
        return "as now" if (route.hops, route.outcome) == (before.hops, before.outcome) else "changes"

    def _draw_frame(self) -> None:
        """The title, and the keys that do something now."""
        self._draw_title()
        hints = [Hint("Enter", "why"), Hint("e", "every why"), Hint("E", "none")]
        if self._plan is not None:
            hints.insert(0, Hint("n", "as it is now" if self._after else "after what is staged", "turn"))
        if self.size.width >= WIDE:
            hints.append(Hint("Tab", "next origin"))
        self.query_one(KeyHints).show([*hints, Hint("y", "copy", "copy"), Hint("Esc", "back", "back")])

    def _draw_title(self) -> None:
        glyphs = glyphs_of(self.app)
        state = "after what is staged; nothing is changed yet" if self._after else "now"
        if not self._roster.snapshot.complete:
            state += ", by what was read, which is not complete"
        if not self.shown:
            state = f"tracing{glyphs.more}"
        room = self.size.width - 4 - cells(state)
        left = fit(f"Trace{glyphs.dot}{clean(self._address)}", max(0, room), glyphs.more)
        self.query_one("#title", Static).update(
            Content.assemble(" ", (left, "bold"), "  ", (state, "bold $accent"), " ")
        )

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_reasons(self, shown: bool) -> None:
        """Unfolds or folds the reason of every hop."""
        self._reasons = shown
        self._draw()

    def action_turn(self) -> None:
        """Now, or after what is staged."""
        if self._plan is None:
            self.notify("Nothing is staged that changes this way.", markup=False, timeout=4)
        elif self._now:
            self._after = not self._after
            self._draw()

    def action_copy(self) -> None:
        if self.shown:
            chains = ["\n".join(plain_text(route, glyphs_of(self.app))) for route in self.shown]
            when = " after what is staged" if self._after else ""
            copy(self, "\n\n".join([clean(self._address) + when, *chains]), "The three chains")

    def action_back(self) -> None:
        self.dismiss(None)
