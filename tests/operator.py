"""An operator who follows the guide from the command line, and has done by hand what it asks for."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from splittui.cli.main import main

DOMAIN = "example.com"
FREE = ("to do", "no longer true")
CHOSEN_LATER = ("address-book", "authentication")
"""Nothing is done about them before somebody has chosen what."""

Task = dict[str, Any]
Tasks = dict[str, Task]
"""As ``setup --json`` tells them, by key."""


class Administrator(Protocol):
    """Who can do something on the existing mail system, in the DNS, and before the firewall."""

    def do(self, task: Task) -> None:
        """What this task's words say."""
        ...


@dataclass
class Operator:
    """Says ``splittui setup``, and has the administrator do what is to be done by hand.

    ``after`` is called each time, with what was done.
    """

    file: Path
    administrator: Administrator
    after: Callable[[str], None] = lambda what: None
    said: list[str] = field(default_factory=list)

    def tasks(self, goal: str) -> Tasks:
        """How each task stands."""
        out, _ = self._run("setup", goal, "--json")
        return {task["task"]: task for task in json.loads(out)}

    def carry_out(self, goal: str, *options: str, rounds: int = 14) -> Tasks:
        """Goes on until the guide says that all is so, doing by hand what is asked for; returns how it ended."""
        for _ in range(rounds):
            out, code = self._run("setup", goal, "--yes", "--confirm", DOMAIN, "--json", *options)
            self.after(f"setup {goal}: {code}")
            assert out, self.said[-1]
            tasks = {task["task"]: task for task in json.loads(out)}
            if code == 0:
                return tasks
            todo = [task for task in tasks.values() if task["state"] in FREE and task["by_hand"]]
            assert todo, (code, goal, self.said[-1])
            for task in todo:
                self.administrator.do(task)
                self.after(f"by hand: {task['task']}")
        raise AssertionError(f"{goal} does not come to its end: {self.said[-1]}")

    def run(self, *words: str) -> str:
        """Any other command of splittui's, which must end well."""
        out, code = self._run(*words)
        assert code == 0, self.said[-1]
        return out

    def see(self, *words: str) -> str:
        """What a command prints, however it ends."""
        return self._run(*words)[0]

    def _run(self, *words: str) -> tuple[str, int]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(["--config", str(self.file), *words])
        self.said.append(f"$ splittui {' '.join(words)}\n{err.getvalue()}\nexit {code}")
        return out.getvalue(), code


def states(tasks: Tasks) -> dict[str, str]:
    return {key: task["state"] for key, task in tasks.items()}


def all_done(tasks: Tasks, *optional: str) -> None:
    """Everything is so, except what is only done when somebody has chosen it, or deliberately by its name."""
    left = {key: state for key, state in states(tasks).items() if state != "done" and key not in CHOSEN_LATER}
    assert set(left) <= set(optional), left
