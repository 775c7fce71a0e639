"""The dialogue with the far ends as it goes on: the newest lines of a run, followed until somebody scrolls up."""

from __future__ import annotations

from textual.message import Message
from textual.strip import Strip

from splittui.execution.events import LiveKind, LiveLine
from splittui.model.text import clean
from splittui.tui.glyphs import Glyphs
from splittui.tui.lines import Line, Span, Tone, cells, wrap
from splittui.tui.run_job import RunState
from splittui.tui.widgets.line_view import fit
from splittui.tui.widgets.text_view import TonedView

_LONGEST = 2_000
_NARROWEST = 20
_HANG = 2
_TONES = {
    LiveKind.SENT: Tone.STRONG,
    LiveKind.RUN: Tone.STRONG,
    LiveKind.RECEIVED: Tone.PLAIN,
    LiveKind.NOTE: Tone.WARN,
}
_PROMPTS = {LiveKind.SENT: "prov> ", LiveKind.RUN: "$ "}


def short_host(host: str) -> str:
    """The first label of a host name, which is enough beside each line; an IP address stays whole."""
    label = host.partition(".")[0]
    return clean(host if label.isdigit() else label)


class LiveLog(TonedView):
    """Shows ``state.lines``. Scrolling up stops the following; End, or scrolling to the end, takes it up again."""

    class FollowChanged(Message):
        """Following began or ended."""

    def __init__(self, state: RunState, glyphs: Glyphs, view_id: str | None = None) -> None:
        super().__init__(view_id)
        self.following = True
        self._state = state
        self._glyphs = glyphs
        self._first = 0
        self._count = 0
        self._seen = 0
        # The rows of all kept lines, and how many each line has.
        self._rows: list[Line] = []
        self._heights: list[int] = []
        self._hosts: dict[str, Span] = {}
        self._host_width = max((cells(short_host(step.host)) for step in state.plan.steps), default=0)

    @property
    def line_count(self) -> int:
        return len(self._rows)

    @property
    def unseen(self) -> int:
        """How many lines came since the following ended."""
        return 0 if self.following else self._state.line_count - self._seen

    def on_resize(self) -> None:
        """Wraps everything anew."""
        following = self.following
        self._rows, self._heights = [], []
        self._count = self._first = self._state.first_line
        self.take_in()
        self.lines_changed()
        self.following = following
        self._follow()

    def take_in(self) -> None:
        """Shows what the state took in since the last call."""
        state = self._state
        new = min(state.line_count - self._count, len(state.lines))
        fell_out = min(state.first_line - self._first, len(self._heights))
        self._count, self._first = state.line_count, state.first_line
        gone = sum(self._heights[:fell_out])
        del self._heights[:fell_out]
        del self._rows[:gone]
        width = max(_NARROWEST, self.scrollable_content_region.width - self._host_width - 2)
        for told in state.lines[len(state.lines) - new :]:
            rows = self._wrapped(told, width)
            self._rows += rows
            self._heights.append(len(rows))
        if gone:
            self.lines_changed()
            if not self.following:
                self.jump(y=max(0, self.scroll_offset.y - gone))
        elif new:
            self.lines_appended()
        self._follow()

    def _wrapped(self, told: LiveLine, width: int) -> list[Line]:
        text = clean(told.text[:_LONGEST])
        if len(told.text) > _LONGEST:
            text += self._glyphs.more
        text = _PROMPTS.get(told.kind, "") + text
        host = self._hosts.get(told.host)
        if host is None:
            shown = fit(short_host(told.host), self._host_width, self._glyphs.more)
            host = self._hosts[told.host] = (f"{shown}  ", Tone.QUIET)
        content = (text, _TONES[told.kind])
        if cells(text) <= width:
            return [(host, content)]
        first, *rest = wrap((content,), width, _HANG)
        indent = (" " * (self._host_width + 2 + _HANG), Tone.PLAIN)
        return [(host, *first), *((indent, *row) for row in rest)]

    def _follow(self) -> None:
        if self.following:
            self.jump(y=self.max_scroll_y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls away from the end wants to read; whoever comes back to it wants to follow."""
        super().watch_scroll_y(old_value, new_value)
        at_end = round(new_value) >= self.max_scroll_y
        if at_end is not self.following:
            self.following = at_end
            self._seen = self._state.line_count
            self.post_message(self.FollowChanged())

    def render_row(self, index: int, width: int) -> Strip:
        return self.toned(self._rows[index], width)
