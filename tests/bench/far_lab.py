"""A lab in a process of its own, so that the far end does not share an interpreter with what is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from splittui.lab.home import Home
from tests.bench.figure import Sizes


@dataclass(frozen=True, slots=True)
class FarLab:
    """What can be reached of a running lab."""

    config: Path
    home: Home

    def count_starts(self, program: str) -> Path:
        """From now on each start of ``program`` appends a line to the file returned."""
        count = self.home.path / f"{program}.starts"
        count.write_text("", encoding="utf-8")
        launcher = self.home.path / "bin" / program
        script = launcher.read_text(encoding="utf-8")
        launcher.write_text(script.replace("\nexec ", f"\necho >> '{count}'\nexec ", 1), encoding="utf-8")
        return count


@contextmanager
def far_lab(accounts: int, *, zmprov_delay: float = 0.0, kept_in: Path | None = None) -> Iterator[FarLab]:
    """A lab until the end of the block; with ``kept_in`` it is taken from there, or left there for the next bench."""
    place = () if kept_in is None else ("--dir", str(kept_in / f"lab-{accounts}"))
    command = (sys.executable, "-m", "splittui", "lab", "--accounts", str(accounts), *place)
    process = subprocess.Popen([*command, "--zmprov-delay", str(zmprov_delay)], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        info = json.loads(process.stdout.readline())
        yield FarLab(Path(info["config"]), Home(Path(info["zimbra_home"])))
    finally:
        process.terminate()
        process.wait(30)


def big_lab(sizes: Sizes) -> int:
    """How many people a lab needs so that both systems together hold twice ``sizes.accounts`` entries."""
    return sizes.accounts * 119 // 100


def long_lists_lab(sizes: Sizes) -> int:
    """How many people a lab needs so that the longer pane has ``sizes.accounts`` rows: three of four."""
    return sizes.accounts * 134 // 100
