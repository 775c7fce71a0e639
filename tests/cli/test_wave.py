"""Waves from the command line, against the lab: kept, planned, moved in parts, tried again."""

import io

import pytest

from splittui.cli.main import main
from splittui.lab.lab import Lab
from tests.cli.conftest import Run, read_in_part
from tests.cli.test_again import LMTP, killed_on_the_way, movable, transports
from tests.far_end import change

GO = ("--yes", "--confirm")


def states(run: Run, name: str) -> dict[str, str]:
    return {person["address"]: person["state"] for person in run("wave", "show", name, "--json").json["people"]}


def test_a_wave_moves_in_parts_and_tells_how_far_everybody_is(run: Run, lab: Lab, tmp_path) -> None:
    five = movable(run, "legacy", 5)
    file = tmp_path / "people.csv"
    file.write_text("name,address\n# from HR\n" + "".join(f"somebody,{address}\n" for address in five))
    assert run("wave", "save", "one", file).code == 0
    assert run("wave", "list", "--json").json[0]["counts"]["planned"] == 5
    assert set(states(run, "one").values()) == {"planned"}

    plan = tmp_path / "part.plan"
    assert run("wave", "plan", "one", "--first", 2, "--out", plan).code == 2
    assert run("apply", plan, *GO, 2).code == 0
    assert list(states(run, "one").values()) == ["verified"] * 2 + ["planned"] * 3

    done = run("wave", "apply", "one", "--first", 2, *GO, 2, "--json")
    assert done.code == 0, done.err
    assert done.json["clean"]
    assert "Wave one: 1 planned, 4 verified." in done.err
    assert transports(lab, five[:4]) == [LMTP] * 4
    assert transports(lab, five[4:]) != [LMTP]

    undone = run("undo", done.json["run"], *GO, 2)
    assert undone.code == 0, undone.err
    assert list(states(run, "one").values()) == ["verified"] * 2 + ["rolled back"] * 2 + ["planned"]
    last = run("wave", "apply", "one", "--yes")
    assert last.code == 0, last.err
    assert "Who was rolled back is left alone" in last.err
    assert transports(lab, five[2:4]) != [LMTP] * 2
    assert run("wave", "apply", "one", "--yes").code == 0
    assert run("wave", "plan", "one").code == 0
    shown = run("wave", "show", "one").out.splitlines()
    assert shown[0] == "Wave one, 5 people to zimbra: 3 verified, 2 rolled back"
    assert len(shown) == 6

    assert run("wave", "remove", "one").code == 0
    assert run("wave", "list", "--json").json == []
    assert transports(lab, five[:2]) == [LMTP] * 2


def test_only_who_failed_is_tried_again(run: Run, lab: Lab, tmp_path) -> None:
    three = movable(run, "legacy", 3)
    before = transports(lab, three)
    file = tmp_path / "three"
    file.write_text("\n".join(three))
    assert run("wave", "save", "three", file).code == 0
    plan = tmp_path / "three.plan"
    assert run("wave", "plan", "three", "--first", 2, "--out", plan).code == 2
    change(lab.home.path, three[0], zimbraMailTransport="smtp:elsewhere.example.com")
    assert run("apply", plan, *GO, 2).code == 1
    assert list(states(run, "three").values()) == ["failed", "verified", "planned"]
    shown = run("wave", "show", "three").out
    assert "instead of smtp:mail.example.com:25" in shown

    change(lab.home.path, three[0], zimbraMailTransport=before[0])
    again = run("wave", "retry", "three", "--yes", "--json")
    assert again.code == 0, again.err
    assert [one["address"] for one in again.json["outcomes"] if one["address"]] == [three[0]]
    assert list(states(run, "three").values()) == ["verified", "verified", "planned"]
    assert run("wave", "retry", "three", "--yes").code == 0
    assert transports(lab, three[2:]) == before[2:]


def test_a_wave_whose_run_was_killed_is_finished_by_resume(run: Run, lab: Lab, tmp_path) -> None:
    six = movable(run, "legacy", 6)
    file = tmp_path / "six"
    file.write_text("\n".join(six))
    assert run("wave", "save", "six", file).code == 0
    killed_on_the_way(lab, "wave", "apply", "six", *GO, "6")
    number = run("history", "--json").json[0]["run"]
    [kept] = [wave for wave in run("wave", "list", "--json").json if wave["name"] == "six"]
    assert kept["counts"]["moved"] >= 2
    assert kept["counts"]["failed"] <= 1
    assert sum(kept["counts"].values()) == 6
    resumed = run("resume", number, *GO, 6, "--json")
    assert resumed.code == 0, resumed.err
    assert set(states(run, "six").values()) == {"verified"}
    assert transports(lab, six) == [LMTP] * 6
    undone = run("undo", resumed.json["run"], *GO, 6)
    assert undone.code == 0, undone.err
    assert set(states(run, "six").values()) == {"rolled back"}


