"""The operator's hand on a run: pause, resume, stop after the item in flight. Safe to call from any thread."""

from __future__ import annotations

import threading


class Control:
    """Given to a run by whoever started it."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self._go.set()
        self._stopped = threading.Event()

    def pause(self) -> None:
        """Holds the run before its next step."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def stop(self) -> None:
        """Ends the run after the step in flight; a paused run ends at once."""
        self._stopped.set()
        self._go.set()

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def may_go_on(self) -> bool:
        """Called by the run before each step: waits while paused; false once it was told to stop."""
        self._go.wait()
        return not self.stopped
