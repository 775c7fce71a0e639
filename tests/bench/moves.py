"""Many people moved in one run, against one zmprov process for each command.

The run goes over real SSH to a lab whose zmprov takes 2.4 s to start, as a JVM does; it reads each entry before and
after its change and journals both. The reference is the bare change alone, by ``zmprov ma`` as a program of its own
over the same link: a few are measured, and their median is scaled to all people.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from splittui import config
from splittui.execution.control import Control
from splittui.execution.events import Event
from splittui.execution.site import Site
from splittui.zimbra.host import Zimbra
from tests.bench.far_lab import far_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.movable import Movable

_JVM = 2.4
_ONE_BY_ONE = 5


def figures(sizes: Sizes) -> Iterator[Figure]:
    with far_lab(sizes.moves * 2 + 100, zmprov_delay=_JVM) as lab:
        profile = config.load(lab.config)
        site = Site(profile)
        movable = Movable(site)
        one_by_one = _seconds_each(profile.zimbra, movable)
        plan = movable.plan(movable.take(sizes.moves))
        starts = lab.count_starts("zmprov")
        began = time.perf_counter()
        ended = site.run(plan, _ignore, Control())
        took = time.perf_counter() - began
        assert ended.clean, ended
        site.close()
        yield Figure(
            f"moves: {sizes.moves:,} people in one run",
            took,
            one_by_one * sizes.moves,
            f"one zmprov process each: {one_by_one:.2f} s (median of {_ONE_BY_ONE}) x {sizes.moves:,}",
            Goal(Kind.FASTER, 100),
        )
        began_jvms = len(starts.read_text(encoding="utf-8").splitlines())
        yield Figure("moves: starts of zmprov", began_jvms, 1, "one JVM for a run", Goal(Kind.MEASURED, 1), unit="")


def _seconds_each(settings: config.ZimbraHost, movable: Movable) -> float:
    """What one change costs by a process of its own, over a link that is open."""
    zimbra, program = Zimbra(settings, "example.com"), f"{settings.home}/bin/zmprov"
    steps = [step for step in movable.plan(movable.take(_ONE_BY_ONE)).steps if step.address]
    zimbra.shell(("true",))
    seconds = []
    for step in steps:
        began = time.perf_counter()
        status, printed = zimbra.shell((program, "-l", "-m", *step.tokens))
        seconds.append(time.perf_counter() - began)
        assert status == 0, printed
    zimbra.close()
    return statistics.median(seconds)


def _ignore(event: Event) -> None:
    """Nobody watches."""
