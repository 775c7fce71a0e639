"""A site over the lab's real SSH: reading, running, and staying truthful while others work on the same accounts."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from splittui import config
from splittui.execution.control import Control
from splittui.execution.events import Event, Outcome, RunEnded, StepEnded, StepStarted
from splittui.execution.site import Progress, Site, SiteError
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.undo import undo_plan
from tests.far_end import attributes, change

BAR = "bar@example.com"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture
def site(lab: Lab) -> Iterator[Site]:
    opened = Site(config.load(lab.config))
    yield opened
    opened.close()


def planned(site: Site, address: str, to: Side) -> Plan:
    snapshot = site.read(lambda progress: None)
    people = roster(site.split, snapshot).people
    return plan_moves(site.split, snapshot, people, [Move(address, to)], made_at=1.0)


def run(site: Site, plan: Plan) -> tuple[RunEnded, list[Event]]:
    events: list[Event] = []
    return site.run(plan, events.append, Control()), events


def test_reading_tells_how_far_it_is_and_is_complete(site: Site) -> None:
    told: list[Progress] = []
    snapshot = site.read(told.append)
    assert snapshot.complete
    assert {progress.side for progress in told} == set(Side)
    assert [server.service_hostname for server in snapshot.zimbra.servers] == ["zimbra.example.com"]
    assert all(state.up for state in site.links())


def test_a_warm_site_sees_what_somebody_else_changed_between_two_runs(site: Site, lab: Lab) -> None:
    site.warm()
    assert site.links()[1].warm
    made = planned(site, BAR, Side.ZIMBRA)
    assert run(site, made)[0].clean
    site.warm()
    change(lab.home.path, BAR, zimbraMailTransport="smtp:elsewhere.example.com")
    ended, _ = run(site, undo_plan(site.split, made, {0, 1}, 2.0))
    assert ended.outcomes[0] is Outcome.CONFLICT
    assert attributes(lab.home.path, BAR)["zimbraMailTransport"] == ["smtp:elsewhere.example.com"]
    change(lab.home.path, BAR, zimbraMailTransport="lmtp:zimbra.example.com:7025")
    assert run(site, undo_plan(site.split, made, {0, 1}, 3.0))[0].clean


def test_a_cut_link_is_made_again_and_the_run_goes_on(site: Site, lab: Lab) -> None:
    made = planned(site, BAR, Side.ZIMBRA)
    events: list[Event] = []

    def emit(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepStarted) and event.index == 0:
            lab.drop()

    ended = site.run(made, emit, Control())
    assert ended.clean, [event.message for event in events if isinstance(event, StepEnded)]
    assert run(site, undo_plan(site.split, made, {0, 1}, 2.0))[0].clean


def test_a_host_that_is_gone_is_one_sentence(lab: Lab) -> None:
    profile = config.load(lab.config)
    away = Site(replace(profile, zimbra=replace(profile.zimbra, ssh=replace(profile.zimbra.ssh, port=1))))
    with pytest.raises(SiteError) as caught:
        away.read(lambda progress: None)
    assert caught.value.unreachable
    assert "cannot be reached" in caught.value.what
    assert caught.value.next_step
    assert not away.links()[1].up
    away.close()
