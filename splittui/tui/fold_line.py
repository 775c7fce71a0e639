"""A line of a tree that can be folded. A tree is flat: lines in reading order, each with what belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from splittui.tui.lines import Line

FOLD_ABOVE = 3
"""More alike things than this are shown folded."""


@dataclass(frozen=True, slots=True)
class FoldLine:
    """One line: ``below`` lines follow that belong to it; ``hang`` indents its wrapped rows.

    ``later`` makes the lines that belong to it when it is first opened; it is closed until then, and has none below.
    """

    depth: int
    content: Line
    below: int = 0
    opened: bool = True
    hang: int = 2
    later: Callable[[], Sequence[FoldLine]] | None = None


def counted(lines: Sequence[FoldLine]) -> list[FoldLine]:
    """The lines, each with the number of those deeper ones that follow it."""
    told = list(lines)
    open_: list[int] = []
    for index in range(len(lines) + 1):
        depth = lines[index].depth if index < len(lines) else -1
        while open_ and lines[open_[-1]].depth >= depth:
            above = open_.pop()
            if lines[above].below != index - above - 1:
                told[above] = replace(lines[above], below=index - above - 1)
        open_.append(index)
    return told


def made(line: FoldLine) -> Iterator[FoldLine]:
    """The line with all that belongs to it and was left until now."""
    if line.later is None:
        yield line
        return
    yield replace(line, later=None)
    for below in line.later():
        yield from made(below)
