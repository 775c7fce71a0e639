"""A tree whose lines are partly made when they are unfolded looks as one that was whole from the start."""

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult

from splittui.tui.fold_line import FoldLine, counted, made
from splittui.tui.glyphs import UNICODE
from splittui.tui.lines import line
from splittui.tui.widgets.fold_view import FoldView


def later(name: str, depth: int, number: int, below: int) -> FoldLine:
    """A line with ``number`` lines to be made, each with as many to be made again as ``below`` allows."""

    def make() -> list[FoldLine]:
        names = [f"{name}.{index}" for index in range(number)]
        return [later(n, depth + 1, number, below - 1) if below else FoldLine(depth + 1, line(n)) for n in names]

    return FoldLine(depth, line(name), later=make)


LAZY = [
    FoldLine(0, line("first"), 2),
    FoldLine(1, line("first.a")),
    later("first.b", 1, 2, 0),
    later("second", 0, 3, 1),
    FoldLine(0, line("third")),
]
WHOLE = counted(
    [
        FoldLine(one.depth, one.content, opened=index == 0)
        for index, one in enumerate(unfolded for top in LAZY for unfolded in made(top))
    ]
)


class Tree(App[None]):
    def __init__(self, lines: Sequence[FoldLine]) -> None:
        super().__init__()
        self.view = FoldView(lines, UNICODE)

    def compose(self) -> ComposeResult:
        yield self.view

    def rows(self) -> list[str]:
        rows = [self.view.render_row(index, 60).text.rstrip() for index in range(self.view.line_count)]
        rows[self.view.cursor] += " <"
        return rows


KEYS = [
    "down down right",
    "down down down enter down down enter",
    "end up enter down enter down down",
    "down down right down down right down right up left left",
    "e",
    "down down down e",
    "e E",
    "end up right down right home e end E",
    "down down down right down right down left e",
]


@pytest.mark.parametrize("keys", KEYS)
async def test_it_looks_the_same(keys: str) -> None:
    seen = []
    for lines in (LAZY, WHOLE):
        app = Tree(lines)
        async with app.run_test(size=(60, 40)) as pilot:
            app.view.focus()
            for key in keys.split():
                await pilot.press(key)
                seen.append(app.rows())
    half = len(seen) // 2
    assert seen[:half] == seen[half:]


async def test_lines_are_made_once_and_only_when_unfolded() -> None:
    times: list[int] = []

    def make() -> list[FoldLine]:
        times.append(1)
        return [FoldLine(1, line("below"))]

    app = Tree([FoldLine(0, line("top"), later=make)])
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.focus()
        assert app.rows() == ["▸ top <"]
        assert times == []
        await pilot.press("enter", "enter", "right", "e", "E")
        assert times == [1]
        await pilot.press("right")
        assert app.rows() == ["▾ top <", "    below"]


async def test_other_lines_may_be_shown() -> None:
    app = Tree(LAZY)
    async with app.run_test(size=(60, 10)) as pilot:
        app.view.show_lines([FoldLine(0, line(str(number))) for number in range(5)], 3)
        await pilot.pause()
        assert app.rows() == ["  0", "  1", "  2", "  3 <", "  4"]
        app.view.show_lines([FoldLine(0, line("only"))])
        await pilot.pause()
        assert app.rows() == ["  only <"]
