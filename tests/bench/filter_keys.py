"""Filter keys over two panes, the longer one of 100,000 rows, against a plain scan over the same strings.

Twice: the view alone, without a screen; and the whole console in a terminal, from the key to the pane's new count on
the wire. The scan is one pass of ``in`` over every string, once for each key.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator

from splittui import config
from splittui.execution.site import Progress, Site
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.tui.roster_view import RosterView, Sheet, sheet
from tests.bench.far_lab import FarLab, far_lab, long_lists_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.loaded import COUNTS, loaded_console

_WORDS = ("smith12", "ann.k", "host", "!smith")
_GOAL = Goal(Kind.MEASURED, 0.050)
# Each of these leaves another count than the one before; the first is in no address's domain.
_TYPED = b"sen2"
_ESCAPE = b"\x1b"


def figures(sizes: Sizes) -> Iterator[Figure]:
    with far_lab(long_lists_lab(sizes), kept_in=sizes.labs) as lab:
        loaded = _loaded(lab)
        scans, keys = _in_the_view(loaded)
        rows = " and ".join(f"{len(loaded.sides[side]):,}" for side in Side)
        what = "a plain scan of the same strings"
        yield Figure("filter: key in the view, median", statistics.median(keys), statistics.median(scans), what)
        yield Figure("filter: key in the view, worst", max(keys), max(scans), f"{what}; {rows} rows", _GOAL)
        del loaded
        typed = _in_the_console(lab, sizes.rounds)
        scan = statistics.median(scans)
        yield Figure("filter: key to screen, median", statistics.median(typed), scan, what, _GOAL)
        yield Figure("filter: key to screen, worst", max(typed), max(scans), f"{what}; of {len(typed)} keys")


def _loaded(lab: FarLab) -> Sheet:
    site = Site(config.load(lab.config))
    loaded = sheet(roster(site.split, site.read(_ignore)))
    site.close()
    # As the console does after reading.
    gc.freeze()
    return loaded


def _in_the_view(loaded: Sheet) -> tuple[list[float], list[float]]:
    scans, keys = [], []
    for side in Side:
        view = RosterView()
        view.load(side, loaded)
        haystacks = [loaded.haystacks[row.address] for row in loaded.sides[side]]
        for word in _WORDS:
            for end in range(1, len(word) + 1):
                text = word[:end]
                began = time.perf_counter()
                found = [index for index, haystack in enumerate(haystacks) if text in haystack]
                scans.append(time.perf_counter() - began)
                began = time.perf_counter()
                view.set_filter(text)
                keys.append(time.perf_counter() - began)
                assert text.startswith("!") or list(view.shown) == found
            view.set_filter("")
    return scans, keys


def _in_the_console(lab: FarLab, rounds: int) -> list[float]:
    seconds = []
    with loaded_console(lab) as console:
        for _ in range(rounds):
            console.press(b"/")
            console.settle()
            for number in range(len(_TYPED)):
                pressed = console.press(_TYPED[number : number + 1])
                seconds.append(console.shows(COUNTS) - pressed)
                console.settle()
            console.press(_ESCAPE)
            console.settle()
    return seconds


def _ignore(progress: Progress) -> None:
    """Nobody watches."""
