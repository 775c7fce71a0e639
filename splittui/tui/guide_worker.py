"""Looking at where an undertaking stands, beside the screen: in a thread of its own, and what it tells as messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from types import TracebackType

from textual.message import Message

from splittui.execution.guidance import Stand
from splittui.execution.undertaking import Undertaking
from splittui.mailflow.roster import Roster


class Looking(Message):
    """What is being looked at, in a few words. ``number`` is that of the look."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__()
        self.number, self.words = number, words

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Looking)


class Stands(Message):
    """Where the undertaking stands, and when each task was first seen done."""

    def __init__(self, number: int, stand: Stand, first_done: Mapping[str, float]) -> None:
        super().__init__()
        self.number, self.stand, self.first_done = number, stand, first_done


class NotSeen(Message):
    """The look broke off; what was seen before still stands there."""

    def __init__(self, number: int, words: str) -> None:
        super().__init__()
        self.number, self.words = number, words


Tell = Callable[[Message], object]


class _OverTaken(Exception):
    """Nobody waits for this look any more."""


class Looker:
    """One look at a time, over the links that a reading uses too; only the newest one is waited for."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._newest = 0

    def start(self, under: Undertaking, found: Roster, tell: Tell) -> int:
        """Begins to look, and gives up any look before. ``tell`` is called from the thread; returns its number."""
        self._newest += 1
        number = self._newest
        threading.Thread(target=self._work, args=(number, under, found, tell), name="guide", daemon=True).start()
        return number

    def stop(self) -> None:
        """Nobody waits any more: what is being asked is still answered, and nothing further is asked."""
        self._newest += 1

    def _work(self, number: int, under: Undertaking, found: Roster, tell: Tell) -> None:
        def still(words: str) -> None:
            if number != self._newest:
                raise _OverTaken
            tell(Looking(number, words))

        def failed(kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
            # A thread has nobody above it who could see what ended it, so everything is told.
            if error is not None and not isinstance(error, _OverTaken):
                words = str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
                tell(NotSeen(number, words))
            return True

        # The screen may be gone by then, or the console with its loop.
        with suppress(RuntimeError), self._turn, ExitStack() as stack:
            stack.push(failed)
            still("both systems")
            stand = under.look(found, time.time(), still)
            tell(Stands(number, stand, under.first_done))
