"""The console's resident memory with both sides of a big split loaded, against Textual's own hello app."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.far_lab import big_lab, far_lab
from tests.bench.figure import Figure, Goal, Kind, Sizes
from tests.bench.loaded import loaded_console
from tests.bench.terminal import Terminal

_IDLE = 20.0


def figures(sizes: Sizes) -> Iterator[Figure]:
    with Terminal("-m", "tests.bench.hello") as hello:
        hello.watch(1.0)
        reference, hello_idle = hello.memory(), _idle(hello)
    with far_lab(big_lab(sizes), kept_in=sizes.labs) as lab, loaded_console(lab) as console:
        name, what = f"2 x {sizes.accounts:,} accounts", "Textual's hello"
        yield Figure(f"memory: {name}", console.memory(), reference, what, Goal(Kind.MEASURED, 180), "MB")
        yield Figure("memory: at its highest", console.memory("VmHWM"), reference, what, unit="MB")
        yield Figure(
            "memory: CPU while idle with them", _idle(console), hello_idle, what, Goal(Kind.MEASURED, 0.3), "%"
        )


def _idle(terminal: Terminal) -> float:
    """Its share of a core while nobody does anything."""
    began = terminal.cpu()
    terminal.watch(_IDLE)
    return (terminal.cpu() - began) / _IDLE * 100
