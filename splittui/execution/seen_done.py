"""When each task of the guides was first seen done, on this machine: so that one that is done no more is called so.

It is no proof of anything: whether a task is done is always seen anew, and without this file a guide says the same.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from splittui.planning.setup import Goal, Guide, State


class SeenDone:
    """The memory of one profile, in a file beside its journal."""

    def __init__(self, journal: Path, profile: str) -> None:
        self._file = journal.with_name(f"{journal.stem}-{profile}-setup.json")

    def of(self, goal: Goal) -> Mapping[str, float]:
        """By the task's key: when it was first seen done, in seconds since the epoch. A damaged file says nothing."""
        return self._all().get(goal.name, {})

    def keep(self, goal: Goal, guide: Guide, at: float) -> None:
        """Adds what is done now. Raises OSError."""
        known = self._all()
        before = known.get(goal.name, {})
        after = {**{task.key: at for task in guide.tasks if task.state is State.DONE}, **before}
        if after == before:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, fresh = tempfile.mkstemp(dir=self._file.parent, prefix=f".{self._file.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump({**known, goal.name: after}, out)
        Path(fresh).replace(self._file)

    def _all(self) -> dict[str, dict[str, float]]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {
            str(goal): {str(key): at for key, at in tasks.items() if isinstance(at, (int, float))}
            for goal, tasks in found.items()
            if isinstance(tasks, dict)
        }
