"""The guide in the console on real servers: from an empty domain to the end of a set-up, mail flowing all the while."""

from __future__ import annotations

from pathlib import Path

import pytest

from splittui import config
from splittui.execution.site import Site
from splittui.planning.setup import Goal
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.confirm import EnterGuard
from tests.servers.guided import empty_lab
from tests.servers.lab import PRIMARY, SECONDARY
from tests.servers.test_guided_setup import flowing, start
from tests.tui.guided_console import ConsoleOperator
from tests.tui.test_lab import until

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(("role", "goal"), [(PRIMARY, Goal.PRIMARY), (SECONDARY, Goal.SECONDARY)])
async def test_a_set_up_by_its_keys(role: str, goal: Goal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 0.0)
    with empty_lab(role) as lab:
        operator, mail = start(lab, tmp_path, 'backscatter = "verify"\n')
        app = SplittuiApp(Site(config.load(operator.file)))
        with flowing(lab, "bar", "baz.alias"):
            async with app.run_test(size=(80, 24)) as pilot:
                await until(pilot, lambda: app.main.roster is not None)
                assert (await ConsoleOperator(pilot, operator.administrator, mail.arrives).carry_out(goal)).finished
        mail.is_kept("bar", "legacy")
