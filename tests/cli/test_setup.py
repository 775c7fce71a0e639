"""``splittui setup`` on the lab: where the set-up stands as the systems show it, and nothing is changed by looking."""

import json
import re
from pathlib import Path

import pytest

from splittui.cli.main import main
from splittui.lab import world
from splittui.lab.lab import Lab
from splittui.model.router import System
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


def test_what_either_role_means_and_which_to_take(run: Run) -> None:
    said = run("setup", "--roles")
    assert said.code == 0
    assert "Zimbra as the primary:" in said.out
    assert "internet → zimbra.example.com → smtp:mail.example.com:25 → mail.example.com → mailbox" in said.out
    assert "recommended:" in said.out
    assert run("setup", "--roles", "--json").json["recommended"] in ("primary", "secondary")


def test_the_words_for_the_other_side_are_written_for_each_system(run: Run, tmp_path: Path) -> None:
    said = run("setup", "--save", tmp_path / "words")
    files = sorted(Path(line) for line in said.out.splitlines())
    assert [file.name for file in files] == sorted(f"example.com-{system.value}.txt" for system in System)
    for file in files:
        text = file.read_text()
        assert "mail.example.com shall take mail from Zimbra:" in text
        assert not re.search(r"<(domain|zimbra|legacy|ip)>", text), file


def test_a_choice_is_written_into_the_profile_and_counts_from_then_on(tmp_path: Path, capfd) -> None:
    with Lab.start(tmp_path / "lab", accounts=5) as lab:
        words = ("--config", str(lab.config), "setup", "--choose", "skipped.address-book=theirs is enough", "--json")
        assert main(words) in (0, 2)
        tasks = {task["task"]: task for task in json.loads(capfd.readouterr().out)}
        assert (tasks["address-book"]["state"], tasks["address-book"]["because"]) == ("left out", "theirs is enough")
        assert "theirs is enough" in lab.config.read_text()
        assert main(("--config", str(lab.config), "setup", "--choose", "backscatter=maybe")) == 1
        assert "it can be firewall, verify, filter" in capfd.readouterr().err
        assert "maybe" not in lab.config.read_text()


def test_a_set_up_in_the_role_that_the_profile_does_not_say_is_not_begun(run: Run) -> None:
    said = run("setup", "secondary", "--yes")
    assert said.code == 3
    assert "splittui connect --role secondary" in said.err


def test_what_concerns_everybody_is_let_go_by_the_domain_s_name_alone(tmp_path: Path, capfd) -> None:
    with Lab.start(tmp_path / "lab", accounts=5, empty=True) as lab:
        world.accept(lab.world)
        assert main(("--config", str(lab.config), "setup", "--yes")) == 3
        assert "To run it, add --confirm example.com" in capfd.readouterr().err
