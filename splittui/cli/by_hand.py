"""What a run asks the operator to do by hand: the words on the terminal, and the answer typed there."""

from __future__ import annotations

import select
import sys

from splittui.execution.control import Control
from splittui.execution.events import Asks
from splittui.model.text import clean

_LOOK_UP = 0.5
"""Seconds after which a run that was told to stop is noticed while nothing is typed."""


class HandWork:
    """Asks at the terminal. ``unattended``: something was to be asked, and nobody was there."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.unattended = False

    def ask(self, asked: Asks) -> None:
        """Shows the words, and hands the answer to the run, which is waiting for it."""
        print("\nTo be done by hand now:\n", file=sys.stderr)
        for line in asked.words:
            print(f"  {clean(line)}", file=sys.stderr)
        print(file=sys.stderr)
        if not sys.stdin.isatty():
            self.unattended = True
            print("Nobody is at a terminal to say that it is done, so the run stops here.", file=sys.stderr)
            self._control.stop()
            return
        answer = self._typed()
        if answer is None:
            self._control.stop()
        else:
            self._control.answer(answer)

    def _typed(self) -> bool | None:
        """None where the terminal is gone or the run was told to stop."""
        while True:
            print('Type "done" when it is, or "no" to leave it undone: ', end="", file=sys.stderr, flush=True)
            line = self._line()
            if not line:
                return None
            word = line.strip().lower()
            if word in ("done", "no"):
                return word == "done"

    def _line(self) -> str:
        while not self._control.stopped:
            if select.select([sys.stdin], [], [], _LOOK_UP)[0]:
                return sys.stdin.readline()
        return ""
