"""Plays the guide in a lab: what is commands goes to the lab's programs, what is words is done as a person would."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from splittui import config
from splittui.execution.guidance import Guidance
from splittui.execution.site import Site
from splittui.lab import world
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.model.zmprov_line import quote_line
from splittui.planning.elsewhere import EVERYTHING_ELSE, MX, REFUSED
from splittui.planning.plan import Act, Change, Step
from splittui.planning.routes import ROUTE
from splittui.planning.setup import Choices, Goal, Guide, State

WORDS = {
    "legacy-accepts": world.accept,
    "legacy-relays": world.relay,
    "forward-all": world.forward_all,
    "backscatter": lambda place: world.firewall(place, "close"),
    "open-to-all": lambda place: world.firewall(place, "open"),
    "legacy-off": lambda place: world.switch_off(place, world.LEGACY),
    "zimbra-off": lambda place: world.switch_off(place, world.ZIMBRA),
}
"""What a plan says in words alone, and names no change of."""


class Player:
    """Somebody who follows a guide in the lab to its end."""

    def __init__(self, lab: Lab, goal: Goal, choices: Choices) -> None:
        self.lab, self.goal, self.choices = lab, goal, choices
        self.done: list[str] = []

    def look(self) -> Guide:
        site = Site(config.load(self.lab.config))
        try:
            found = roster(site.split, site.read(lambda progress: None))
            guidance = Guidance(site, self.goal, self.choices)
            return guidance.look(found, site.version(), time.time(), lambda words: None).guide
        finally:
            site.close()

    def play(self, tasks: int = 20) -> Guide:
        """Carries out one task after the other, as long as there is something to do; the guide as it is in the end."""
        for _ in range(tasks):
            guide = self.look()
            task = next((t for t in guide.tasks if t.state is State.TO_DO and t.plan.steps), None)
            if task is None:
                return guide
            assert task.key not in self.done, f"{task.key} is done and still not seen done: {task.check.missing}"
            self.carry_out(task.key, task.plan.steps)
            self.done.append(task.key)
        raise AssertionError(f"no end after {self.done}")

    def carry_out(self, key: str, steps: Iterable[Step]) -> None:
        for kind, some in groupby(steps, lambda step: "words" if step.route is not None else step.act is Act.RELOAD):
            if kind == "words":
                for step in some:
                    self._by_hand(key, step)
            elif kind:
                for step in some:
                    self._run(step.tokens)
            else:
                self.zmprov([step.tokens for step in some])

    def _by_hand(self, key: str, step: Step) -> None:
        for change in step.changes:
            self._change(change)
        if not step.changes:
            WORDS[key](self.lab.world)

    def _change(self, change: Change) -> None:
        place = self.lab.world
        if change.attribute == MX:
            world.exchanger(place, world.ZIMBRA if change.after[0].startswith("zimbra") else world.LEGACY)
        elif change.attribute == ROUTE and change.entry == EVERYTHING_ELSE:
            (world.refuse_unknown if change.after == REFUSED else world.forward_unknown)(place)
        elif change.attribute == ROUTE:
            (world.route if change.after else world.keep)(place, change.entry)

    def zmprov(self, lines: Sequence[Sequence[str]]) -> None:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as batch:
            batch.write("".join(f"{quote_line(line)}\n" for line in lines))
            batch.flush()
            said = self._run(("zmprov", "-l", "-f", batch.name))
        assert "ERROR" not in said, said

    def _run(self, command: Sequence[str]) -> str:
        home = self.lab.home
        done = subprocess.run(
            [str(home.path / "bin" / Path(command[0]).name), *command[1:]],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=home.environment(),
            cwd=home.path,
            check=True,
            timeout=30,
        )
        return done.stdout.decode()
