"""Ending in order when the terminal is gone: what is still drawn must not hold anybody up."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread

if TYPE_CHECKING:
    from splittui.tui.run_job import RunJob

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)

_LAST_ITEM = 75.0
"""Seconds for the item in flight and its reading back, at most: a zmprov without an answer is given up after 60."""


def heed_signals(told: Callable[[int], None]) -> None:
    """``told`` hears of a kill or a dropped connection, which would leave the terminal in raw mode otherwise."""
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, told, number)


def heed_no_signals() -> None:
    for number in _SIGNALS:
        asyncio.get_running_loop().remove_signal_handler(number)


async def last_item(job: RunJob) -> None:
    """Ends a run after the item in flight: what was sent is then known, and the journal closed."""
    job.stop()
    await asyncio.to_thread(job.wait, _LAST_ITEM)


def let_go(driver: Driver | None) -> None:
    """Sends further output to nowhere.

    Textual's writing thread dies of the first write that fails, and its queue is bounded: whoever draws on would wait
    for it for ever, and the console would stay behind without a terminal.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    writer = getattr(driver, "_writer_thread", None)
    if isinstance(writer, WriterThread):
        keep_taking(writer)


def keep_taking(writer: WriterThread) -> None:
    """Takes what is written once the writing thread is dead, so that nobody waits for it."""
    threading.Thread(target=_empty, args=(writer,), name="lost terminal", daemon=True).start()


def _empty(writer: WriterThread) -> None:
    writer.join()
    while True:
        writer._queue.get()
