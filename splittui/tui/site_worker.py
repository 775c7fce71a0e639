"""Reading a site beside the screen: a thread of its own for each reading, and what it tells as messages.

Textual's own executor is not used: its few threads are shared, and one that blocks would keep the console from ending.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType

from textual.message import Message

from splittui.execution.site import Progress, Site, SiteError
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.tui.roster_view import Sheet, sheet

_TELL_EVERY = 0.1


class ReadProgress(Message):
    """So many entries of a side have been read so far."""

    def __init__(self, side: Side, entries: int) -> None:
        super().__init__()
        self.side = side
        self.entries = entries

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, ReadProgress) and message.side is self.side


class ReadDone(Message):
    """Both halves have been read, whole or partial, and worked out. ``latest``: no other reading follows at once."""

    def __init__(self, sheet: Sheet, latest: bool) -> None:
        super().__init__()
        self.sheet = sheet
        self.latest = latest


class ReadFailed(Message):
    """A half could not be read; what was read before stays."""

    def __init__(self, error: SiteError, latest: bool) -> None:
        super().__init__()
        self.error = error
        self.latest = latest


class SiteReader:
    """Reads a site, one reading at a time; ``tell`` is called from the reading thread."""

    def __init__(self, site: Site, tell: Callable[[Message], object]) -> None:
        self._site = site
        self._tell = tell
        self._lock = threading.Lock()
        self._busy = False
        self._again = False
        self._outcome: Sheet | SiteError | None = None
        self._warming: threading.Thread | None = None
        self._told: dict[Side, float] = {}

    @property
    def busy(self) -> bool:
        return self._busy

    def start(self) -> None:
        """Begins to read. A reading that is going on is followed by another one: it may have missed a change."""
        with self._lock:
            self._again = self._busy
            if self._busy:
                return
            self._busy = True
        threading.Thread(target=self._work, name="reader", daemon=True).start()

    def _work(self) -> None:
        more = True
        while more:
            with ExitStack() as stack:
                stack.push(self._failed)
                self._outcome = self._read()
            with self._lock:
                more, self._again = self._again, False
                self._busy = more
            if isinstance(self._outcome, Sheet):
                self._tell(ReadDone(self._outcome, not more))
            elif self._outcome is not None:
                self._tell(ReadFailed(self._outcome, not more))
        self.warm()

    def _read(self) -> Sheet:
        self._told.clear()
        snapshot = self._site.read(self._progress)
        worked_out = sheet(roster(self._site.split, snapshot))
        # A full collection over 200,000 rows takes 100 ms and would come back every few keys.
        gc.freeze()
        return worked_out

    def warm(self) -> None:
        """Lets a zmprov stand ready; what is wrong with it is told by the site's links."""
        if self._warming is None or not self._warming.is_alive():
            self._warming = threading.Thread(target=self._warm, name="warm", daemon=True)
            self._warming.start()

    def _warm(self) -> None:
        with suppress(SiteError):
            self._site.warm()

    def _progress(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._told.get(progress.side, 0.0) >= _TELL_EVERY:
            self._told[progress.side] = now
            self._tell(ReadProgress(progress.side, progress.entries))

    def _failed(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """A thread has nobody above it who could see what ended it, so everything is told."""
        if error is None:
            return False
        if not isinstance(error, SiteError):
            error = SiteError(f"{type(error).__name__}: {error}", "Nothing was changed.", "Please report this.")
        self._outcome = error
        return True
