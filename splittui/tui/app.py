"""The console: it owns the site, the reading, the run, and the way from a wish to a verified change."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.timer import Timer

from splittui.execution.history import HistoryError
from splittui.execution.runner import Earlier
from splittui.execution.site import Site
from splittui.mailflow.danger import with_dangers
from splittui.mailflow.roster import Roster
from splittui.model.text import clean
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.staleness import too_old, unfit
from splittui.tui.fault import CalmEndApp
from splittui.tui.finding_lines import Findings, counted
from splittui.tui.glyphs import glyphs, terminal_is_ascii
from splittui.tui.guide_worker import Looker
from splittui.tui.key_order import OrderedKeysApp
from splittui.tui.lost_terminal import heed_no_signals, heed_signals, last_item, let_go
from splittui.tui.palette import ScreenCommands
from splittui.tui.past_runs import Again, PastRuns
from splittui.tui.roomy import RoomyApp
from splittui.tui.run_end import rest, tell_end
from splittui.tui.run_job import RunJob, SentCommand
from splittui.tui.screens.confirm import ConfirmScreen
from splittui.tui.screens.details import DetailsScreen
from splittui.tui.screens.error import ErrorScreen
from splittui.tui.screens.findings import FindingsScreen, Looked, Search
from splittui.tui.screens.guided import GuidedScreen
from splittui.tui.screens.history import Chosen, HistoryScreen, Wish
from splittui.tui.screens.log import LogScreen
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen, RunVerdict
from splittui.tui.screens.trace import TraceScreen
from splittui.tui.screens.undertakings import UndertakingsScreen
from splittui.tui.site_worker import ReadDone, ReadFailed, ReadProgress, SiteReader
from splittui.tui.staging import several
from splittui.tui.theme import DARK, THEMES, PlainScrollBar
from splittui.tui.trace_lines import concerned

_TICK = 5.0
_RUN_TICK = 0.25


class SplittuiApp(CalmEndApp, RoomyApp, OrderedKeysApp):
    """The console on one site. ASCII signs are also drawn where the terminal's locale knows no others."""

    CSS_PATH = "splittui.tcss"
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ScreenCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "palette", show=False, system=True),
    ]

    def __init__(self, site: Site, *, title: str = "", theme_name: str | None = None, ascii_only: bool = False) -> None:
        super().__init__()
        self.title = title or f"splittui {site.split.domain}"
        self.site = site
        self.ascii_only = ascii_only or terminal_is_ascii()
        self.glyphs = glyphs(self.ascii_only)
        self.job: RunJob | None = None
        self.looker = Looker()
        self._commands: list[SentCommand] = []
        self._theme_name = theme_name or DARK.name
        self._reader = SiteReader(site, self.post_message)
        self._search = Search(self.post_message)
        self._findings: Findings | None = None
        self._then: Callable[[], None] | None = None
        self._past = PastRuns(site)
        self._past_was_looked_at = False
        self._quits_after_run = False
        self._advice = ""
        self._run_timer: Timer | None = None
        self._main = MainScreen(site.split, self.glyphs, self)
        ScrollBar.renderer = PlainScrollBar if self.ascii_only else ScrollBarRender

    def get_default_screen(self) -> Screen[None]:
        return self._main

    @property
    def main(self) -> MainScreen:
        """The main screen, wherever it is in the stack."""
        return self._main

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self._theme_name
        self.set_class(self.ascii_only, "-ascii")
        heed_signals(self._told_to_end)
        self.set_interval(_TICK, self._show_links)
        self.call_after_refresh(self.read)

    def on_unmount(self) -> None:
        heed_no_signals()
        # A link that hangs must not keep the console from ending.
        closing = threading.Thread(target=self.site.close, name="close", daemon=True)
        closing.start()
        closing.join(1.0)

    def _told_to_end(self, number: int) -> None:
        if number == signal.SIGHUP:
            let_go(self._driver)
        self.run_worker(self._end(128 + number), name="end")

    async def _end(self, code: int) -> None:
        if self.job is not None:
            await last_item(self.job)
        self.exit(return_code=code)

    def key_comes(self) -> None:
        self._main.hush()

    # Reading

    def read(self) -> None:
        """Reads both systems in the background."""
        self._main.reading_began()
        self._reader.start()

    def on_read_progress(self, message: ReadProgress) -> None:
        self._main.progress(message.side, message.entries)
        self._tell_guide(lambda screen: screen.reading(message.side, message.entries))

    def on_read_done(self, message: ReadDone) -> None:
        self._main.take(message.sheet)
        self._findings = None
        self._search.start(message.sheet.roster)
        self._show_links()
        self._look_at_the_past()
        advice = clean(self.site.advice())
        if advice and advice != self._advice:
            self._advice = advice
            self.notify(advice, title="To allow on the Zimbra host", timeout=20, markup=False)
        if message.latest and self._then is not None:
            then, self._then = self._then, None
            then()
        if message.latest:
            self._tell_guide(lambda screen: screen.was_read())

    def on_read_failed(self, message: ReadFailed) -> None:
        self._then = None
        error = message.error
        self._main.reading_failed(error.what)
        self._tell_guide(lambda screen: screen.not_read(error.what))
        self._show_links()
        if self._main.roster is None and self.screen is self._main:
            self.push_screen(
                ErrorScreen(
                    "Not read",
                    error.what,
                    f"{error.certain} Nothing is known of the two systems yet.",
                    error.next_step,
                ),
                lambda again: self.read() if again else None,
            )

    def on_looked(self, message: Looked) -> None:
        if message.roster is not self._main.roster:
            return
        self._findings = message.findings
        self._main.show_findings(counted(message.findings, self.glyphs))
        for screen in self.screen_stack:
            if isinstance(screen, FindingsScreen):
                screen.show(message.findings)

    def _show_links(self) -> None:
        links = {state.side: state for state in self.site.links()}
        waits = self.job is not None and self.job.state.asks is not None
        self._main.show_links(links, self._run_words() + (" waits for you, w" if waits else ""))

    # From a wish to a run

    def preview_moves(self, moves: Iterable[Move]) -> None:
        """Plans these moves and shows the plan, or says why there is none."""
        roster = self._main.roster
        if roster is None:
            return
        try:
            plan = plan_moves(self.site.split, roster.snapshot, roster.people, moves, time.time())
        except PlanningError as error:
            self._main.warn("No plan", clean(str(error)))
            return
        if plan.steps:
            self.preview(plan)
        else:
            self._main.warn("Nothing to change", several(plan.refusals) or "Everything is as wished already.")

    def preview(self, plan: Plan, title: str = "", earlier: Earlier | None = None) -> None:
        """Shows a plan that was made from the last reading; what is applied from there is run."""
        roster = self._main.roster
        if roster is None:
            return
        stale = unfit(plan, self.site.split, roster.snapshot)
        if stale:
            self._main.warn("No plan", clean(stale))
            return
        plan = with_dangers(roster.tracer.world, plan)

        def answered(apply: bool | None) -> None:
            if apply:
                self._run_plan(plan, earlier)

        self.push_screen(PreviewScreen(plan, roster, title=title, limits=self.site.limits), answered)

    @property
    def running(self) -> bool:
        return self.job is not None and self.job.ended is None

    def _run_plan(self, plan: Plan, earlier: Earlier | None = None) -> None:
        stale = too_old(plan, self.site.limits, time.time()) if earlier is None else ""
        if stale:
            self._main.warn("Not started", stale)
            return
        if self.running:
            self._main.warn("Not started", "A run is going on. Press w to watch it; the plan stays staged.")
            return
        self._main.forget(plan.people)
        self._keep_commands()
        site = self.site if earlier is None else Again(self.site, earlier)
        self.job = RunJob(site, plan, per_minute=self.site.limits.per_minute)
        self._run_timer = self.set_interval(_RUN_TICK, self._follow_run)
        self._watch(self.job)

    def _watch(self, job: RunJob) -> None:
        self.push_screen(RunScreen(job, job.plan, self.site.split), partial(self._left_run, job))

    def watch_run(self) -> None:
        """Shows the run that is going on, or the last one."""
        if self.job is None:
            self._main.say("nothing was run from this console yet")
        else:
            self._watch(self.job)

    def _left_run(self, job: RunJob, verdict: RunVerdict | None) -> None:
        if verdict is None or job.ended is None:
            return
        if verdict.undo:
            try:
                self.preview(self._past.undo_of(job.ended.run_id), "Undo")
            except HistoryError as error:
                self._main.warn("History", clean(str(error)))
        elif verdict.again:
            moves = rest(job.plan, job.ended)
            if moves:
                self._then = partial(self.preview_moves, moves)
            else:
                self._main.warn(
                    "To be planned anew", "It moves nobody: press Enter on its task in the guide (g) again."
                )
            self.read()

    def _follow_run(self) -> None:
        """Notices the end of a run, on whichever screen the operator is by then."""
        job = self.job
        if job is None:
            return
        watched = any(isinstance(screen, RunScreen) for screen in self.screen_stack)
        if not watched:
            job.drain()
        if job.ended is not None:
            if self._run_timer is not None:
                self._run_timer.stop()
            if self._quits_after_run:
                self.exit()
            elif not watched:
                tell_end(self._main, job.plan, job.ended)
            self.read()
        self._show_links()

    def _run_words(self) -> str:
        return self.job.words if self.job is not None else ""

    def _keep_commands(self) -> None:
        if self.job is not None:
            self._commands += self.job.state.commands

    # Other screens

    def show_details(self, address: str) -> None:
        """Shows everything that is known about an address, and what a move of it would run."""
        roster = self._main.roster
        if roster is None:
            return
        split, person = self.site.split, roster.people[address]
        move = self._planned(roster, [Move(address, person.side.other)])
        self.push_screen(DetailsScreen(person, split, move=move))

    def show_trace(self, address: str) -> None:
        """Shows the way of mail to an address now, and after what is staged that may change it."""
        roster = self._main.roster
        if roster is None:
            return
        reached = concerned(roster.people[address])
        moves = [move for move in self._main.staging if move.address in reached]
        plan = self._planned(roster, moves) if moves else None
        self.push_screen(TraceScreen(address, roster, plan))

    def _planned(self, roster: Roster, moves: Iterable[Move]) -> Plan | None:
        try:
            return plan_moves(self.site.split, roster.snapshot, roster.people, moves, time.time())
        except PlanningError:
            return None

    def show_findings(self) -> None:
        """Shows what is wrong with the split, as soon as it is known."""
        self.push_screen(FindingsScreen(self.site.split, self._findings))

    @property
    def roster(self) -> Roster | None:
        """What was read last."""
        return self._main.roster

    def show_guide(self) -> None:
        """Shows what can be undertaken: set-up, change of role, finish, roll back."""
        self.push_screen(UndertakingsScreen(self))

    def _tell_guide(self, tell: Callable[[GuidedScreen], None]) -> None:
        """Only the uppermost one looks again; what it leads back to does when it is seen again."""
        guided = [screen for screen in self.screen_stack if isinstance(screen, GuidedScreen)]
        for screen in guided[-1:]:
            tell(screen)

    def renewed(self) -> None:
        """Something was written into the profile that what was read is judged by."""
        self._main.renew(self.site.split)
        self.read()

    def show_history(self) -> None:
        """Shows the earlier runs."""
        self.push_screen(HistoryScreen(self._past.newest), self._left_history)

    def _look_at_the_past(self) -> None:
        """Once: a run that nobody saw the end of is shown before anything else is begun."""
        if self._past_was_looked_at:
            return
        self._past_was_looked_at = True
        try:
            needed = self._past.needs_somebody()
        except HistoryError as error:
            self._main.warn("History", clean(str(error)))
            return
        if needed and self.screen is self._main:
            self.show_history()

    def _left_history(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        try:
            if chosen.wish is Wish.REPORT:
                self._main.say(f"written: {self._past.write_report(chosen.run)}")
                return
            planned = self._past.plan_for(chosen)
        except (HistoryError, OSError) as error:
            self._main.warn("Not done", clean(str(error)))
            return
        self.preview(planned.plan, planned.title, planned.earlier)

    def show_log(self) -> None:
        """Shows every command that was sent from this console."""
        running = self.job.state.commands if self.job is not None else []
        self.push_screen(LogScreen([*self._commands, *running]))

    async def action_quit(self) -> None:
        """Leaves; asks first when something is staged or running."""
        if isinstance(self.screen, ConfirmScreen):
            return
        staged = len(self._main.staging)
        if self.running:
            question = f"A {self._run_words()} is going on. Stop it after the step in flight, and leave?"
        elif staged:
            question = f"{staged:,} staged and not applied. Nothing is changed yet. Leave and forget them?"
        else:
            self.exit()
            return
        self.push_screen(ConfirmScreen(question, yes="Leave"), self._leave)

    def _leave(self, sure: bool | None) -> None:
        if not sure:
            return
        if self.running and self.job is not None and not self._quits_after_run:
            self._quits_after_run = True
            self.job.stop()
            self._main.say("stopping after the step in flight")
        else:
            self.exit()
