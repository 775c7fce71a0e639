"""A run as it goes on: each item's state, the dialogue with the far ends, and at the end what is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.tui.glyphs import ASCII
from splittui.tui.keymap import Hint
from splittui.tui.lines import Line, Tone, count, line, people
from splittui.tui.run_job import RunJob
from splittui.tui.run_rows import RunRows, has_rest, undoable
from splittui.tui.screens.details import TextScreen
from splittui.tui.screens.log import clock_time
from splittui.tui.verified_lines import verified_lines
from splittui.tui.widgets.live_log import LiveLog
from splittui.tui.widgets.progress import Progress, duration
from splittui.tui.widgets.run_list import RunList
from splittui.tui.widgets.status import KeyHints
from splittui.tui.widgets.text_view import glyphs_of, wrapped

_DRAINS_PER_SECOND = 15
_WORDS_SHOWN = 8


@dataclass(frozen=True)
class RunVerdict:
    """What the operator wants after a run: the plan that undoes it, or another plan of what was not done."""

    undo: bool = False
    again: bool = False


class RunScreen(Screen[RunVerdict]):
    """Follows a job. Leaving it leaves the run going on."""

    DEFAULT_CSS = """
    RunScreen {
        #title { height: 1; background: $panel; }
        Progress { margin: 0 0; }
        .heading { height: 1; padding: 0 1; color: $text-muted; }
        .heading.-focused { color: $accent; text-style: bold; }
        RunList { height: auto; max-height: 50%; }
        LiveLog { height: 1fr; }
        #said { height: auto; max-height: 40%; padding: 0 1; }
        KeyHints { height: 1; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "pause", tooltip="pause before the next item, or go on", show=False),
        Binding("minus", "slower", "slower", tooltip="fewer people a minute, from the next one on", show=False),
        Binding("plus,equals_sign", "faster", "faster", tooltip="more people a minute again", show=False),
        Binding("s", "stop", "stop", tooltip="stop after the item in flight", show=False),
        Binding("d", "done", "done", tooltip="what the run asks for was done by hand", show=False),
        Binding("n", "undone", "not done", tooltip="what the run asks for is left undone", show=False),
        Binding("o", "words", "all words", tooltip="everything that is to be done by hand", show=False),
        Binding("f", "filter", "problems", tooltip="all items, or problems only", show=False),
        Binding("u", "undo", "undo plan", tooltip="preview the plan that takes the run back", show=False),
        Binding("r", "again", "plan the rest", tooltip="plan again what was not done", show=False),
        Binding("enter", "details", "details", tooltip="everything about this item", show=False),
        Binding("escape,q", "leave", "back", tooltip="back; a run goes on", show=False),
    ]

    def __init__(self, job: RunJob, plan: Plan, split: Split) -> None:
        super().__init__()
        self._job = job
        self._plan = plan
        self._split = split
        self._items = RunRows(plan)
        self._ticks: Timer | None = None
        self._was: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        glyphs = glyphs_of(self.app)
        yield Static(id="title", markup=False)
        yield Progress(glyphs)
        yield Static(id="items-heading", classes="heading", markup=False)
        yield RunList(self._items, glyphs)
        yield Static(id="live-heading", classes="heading", markup=False)
        yield LiveLog(self._job.state, glyphs, "live")
        yield Static(id="said", markup=False)
        yield KeyHints()

    def on_mount(self) -> None:
        self._items.update(self._job.state.steps, range(len(self._plan.steps)))
        items = self.query_one(RunList)
        items.styles.height = len(self._items.rows)
        items.focus()
        self._ticks = self.set_interval(1 / _DRAINS_PER_SECOND, self.tick)
        self.tick()

    def tick(self) -> None:
        """Takes in what the run has told; draws only what is different."""
        state = self._job.state
        self._job.drain()
        changed = self._items.update(state.steps, state.changed_steps)
        state.changed_steps.clear()
        if changed:
            self.query_one(RunList).take_in(changed)
        self.query_one(LiveLog).take_in()
        self._draw()
        if self._job.ended is not None and not self._job.verifying and self._ticks is not None:
            self._ticks.stop()

    def on_resize(self) -> None:
        self._was = ()
        self._draw()

    def on_descendant_focus(self) -> None:
        self._draw()

    @on(LiveLog.FollowChanged)
    def _draw_all(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """The lines of text around the two lists, where any of what they tell is another now."""
        job, live, items = self._job, self.query_one(LiveLog), self.query_one(RunList)
        second = int(job.elapsed)
        run = (
            job.state.run_id,
            job.state.done,
            job.ended,
            job.paused,
            job.control.stopped,
            job.control.per_minute,
            second,
            job.verifying,
            job.state.asks,
        )
        views = (live.unseen, live.following, live.has_focus, items.only_problems)
        if (run, views) == self._was:
            return
        self._was = (run, views)
        self._draw_title()
        self._draw_headings(items, live)
        self.query_one(Progress).show(job.state.done, len(self._plan.steps), self._pace())
        self.query_one("#said", Static).update(self._said())
        self.query_one(KeyHints).show(self._hints())

    def _draw_title(self) -> None:
        job, items = self._job, self._items
        dot, arrow = glyphs_of(self.app).dot, glyphs_of(self.app).arrow
        end = f" {arrow} {clock_time(job.ended.at)}" if job.ended else ""
        parts = [
            f"Run {job.state.run_id}" if job.state.run_id else "Run",
            f"{items.items_finished:,} of {count(items.items, 'step') if items.moves_nobody else people(items.items)}",
            f"{clock_time(job.began_at)}{end}",
        ]
        word, style = self._standing()
        left = dot.join(parts)
        gap = " " * max(1, self.size.width - 2 - len(left) - len(word))
        title = Content.assemble(" ", (left, "bold"), gap, (word, style), " ")
        self.query_one("#title", Static).update(title)

    def _standing(self) -> tuple[str, str]:
        job = self._job
        if job.ended is not None:
            if job.ended.error:
                return "ended early", "bold $error"
            if job.ended.stopped:
                return "stopped by you", "bold $warning"
            wrong = job.state.verified is not None and job.state.verified.wrong
            fine = job.ended.clean and not wrong
            return ("done", "bold $primary") if fine else ("done, with problems", "bold $warning")
        if job.control.stopped:
            return "stopping after this item", "bold $warning"
        if job.state.asks is not None:
            return "waits for you", "bold $accent"
        pace = f", at most {job.control.per_minute} people a minute" if job.control.per_minute else ""
        return ("paused", "bold $accent") if job.paused else (f"running{pace}", "bold $primary")

    def _draw_headings(self, items: RunList, live: LiveLog) -> None:
        dot = glyphs_of(self.app).dot
        problems = len(self._items.problems)
        which = "problems only" if items.only_problems else "all"
        heading = f"items{dot}{which}" + (f"{dot}{problems:,} with a problem" if problems else "")
        following = "following" if live.following else f"{live.unseen:,} new lines below, End follows again"
        if self._job.ended is not None and (live.following or not live.unseen):
            following = count(self._job.state.line_count, "line")
        for name, text, focused in (
            ("items", heading, not live.has_focus),
            ("live", f"live{dot}{following}", live.has_focus),
        ):
            widget = self.query_one(f"#{name}-heading", Static)
            rule = ("-" if glyphs_of(self.app) is ASCII else "─") * max(0, self.size.width - 4 - len(text))
            widget.update(Content.assemble(text, " ", (rule, "$border-blurred")))
            widget.set_class(focused, "-focused")

    def _pace(self) -> str:
        job = self._job
        rate = f"{job.rate:.1f}/s" if job.rate else ""
        if job.ended is not None:
            return f"{rate}  in {duration(job.elapsed, exact=True)}".strip()
        return f"{rate}  {duration(job.eta)} left" if job.eta is not None else rate

    def _said(self) -> Content:
        """What is certain."""
        job, glyphs = self._job, glyphs_of(self.app)
        if job.state.asks is not None and job.ended is None:
            return self._asked(job.state.asks.words)
        if job.ended is None:
            problems = len(self._items.problems)
            told = f"{problems:,} with a problem so far; the others go on." if problems else ""
            return Content(told)
        sign, style = (glyphs.good, "$primary") if job.ended.clean else (glyphs.warning, "bold $warning")
        parts: list[Content] = [Content.assemble((sign, style), " ", (self._items.summary(glyphs.dot), "bold"))]
        if job.ended.error:
            parts.append(Content.assemble((f"{glyphs.bad} ended early: ", "bold $error"), clean(job.ended.error)))
        if job.verifying:
            parts.append(Content("asking the MTAs where mail goes now"))
        elif job.state.verified is not None:
            signs = {"good": (glyphs.good, "$primary"), "bad": (glyphs.bad, "bold $error")}
            for kind, text in verified_lines(job.state.verified):
                parts.append(Content.assemble(signs.get(kind, (glyphs.warning, "bold $warning")), " ", text))
        return Content("\n").join(parts)

    def _asked(self, words: Sequence[str]) -> Content:
        """What is to be done by hand, as far as there is room for it."""
        rest = f" (the first {_WORDS_SHOWN} of {len(words)} lines, o shows all)" if len(words) > _WORDS_SHOWN else ""
        parts = [Content.assemble(("To be done by hand now:", "bold $accent"), rest)]
        return Content("\n").join([*parts, *(Content(clean(text)) for text in words[:_WORDS_SHOWN])])

    def _hints(self) -> list[Hint]:
        job = self._job
        if job.ended is None and job.state.asks is not None:
            keys = [Hint("d", "done", "done"), Hint("n", "not done", "undone"), Hint("o", "all words", "words")]
            return [*keys, Hint("s", "stop the run", "stop")]
        if job.ended is None:
            keys = [Hint("Space", "go on" if job.paused else "pause", "pause")]
            if not job.control.stopped:
                keys += [Hint("s", "stop after this item", "stop"), Hint("-", "slower", "slower")]
                keys += [Hint("+", "faster", "faster")] if job.control.slowed else []
        else:
            keys = [Hint("r", "plan the rest again", "again")] if has_rest(job.ended) else []
            keys += [Hint("u", "undo plan", "undo")] if undoable(job.ended) else []
        other = "items" if self.query_one(LiveLog).has_focus else "live"
        keys += [Hint("Tab", other, "app.focus_next"), Hint("Enter", "details", "details")]
        if self._items.problems:
            keys.append(Hint("f", "problems" if not self.query_one(RunList).only_problems else "all", "filter"))
        return [*keys, Hint("Esc", "back" if job.ended else "back, it goes on", "leave")]

    @on(KeyHints.Clicked)
    async def _hint_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        await self.run_action(event.action)

    def action_pause(self) -> None:
        if self._job.ended is None:
            if self._job.paused:
                self._job.resume()
            else:
                self._job.pause()
            self._draw()

    def action_slower(self) -> None:
        if self._job.ended is None:
            self._job.control.slower()
            self._draw()

    def action_faster(self) -> None:
        if self._job.ended is None:
            self._job.control.faster()
            self._draw()

    def action_stop(self) -> None:
        if self._job.ended is None:
            self._job.stop()
            self._draw()

    def action_done(self) -> None:
        self._answer(True)

    def action_undone(self) -> None:
        self._answer(False)

    def _answer(self, done: bool) -> None:
        if self._job.state.asks is not None:
            self._job.answer(done)
            self._draw()

    def action_words(self) -> None:
        asks = self._job.state.asks
        if asks is not None:
            text = [line(clean(words)) for words in asks.words]
            self.app.push_screen(TextScreen("By hand", lambda width: wrapped(text, width)))

    def action_filter(self) -> None:
        self.query_one(RunList).toggle_problems()
        self._draw()

    def action_undo(self) -> None:
        self._decide(undoable(self._job.ended), RunVerdict(undo=True), "Nothing was changed, so nothing is to undo.")

    def action_again(self) -> None:
        self._decide(has_rest(self._job.ended), RunVerdict(again=True), "Everything planned is done: nothing is left.")

    def _decide(self, possible: bool, verdict: RunVerdict, otherwise: str) -> None:
        if self._job.ended is None:
            self.notify("The run goes on. Wait for its end, or stop it with s.", markup=False)
        elif possible:
            self.dismiss(verdict)
        else:
            self.notify(otherwise, markup=False)

    def action_leave(self) -> None:
        if self._job.ended is None:
            self.notify("The run goes on in the background; w shows it again.", markup=False)
        self.dismiss(RunVerdict())

    def action_details(self) -> None:
        index = self.query_one(RunList).current
        if index is not None:
            row = self._items.rows[index]
            self.app.push_screen(TextScreen(row.name, lambda width: self._item(index, width), row.address))

    def _item(self, index: int, width: int) -> list[Line]:
        """One item in full: each of its steps, the command, and what came of it."""
        lines: list[Line] = []
        for number in self._items.rows[index].steps:
            step, state = self._plan.steps[number], self._job.state.steps[number]
            word = state.outcome.value if state.outcome else "running" if state.started else "waiting"
            lines += [
                line((clean(step.summary), Tone.STRONG)),
                line((f"on {clean(step.host)}: ", Tone.QUIET), clean(step.lines[0])),
                *(line(clean(text)) for text in step.lines[1:]),
                line((f"{word}  ", self._items.states[index].tone), clean(state.message)),
                (),
            ]
        return wrapped(lines, width)
