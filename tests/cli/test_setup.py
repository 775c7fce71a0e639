"""``splittui setup`` on the lab: where the set-up stands as the systems show it, and nothing is changed by looking."""

import pytest

from splittui.lab import world
from splittui.lab.lab import Lab
from tests.cli.conftest import Run, read_in_part
from tests.faults.ground import Far, watch


def test_what_is_seen_counts_and_what_cannot_be_asked_does_not(run: Run) -> None:
    said = run("setup", "primary", "--json")
    assert said.code == 2
    tasks = {task["task"]: task for task in said.json}
    assert list(tasks)[-1] == "mx"
    assert tasks["reading"]["state"] == "done"
    assert tasks["clear"]["evidence"] == ["none of the three attributes of example.com is set"]
    assert tasks["next-hop"]["evidence"] == ["mail.example.com is 192.0.2.20"]
    assert tasks["proof"]["evidence"] == ["all 6 answers are as they must be"]
    assert tasks["mx"]["evidence"] == ["the MX of example.com is zimbra.example.com"]
    # Who chose no address book has none, whatever Zimbra asks by itself.
    assert tasks["address-book"]["state"] == "to do"


def test_an_mta_that_does_not_answer_proves_nothing(run: Run, lab: Lab) -> None:
    world.switch_off(lab.world, world.LEGACY)
    try:
        tasks = {task["task"]: task for task in run("setup", "primary", "--json").json}
    finally:
        world.switch_on(lab.world, world.LEGACY)
    assert tasks["legacy-accepts"]["state"] in ("to do", "no longer true")
    assert "nothing listens there" in tasks["legacy-accepts"]["missing"][0]


def test_the_overview_names_the_next_task(run: Run) -> None:
    said = run("setup")
    assert said.out.startswith("example.com: set-up, Zimbra as the primary\n")
    assert "+ reading" in said.out
    assert "x parity" in said.out
    assert "+ mx" in said.out
    assert "Next: splittui setup --task people" in said.out


def test_one_task_with_its_commands(run: Run) -> None:
    said = run("setup", "--task", "people")
    assert said.out.startswith("people: Everybody on mail.example.com is known\n")
    assert "ca dave@example.com ******** zimbraMailTransport smtp:mail.example.com:25" in said.out
    assert said.out.count("people: Everybody") == 1
    commands = run("setup", "--task", "people", "--json").json["commands"]
    assert any(command.startswith("aaa ") for command in commands)


@pytest.mark.parametrize("goal", ["secondary", "to-primary", "to-secondary", "finish", "roll-back"])
def test_every_undertaking(run: Run, goal: str) -> None:
    said = run("setup", goal, "--json")
    assert said.code == 2
    assert {"to do", "blocked"} & {task["state"] for task in said.json}


def test_what_is_optional_can_be_left_out_with_a_reason(run: Run) -> None:
    said = run("setup", "--skip", "address-book=theirs is enough", "--json").json
    task = next(task for task in said if task["task"] == "address-book")
    assert (task["state"], task["because"]) == ("left out", "theirs is enough")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--task", "nothing"), "There is no task nothing; there are: reading"), (("--skip", "mx"), "TASK=REASON")],
)
def test_refusals(run: Run, arguments: tuple[str, ...], words: str) -> None:
    said = run("setup", *arguments)
    assert said.code == 1
    assert words in said.err


def test_looking_changes_nothing(run: Run, lab: Lab) -> None:
    far = Far(lab.home.path)
    watch(far.file)
    for goal in ("primary", "secondary", "finish"):
        run("setup", goal)
    assert not far.writes()


def test_a_half_that_is_not_whole_shows_in_its_task(run: Run, lab: Lab) -> None:
    with read_in_part(lab):
        said = run("setup", "--json")
    reading = said.json[0]
    assert (said.code, reading["task"]) == (2, "reading")
    assert reading["state"] != "done"
    assert "size limit" in f"{reading['because']} {reading['missing']}"
    # What can be seen without reading stays seen; whatever is missing beside that waits.
    waiting = {task["task"]: task["state"] for task in said.json if "reading" in task["needs"]}
    assert waiting == {"legacy-accepts": "done", "domain": "done", "people": "blocked"}
