"""The emulated zmprov as a process: dialogue, line editor, answers, locale, links that break."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from subprocess import PIPE

import pytest

from splittui.lab import zmprov as program
from splittui.lab.prov.console import Console
from splittui.lab.prov.jline import Editor, History
from splittui.lab.prov.lines import CHUNK, Lines
from splittui.lab.replay import make_home

PROMPT = b"prov> "


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path / "home", ldap=True)
    return tmp_path / "home"


def environment(home: Path, **more: str) -> dict[str, str]:
    path = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"]}
    return {**path, "ZIMBRA_HOME": str(home), "LC_ALL": "C", **more}


def start(home: Path, *argv: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "splittui.lab.zmprov", *argv]
    return subprocess.Popen(command, env=environment(home), stdin=PIPE, stdout=PIPE, stderr=PIPE)


def run(home: Path, *argv: str, stdin: bytes = b"") -> tuple[str, str, int]:
    process = start(home, *argv)
    out, err = process.communicate(stdin)
    return out.decode(), err.decode(), process.returncode


def set_key(home: Path, name: str, value: str) -> None:
    text = f'<localconfig><key name="{name}"><value>{value}</value></key></localconfig>'
    (home / "conf" / "localconfig.xml").write_text(text, encoding="utf-8")


def test_a_dialogue_needs_no_end_of_input_to_be_answered(home: Path) -> None:
    process = start(home, "-l", "-f", "/dev/stdin")
    assert process.stdin is not None
    assert process.stdout is not None
    answers = []
    for line in (b"gcf zimbraDefaultDomainName\n", b"ma bob displayName B\n", b"ga bob displayName\n"):
        assert process.stdout.read(len(PROMPT)) == PROMPT
        process.stdin.write(line)
        process.stdin.flush()
        if line.startswith(b"g"):
            answers.append(process.stdout.readline())
    process.stdin.close()
    rest = process.stdout.read()
    process.stdout.close()
    assert answers == [b"zimbraDefaultDomainName: example.com\n", b"# name bob@example.com\n"]
    assert rest == b"displayName: B\n\nprov> "
    assert process.wait() == 0


def test_a_batch_goes_on_when_nobody_reads_its_output(home: Path) -> None:
    process = start(home, "-l", "-f", "/dev/stdin")
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.read(len(PROMPT)) == PROMPT
    process.stdout.close()
    process.stdin.write(b"ga bob\nma bob displayName after\n")
    process.stdin.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 0
    assert "displayName: after" in run(home, "-l", "ga", "bob", "displayName")[0]


def test_thousands_of_commands_in_one_batch(home: Path, tmp_path: Path) -> None:
    lines = "".join(f"ma bob displayName n{i}\nga bob displayName\n" for i in range(1000))
    (tmp_path / "batch").write_text(lines)
    out, err, status = run(home, "-l", "-f", str(tmp_path / "batch"))
    assert (err, status, out.count("prov> ")) == ("", 0, 2001)
    assert out.endswith("# name bob@example.com\ndisplayName: n999\n\nprov> ")


def test_the_history_keeps_passwords_and_no_repeats(home: Path) -> None:
    run(home, "-l", stdin=b"ca new@example.com Secret123\n\ngaa\ngaa\nexit\n")
    history = (home / ".zmprov_history").read_text()
    assert history == "ca new@example.com Secret123\ngaa\nexit\n"
    run(home, "-l", "-f", "/dev/stdin", stdin=b"gaa x\n")
    assert (home / ".zmprov_history").read_text() == history


def test_without_the_line_editor_a_question_is_answered_from_behind_the_first_8192_bytes(home: Path) -> None:
    set_key(home, "command_line_editing_enabled", "false")
    short = run(home, "-l", stdin=b"da bob@example.com\ny\ngaa\n")
    assert "aborted" in short[0]
    assert "Unknown command" in short[0]
    batch = b"da bob@example.com\n".ljust(CHUNK - 1, b" ") + b"\n" + b"y\ngaa\nga alice uid\n"
    out, err, status = run(home, "-l", stdin=batch)
    assert "while loading rights" in err
    assert status == 0
    assert "alice" not in out
    assert run(home, "-l", "ga", "bob@example.com")[2] == 2


def test_the_line_editor_corrupts_what_is_not_ascii(home: Path) -> None:
    out, _, _ = run(home, "-l", stdin="ma bob displayName caf\u00e9-\u0142\nga bob displayName\n".encode())
    assert out.startswith("prov> ma bob displayName caf?-?\n")
    assert "displayName: caf\ufffd-B\n" in out


def test_an_unwritable_history_turns_the_line_editor_off(home: Path) -> None:
    (home / ".zmprov_history").mkdir()
    out, err, status = run(home, "-l", stdin=b"gcf zimbraDefaultDomainName")
    assert err.startswith("Command line editing will be disabled: java.io.FileNotFoundException: ")
    assert (out, status) == ("prov> zimbraDefaultDomainName: example.com\nprov> ", 0)


@pytest.mark.parametrize(
    ("typed", "line", "echo"),
    [
        (b"gaa\n", b"gaa\n", "gaa\n"),
        (b"gxa\x08\x08aa\n", b"gaa\n", "gxa\x1b[3G\x1b[J\x1b[2G\x1b[Jaa\n"),
        (b"aa\x01g\n", b"gaa\n", "aa\x1b[1Ggaa\x1b[2G\n"),
        (b"xyz\x15gaa\n", b"gaa\n", "xyz\x1b[1G\x1b[Jgaa\n"),
        (b"g\x1b[Zaa\n", b"gZaa\n", "gZaa\n"),
        (b"\x08gaa\n", b"gaa\n", "\x07g\x07a\x07a\x07\n"),
        (b"half", b"", "half"),
    ],
)
def test_editing_keys(tmp_path: Path, typed: bytes, line: bytes, echo: str) -> None:
    out = BytesIO()
    chunks = iter([typed])
    editor = Editor(lambda: next(chunks, b""), Console(out, out, utf8_locale=False), History(tmp_path / "history"))
    assert editor.next_line() == line
    assert out.getvalue().decode() == echo


def test_the_last_lines_come_back_with_the_up_key(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("".join(f"line {i}\n" for i in range(600)))
    history = History(tmp_path / "history")
    assert (len(history.lines), history.lines[0]) == (500, "line 100")
    chunks = iter([b"\x1b[A\x1b[A\n"])
    out = BytesIO()
    assert Editor(lambda: next(chunks, b""), Console(out, out, utf8_locale=True), history).next_line() == b"line 598\n"


@pytest.mark.parametrize("cut", range(1, 12))
def test_lines_do_not_depend_on_how_the_bytes_arrive(cut: int) -> None:
    data = "é\r\nb\\\nc\r\n\nd\\".encode()
    chunks = iter([data[at : at + cut] for at in range(0, len(data), cut)])
    lines = Lines(lambda: next(chunks, b""))
    assert list(iter(lines.line, None)) == ["é", "bc", "", "d"]


def test_arguments_outside_ascii_are_lost_in_the_c_locale(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = "é".encode()
    main: Callable[[list[bytes], dict[str, str]], int] = program.main
    assert main([b"-l", b"ma", b"bob", b"displayName", name], environment(home)) == 0
    assert main([b"-l", b"ga", b"bob", b"displayName"], environment(home)) == 0
    assert "displayName: \ufffd\ufffd\n" in capfd.readouterr().out
    assert main([b"-l", b"ma", b"bob", b"displayName", name], environment(home, LC_ALL="en_US.UTF-8")) == 0
    assert main([b"-l", b"ga", b"bob", b"displayName"], environment(home)) == 0
    assert "displayName: é\n" in capfd.readouterr().out


def test_without_mailboxd_only_ldap_mode_works(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (home / "lab" / "settings.json").write_text(json.dumps({"mailboxd": False}), encoding="utf-8")
    assert program.main([b"ga", b"bob"], environment(home)) == 2
    assert capfd.readouterr().err == (
        "ERROR: zclient.IO_ERROR (invoke Connection refused, server: localhost) "
        "(cause: java.net.ConnectException Connection refused)\n"
    )
    assert program.main([b"-l", b"-z", b"ga", b"bob"], environment(home)) == 2
    assert program.main([b"-l", b"ga", b"bob", b"uid"], environment(home)) == 0


def test_a_start_takes_its_time_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    (home / "lab" / "settings.json").write_text(json.dumps({"zmprov_delay": 1.5}), encoding="utf-8")
    assert program.main([b"-l", b"gcf", b"zimbraMtaRelayHost"], environment(home)) == 0
    assert waited == [1.5]


@pytest.mark.parametrize(
    ("argv", "status", "out", "err"),
    [
        ([b"-l", b"-s", b"host", b"gaa"], 2, "", "error: "),
        ([b"-q"], 1, "\nzmprov [args]", "error: Unrecognized option: -q"),
        (
            [b"-l", b"-f", b"/nonexistent"],
            1,
            "",
            'Exception in thread "main" java.io.FileNotFoundException: /nonexistent',
        ),
        ([b"help"], 0, " zmprov is used for provisioning. Try:", ""),
        ([b"help", b"config"], 0, "\n  getAllConfig(gacf) [attr1 [attr2...]]\n", ""),
        ([b"-l", b"-f", b"/nonexistent", b"gcf", b"zimbraDefaultDomainName"], 0, "zimbraDefaultDomainName: ", ""),
    ],
)
def test_options(
    home: Path, capfd: pytest.CaptureFixture[str], argv: list[bytes], status: int, out: str, err: str
) -> None:
    assert program.main(argv, environment(home)) == status
    said = capfd.readouterr()
    assert said.out.startswith(out)
    assert said.err.startswith(err)
