"""Work beside other work, in a thread that never keeps the program from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")


def aside(name: str, work: Callable[[], _T]) -> Future[_T]:
    """Begins the work at once; its result, or what it raised, comes out of the future.

    An executor's threads would be waited for at the end of the program, however long what they wait for takes.
    """
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whoever takes the result has to get it, whatever it is
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
