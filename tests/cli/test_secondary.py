"""Moves with Zimbra as the secondary: the existing mail system is told in between, and asked afterwards."""

import csv
from collections.abc import Iterator

import pytest

from splittui.lab.lab import Lab
from tests.cli.conftest import Run
from tests.far_end import attributes

TO_ZIMBRA = "smtp:[zimbra.example.com]:25"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60, role="secondary") as running:
        yield running


def route(lab: Lab, address: str) -> str:
    with open(lab.legacy_csv, encoding="utf-8", newline="") as file:
        return next(row["forwards_to"] for row in csv.DictReader(file) if row["address"] == address)


def reroute(lab: Lab, address: str, to: str) -> None:
    """Somebody changes the route on the existing system by hand."""
    with open(lab.legacy_csv, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for row in rows:
        if row[0] == address:
            row[-1] = to
    with open(lab.legacy_csv, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def legacy_only(run: Run, count: int) -> list[str]:
    people = run("list", "--json", "--home", "legacy").json
    return [p["address"] for p in people if p["zimbra"] is None and p["kind"] == "person"][:count]


def test_there_and_back(run: Run, lab: Lab) -> None:
    [address] = legacy_only(run, 1)
    moved = run("move", address, "--to", "zimbra", "--yes", "--json")
    assert moved.code == 0, moved.err
    assert [item["outcome"] for item in moved.json["outcomes"]] == ["done"] * 4
    assert attributes(lab.home.path, address)["zimbraMailTransport"] == ["lmtp:zimbra.example.com:7025"]
    assert route(lab, address) == TO_ZIMBRA
    [asked] = [check for check in moved.json["verified"] if check["host"] == "mail.example.com"]
    assert asked["asked"].endswith(f"bin/legacy-route show {address}")
    assert (asked["answered"], asked["agrees"]) == (TO_ZIMBRA, True)
    assert run("list", "--json", address).json[0]["home"] == "zimbra"
    back = run("move", address, "--to", "legacy", "--yes", "--json")
    assert back.code == 0, back.err
    hosts = [step.split()[0].rpartition("/")[2] for step in (item["command"] for item in back.json["outcomes"])]
    assert hosts == ["legacy-route", "legacy-route", "ma", "zmmtactl"]
    assert route(lab, address) == ""
    assert run("list", "--json", address).json[0]["home"] == "legacy"


def test_a_route_that_somebody_changed_is_left_alone_and_the_person_stays_reachable(
    run: Run, lab: Lab, tmp_path
) -> None:
    one, two = legacy_only(run, 2)
    file = tmp_path / "two.plan"
    assert run("plan", "move", one, two, "--to", "zimbra", "--out", file).code == 2
    reroute(lab, one, "smtp:other.example.com")
    said = run("apply", file, "--yes", "--json")
    assert said.code == 1
    routes = [item["outcome"] for item in said.json["outcomes"] if "legacy-route set" in item["command"]]
    assert routes == ["conflict", "done"]
    assert route(lab, one) == "smtp:other.example.com"
    assert route(lab, two) == TO_ZIMBRA
    assert "route is smtp:other.example.com instead of unset" in said.err
