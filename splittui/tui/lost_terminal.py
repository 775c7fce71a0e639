"""Ending in order when the terminal is gone: what is still drawn must not hold anybody up."""

from __future__ import annotations

import os
import threading

from textual.driver import Driver
from textual.drivers._writer_thread import WriterThread


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
