"""A link that says nothing any more while the console moves people: noticed in time, told, and never in the way."""

import time
from collections.abc import AsyncIterator, Iterator

import pytest
from textual.pilot import Pilot

from splittui import config
from splittui.execution.events import Outcome
from splittui.execution.site import Site
from splittui.model.entries import Side
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from tests.faults.over_ssh import NOTICED, Field, field
from tests.tui.test_lab import until


@pytest.fixture
def here() -> Iterator[Field]:
    with field("primary") as made:
        yield made


@pytest.fixture
async def pilot(here: Field) -> AsyncIterator[Pilot[int]]:
    paced = f"{here.config.read_text()}\n[profile.lab.limits]\nper_minute = 60\npercent = 100\n"
    here.config.write_text(paced)
    app = SplittuiApp(Site(config.load(here.config)))
    async with app.run_test(size=(120, 40)) as opened:
        await until(opened, lambda: app.main.roster is not None)
        yield opened


@pytest.mark.parametrize("silence", ["swallow", "stall"])
async def test_it_is_noticed_while_the_keys_go_on(pilot: Pilot[int], here: Field, silence: str) -> None:
    app = pilot.app
    assert isinstance(app, SplittuiApp)
    people = app.main.panes[Side.LEGACY].people
    ready = [row for row in app.main.roster.people.values() if row.home == "legacy" and row.zimbra and not row.state]
    people.mark({row.address for row in ready[:10]})
    await pilot.press("m", "p")
    await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
    await pilot.press("a")
    await until(pilot, lambda: app.job is not None and len(app.job.state.lines) > 3)
    here.proxy.mode = silence
    began = time.monotonic()
    job = app.job
    assert job is not None
    answered = 0
    while not any("no answer for" in line.text for line in job.state.lines) and job.ended is None:
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.main)
        await pilot.press("down", "w")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        answered += 1
        await pilot.pause(0.2)
        assert time.monotonic() - began < NOTICED
    assert answered > 3, "the keys waited for the link"
    here.proxy.mode = "pass"
    here.proxy.reset()
    await until(pilot, lambda: job.ended is not None)
    assert job.ended is not None
    in_flight = [outcome for outcome in job.ended.outcomes if outcome is Outcome.UNKNOWN]
    assert len(in_flight) <= 1
    if job.ended.error:
        certain = ("Nothing was run there.", "may have taken effect or not", "is not known")
        assert any(words in job.ended.error for words in certain), job.ended.error
        assert any(words in job.ended.error for words in ("try again", "Connect again", "Refresh")), job.ended.error
    else:
        assert job.ended.clean
