"""Many people moved through a link that dies every few seconds, until all of them are where they were to go."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from splittui.model.entries import Side
from tests.faults.over_ssh import DOMAIN, Field, field

MOST_RUNS = 40


@dataclass(frozen=True)
class Crossed:
    """How it went; ``wrong`` is empty where everybody came over, exactly once."""

    people: int
    runs: int
    cuts: int
    seconds: float
    wrong: tuple[str, ...]


def cross(people: int, every: float) -> Crossed:
    """Moves so many people to Zimbra while the link is cut every so many seconds."""
    with field("primary", accounts=people * 3 // 2 + 60) as here:
        there = [p for p in here.ask("list", "--json") if p["home"] == "legacy" and not p["state"]]
        chosen = here.plan([str(p["address"]) for p in there][:people], Side.ZIMBRA, here.folder / "plan.json")
        before = here.far.writes()
        began = time.monotonic()
        runs, cuts, said = _until_through(here, len(chosen), every)
        seconds = time.monotonic() - began
        homes = {p["address"]: p["home"] for p in here.ask("list", "--json")}
        wrong = [f"{one} lives on {homes.get(one)}" for one in chosen if homes.get(one) not in ("zimbra", "both")]
        wrong += [f"{dn} was written {count} times" for dn, count in (here.far.writes() - before).items() if count > 1]
        if runs >= MOST_RUNS:
            wrong.append(f"not through after {runs} runs: {said[-300:]}")
        return Crossed(len(chosen), runs, cuts, seconds, tuple(wrong))


def _until_through(here: Field, people: int, every: float) -> tuple[int, int, str]:
    over, cuts = threading.Event(), 0

    def cut() -> None:
        nonlocal cuts
        while not over.wait(every):
            cuts += 1
            here.proxy.cut()

    cutting = threading.Thread(target=cut)
    cutting.start()
    sure = ("--yes", "--confirm", str(people), "--override", DOMAIN)
    arguments: tuple[str, ...] = ("apply", str(here.folder / "plan.json"), *sure)
    try:
        for number in range(1, MOST_RUNS + 1):
            ended = here.run(arguments, None, 0)
            if ended.code == 0:
                return number, cuts, ""
            runs = [int(str(run["run"])) for run in here.ask("history", "--json")]
            if runs:
                arguments = ("resume", str(max(runs)), *sure)
        return MOST_RUNS, cuts, ended.err
    finally:
        over.set()
        cutting.join()
