"""One person moved on an open, warm console: from the key (plan, fingerprint) to verified, against the far end alone.

The reference is the far end's own time: the same dialogue with the same emulated zmprov on local pipes, counting only
the waiting for its answers and the reload of the MTA. What lies between the two is SSH and this program.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from splittui import config
from splittui.execution.control import Control
from splittui.execution.events import Event
from splittui.execution.journal import Journal
from splittui.execution.runner import Runner
from splittui.execution.site import Site
from splittui.lab.home import Home
from splittui.planning.plan_json import fingerprint
from splittui.zimbra.zmprov.session import Direction, Listener, ZmprovSession
from tests.bench.far_lab import far_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.movable import Movable
from tests.far_end import PipeStream

_JVM = 2.4


class TimedPipe(PipeStream):
    """Adds up how long the far end lets one wait."""

    waited = 0.0

    def read(self, timeout: float) -> bytes:
        began = time.perf_counter()
        data = super().read(timeout)
        self.waited += time.perf_counter() - began
        return data


class LocalEnd:
    """The far end of a runner without a link: a zmprov that is ready, and programs, on this machine."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._stream = TimedPipe(home.path)
        self._session = ZmprovSession(self._stream, _not_listening)
        self._session.open()
        self._stream.waited = 0.0
        self._shells = 0.0

    @property
    def waited(self) -> float:
        return self._stream.waited + self._shells

    def session(self, listener: Listener) -> ZmprovSession:
        self._session.listener = listener
        return self._session

    def release(self, session: ZmprovSession) -> None:
        session.close()
        self._stream.exit_status()

    def given(self, name: str) -> str:
        raise AssertionError(f"no plan of these has {name}")

    def command(self, host: str, argv: tuple[str, ...]) -> tuple[int, str]:
        began = time.perf_counter()
        done = subprocess.run(argv, env=self._home.environment(), capture_output=True, text=True, check=False)
        self._shells += time.perf_counter() - began
        return done.returncode, done.stdout


def figures(sizes: Sizes) -> Iterator[Figure]:
    with far_lab(200, zmprov_delay=_JVM) as lab:
        site = Site(config.load(lab.config))
        movable = Movable(site)
        over_ssh = [_on_the_console(site, movable) for _ in range(sizes.rounds)]
        site.close()
        lab.home.write_settings(replace(lab.home.settings(), zmprov_delay=0.0))
        alone = [_far_end_alone(lab.home, movable) for _ in range(sizes.rounds)]
        yield Figure(
            "quick move: key to verified",
            statistics.median(over_ssh),
            statistics.median(alone),
            f"the far end's own time; medians of {sizes.rounds}",
            Goal(Kind.BESIDE, 1.0),
        )


def _on_the_console(site: Site, movable: Movable) -> float:
    address = movable.take(1)
    site.warm()
    began = time.perf_counter()
    plan = movable.plan(address)
    fingerprint(plan)
    ended = site.run(plan, _ignore, Control())
    took = time.perf_counter() - began
    assert ended.clean, ended
    return took


def _far_end_alone(home: Home, movable: Movable) -> float:
    plan = movable.plan(movable.take(1))
    end = LocalEnd(home)
    journal = Journal(Path(home.path) / "bench.db")
    ended = Runner(plan, end, journal, "bench", _ignore, Control()).run()
    journal.close()
    assert ended.clean, ended
    return end.waited


def _ignore(event: Event) -> None:
    """Nobody watches."""


def _not_listening(direction: Direction, text: str) -> None:
    """Nobody watches."""
