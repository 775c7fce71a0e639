"""The top line: which domain, in which role, and for each side its link and the age of what is shown of it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from textual.content import Content
from textual.widgets import Static

from splittui.execution.site import LinkState
from splittui.model.entries import Side
from splittui.model.snapshot import Reading, Snapshot
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs

_WIDE = 120


def age(seconds: float) -> str:
    """How old something is, no finer than somebody would say it, so that the line seldom changes."""
    if seconds < 10:
        return "now"
    if seconds < 60:
        return f"{int(seconds // 10) * 10} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 2 * 86400:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} days"


class Header(Static):
    """One line, drawn only when its text becomes another."""

    def __init__(self, split: Split, glyphs: Glyphs) -> None:
        super().__init__(id="header", markup=False)
        self._split = split
        self._glyphs = glyphs
        self._text = Content("")
        self._links: Mapping[Side, LinkState] = {}
        self._readings: dict[Side, Reading] = {}
        self._entries: dict[Side, int] = {}
        self._run = ""

    def renew(self, split: Split) -> None:
        """Another role, or other names."""
        self._split = split
        self.draw()

    def took(self, snapshot: Snapshot) -> None:
        """A reading has ended well; its age is shown from now on."""
        self._readings = {Side.LEGACY: snapshot.legacy.reading, Side.ZIMBRA: snapshot.zimbra.reading}
        self.reading_ended()

    def reading(self, side: Side, entries: int) -> None:
        """So many entries of a side have been read so far."""
        self._entries[side] = entries
        self.draw()

    def reading_ended(self) -> None:
        self._entries.clear()
        self.draw()

    def show_links(self, links: Mapping[Side, LinkState], run: str) -> None:
        """The lights, and in a few words the run that is going on."""
        self._links, self._run = links, run
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draws the line as it is now."""
        if not self.size.width:
            return
        text = self._compose_line(time.time())
        if text != self._text:
            self._text = text
            self.update(text, layout=False)

    def _compose_line(self, now: float) -> Content:
        split, dot = self._split, self._glyphs.dot
        wide = self.size.width >= _WIDE
        name = Content.styled("splittui", "bold $primary")
        domain = Content.styled(clean(split.domain), "bold")
        role = Content(f"{dot}Zimbra is {split.role.upper()}")
        run = Content.styled(f"  {self._run}", "bold $warning") if self._run else Content("")
        sides = [self._side(side, now, wide) for side in (Side.LEGACY, Side.ZIMBRA)]
        right = Content("   ").join(sides)
        brief = Content(f" {split.role}")
        room = self.size.width - 2 - right.cell_length
        for parts in (
            (name, Content("  "), domain, role, run),
            (domain, role, run),
            (domain, brief, run),
            (domain, run),
        ):
            left = Content.assemble(*parts)
            if left.cell_length < room:
                break
        left = left.truncate(max(0, room - 1), ellipsis=True)
        return Content.assemble(" ", left, " " * max(1, room - left.cell_length), right, " ")

    def _side(self, side: Side, now: float, wide: bool) -> Content:
        glyphs = self._glyphs
        host = clean(self._split.host_of(side)) if wide else ("Zimbra" if side is Side.ZIMBRA else "legacy")
        link, read = self._links.get(side), self._readings.get(side)
        if side in self._entries:
            count = self._entries[side]
            return Content.assemble(host, f" {glyphs.up} ", f"{count:,}" if count else "reading")
        old = age(now - read.read_at) if read else "not read"
        if read and wide and old != "now":
            old += " ago"
        if read and not read.complete:
            old = f"partial, {old}"
        if link is None:
            return Content.assemble(host, f" {glyphs.down} ", (old, "dim"))
        if not link.up:
            return Content.assemble(host, " ", (f"{glyphs.down} no link", "$text-error"), (f" {old}", "dim"))
        trip = f" {link.round_trip * 1000:.0f} ms" if wide and link.round_trip is not None else ""
        ready = " ready" if wide and link.warm else ""
        return Content.assemble(host, " ", (glyphs.up, "$text-success"), ready, (f"{trip} {old}", "dim"))
