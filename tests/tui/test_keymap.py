"""Every action has a key, a letter beside each function key, a line in the help, and an entry in the palette."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from textual.binding import Binding

from splittui.tui.app import SplittuiApp
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.keymap import KEYS, Hint, Key, bindings, fitting, hint, key_name
from splittui.tui.palette import ScreenCommands
from splittui.tui.screens.help import help_lines
from splittui.tui.screens.main import MainScreen
from splittui.tui.widgets.people_pane import PeoplePane

from .test_main import ready

SWALLOWED = {"ctrl+i", "ctrl+m", "ctrl+h", "alt+enter", "ctrl+enter", "shift+enter", "ctrl+space", "f5"}


def test_no_key_is_bound_twice() -> None:
    keys = [key for entry in KEYS for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert not SWALLOWED & set(keys)


@pytest.mark.parametrize("entry", KEYS, ids=lambda entry: entry.action)
def test_function_keys_have_a_twin_and_everything_has_words(entry: Key) -> None:
    if any(re.fullmatch(r"f\d+", key) for key in entry.keys):
        assert any(not re.fullmatch(r"f\d+", key) for key in entry.keys)
    assert entry.label
    assert entry.help
    name = entry.action.removeprefix("app.").partition("(")[0]
    owner = SplittuiApp if entry.action.startswith("app.") else PeoplePane if entry.of_pane else MainScreen
    assert hasattr(owner, f"action_{name}")


def test_bindings_have_ids_and_no_priority() -> None:
    for of_pane in (True, False):
        for binding in bindings(of_pane):
            assert isinstance(binding, Binding)
            assert binding.id
            assert not binding.priority


def test_help_has_every_key_in_every_set_of_signs() -> None:
    for glyphs in (UNICODE, ASCII):
        lines = help_lines(glyphs)
        assert all((key.all_shown, key.help) in lines for key in KEYS)
    assert all("".join(line).isascii() for line in help_lines(ASCII))


def test_keys_are_named_as_people_write_them() -> None:
    assert [key_name(key) for key in ("ctrl+r", "question_mark", "f10", "m", "S", "shift+up", "pageup")] == [
        "Ctrl+R",
        "?",
        "F10",
        "m",
        "S",
        "Shift+Up",
        "PgUp",
    ]


@pytest.mark.parametrize("width", [20, 58, 78, 98, 200])
def test_footer_fits_and_keeps_the_last(width: int) -> None:
    hints = [hint(key.action) for key in KEYS]
    chosen = fitting(hints, width)
    assert sum(one.width for one in chosen) + 2 * (len(chosen) - 1) <= width
    assert chosen[-1] == hints[-1]
    assert width > 80 or len(chosen) <= 8
    assert fitting([Hint("?", "help")], 10) == (Hint("?", "help"),)


async def test_palette_has_every_action(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        provider = ScreenCommands(app.screen)
        names = [str(hit.display) for hit in [hit async for hit in provider.discover()]]
        for key in KEYS:
            if key.action != "app.command_palette":
                assert any(name.startswith(f"{key.label} ") for name in names), key.action
        found = [str(hit.match_display) async for hit in provider.search("unstage all")]
        assert any("unstage all" in name for name in found)


def test_the_engine_does_not_know_the_screen() -> None:
    code = """
import importlib, pkgutil, sys
for package in ("model", "planning", "execution"):
    found = importlib.import_module(f"splittui.{package}")
    for module in pkgutil.walk_packages(found.__path__, f"splittui.{package}."):
        importlib.import_module(module.name)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("textual", "rich")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_screen_takes_text_from_outside_as_markup() -> None:
    package = Path(__file__).parents[2] / "splittui" / "tui"
    for file in package.rglob("*.py"):
        for line in file.read_text().splitlines():
            assert "from_markup" not in line
            if "self.notify(" in line and line.rstrip().endswith(")"):
                assert "markup=False" in line, f"{file.name}: {line}"
