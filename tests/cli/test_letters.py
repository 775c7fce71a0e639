"""Letters from the command line, against the lab: to whom, in which files, to which program."""

import ast
import os
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from splittui.lab.directory import Directory
from splittui.lab.lab import Lab
from splittui.planning.setup.letters import MARKDOWN
from tests.cli.conftest import Run, read_in_part
from tests.cli.test_again import movable, transports
from tests.far_end import change

STORE = """
import pathlib, sys
if set(sys.argv) & set(pathlib.Path("refuse").read_text().split()):
    sys.exit("the queue\\x1b[2J is full")
with open("stored", "a") as out:
    print(repr((sys.argv[1:], sys.stdin.read())), file=out)
"""


def moved(run: Run, count: int) -> tuple[list[str], int]:
    """People whom a run moves to Zimbra, and the number of that run."""
    people = movable(run, "legacy", count)
    done = run("move", *people, "--to", "zimbra", "--yes", "--confirm", count, "--json")
    assert done.code == 0, done.err
    return people, done.json["run"]


@contextmanager
def template(lab: Lab, text: str, name: str = "letter.md") -> Iterator[Path]:
    file = lab.config.parent / name
    file.write_text(text)
    try:
        yield file
    finally:
        file.unlink()


@contextmanager
def domain_has(lab: Lab, values: Mapping[str, str]) -> Iterator[None]:
    with Directory(lab.home.path / "lab" / "directory.db") as directory:
        dn, entry = directory.find("zimbraDomainName", "example.com")[0]
        directory.replace(dn, {**entry, **{name: [value] for name, value in values.items()}})
    try:
        yield
    finally:
        with Directory(lab.home.path / "lab" / "directory.db") as directory:
            directory.replace(dn, entry)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program that keeps what it gets, and refuses whom the file ``refuse`` names."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "store.py").write_text(STORE)
    (tmp_path / "refuse").touch()
    return shlex.join((sys.executable, "store.py"))


