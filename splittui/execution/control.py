"""The operator's hand on a run: pause, resume, slow down, answer, stop after the item in flight. Safe from
any thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_PACES = (2, 6, 12, 30, 60, 120)
"""People a minute that a run is slowed down to, step by step."""


class Control:
    """Given to a run by whoever started it. ``per_minute`` is the most people a minute, None: as fast as it goes."""

    def __init__(self, per_minute: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = self._limit = per_minute
        self._clock = clock
        self._go = threading.Event()
        self._go.set()
        self._stopped = threading.Event()
        self._answered = threading.Event()
        self._answer = False
        self._person = ""
        self._began = float("-inf")

    def pause(self) -> None:
        """Holds the run before its next step."""
        self._go.clear()

    def resume(self) -> None:
        self._go.set()

    def stop(self) -> None:
        """Ends the run after the step in flight; a paused run ends at once."""
        self._stopped.set()
        self._go.set()
        self._answered.set()

    def slower(self) -> None:
        """From the next person on at most so many a minute as the next slower pace allows."""
        slower = [pace for pace in _PACES if self.per_minute is None or pace < self.per_minute]
        self.per_minute = slower[-1] if slower else self.per_minute

    def faster(self) -> None:
        """The next faster pace, but never faster than the run was allowed to go at its beginning."""
        faster = [pace for pace in _PACES if self.per_minute is not None and pace > self.per_minute]
        pace = faster[0] if faster else None
        self.per_minute = self._limit if pace is None or (self._limit is not None and pace > self._limit) else pace

    def answer(self, done: bool) -> None:
        """The answer to what the run asked (``Asks``): whether it was done by hand."""
        self._answer = done
        self._answered.set()

    @property
    def slowed(self) -> bool:
        """Whether it was told to go slower than it may."""
        return self.per_minute != self._limit

    @property
    def paused(self) -> bool:
        return not self._go.is_set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def may_go_on(self, address: str = "") -> bool:
        """Called by the run before each step: waits while paused, and before a further person while it is too soon.

        False once it was told to stop.
        """
        self._go.wait()
        if address and address != self._person:
            self._person = address
            self._await_turn()
            self._go.wait()
        return not self.stopped

    def _await_turn(self) -> None:
        while self.per_minute and not self.stopped:
            wait = self._began + 60 / self.per_minute - self._clock()
            if wait <= 0:
                break
            # Looked at again every second, since the pace may be changed meanwhile.
            self._stopped.wait(min(wait, 1.0))
        self._began = self._clock()

    def ask(self) -> None:
        """Called by the run before it asks: from now on an answer counts."""
        self._answered.clear()
        if self.stopped:
            self._answered.set()

    def await_answer(self) -> bool | None:
        """Called by the run: waits for the answer; None where it was told to stop instead."""
        self._answered.wait()
        return None if self.stopped else self._answer

    def wait(self, seconds: float) -> bool:
        """Called by the run: lets time pass; false where it was told to stop before it had."""
        return not self._stopped.wait(seconds)
