"""The lines below the panes: the row under the cursor with its way of mail, the counts, a banner, and the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from splittui.model.home import Person
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import Hint, fitting
from splittui.tui.roster_view import Trouble, trouble_of
from splittui.tui.way import WHO, Way, others
from splittui.tui.widgets.line_view import fit

_STYLES = {Trouble.BAD: "$text-error", Trouble.WARNING: "$text-warning", Trouble.NOTE: "dim"}


class PersonLines(Static):
    """Who is under the cursor, where they live and why, and the way their mail takes."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="person", markup=False)
        self._glyphs = glyphs

    def show(self, row: Person | None, ways: Sequence[Way], staged: str = "") -> None:
        """Draws a row with the ways of its mail, the internet's first; ``staged`` says where it is going."""
        if row is None:
            self.update(Content(""), layout=False)
            return
        glyphs = self._glyphs
        trouble = trouble_of(row)
        who = [Content.styled(clean(row.address), "bold")]
        if row.name:
            who.append(Content(clean(row.name)))
        if row.state:
            who.append(Content.styled(f"{glyphs.of(trouble)} {clean(row.state)}", _STYLES[trouble]))
        if staged:
            who.append(Content.styled(staged, "bold $accent"))
        if trouble is Trouble.NOTE and all(way.arrives for way in ways):
            sign = (f"{glyphs.good} ", "$text-success")
        else:
            worst = Trouble.WARNING if trouble is Trouble.NOTE else trouble
            sign = (f"{glyphs.of(worst)} ", _STYLES[worst])
        route = Content.assemble(sign, (self._told(ways), "dim"))
        first = Content("  ").join(who).truncate(max(20, self.size.width - 2), ellipsis=True)
        # The reason comes last: it may take two lines, and the way stays where it is.
        self.update(Content("\n").join([first, route, Content(clean(row.reason))]), layout=False)

    def _told(self, ways: Sequence[Way]) -> str:
        """The first way on one line, and whose mail ends elsewhere; in short where there is no room."""
        arrow, room = f" {self._glyphs.arrow} ", max(20, self.size.width - 2)
        first = ways[0]
        elsewhere: dict[str, list[str]] = {}
        for one in others(ways):
            elsewhere.setdefault(one.place, []).append(WHO[one.origin])
        more = "".join(f"; {' and '.join(who)}{arrow}{place}" for place, who in elsewhere.items())
        text = ""
        for hops in ((*first.hops, first.end), (*first.hops, first.brief), (*first.hosts, first.brief)):
            text = clean(arrow.join(hops) + more)
            if cell_len(text) <= room:
                return text
        text = clean(arrow.join((*first.hosts[1:], first.brief)) + more)
        return fit(text, room, self._glyphs.more)


class StatusLine(Static):
    """What is marked, what is staged, and the last thing that was said."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="status", markup=False)
        self._glyphs = glyphs
        self._line = Content("")

    def show(self, parts: Sequence[str], said: str = "") -> None:
        """Draws the counts, and behind them what was said last."""
        counts = self._glyphs.dot.join(parts)
        line = Content.assemble((counts, "bold"), ("   " if counts and said else ""), (clean(said), "dim"))
        if not line:
            line = Content.styled("nothing staged", "dim")
        if line != self._line:
            self._line = line
            self.update(line, layout=False)


class Banner(Static):
    """Something that stays until it is no longer so: a half that is not whole, a reading that failed."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="banner", markup=False)
        self._glyphs = glyphs
        self._shown = ""
        self.display = False

    def show_worst(self, failure: str, partial: str, troubles: Iterable[tuple[str, str]]) -> None:
        """Shows a failed reading, or a half that is not whole, or what is wrong with a host; or nothing."""
        text = failure
        if not text and partial:
            text = f"partial: {partial}. No plan can be made from this; r reads again."
        for host, trouble in troubles:
            if not text and trouble:
                text = f"{host}: {trouble}"
        if text != self._shown:
            self._shown = text
            self._show(text)

    def _show(self, text: str) -> None:
        self.display = bool(text)
        self.update(Content(f"{self._glyphs.warning} {clean(text)}"))


class KeyHints(Static):
    """The footer: at most eight keys at 80 columns, those that matter now; a click on one is as good as the key."""

    class Clicked(Message):
        """A hint was clicked."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__(id="keys", markup=False)
        self._hints: tuple[Hint, ...] = ()
        self._spots: list[tuple[int, int, str]] = []

    def show(self, hints: Sequence[Hint]) -> None:
        """Draws as many as there is room for, the first first; the last one always."""
        if self._hints != tuple(hints):
            self._hints = tuple(hints)
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        self._spots.clear()
        if not self._hints or not self.size.width:
            return
        parts: list[Content] = []
        at = 1
        for hint in fitting(self._hints, self.size.width - 2):
            self._spots.append((at, at + hint.width, hint.action))
            parts.append(Content.assemble((hint.key, "bold $accent"), " ", (hint.label, "dim")))
            at += hint.width + 2
        self.update(Content.assemble(" ", Content("  ").join(parts)), layout=False)

    def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spots:
            if start <= event.x < end and action:
                self.post_message(self.Clicked(action))