def stored(tmp_path: Path) -> list[tuple[list[str], str]]:
    file = tmp_path / "stored"
    return [ast.literal_eval(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_only_who_was_moved_gets_a_letter(run: Run, tmp_path: Path) -> None:
    [anna], number = moved(run, 1)
    [other] = movable(run, "legacy", 1)
    said = run("letters", anna, other, "nobody@example.com", "hugo@example.com", "--to", tmp_path / "out")
    assert said.code == 1
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [f"{anna}.md", f"{anna}.txt"]
    assert f"no letter: {other} was not moved to zimbra.example.com (legacy, by the placeholder" in said.err
    assert "no letter: nobody@example.com is not known on either system" in said.err
    assert said.out == ""

    alone = run("letters", other)
    assert (alone.code, alone.out) == (1, "")
    assert run("undo", number, "--yes").code == 0
    back = run("letters", "--run", number, "--json")
    assert (back.code, back.json) == (1, [])
    assert f"no letter: {anna} was not moved to" in back.err


def test_nobody_gets_one_who_cannot_log_in_or_whose_mail_nobody_reads(run: Run, lab: Lab) -> None:
    [anna], _ = moved(run, 1)
    assert run("letters", anna).code == 0
    change(lab.home.path, anna, zimbraAccountStatus="locked")
    locked = run("letters", anna)
    assert (locked.code, locked.out) == (1, "")
    assert f"{anna} is locked on zimbra.example.com" in locked.err
    everybody = run("list", "--json").json
    for kind in ("resource", "list", "system"):
        address = next(p["address"] for p in everybody if p["kind"] == kind and p["home"] == "zimbra")
        assert f"no letter: {address} is a " in run("letters", address).err
    change(lab.home.path, anna, zimbraAccountStatus="active")


def test_a_letter_is_printed_with_the_day_of_the_move(run: Run) -> None:
    [anna], number = moved(run, 1)
    today = date.today().isoformat()
    said = run("letters", anna)
    assert said.code == 0, said.err
    assert said.out.startswith("Your mailbox has moved\n======================\n\nDear ")
    assert f"since {today} your mailbox {anna} is on a new server, zimbra.example.com." in said.out
    assert (
        "https://zimbra.example.com/ with your address and your password, which is the one you were given." in said.out
    )
    assert run("letters", "--run", number).out == said.out
    assert f"since last night your mailbox **{anna}**" in run("letters", anna, "--when", "last night", "--markdown").out
    never_moved = movable(run, "zimbra", 1)[0]
    assert f"since now your mailbox {never_moved}" in run("letters", never_moved).out


def test_a_run_a_wave_and_everybody(run: Run, tmp_path: Path) -> None:
    three, number = moved(run, 3)
    assert [one["address"] for one in run("letters", "--run", number, "--json").json] == three
    file = tmp_path / "people"
    waiting = movable(run, "legacy", 1)
    file.write_text("\n".join([*three, *waiting]))
    assert run("wave", "save", "letters", file).code == 0
    wave = run("letters", "--wave", "letters", "--json")
    assert (wave.code, [one["address"] for one in wave.json]) == (1, three)
    assert f"no letter: {waiting[0]}" in wave.err
    assert run("wave", "save", "away", "--to", "legacy", file).code == 0
    assert "there is no letter for that" in run("letters", "--wave", "away").err
    assert run("letters", "--wave", "none").code == 1

    everybody = run("letters", "--all", "--json")
    assert everybody.code == 0, everybody.err
    got = {one["address"] for one in everybody.json}
    assert {*three, "foo@example.com"} <= got
    assert not got & {*waiting, "dave@example.com"}
    homes = {person["address"]: person["home"] for person in run("list", "--json").json}
    assert {homes[address] for address in got} == {"zimbra", "both"}
    assert len(run("letters", "--run", number).out.split("\n---\n")) == 3

    back = run("move", *three, "--to", "legacy", "--yes", "--confirm", 3, "--json").json["run"]
    assert "moved nobody to zimbra.example.com" in run("letters", "--run", back).err
    assert "has no run 9999" in run("letters", "--run", 9999).err


def test_one_way_to_say_to_whom(run: Run) -> None:
    for wrong in ((), ("a@example.com", "--all"), ("--run", 1, "--wave", "x"), ("--template", "--all")):
        said = run("letters", *wrong)
        assert (said.code, said.out) == (1, "")
    assert run("letters", "--all", "--force").code == 1
    assert run("letters", "not an address").code == 1


def test_files_are_their_owners_alone_and_never_written_over(run: Run, tmp_path: Path) -> None:
    two, number = moved(run, 2)
    out = tmp_path / "a" / "b"
    first = run("letters", "--run", number, "--to", out, "--json")
    assert first.code == 0, first.err
    assert [one["file"] for one in first.json] == [str(out / f"{address}.txt") for address in two]
    for one in first.json:
        assert set(one) == {"address", "name", "text", "markdown", "file"}
        assert Path(one["file"]).read_text() == one["text"]
        assert (out / f"{one['address']}.md").read_text() == one["markdown"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in out.iterdir()} == {0o600}
    assert run("letters", "--run", number, "--to", out).code == 0

    mine = out / f"{two[1]}.md"
    mine.write_text("mine")
    (out / f"{two[0]}.txt").unlink()
    again = run("letters", "--run", number, "--to", out)
    assert (again.code, str(mine) in again.err) == (3, True)
    assert mine.read_text() == "mine"
    assert not (out / f"{two[0]}.txt").exists()
    assert run("letters", "--run", number, "--to", out, "--force").code == 0
    assert mine.read_text() == first.json[1]["markdown"]
    assert len(list(out.iterdir())) == 4
    assert run("letters", "--run", number, "--to", mine).code == 1


def test_an_address_never_leads_out_of_the_directory(run: Run, lab: Lab, tmp_path: Path) -> None:
    [anna], _ = moved(run, 1)
    odd = "a/../$b'c*@example.com"
    change(lab.home.path, anna, zimbraMailDeliveryAddress=odd, displayName="Ann **$name**\n# x <b>")
    everybody = run("letters", "--all", "--json", "--to", tmp_path / "out")
    assert everybody.code == 0, everybody.err
    [one] = [one for one in everybody.json if one["address"] == odd]
    assert Path(one["file"]) == tmp_path / "out" / "a%2F..%2F%24b%27c%2A@example.com.txt"
    assert "Dear Ann **$name**␊# x <b>," in Path(one["file"]).read_text()
    assert r"Dear Ann \*\*$name\*\*␊\# x \<b\>," in Path(one["file"]).with_suffix(".md").read_text()
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path / "out"}
    change(lab.home.path, odd, zimbraMailDeliveryAddress=anna)


def test_the_operators_template_is_taken(run: Run, lab: Lab, tmp_path: Path) -> None:
    [anna], _ = moved(run, 1)
    begun = run("letters", "--template")
    file = Path(begun.out.strip())
    assert (begun.code, file, file.read_text()) == (0, lab.config.parent / "letter.md", MARKDOWN)
    file.write_text("# Hello ${name}\n\n**${address}** for $$0")
    again = run("letters", "--template")
    assert (again.code, f"{file} exists" in again.err) == (1, True)
    assert run("letters", anna).out.endswith(f"\n\n{anna} for $0\n")
    with template(lab, "only for lab: $web", "letter-lab.md"):
        assert run("letters", anna).out == "only for lab: https://zimbra.example.com/\n"

    file.write_text("Hello\n\n${nmae}")
    broken = run("letters", anna, "--to", tmp_path / "out")
    assert (broken.code, broken.out) == (1, "")
    for said in ("No letter was written", str(file), "line 3: there is no field ${nmae}", "${name}, ${address}"):
        assert said in broken.err
    assert not (tmp_path / "out").exists()
    file.write_bytes(b"\xff")
    assert (run("letters", anna).code, run("letters", anna).out) == (1, "")
    file.unlink()


def test_the_domain_says_where_the_web_and_the_passwords_are(run: Run, lab: Lab) -> None:
    [anna], _ = moved(run, 1)
    public = {"zimbraPublicServiceHostname": "webmail.example.com", "zimbraPublicServicePort": "8443"}
    with domain_has(lab, {**public, "zimbraPublicServiceProtocol": "https", "zimbraAuthMech": "ad"}):
        said = run("letters", anna).out
    assert (
        "at https://webmail.example.com:8443/ with your address and your password, which is the one you have." in said
    )


def test_a_program_gets_every_letter_and_failures_are_named(run: Run, store: str, tmp_path: Path) -> None:
    three, number = moved(run, 3)
    (tmp_path / "refuse").write_text(three[1])
    line = f"{store} 'to {{address}}; {{other}} $HOME' {{address}} {{address}}"
    said = run("letters", "--run", number, "--command", line, "--json")
    assert said.code == 1
    assert [one["error"] for one in said.json] == ["", f"{sys.executable} ended with 1: the queue␛[2J is full", ""]
    assert "Letters handed over: 2; not handed over: 1." in said.err
    assert f"splittui letters {three[1]}\n" in said.err
    kept = [(three[0], said.json[0]["text"]), (three[2], said.json[2]["text"])]
    assert stored(tmp_path) == [([f"to {a}; {{other}} $HOME", a, a], text) for a, text in kept]

    (tmp_path / "refuse").write_text("")
    (tmp_path / "stored").unlink()
    more = (three[1], "--to", "out", "--markdown")
    assert run("letters", *more, "--command", f"{store} {{name}} {{address}} {{file}}").code == 0
    [(arguments, text)] = stored(tmp_path)
    assert arguments == [said.json[1]["name"], three[1], f"out/{three[1]}.md"]
    assert text == said.json[1]["markdown"] == Path(arguments[2]).read_text()


def test_a_command_that_cannot_be_is_refused_before_anything_is_done(run: Run, tmp_path: Path) -> None:
    [anna], _ = moved(run, 1)
    for line in ("", "no-such-program-here", "cat 'open", "cat {file}"):
        more = () if "{file}" in line else ("--to", tmp_path / "out")
        said = run("letters", anna, "--command", line, *more)
        assert (said.code, said.out, "--command" in said.err) == (1, "", True)
    assert not (tmp_path / "out").exists()


def test_no_address_becomes_an_option(run: Run, lab: Lab, store: str, tmp_path: Path) -> None:
    [anna], _ = moved(run, 1)
    dash = "-froot@example.com"
    change(lab.home.path, anna, zimbraMailDeliveryAddress=dash)
    refused = run("letters", "--command", f"{store} {{address}} x", "--", dash)
    assert (refused.code, stored(tmp_path)) == (1, [])
    assert "would be taken for an option" in refused.err
    assert run("letters", "--command", f"{store} -- {{address}} x", "--", dash).code == 0
    assert stored(tmp_path)[0][0] == ["--", dash, "x"]
    change(lab.home.path, dash, zimbraMailDeliveryAddress=anna)


def test_ctrl_c_tells_who_has_a_letter_and_who_has_not(run: Run, lab: Lab, tmp_path: Path) -> None:
    three, number = moved(run, 3)
    script = tmp_path / "stuck.py"
    script.write_text(
        "import os, signal, sys\n"
        f"if sys.argv[1] == {three[1]!r}:\n    os.kill(os.getppid(), signal.SIGINT)\n    signal.pause()\n"
    )
    command = shlex.join((sys.executable, str(script))) + " {address}"
    letters = ("letters", "--run", str(number), "--command", command)
    ended = subprocess.run(
        [sys.executable, "-m", "splittui", "--config", lab.config, *letters],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        check=False,
    )
    assert ended.returncode == 130, ended.stderr
    assert f"not known whether it was sent: {three[1]}" in ended.stderr
    assert "Letters handed over: 1; not handed over: 1.\n" in ended.stderr
    assert f"splittui letters {three[2]}\n" in ended.stderr


def test_nothing_is_written_from_what_was_read_in_part(run: Run, lab: Lab) -> None:
    [anna], _ = moved(run, 1)
    with read_in_part(lab):
        said = run("letters", anna)
    assert (said.code, said.out, "not complete" in said.err) == (3, "", True)


def test_a_resumed_run_names_only_whom_it_moved_itself(run: Run, lab: Lab, tmp_path: Path) -> None:
    one, other = movable(run, "legacy", 2)
    plan = tmp_path / "two.plan"
    assert run("plan", "move", one, other, "--to", "zimbra", "--out", plan).code == 2
    [before] = transports(lab, [other])
    change(lab.home.path, other, zimbraMailTransport="smtp:elsewhere.example.com")
    first = run("apply", plan, "--yes", "--confirm", 2, "--json")
    assert first.code == 1
    change(lab.home.path, other, zimbraMailTransport=before)
    resumed = run("resume", first.json["run"], "--yes", "--confirm", 2, "--json")
    assert resumed.code == 0, resumed.err
    for number, address in ((first.json["run"], one), (resumed.json["run"], other)):
        assert [letter["address"] for letter in run("letters", "--run", number, "--json").json] == [address]
