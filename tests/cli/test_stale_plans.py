"""Plans in files that no longer fit are refused before anything is sent, with what changed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from splittui.lab.lab import Lab
from tests.cli.conftest import Run
from tests.cli.test_again import movable, transports


@pytest.fixture
def plan(run: Run, tmp_path: Path) -> Path:
    """A plan that moves two people to Zimbra."""
    file = tmp_path / "two.plan"
    assert run("plan", "move", *movable(run, "legacy", 2), "--to", "zimbra", "--out", file).code == 2
    return file


@contextmanager
def with_domain(lab: Lab, **values: list[str]) -> Iterator[None]:
    with lab.home.directory() as directory:
        before = directory.entry("dc=example,dc=com")
        directory.replace("dc=example,dc=com", {**before, **values})
    try:
        yield
    finally:
        with lab.home.directory() as directory:
            directory.replace("dc=example,dc=com", before)


def test_an_old_plan_and_one_from_the_future(run: Run, lab: Lab, plan: Path) -> None:
    data = json.loads(plan.read_text())
    people = [step["address"] for step in data["steps"] if step["address"]]
    before = transports(lab, people)
    for hours, words in ((-30, "was made 30 hours ago, and this profile allows 24"), (30, "look at the clock")):
        plan.write_text(json.dumps({**data, "made_at": data["made_at"] + hours * 3600}))
        said = run("apply", plan, "--yes")
        assert (said.code, words in said.err, "Nothing was sent" in said.err) == (3, True, True)
    assert transports(lab, people) == before


def test_a_plan_for_a_domain_that_is_another_by_now(run: Run, lab: Lab, plan: Path) -> None:
    with with_domain(lab, zimbraMailTransport=["smtp:relay.example.com:25"]):
        said = run("apply", plan, "--yes", "--override", "example.com")
    assert said.code == 3
    assert "zimbraMailTransport of example.com was not set and is smtp:relay.example.com:25" in said.err
    assert run("apply", plan, "--yes").code == 0


def test_a_run_is_not_finished_on_other_ground(run: Run, lab: Lab, plan: Path) -> None:
    done = run("apply", plan, "--yes", "--json")
    assert done.code == 0, done.err
    with with_domain(lab, zimbraDomainStatus=["locked"]):
        said = run("resume", done.json["run"], "--yes")
    assert said.code == 3
    assert "zimbraDomainStatus of example.com was" in said.err
    assert "and is locked" in said.err


def test_a_plan_is_used_once_even_where_it_would_fit_again(run: Run, plan: Path) -> None:
    done = run("apply", plan, "--yes", "--json")
    assert run("undo", done.json["run"], "--yes").code == 0
    said = run("apply", plan, "--yes")
    assert said.code == 3
    assert f"used already, by run {done.json['run']} (done); splittui undo {done.json['run']} takes it back" in said.err
    data = json.loads(plan.read_text())
    people = [step["address"] for step in data["steps"] if step["address"]]
    again = plan.with_name("again.plan")
    assert run("plan", "move", *people, "--to", "zimbra", "--out", again).code == 2
    assert json.loads(again.read_text())["fingerprint"] == data["fingerprint"]
    assert run("apply", again, "--yes").code == 0


def test_a_plan_without_its_ground(run: Run, plan: Path) -> None:
    data = json.loads(plan.read_text())
    del data["ground"]
    plan.write_text(json.dumps(data))
    said = run("apply", plan, "--yes")
    assert (said.code, "does not say what it was made for" in said.err) == (3, True)
