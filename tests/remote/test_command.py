"""How a command becomes one line for a login shell, and what refusals mean."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splittui.remote import Become, Command, Target, readable
from splittui.remote.command import command_line, sentinel
from splittui.remote.refusal import refusal

SHOW = ("sh", "-c", 'printf "%s\\036" "$@"', "sh")
ARGUMENT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


def run_in(shell: str, line: str) -> bytes:
    return subprocess.run([shell, "-c", line], capture_output=True, check=True, timeout=10).stdout


@settings(max_examples=25, deadline=None)
@given(st.lists(ARGUMENT, min_size=1, max_size=4), st.sampled_from(["/bin/sh", "/bin/bash"]))
def test_arguments_arrive_as_they_are(arguments: list[str], shell: str) -> None:
    if not Path(shell).exists():
        shell = "/bin/sh"
    output = run_in(shell, command_line(Command((*SHOW, *arguments)), "abc123"))
    found = sentinel("abc123").match(output)
    assert found
    assert output[found.end() :].decode() == "".join(f"{argument}\036" for argument in arguments)


@settings(max_examples=30)
@given(st.lists(ARGUMENT, min_size=1, max_size=4))
def test_every_way_carries_the_same_words(arguments: list[str]) -> None:
    argv = ("/bin/x", *arguments)
    direct = shlex.split(command_line(Command(argv), "n"))
    assert direct[0] == "exec"
    sudo = shlex.split(command_line(Command(argv, Become.sudo("zimbra")), "n"))
    assert sudo == ["exec", "sudo", "-n", "-H", "-u", "zimbra", "--", *direct[1:]]
    su = shlex.split(command_line(Command(argv, Become.su("zimbra")), "n"))
    assert su[:5] == ["exec", "su", "-", "zimbra", "-c"]
    assert shlex.split(su[5]) == direct
    limited = shlex.split(command_line(Command(argv, Become.sudo("zimbra", limited=True)), "n"))
    assert limited[-len(argv) - 6 :] == ["sudo", "-n", "-H", "-u", "zimbra", "--", *argv]


def test_own_process_group_and_status() -> None:
    script = 'ps -o pgid= -p $$ | tr -d " "; kill -9 $$'
    done = subprocess.run(
        ["/bin/sh", "-c", command_line(Command.script(script), "n")], capture_output=True, check=False, timeout=10
    )
    first, second = done.stdout.split(b"\n")[:2]
    assert first == b"\036n -" + second
    assert done.returncode == 128 + 9


def test_without_setsid_the_pid_itself_is_the_target(tmp_path: Path) -> None:
    line = command_line(Command(("/bin/sh", "-c", "echo $$")), "n")
    done = subprocess.run(
        ["/bin/sh", "-c", line], env={"PATH": str(tmp_path)}, capture_output=True, timeout=10, check=True
    )
    first, second = done.stdout.split(b"\n")[:2]
    assert first == b"\036n " + second


@pytest.mark.parametrize("user", ["", "a b", "-x", "x;id", "~", "a/b"])
def test_user_names_are_checked(user: str) -> None:
    with pytest.raises(ValueError, match="user name"):
        Become.sudo(user)


def test_what_cannot_be_a_command() -> None:
    limited = Become.sudo("zimbra", limited=True)
    for make in (
        lambda: Command(()),
        lambda: Command(("a\0b",)),
        lambda: Command(("zmprov",), limited),
        lambda: Command.script(":", become=limited),
        lambda: command_line(Command(("echo", "x" * 130_000)), "n"),
        lambda: Become(user="zimbra"),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()


@pytest.mark.parametrize(
    ("way", "said", "reason"),
    [
        ("sudo", "sudo: a password is required", "asks for a password"),
        ("sudo", "sudo: interactive authentication is required", "asks for a password"),
        ("sudo", "banner\nsudo: sorry, you must have a tty to run sudo", "wants a terminal"),
        ("sudo", "Sorry, user ops is not allowed to execute '/bin/sh' as zimbra on mbox1.", "does not allow"),
        ("sudo", "ops is not in the sudoers file.", "does not allow"),
        ("sudo", "sudo: unknown user: zimbra", "no user zimbra"),
        ("sudo", "sudo: Ein Passwort ist notwendig", "Ein Passwort ist notwendig"),
        ("sudo", "sh: 1: exec: sudo: not found", "no sudo there"),
        ("sudo", "bash: line 1: exec: sudo: not found", "no sudo there"),
        ("runuser", "runuser: may not be used by non-root users", "root only"),
        ("su", "Password: ", "asks for a password"),
        ("su", "su: Authentication failure", "asks for a password"),
    ],
)
def test_refusals_are_understood(way: str, said: str, reason: str) -> None:
    become = {"sudo": Become.sudo, "su": Become.su, "runuser": Become.runuser}[way]("zimbra")
    found = refusal(Target("mbox1", "10.0.0.7", user="ops"), become, said.encode())
    assert found is not None
    assert reason in found.reason
    assert "mbox1" in str(found)
    assert found.next_step


def test_other_output_is_no_refusal() -> None:
    target = Target("mbox1", "10.0.0.7", user="ops")
    assert refusal(target, Become.sudo("zimbra"), b"Welcome\nthis account is closed\n") is None
    assert refusal(target, Become.direct(), b"sudo: a password is required") is None


@given(st.binary(max_size=400))
def test_remote_text_is_harmless_to_show(data: bytes) -> None:
    shown = readable(data, 80)
    assert len(shown) <= 80
    assert shown.isprintable()
