"""People move both ways in both roles between real servers, while mail for them flows from everywhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui import config
from splittui.cli.main import main
from splittui.execution.control import Control
from splittui.execution.events import Event, RunEnded
from splittui.execution.site import Site
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Act, Plan
from splittui.tui.app import SplittuiApp
from tests.servers.flow import Flow
from tests.servers.ground import wait_until
from tests.servers.lab import PRIMARY, SECONDARY, Lab
from tests.servers.post import Origin
from tests.servers.profile import POSTFIX_ROUTER, profile
from tests.tui.test_key_order import type_ahead
from tests.tui.test_lab import until

BAR = "bar@example.com"
# What each system's mailboxes are called in the lab.
STORES = {Side.ZIMBRA: "zimbra", Side.LEGACY: "legacy"}
pytestmark = pytest.mark.servers


@pytest.fixture(scope="module", params=[PRIMARY, SECONDARY])
def split(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with Lab(request.param) as lab:
        yield lab


@pytest.fixture
def site(split: Lab, tmp_path: Path) -> Iterator[Site]:
    """The way in that an operator has, with bar on the existing system."""
    with profile(split, tmp_path, POSTFIX_ROUTER) as file:
        opened = Site(config.load(file))
        home = roster(opened.split, opened.read(lambda progress: None)).people[BAR].side
        if home is Side.ZIMBRA:
            move(opened, Side.LEGACY)
        yield opened
        opened.close()


def planned(site: Site, to: Side) -> Plan:
    seen = roster(site.split, site.read(lambda progress: None))
    assert seen.snapshot.complete, seen.snapshot.why_partial
    plan = plan_moves(site.split, seen.snapshot, seen.people, [Move(BAR, to)], time.time())
    assert plan.steps, plan.refusals
    return plan


def run(site: Site, plan: Plan) -> RunEnded:
    events: list[Event] = []
    ended = site.run(plan, events.append, Control())
    assert ended.clean, events
    return ended


def move(site: Site, to: Side) -> None:
    run(site, planned(site, to))


def without_reload_between(plan: Plan) -> Plan:
    """The reload at the end stays: it makes the second system take its new route at once."""
    between = next(step for step in plan.steps if step.act is Act.RELOAD)
    return replace(plan, steps=tuple(step for step in plan.steps if step is not between))


def halves(plan: Plan) -> list[Plan]:
    """What is done on each of the two hosts, in the plan's order, without the reloads."""
    flips = [step for step in plan.steps if step.act is not Act.RELOAD]
    hosts = dict.fromkeys(step.host for step in flips)
    return [replace(plan, steps=tuple(step for step in flips if step.host == host)) for host in hosts]


def bounces(lab: Lab) -> int:
    """How many there are so far, those of earlier tests included."""
    return sum(one.bounce for one in lab.deliveries())


def arrives_at(lab: Lab, side: Side) -> None:
    """Mail of all three origins ends in that system's mailbox, and nowhere else."""
    for origin in Origin:
        sent = lab.send(BAR, origin=origin)
        assert lab.outcome(sent).delivered == (f"{STORES[side]}:{BAR}",), origin


def test_there_and_back_while_mail_flows_harms_no_message(split: Lab, site: Site) -> None:
    with Flow(split, BAR, rate=10) as flow:
        flow.go_on(3)
        move(site, Side.ZIMBRA)
        there = flow.go_on(0)
        flow.go_on(5)
        before_back = flow.go_on(0)
        move(site, Side.LEGACY)
        back = flow.go_on(0)
        flow.go_on(5)
        flow.settle()
    result = flow.result()
    assert result.unharmed, result
    assert set(result.boxes(since=there) - result.boxes(since=before_back)) == {"zimbra"}, result
    assert set(result.boxes(since=back)) == {"legacy"}, result
    assert {message.origin for message in result.messages} == set(Origin)


@pytest.mark.parametrize("origin", list(Origin))
def test_a_single_sender(split: Lab, site: Site, origin: Origin) -> None:
    with Flow(split, BAR, rate=10, origins=[origin], senders=1) as flow:
        flow.go_on(3)
        move(site, Side.ZIMBRA)
        flow.go_on(3)
        move(site, Side.LEGACY)
        back = flow.go_on(0)
        flow.go_on(3)
        flow.settle()
    result = flow.result()
    assert result.unharmed, result
    assert set(result.boxes(since=back)) == {"legacy"}, result


def test_without_the_reload_in_between_a_single_sender_s_mail_goes_round(split: Lab, site: Site) -> None:
    """The queue manager's 30 seconds: what the reload in the plan is there for."""
    move(site, Side.ZIMBRA)
    plan = without_reload_between(planned(site, Side.LEGACY))
    with Flow(split, BAR, rate=10, origins=[Origin.LEGACY], senders=1) as flow:
        flow.go_on(5)
        run(site, plan)
        flow.go_on(20)
        flow.settle()
    result = flow.result()
    assert result.looped, result
    assert not result.lost, result


@pytest.mark.parametrize("to", [Side.ZIMBRA, Side.LEGACY])
def test_the_wrong_order_bounces(split: Lab, site: Site, to: Side) -> None:
    if to is Side.LEGACY:
        move(site, Side.ZIMBRA)
    first, second = reversed(halves(planned(site, to)))
    before = bounces(split)
    with Flow(split, BAR, rate=2, origins=[Origin.INTERNET, Origin.ZIMBRA]) as flow:
        flow.go_on(2)
        run(site, first)
        split.zimbra.reload()
        split.legacy.reload()
        wait_until(lambda: bounces(split) > before, "a message has gone round too often", 60)
        run(site, second)
        flow.settle()
    result = flow.result()
    assert result.bounced, result
    assert {*result.bounced} <= {*result.looped}, result
    assert not result.lost, result


async def test_the_console_moves_a_person_there_and_back(split: Lab, site: Site) -> None:
    app = SplittuiApp(site)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.main.roster is not None)
        for pane, to in (("1", Side.ZIMBRA), ("2", Side.LEGACY)):
            first = app.job
            type_ahead(app, f"{pane}/bar@\rma")
            await until(pilot, lambda first=first: app.job is not first and app.job.ended is not None)
            assert app.job is not None
            assert app.job.ended is not None
            assert app.job.ended.clean, app.job.ended
            await pilot.press("escape")
            await until(pilot, lambda to=to: app.main.roster.people[BAR].side is to)
            arrives_at(split, to)


def test_the_command_line_moves_a_person_there_and_back(split: Lab, site: Site) -> None:
    for to in (Side.ZIMBRA, Side.LEGACY):
        assert main(["--config", str(site.profile.file), "move", BAR, "--to", to.value, "--yes"]) == 0
        arrives_at(split, to)
    # Whoever has the MX knows everybody: Zimbra as primary, the existing system otherwise.
    assert split.probe("nobody@example.com")[0] == 550
