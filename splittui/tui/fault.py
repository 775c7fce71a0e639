"""The end after a fault of the program itself: no traceback on the screen, but in a file, without any values."""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

import platformdirs
from textual.app import App


def default_folder() -> Path:
    """Where reports of faults are kept."""
    return platformdirs.user_state_path("splittui") / "faults"


class CalmEndApp(App[int]):
    """An app that ends after an unforeseen exception with a few plain words. ``fault_folder`` takes the report."""

    fault_folder: Path | None = None

    def _fatal_error(self) -> None:
        error = self._exception
        name = "splittui" if error is None else f"{type(error).__name__}: {error}"
        self.panic(
            f"splittui had to end because of a fault of its own ({name}).\n"
            "A run that was going on has ended after the command in flight; its journal says what was done.\n"
            "Start splittui again: it reads both systems anew and shows what is true.\n" + self._report(error)
        )

    def _report(self, error: BaseException | None) -> str:
        if error is None:
            return ""
        folder = self.fault_folder or default_folder()
        file = folder / f"fault-{datetime.now():%Y%m%d-%H%M%S}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as report:
                report.write("".join(traceback.format_exception(error)))
        except OSError as trouble:
            return f"The report of the fault could not be written: {trouble}"
        return f"For whoever mends it: {file}"

    def action_help_quit(self) -> None:
        """Ctrl+C does not end the console: it is pressed too easily."""
        self.notify("q, F10 or Ctrl+Q leaves", markup=False, timeout=3)
