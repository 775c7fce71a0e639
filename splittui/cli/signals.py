"""Signals that end what a command is at, in good order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from splittui.execution.control import Control


@contextmanager
def ended_by_signals(control: Control) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a kill end the run after the step in flight."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: control.stop()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
