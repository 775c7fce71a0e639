"""One site at work: a profile, its links, reading both halves, and running a plan.

The console, the CLI and the tests all take this way. Everything here blocks and may be called from any one thread at a
time per method; nothing here knows a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from splittui.execution.control import Control
from splittui.execution.events import Event, RunEnded
from splittui.model.entries import Side
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.plan import Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading of one side has come: entries so far."""

    side: Side
    entries: int


@dataclass(frozen=True, slots=True)
class LinkState:
    """The light of one side: whether its link is up, its last round trip in seconds, and what is wrong with it."""

    side: Side
    up: bool
    round_trip: float | None = None
    trouble: str = ""


class Site:
    """A split domain as one profile describes it."""

    split: Split

    def read(self, progress: Callable[[Progress], None]) -> Snapshot:
        """Reads both halves; a half that cannot be read whole comes back marked partial with the reason.

        Raises SiteError (one clear sentence) where a half cannot be read at all.
        """
        raise SiteError(progress.__doc__ or "")

    def run(self, plan: Plan, emit: Callable[[Event], None], control: Control) -> RunEnded:
        """Runs the plan to its end; every event goes to ``emit`` (called from this thread) as it happens."""
        raise SiteError(f"{plan} {emit} {control}")

    def links(self) -> tuple[LinkState, LinkState]:
        """Legacy's and Zimbra's light, without waiting for anything."""
        raise SiteError("")

    def close(self) -> None:
        """Closes the links; safe to call twice, and from another thread to break off what blocks."""


class SiteError(Exception):
    """Something could not be done; the text says what happened, where, what is certain and what to do next."""
