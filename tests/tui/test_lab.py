"""The console on the lab, over its real SSH: from the cursor on a person to a verified change."""

from collections.abc import AsyncIterator, Iterator

import pytest
from textual.pilot import Pilot

from splittui import config
from splittui.execution.events import Outcome
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.model.entries import Side
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from tests.far_end import attributes, change, remove
from tests.tui.test_key_order import type_ahead

LMTP = ["lmtp:zimbra.example.com:7025"]
SMTP = ["smtp:mail.example.com:25"]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=240) as running:
        yield running


@pytest.fixture
async def pilot(lab: Lab) -> AsyncIterator[Pilot[int]]:
    app = SplittuiApp(Site(config.load(lab.config)))
    async with app.run_test(size=(120, 40)) as opened:
        await until(opened, lambda: app.main.roster is not None)
        yield opened


async def until(pilot: Pilot[int], reached) -> None:
    for _ in range(1200):
        await pilot.pause(0.02)
        if reached():
            await pilot.pause()
            return
    raise TimeoutError("the console did not get there")


def console(pilot: Pilot[int]) -> SplittuiApp:
    assert isinstance(pilot.app, SplittuiApp)
    return pilot.app


def transport(lab: Lab, address: str) -> list[str] | None:
    entry = attributes(lab.home.path, address)
    return None if entry is None else entry.get("zimbraMailTransport")


async def run_ended(pilot: Pilot[int]) -> None:
    app = console(pilot)
    await until(pilot, lambda: app.job is not None and app.job.ended is not None)


def addresses(pilot: Pilot[int], side: Side) -> set[str]:
    view = console(pilot).main.panes[side].people.view
    return {view[index].address for index in range(len(view))}


async def test_a_quick_move_and_its_undo(pilot: Pilot[int], lab: Lab) -> None:
    app = console(pilot)
    type_ahead(app, "/bar@\rma")
    await run_ended(pilot)
    assert app.job is not None
    assert app.job.plan.people == ("bar@example.com",)
    assert transport(lab, "bar@example.com") == LMTP
    said = [line.text for line in app.job.state.lines]
    assert any(line.startswith("ma bar@example.com zimbraAccountStatus active") for line in said)
    await pilot.press("escape")
    await until(pilot, lambda: "bar@example.com" in addresses(pilot, Side.ZIMBRA))
    assert "bar@example.com" not in addresses(pilot, Side.LEGACY)
    await pilot.press("w", "u")
    await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
    first = app.job
    await pilot.press("a")
    await until(pilot, lambda: app.job is not first)
    await run_ended(pilot)
    assert transport(lab, "bar@example.com") == SMTP


async def test_twenty_five_people_two_of_whom_somebody_else_touched(pilot: Pilot[int], lab: Lab) -> None:
    app = console(pilot)
    people = app.main.panes[Side.LEGACY].people
    ready = [row for row in app.main.roster.people.values() if row.home == "legacy" and row.zimbra and not row.state]
    chosen = [row.address for row in ready if transport(lab, row.address) == SMTP][:25]
    people.mark(set(chosen))
    await pilot.press("m")
    assert len(app.main.staging) == 25
    assert set(chosen) <= addresses(pilot, Side.ZIMBRA)
    await pilot.press("p")
    await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
    changed, vanished = chosen[3], chosen[7]
    change(lab.home.path, changed, zimbraMailTransport="smtp:elsewhere.example.com")
    remove(lab.home.path, vanished)
    await pilot.press("a")
    await run_ended(pilot)
    assert isinstance(app.screen, RunScreen)
    assert app.job is not None
    assert app.job.ended is not None
    outcomes = dict(zip((step.address for step in app.job.plan.steps), app.job.ended.outcomes, strict=True))
    assert {address for address, outcome in outcomes.items() if outcome is not Outcome.DONE} == {changed, vanished}
    assert transport(lab, changed) == ["smtp:elsewhere.example.com"]
    assert transport(lab, vanished) is None
    assert all(transport(lab, address) == LMTP for address in chosen if address not in (changed, vanished))
    await pilot.press("escape")
    await until(pilot, lambda: chosen[0] in addresses(pilot, Side.ZIMBRA))


async def test_a_placeholder_for_whom_zimbra_does_not_know(pilot: Pilot[int], lab: Lab) -> None:
    type_ahead(console(pilot), "/dave@\rna")
    await run_ended(pilot)
    assert transport(lab, "dave@example.com") == SMTP
    assert attributes(lab.home.path, "dave@example.com")["zimbraAccountStatus"] == ["locked"]
