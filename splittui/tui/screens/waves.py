"""The main screen's keys for waves: marks are kept under a name, and the people of one are marked again."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial

from textual.screen import Screen

from splittui.execution.waves import WavesError
from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.model.split import Split
from splittui.model.text import clean
from splittui.planning.wave import Wave
from splittui.tui.desk import Desk
from splittui.tui.screens.confirm import AskScreen
from splittui.tui.wave_marks import keep, members, names
from splittui.tui.widgets.people_list import PeopleList
from splittui.tui.widgets.people_pane import PeoplePane


class WaveKeys(Screen[None]):
    """A screen of two panes whose marks can be kept."""

    _desk: Desk
    split: Split
    roster: Roster | None
    panes: Mapping[Side, PeoplePane]

    @property
    @abstractmethod
    def people(self) -> PeopleList:
        """The list that keys go to."""

    @abstractmethod
    def say(self, text: str) -> None:
        """Says something beside the counts until the next step."""

    @abstractmethod
    def warn(self, title: str, text: str) -> None:
        """Says what stands in the way."""

    @abstractmethod
    def go_to(self, pane: PeoplePane) -> None:
        """Takes the keys to a pane."""

    def action_keep_wave(self) -> None:
        """Keeps the marks of this pane as a wave to the other side."""
        people = self.people
        people.end_range()
        marked, to = tuple(sorted(people.view.marked)), people.side.other
        if not marked:
            self.say("mark the people of the wave first")
            return
        question = f"Keep these {len(marked):,} as a wave to {self.split.host_of(to)}. Under which name?"
        self.app.push_screen(AskScreen(question), partial(self._keep_wave, marked, to))

    def _keep_wave(self, marked: tuple[str, ...], to: Side, name: str | None) -> None:
        if name is not None:
            try:
                self.say(keep(self._desk.site.waves, name, to, marked))
            except WavesError as error:
                self.warn("No wave was kept", clean(str(error)))

    def action_mark_wave(self) -> None:
        """Asks for a wave and marks those of it who are still to move."""
        if self.roster is None:
            self.say("nothing is read yet")
            return
        try:
            waves = self._desk.site.waves.all()
        except WavesError as error:
            self.warn("Waves", clean(str(error)))
            return
        if not waves:
            self.say("no wave is kept yet: mark people, then K")
            return
        question = f"Mark the people of which wave? There are: {names(waves)}"
        self.app.push_screen(AskScreen(question, waves[-1].name), partial(self._mark_wave, waves))

    def _mark_wave(self, waves: Sequence[Wave], name: str | None) -> None:
        wave = next((wave for wave in waves if wave.name == name), None)
        if wave is None or self.roster is None:
            if name is not None:
                self.warn("Waves", f"There is no wave {clean(name)}.")
            return
        found = members(wave, self.roster.people)
        pane = self.panes[wave.to.other]
        self.go_to(pane)
        pane.people.mark(set(found.here))
        self.say(found.words)
