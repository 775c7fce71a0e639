"""What the main screen asks of whoever it stands on: everything that reaches a system, or another screen.

Asked by call and not by message: what a key sets off must be done before the next key is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from splittui.execution.waves import Waves
from splittui.planning.moves import Move


class KeepsWaves(Protocol):
    """The site, as far as the main screen knows it: what is kept on this machine."""

    @property
    def waves(self) -> Waves:
        """The waves of the profile."""
        ...


class Desk(Protocol):
    """The app, as far as the main screen knows it."""

    @property
    def site(self) -> KeepsWaves:
        """What the app stands on."""
        ...

    def read(self) -> None:
        """Reads both systems again, in the background."""
        ...

    def preview_moves(self, moves: Iterable[Move]) -> None:
        """Plans these moves and shows the plan."""
        ...

    def show_details(self, address: str) -> None:
        """Shows everything that is known about an address."""
        ...

    def show_trace(self, address: str) -> None:
        """Shows the way of mail to an address, from everywhere."""
        ...

    def show_findings(self) -> None:
        """Shows what is wrong with the split, and what mends it."""
        ...

    def show_guide(self) -> None:
        """Shows the undertakings of the guided set-up."""
        ...

    def watch_run(self) -> None:
        """Shows the run that is going on, or the last one."""
        ...

    def show_history(self) -> None:
        """Shows the earlier runs."""
        ...

    def show_log(self) -> None:
        """Shows every command that was sent."""
        ...
