"""Earlier runs, from the console: what the journal has, finishing one, taking one back, and a report of one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from splittui.execution.again import earlier, taken_back
from splittui.execution.control import Control
from splittui.execution.events import Event, RunEnded, Verified
from splittui.execution.history import RunRecord
from splittui.execution.report import html
from splittui.execution.runner import Earlier
from splittui.execution.site import Site
from splittui.planning.plan import Plan
from splittui.tui.history_lines import unfinished
from splittui.tui.screens.history import Chosen, Wish

NEWEST = 50
"""How many runs the console shows; ``splittui history`` shows them all."""


@dataclass(frozen=True, slots=True)
class Again:
    """A site on which a run is taken up again."""

    site: Site
    earlier: Earlier

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        """Runs the plan; what the earlier run had done is looked at and never sent again."""
        return self.site.run(plan, emit, control, self.earlier)

    def verify(self, plan: Plan, ended: RunEnded) -> Verified:
        return self.site.verify(plan, ended)


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan to be previewed, with its title; ``earlier`` is the run that it takes up again."""

    plan: Plan
    title: str
    earlier: Earlier | None = None


class PastRuns:
    """The runs of one site. What reads the journal raises HistoryError."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def newest(self) -> Sequence[RunRecord]:
        """The newest runs of this profile first."""
        return self._site.runs(NEWEST)

    def needs_somebody(self) -> bool:
        """Whether the last run did not come to a clear end, and is not going on elsewhere."""
        last = self._site.runs(1)
        return bool(last and unfinished(last[0])) and not self._site.is_running

    def plan_for(self, chosen: Chosen) -> Planned:
        """The plan that finishes the run or takes it back."""
        if chosen.wish is Wish.UNDO:
            return Planned(self.undo_of(chosen.run.id), f"Take run {chosen.run.id} back")
        chain = self._site.history.chain(chosen.run.id)
        return Planned(chain[-1].plan, f"Finish run {chosen.run.id}", earlier(chain))

    def undo_of(self, run: int) -> Plan:
        """The plan that takes a run back, with what the runs had done that it took up again."""
        return taken_back(self._site.split, self._site.history.chain(run), time.time())

    def write_report(self, run: RunRecord) -> Path:
        """Writes ``splittui-run-N.html`` into the current folder, and over no other file. Raises OSError."""
        file = Path(f"splittui-run-{run.id}.html").absolute()
        text = html(run, self._site.history.lines(run.id), f"splittui undo {run.id}" if run.undoable else "")
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        return file
