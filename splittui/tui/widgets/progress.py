"""A progress bar in one line, with numbers beside it: how many of how many, how fast, how long still."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from splittui.tui.glyphs import ASCII, Glyphs


def duration(seconds: float, *, exact: bool = False) -> str:
    """``40 s``, ``3 min``, ``1 h 20 min``: no finer than is worth reading; ``exact`` gives short ones a decimal."""
    if exact and seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    if whole < 5400:
        return f"{round(whole / 60)} min"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min"


class Progress(Static):
    """Full and empty parts differ by their sign, not only by colour. Drawn only when its text becomes another."""

    DEFAULT_CSS = """
    Progress { height: 1; padding: 0 1; }
    """

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(markup=False)
        self._full, self._empty = ("#", ".") if glyphs is ASCII else ("█", "░")
        self._now = (0, 0, "")
        self._drawn = Content("")

    def show(self, done: int, total: int, note: str) -> None:
        """Draws ``done`` of ``total`` with a note behind."""
        self._now = (done, total, note)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        done, total, note = self._now
        numbers = f"  {done:,}/{total:,}  {note}".rstrip()
        width = max(4, self.size.width - len(numbers))
        full = width * done // total if total else width
        text = Content.assemble(
            (self._full * full, "$primary"), (self._empty * (width - full), "$text-muted"), (numbers, "bold")
        )
        if text != self._drawn:
            self._drawn = text
            self.update(text)
