"""The console in a terminal, on a lab, with everybody loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.far_lab import FarLab
from tests.bench.terminal import Terminal

COUNTS = rb"[\d,]+ of [\d,]+"
"""What a pane's title says when it has rows."""


@contextmanager
def loaded_console(lab: FarLab) -> Iterator[Terminal]:
    """The console when both panes have their rows and it has come to rest."""
    with Terminal("-m", "splittui", "--config", str(lab.config)) as terminal:
        terminal.shows(COUNTS, 300)
        terminal.settle(1.0)
        yield terminal
