"""The main screen: both sides of the split, what is marked, and what is staged to move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from splittui.execution.site import LinkState
from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.moves import Move, refusal
from splittui.planning.plan import Refusal
from splittui.tui.desk import Desk
from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import bindings, key_for
from splittui.tui.roster_view import Sheet
from splittui.tui.screens.help import HelpScreen
from splittui.tui.screens.waves import WaveKeys
from splittui.tui.situation import Situation
from splittui.tui.staging import Staging, several
from splittui.tui.way import ways_to
from splittui.tui.widgets.header import Header
from splittui.tui.widgets.people_list import PeopleList
from splittui.tui.widgets.people_pane import PeoplePane
from splittui.tui.widgets.status import Banner, KeyHints, PersonLines, StatusLine

_WIDE = 150


class MainScreen(WaveKeys):
    """Shows a roster and stages moves. Whatever reaches a system is asked of the desk it stands on."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings(of_pane=False)

    def __init__(self, split: Split, glyphs: Glyphs, desk: Desk) -> None:
        super().__init__(id="main")
        self._desk = desk
        self.split = split
        self.roster: Roster | None = None
        self.staging = Staging()
        self._glyphs = glyphs
        self._zoomed = False
        self._said = ""
        self._links: Mapping[Side, LinkState] = {}
        self._run = ""
        self._findings = ""
        self._failure = ""
        self.panes = {
            side: PeoplePane(number, side, split, self.staging.destination, glyphs)
            for number, side in ((1, Side.LEGACY), (2, Side.ZIMBRA))
        }
        self._active = self.panes[Side.LEGACY]
        # Held and not looked for: a thread may tell something while the console is taken down.
        self._header, self._banner = Header(split, glyphs), Banner(glyphs)
        self._person, self._status, self._hints = PersonLines(glyphs), StatusLine(glyphs), KeyHints()

    def compose(self) -> ComposeResult:
        yield self._header
        yield self._banner
        with Horizontal(id="panes"):
            yield from self.panes.values()
        yield self._person
        yield self._status
        yield self._hints

    def on_mount(self) -> None:
        self._active.people.focus()
        self._show_below()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width >= _WIDE, "-wide")
        self.call_after_refresh(self._show_below)

    @property
    def pane(self) -> PeoplePane:
        """The pane that keys go to."""
        return self._active

    @property
    def people(self) -> PeopleList:
        return self._active.people

    # What the app tells

    def take(self, sheet: Sheet) -> None:
        """Shows what was read. Cursor, marks, filters and what is staged stay, as far as the people are still there."""
        self.roster = roster = sheet.roster
        # Nobody is dropped because a part of a reading does not have them.
        whole = roster.snapshot.complete
        dropped = self.staging.revise(self.split, roster.snapshot, roster.people) if whole else ()
        for pane in self.panes.values():
            pane.load(sheet)
        self._staged()
        self._failure = ""
        self._show_banner()
        self._header.took(roster.snapshot)
        if dropped:
            self.warn(f"{len(dropped):,} no longer staged", several(dropped))

    def renew(self, split: Split) -> None:
        """The profile says something else of the split now, such as another role."""
        self.split = split
        self._header.renew(split)

    def progress(self, side: Side, entries: int) -> None:
        """Tells how far a reading is."""
        self._header.reading(side, entries)
        if self.roster is None:
            count = f" {entries:,}" if entries else ""
            self.panes[side].say(f"reading {clean(self.split.host_of(side))}{self._glyphs.more}{count}")

    def reading_began(self) -> None:
        for side in Side:
            self.progress(side, 0)

    def reading_failed(self, reason: str) -> None:
        """What was shown before stays."""
        self._header.reading_ended()
        if self.roster is None:
            for pane in self.panes.values():
                pane.say("nothing is read; r tries again")
        old = "" if self.roster is None else " What is shown was read before."
        self._failure = f"not read: {reason}{old} r reads again."
        self._show_banner()

    def show_links(self, links: Mapping[Side, LinkState], run: str) -> None:
        """The lights, and in a few words the run that is going on."""
        changed = run != self._run
        self._links, self._run = links, run
        self._header.show_links(links, run)
        self._show_banner()
        if changed:
            self._show_below()

    def show_findings(self, counted: str) -> None:
        """How much is wrong with the split, in a few words; empty where nothing is."""
        self._findings = counted
        self._show_below()

    def forget(self, addresses: Iterable[str]) -> None:
        """Takes addresses off the staging: they are being moved."""
        self.staging.unstage(addresses)
        self._staged()

    def _show_banner(self) -> None:
        partial = self.roster.snapshot.why_partial if self.roster is not None else ""
        troubles = [(self.split.host_of(side), link.trouble) for side, link in self._links.items()]
        self._banner.show_worst(self._failure, partial, troubles)

    def say(self, text: str) -> None:
        """Says something beside the counts until the next step."""
        self._said = text
        self._show_below()

    def warn(self, title: str, text: str) -> None:
        self.notify(text, title=title, severity="warning", timeout=8, markup=False)

    # Drawing

    def _staged(self) -> None:
        """Shows what is staged in both panes: the row where it is, and a guest where it goes."""
        if self.roster is None:
            return
        people = self.roster.people
        for side, pane in self.panes.items():
            coming = [people[move.address] for move in self.staging if move.to is side and move.address in people]
            pane.people.show_incoming(row for row in coming if row.side is not side)
        self._show_below()

    def _show_below(self) -> None:
        row = self.people.current
        if row is None or self.roster is None:
            self._person.show(None, ())
        else:
            to = self.staging.destination(row.address)
            staged = f"{self._glyphs.arrow} {clean(self.split.host_of(to))} when applied" if to else ""
            self._person.show(row, ways_to(self.roster, row), staged)
        situation = self._situation()
        self._status.show(situation.counts(self._glyphs), self._said)
        self._hints.show(situation.hints())

    def _situation(self) -> Situation:
        panes = self.panes.values()
        return Situation(
            in_range=self.people.in_range,
            marked=sum(pane.people.mark_count for pane in panes),
            marked_here=self.people.mark_count,
            hidden_marks=sum(pane.people.view.hidden_marks for pane in panes),
            to_zimbra=self.staging.count(Side.ZIMBRA),
            to_legacy=self.staging.count(Side.LEGACY),
            typing=self.pane.filter_input.has_focus,
            filtering=self.pane.filtering,
            run=self._run,
            fresh=self.roster is not None and not self.roster.snapshot.zimbra.domain.exists,
            # What was said a moment ago needs the room, and goes with the next key.
            findings="" if self._said else self._findings,
        )

    def on_people_pane_changed(self, event: PeoplePane.Changed) -> None:
        event.stop()
        self._show_below()

    def hush(self) -> None:
        """What was said is over with the next key."""
        if self._said:
            self.say("")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for pane in self.panes.values():
            if event.widget in (pane.people, pane.filter_input):
                self._take_keys(pane)
        self._show_below()

    def _take_keys(self, pane: PeoplePane) -> None:
        if pane is not self._active:
            self._active.people.end_range()
            self._active = pane

    def on_people_pane_said(self, event: PeoplePane.Said) -> None:
        event.stop()
        self.say(event.text)

    async def on_key_hints_clicked(self, event: KeyHints.Clicked) -> None:
        event.stop()
        of_pane = key_for(event.action).of_pane
        await self.app.run_action(event.action, self.pane if of_pane else self)

    # Looking around

    def action_other_pane(self) -> None:
        self.go_to(self.panes[self._active.side.other])

    def action_pane(self, number: int) -> None:
        self.go_to(list(self.panes.values())[number - 1])

    def go_to(self, pane: PeoplePane) -> None:
        """Takes the keys to a pane."""
        if self._zoomed:
            self._show_panes(pane)
        self._take_keys(pane)
        self.set_focus(pane.people)

    def _show_panes(self, zoomed: PeoplePane | None) -> None:
        for pane in self.panes.values():
            pane.display = zoomed is None or pane is zoomed

    def action_zoom(self) -> None:
        self._zoomed = not self._zoomed
        self._show_panes(self._active if self._zoomed else None)

    def action_details(self) -> None:
        row = self.people.current
        if row is not None:
            self._desk.show_details(row.address)

    def action_trace(self) -> None:
        row = self.people.current
        if row is not None:
            self._desk.show_trace(row.address)

    def action_findings(self) -> None:
        if self.roster is None:
            self.say("nothing is read yet")
        else:
            self._desk.show_findings()

    def action_guide(self) -> None:
        if self.roster is None:
            self.say("nothing is read yet")
        else:
            self._desk.show_guide()

    def action_refresh(self) -> None:
        self._desk.read()

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen(self._glyphs))

    def action_history(self) -> None:
        self._desk.show_history()

    def action_command_log(self) -> None:
        self._desk.show_log()

    def action_watch_run(self) -> None:
        self._desk.watch_run()

    # Moving

    def action_move(self) -> None:
        """One person: straight to the preview. Several: staged."""
        self._wish(self.people.side.other)

    def action_provision(self) -> None:
        """A placeholder on Zimbra for whom only the existing system knows: they stay where they are."""
        if self.people.side is Side.LEGACY:
            self._wish(Side.LEGACY)
        else:
            self.say("placeholders are made for people on the other side")

    def _wish(self, to: Side) -> None:
        people, roster = self.people, self.roster
        people.end_range()
        if roster is None:
            self.say("nothing is read yet")
        elif people.view.marked:
            self._stage(roster, sorted(people.view.marked), to)
        elif people.current is not None:
            self._move_one(roster, people, to)

    def _stage(self, roster: Roster, addresses: list[str], to: Side) -> None:
        moves = [Move(address, to) for address in addresses]
        refused = self.staging.stage(self.split, roster.snapshot, roster.people, moves)
        self.people.view.marked &= {one.address for one in refused}
        self._staged()
        self.people.marks_changed()
        if refused:
            self.warn(f"{len(refused):,} cannot be moved and stay marked", several(refused))

    def _move_one(self, roster: Roster, people: PeopleList, to: Side) -> None:
        row = people.current
        if row is None:
            return
        if people.view.is_incoming(row):
            self.say("already staged to come here; x takes it back")
            return
        move = Move(row.address, to)
        reason = refusal(self.split, roster.snapshot, row, move)
        if reason:
            self.warn("Not moved", several([Refusal(row.address, reason)]))
        else:
            self._desk.preview_moves((move,))

    def action_preview(self) -> None:
        if len(self.staging):
            self._desk.preview_moves(tuple(self.staging))
        else:
            self.say("nothing is staged: mark people, then m")

    def action_unstage(self) -> None:
        row = self.people.current
        marked = {address for address in self.people.view.marked if address in self.staging}
        taken = self.staging.unstage(marked or ({row.address} if row else ()))
        self._staged()
        self.say(f"{taken:,} unstaged" if taken else "this person is not staged")

    def action_unstage_all(self) -> None:
        taken = self.staging.clear()
        self._staged()
        self.say(f"{taken:,} unstaged" if taken else "nothing is staged")
