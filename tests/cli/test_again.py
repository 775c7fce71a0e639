"""Runs that did not end as planned: taken up again, taken back, and told truthfully in between."""

import os
import signal
import subprocess
import sys

from splittui.lab.lab import Lab
from tests.cli.conftest import Run
from tests.far_end import attributes, change

LMTP = "lmtp:zimbra.example.com:7025"


def movable(run: Run, home: str, count: int) -> list[str]:
    """People without anything odd about them, by home."""
    everybody = run("list", "--json", "--home", home).json
    plain = [p["address"] for p in everybody if p["kind"] == "person" and not p["state"] and p["zimbra"]]
    assert len(plain) >= count
    return plain[:count]


def transports(lab: Lab, people: list[str]) -> list[str]:
    return [(attributes(lab.home.path, address) or {})["zimbraMailTransport"][0] for address in people]


def killed_on_the_way(lab: Lab, *arguments: str) -> None:
    """Runs a command and kills it as soon as it has told of three steps that are done."""
    with subprocess.Popen(
        [sys.executable, "-m", "splittui", "--config", str(lab.config), *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    ) as process:
        assert process.stderr is not None
        done = 0
        for line in process.stderr:
            done += line.startswith("done ")
            if done == 3:
                process.send_signal(signal.SIGKILL)
                break


def test_the_brake_wants_its_word(run: Run) -> None:
    people = movable(run, "legacy", 12)
    held = run("move", *people, "--to", "zimbra", "--yes")
    assert held.code == 3
    assert "% of the people on the existing mail system" in held.err
    assert "--confirm 12" in held.err
    assert run("move", *people, "--to", "zimbra", "--yes", "--confirm", "11").code == 3


def test_a_killed_run_is_finished_by_resume_and_taken_back_by_undo(run: Run, lab: Lab) -> None:
    people = movable(run, "legacy", 12)
    before = transports(lab, people)
    killed_on_the_way(lab, "move", *people, "--to", "zimbra", "--yes", "--confirm", str(len(people)))
    broken = run("history", "--json").json[0]
    assert broken["state"] == "broken off"
    assert 2 <= broken["outcomes"]["done"] < len(people)

    resumed = run("resume", broken["run"], "--yes", "--confirm", len(people), "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.json["clean"]
    outcomes = [one["outcome"] for one in resumed.json["outcomes"] if one["address"]]
    assert outcomes.count("already") >= broken["outcomes"]["done"]
    assert outcomes.count("done") <= len(people) - broken["outcomes"]["done"]
    assert transports(lab, people) == [LMTP] * len(people)

    number = resumed.json["run"]
    assert run("history", number, "--json").json["resumes"] == broken["run"]
    assert "left nothing to do" in run("resume", number, "--yes", "--confirm", len(people)).err

    undone = run("undo", number, "--yes", "--confirm", len(people), "--json")
    assert undone.code == 0, undone.err
    assert transports(lab, people) == before
    again = run("undo", undone.json["run"], "--yes", "--confirm", len(people), "--json")
    assert again.code == 0, again.err
    assert transports(lab, people) == [LMTP] * len(people)


def test_what_others_changed_since_is_left_alone(run: Run, lab: Lab) -> None:
    people = movable(run, "legacy", 2)
    before = transports(lab, people)
    moved = run("move", *people, "--to", "zimbra", "--yes", "--json")
    assert moved.code == 0, moved.err
    change(lab.home.path, people[0], zimbraMailTransport="smtp:elsewhere.example.com")
    resumed = run("resume", moved.json["run"], "--yes", "--override", "example.com", "--json")
    assert resumed.code == 1
    assert [one["outcome"] for one in resumed.json["outcomes"] if one["address"]] == ["conflict", "already"]
    assert f"run {moved.json['run']} had done it, and it was changed since" in resumed.err
    undone = run("undo", moved.json["run"], "--yes", "--override", "example.com", "--json")
    assert [one["outcome"] for one in undone.json["outcomes"] if one["address"]] == ["done", "conflict"]
    assert transports(lab, people) == ["smtp:elsewhere.example.com", before[1]]


def test_a_run_that_is_not_there_or_not_of_this_profile(run: Run) -> None:
    assert run("resume", 4711, "--yes").code == 1
    assert "no run 4711" in run("undo", 4711, "--yes").err
