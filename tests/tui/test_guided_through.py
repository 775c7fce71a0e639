"""The guide in the console from an empty domain through both roles to the end, by its keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from splittui import config
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.planning.setup import Goal
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.confirm import EnterGuard
from tests.cli.test_setup_run import ByHand
from tests.tui.guided_console import ConsoleOperator
from tests.tui.test_lab import until

WAYS = {
    "primary": (Goal.PRIMARY, Goal.TO_SECONDARY, Goal.TO_PRIMARY, Goal.FINISH),
    "secondary": (Goal.SECONDARY, Goal.ROLL_BACK),
}


@pytest.mark.parametrize("role", WAYS)
async def test_from_an_empty_domain_to_the_end(role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 0.0)
    with Lab.start(tmp_path / "lab", accounts=8, role=role, empty=True) as lab:
        lab.config.write_text(lab.config.read_text() + "\n[profile.lab.setup]\nquiet_days = 0\n")
        app = SplittuiApp(Site(config.load(lab.config)))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.main.roster is not None)
            operator = ConsoleOperator(pilot, ByHand(lab))
            for goal in WAYS[role]:
                assert (await operator.carry_out(goal)).finished
