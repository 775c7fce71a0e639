"""What the guide's screens ask of the app they stand on: the site, what was read of it, and the way to a run."""

from __future__ import annotations

from typing import Protocol

from splittui.execution.site import Site
from splittui.mailflow.roster import Roster
from splittui.planning.plan import Plan
from splittui.tui.guide_worker import Looker
from splittui.tui.run_job import RunJob


class GuideDesk(Protocol):
    """The app, as far as the guide knows it."""

    site: Site
    looker: Looker
    job: RunJob | None

    @property
    def roster(self) -> Roster | None:
        """What was read last."""
        ...

    @property
    def running(self) -> bool:
        """Whether a run is going on."""
        ...

    def read(self) -> None:
        """Reads both systems again; the uppermost screen of the guide is told of it."""
        ...

    def preview(self, plan: Plan, title: str = "") -> None:
        """Shows a plan; what is applied from there is run."""
        ...

    def renewed(self) -> None:
        """The profile says something else of the split now."""
        ...
