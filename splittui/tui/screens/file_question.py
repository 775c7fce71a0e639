"""Asking for the name of a file, asking once more where it is there already, and writing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual.screen import Screen

from splittui.model.text import clean
from splittui.tui.screens.confirm import AskScreen, ConfirmScreen

Write = Callable[[Path, bool], None]
"""Writes the file, or replaces it where the second one is true. Raises OSError."""


def write_to_asked(screen: Screen[bool] | Screen[None], question: str, name: str, write: Write) -> None:
    """Asks for the file, with ``name`` as what is proposed."""
    screen.app.push_screen(AskScreen(question, name), partial(_named, screen, write))


def _named(screen: Screen[bool] | Screen[None], write: Write, name: str | None) -> None:
    if name is None:
        return
    path = Path(name).expanduser()
    if not path.exists():
        _write(screen, write, path, replace=False)
        return

    def answered(yes: bool | None) -> None:
        if yes:
            _write(screen, write, path, replace=True)

    question = ConfirmScreen(f"{path} exists. Replace it?", detail="What is in it now is lost.", yes="Replace")
    screen.app.push_screen(question, answered)


def _write(screen: Screen[bool] | Screen[None], write: Write, path: Path, *, replace: bool) -> None:
    try:
        write(path, replace)
    except OSError as error:
        reason = error.strerror or str(error)
        screen.notify(f"Not written to {clean(str(path))}: {reason}", severity="error", markup=False)
        return
    screen.notify(f"Written to {clean(str(path.absolute()))}, readable by you alone.", markup=False)