def test_nobody_is_passed_over_without_a_word(run: Run, lab: Lab, tmp_path, monkeypatch) -> None:
    one = movable(run, "legacy", 1)[0]
    bad = tmp_path / "bad"
    bad.write_text(f"{one}\nwho is this\nx@example.org\n")
    said = run("wave", "save", "two", bad)
    assert said.code == 1
    assert "line 2: 'who is this' is not an address" in said.err
    assert "line 3: x@example.org is not in example.com" in said.err
    assert run("wave", "show", "two").code == 1

    monkeypatch.setattr("sys.stdin", io.StringIO(f"stranger@example.com\nteam@example.com\n{one}\n{one.upper()}\n"))
    said = run("wave", "save", "two", "-")
    assert (said.code, f"counted once: line 4: {one} is there already, in line 3" in said.err) == (0, True)
    again = run("wave", "save", "two", bad)
    assert again.code == 1
    planned = run("wave", "plan", "two", "--json")
    assert planned.code == 2
    assert [refused["address"] for refused in planned.json["refused"]] == ["stranger@example.com", "team@example.com"]
    moved = run("wave", "apply", "two", "--first", 1, "--yes")
    assert moved.code == 0, moved.err
    assert "left out: stranger@example.com is not known on either system" in moved.err
    assert "left out: team@example.com is a distribution list" in moved.err
    assert transports(lab, [one]) == [LMTP]
    assert run("wave", "apply", "two", "--yes").code == 3
    assert run("wave", "plan", "two").code == 3
    notes = {person["address"]: person["note"] for person in run("wave", "show", "two", "--json").json["people"]}
    assert notes["stranger@example.com"] == "is not known on either system"


def test_a_name_is_taken_once_and_asked_for_exactly(run: Run, tmp_path) -> None:
    file = tmp_path / "some"
    file.write_text("bar@example.com\n")
    assert run("wave", "save", "taken", file, "--to", "legacy").code == 0
    taken = run("wave", "save", "taken", file)
    assert (taken.code, "There is a wave taken already" in taken.err) == (1, True)
    unknown = run("wave", "apply", "token", "--yes")
    assert (unknown.code, "There is no wave 'token'" in unknown.err) == (1, True)
    assert "taken" in unknown.err
    assert run("wave", "save", "x\x1b[2J", file).code == 1
    assert run("wave", "save", "new", tmp_path / "nowhere").code == 1


def test_what_the_journal_knows_needs_no_link(lab: Lab, tmp_path, capfd) -> None:
    config, file = tmp_path / "splittui.toml", tmp_path / "some"
    config.write_text(lab.config.read_text().replace(f"port = {lab.address.port}", "port = 1"))
    file.write_text("bar@example.com\n")
    wave = ("--config", str(config), "wave")
    assert main([*wave, "save", "far", str(file)]) == 0
    assert main([*wave, "list"]) == 0
    assert "far  1 person to zimbra: 1 planned" in capfd.readouterr().out
    assert main([*wave, "show", "far"]) == 4
    assert main([*wave, "remove", "far"]) == 0


def test_the_brake_holds_a_wave_too(run: Run, tmp_path) -> None:
    many = movable(run, "legacy", 12)
    file = tmp_path / "many"
    file.write_text("\n".join(many))
    assert run("wave", "save", "many", file).code == 0
    held = run("wave", "apply", "many", "--yes")
    assert (held.code, "--confirm 12" in held.err) == (3, True)
    assert "Nothing was sent" in held.err


@pytest.mark.parametrize("what", ["show", "plan", "apply"])
def test_a_partial_reading_moves_nobody(run: Run, lab: Lab, tmp_path, what: str) -> None:
    file = tmp_path / "some"
    file.write_text("bar@example.com\nstranger@example.com\n")
    name = f"partial {what}"
    assert run("wave", "save", name, file).code == 0
    with read_in_part(lab):
        said = run("wave", what, name, *(("--yes",) if what == "apply" else ()))
    assert said.code == (1 if what == "show" else 3)
    assert "size limit" in said.err
    assert "not known" not in said.out
