"""``splittui lab`` and ``splittui demo``."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from splittui import config
from splittui.cli.console import open_console
from splittui.cli.exits import CommandError, Exit
from splittui.lab.lab import Lab, LabError

_ENDINGS = (signal.SIGTERM, signal.SIGHUP)


def lab(options: argparse.Namespace) -> Exit:
    """Serves a lab until SIGTERM, SIGHUP or Ctrl-C."""
    ended = threading.Event()
    with _started(options) as running:
        for number in (*_ENDINGS, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        print(json.dumps(running.info()), flush=True)
        ended.wait()
    return Exit.OK


def demo(options: argparse.Namespace) -> Exit:
    """The console on a lab that lives as long as the console."""
    with _started(options) as running:
        profile = config.load(Path(str(running.info()["config"])))
        return open_console(profile, options)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


@contextmanager
def _started(options: argparse.Namespace) -> Iterator[Lab]:
    """A running lab. Whatever ends the program from its first moment on, nothing of the lab stays behind."""
    for number in _ENDINGS:
        signal.signal(number, _leave)
    try:
        running = Lab.start(
            options.dir,
            accounts=options.accounts,
            seed=options.seed,
            role=options.role,
            empty=options.empty,
            zmprov_delay=options.zmprov_delay,
        )
    except (LabError, OSError) as error:
        raise CommandError(f"The lab cannot be started: {error}") from error
    try:
        yield running
    finally:
        for number in (*_ENDINGS, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        running.stop()
