"""Programs run through a real sshd: output, input, the end, cancelling, becoming another user."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from splittui.remote import (
    SIGNALLED,
    Access,
    Become,
    BecomeRefused,
    Command,
    Link,
    ProcessEnded,
    RemoteTimeout,
    SentinelMissing,
    probe_become,
)
from splittui.remote.process import RemoteProcess
from tests.servers.ground import wait_until

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def link(server):
    with server.connect() as link:
        yield link


def exists(pid: int) -> bool:
    """Whether the process still runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def read_line(process) -> bytes:
    data = b""
    while not data.endswith(b"\n"):
        data += process.read(5)
    return data


def test_dialogue(link: Link) -> None:
    script = "printf 'prov> '; while read -r line; do echo \"got $line\"; printf 'prov> '; done; exit 2"
    with link.start(Command.script(script, merge_stderr=True)) as process:
        assert process.read(5) == b"prov> "
        for number in range(20):
            process.write(b"line %d\n" % number)
            heard = b""
            while not heard.endswith(b"prov> "):
                heard += process.read(5)
            assert heard == b"got line %d\nprov> " % number
        process.close_stdin()
        assert process.read(5) == b""
        assert process.exit_status(5) == 2


def test_streams_apart_and_merged(link: Link) -> None:
    script = "echo one; echo two >&2; echo three; exit 7"
    apart = link.run(Command.script(script))
    assert (apart.stdout, apart.stderr, apart.status) == (b"one\nthree\n", b"two\n", 7)
    merged = link.run(Command.script(script, merge_stderr=True))
    assert (merged.stdout, merged.stderr) == (b"one\ntwo\nthree\n", b"")


def test_input_is_fed_while_output_is_read(link: Link) -> None:
    data = os.urandom(1 << 20) * 6
    assert link.run(Command(("cat",)), stdin=data).stdout == data


def test_program_that_does_not_read_its_input(link: Link) -> None:
    assert link.run(Command(("echo", "x")), stdin=bytes(4 << 20)).stdout == b"x\n"


def test_input_that_meets_the_end_does_not_cost_the_link(link: Link) -> None:
    """sshd ends the connection when data arrives for a channel that it has closed; so no data may come after that."""
    outputs: list[bytes] = []

    def many() -> None:
        outputs.extend(link.run(Command(("echo", "x")), stdin=bytes(200_000)).stdout for _ in range(60))

    threads = [threading.Thread(target=many) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert link.alive
    assert outputs == [b"x\n"] * 180


def test_missing_program(link: Link) -> None:
    done = link.run(Command(("no-such-program",)))
    assert done.status == 127
    assert b"not found" in done.stderr


def test_noise_of_the_login_is_kept_apart(server) -> None:
    with server.connect(identity_files=(server.key("noisy"),)) as link, link.start(Command(("cat",))) as process:
        assert process.noise == b"Welcome to mbox1\nhalf a line"
        process.write(b"clean\n")
        process.close_stdin()
        assert process.read(5) == b"clean\n"
        assert process.read(5) == b""
        assert process.exit_status() == 0


def test_login_that_starts_nothing(server) -> None:
    with server.connect(identity_files=(server.key("shut"),)) as link:
        with pytest.raises(SentinelMissing, match="no shell here") as caught:
            link.start(Command(("true",)))
        assert caught.value.noise == ("no shell here",)


def test_stderr_flood(link: Link) -> None:
    script = "head -c 8000000 /dev/zero | tr '\\0' x >&2; echo end >&2; echo done"
    done = link.run(Command.script(script), timeout=20)
    assert done.stdout == b"done\n"
    assert len(done.stderr) == 64 * 1024
    assert done.stderr.endswith(b"xend\n")


def test_a_program_may_say_a_lot_at_once(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes together with the sentinel is the program's own, however much it is, and not noise of the login."""
    real = RemoteProcess._receive

    def when_much_has_come(process: RemoteProcess, deadline: float) -> bytes | None:
        wait_until(lambda: process._channel.eof_received or len(process._channel.in_buffer) > 90_000, "much has come")
        return real(process, deadline)

    monkeypatch.setattr(RemoteProcess, "_receive", when_much_has_come)
    assert link.run(Command.script("head -c 200000 /dev/zero | tr '\\0' x")).stdout == b"x" * 200_000


def test_blocks_are_whole_lines(link: Link) -> None:
    with link.start(Command.script("seq 200000; printf tail")) as process:
        blocks = list(process.blocks(10))
    assert b"".join(blocks) == b"".join(b"%d\n" % n for n in range(1, 200001)) + b"tail"
    assert all(block.endswith(b"\n") for block in blocks[:-1])


def test_read_times_out_and_goes_on(link: Link) -> None:
    with link.start(Command(("cat",))) as process:
        with pytest.raises(RemoteTimeout, match="mbox1"):
            process.read(0.05)
        process.write(b"still here\n")
        assert process.read(5) == b"still here\n"


def test_run_times_out_and_leaves_nothing(link: Link) -> None:
    pid_of = Command.script("echo $$ >&2; exec sleep 1000")
    with pytest.raises(RemoteTimeout) as caught:
        link.run(pid_of, timeout=0.3)
    assert caught.value.certain == "It was stopped."
    assert link.alive


def test_cancel_ends_the_whole_group(link: Link) -> None:
    process = link.start(Command.script("sleep 1000 & echo $!; sleep 1000 & echo $! $$; wait"))
    heard = b""
    while heard.count(b"\n") < 2:
        heard += process.read(5)
    pids = [int(word) for word in heard.split()]
    assert all(exists(pid) for pid in pids)
    assert process.cancel()
    assert not any(exists(pid) for pid in pids)
    assert process.read(5) == b""
    assert process.exit_status(5) == 128 + 15
    assert link.alive


def test_cancel_kills_what_ignores_term(link: Link) -> None:
    process = link.start(Command.script("trap '' TERM; echo $$; while :; do sleep 1; done"))
    pid = int(read_line(process))
    assert process.cancel()
    assert not exists(pid)
    assert process.exit_status(5) == 128 + 9


def test_cancel_after_the_end(link: Link) -> None:
    process = link.start(Command(("true",)))
    assert process.read(5) == b""
    process.exit_status(5)
    assert process.cancel()


def test_killed_by_a_signal_is_not_a_lost_link(link: Link) -> None:
    assert link.run(Command.script("kill -KILL $$")).status == 128 + 9
    # The shell that waits for the program is killed too, so that the server has no number to tell.
    assert link.run(Command.script("kill -KILL $PPID; exit 0")).status == SIGNALLED
    assert link.alive


def test_write_after_the_end(link: Link) -> None:
    process = link.start(Command(("true",)))
    assert process.read(5) == b""
    process.exit_status(5)
    with pytest.raises(ProcessEnded):
        process.write(b"x")


@pytest.mark.parametrize(
    ("login", "become"),
    [
        ("full", Become.sudo("zim")),
        ("root", Become.runuser("zim")),
        ("root", Become.su("zim")),
        ("zim", Become.direct()),
    ],
)
def test_becoming(capsule, login: str, become: Become) -> None:
    with capsule.connect(user=login) as link:
        script = Command.script('id -un; pwd; echo "$HOME"; cat', become=become)
        done = link.run(script, stdin=b"fed")
        home = f"{capsule.folder}/home/zim"
        assert done.stdout.decode() == f"zim\n{home}\n{home}\nfed"
        process = link.start(Command.script("sleep 1000 & echo $!; wait", become=become))
        pid = int(read_line(process))
        assert process.noise == (b"profile of zim\n" if become == Become.su("zim") else b"")
        began = time.monotonic()
        assert process.cancel()
        assert not exists(pid)
        assert process.exit_status(5) == 128 + 15
        assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("login", "become", "reason", "next_step"),
    [
        ("none", Become.sudo("zim"), "asks for a password", "none ALL=(zim) NOPASSWD: ALL"),
        ("ttys", Become.sudo("zim"), "wants a terminal", "Defaults:ttys !requiretty"),
        ("full", Become.sudo("nobody-here"), "no user nobody-here", "Correct"),
        ("full", Become.sudo("root"), "does not allow|asks for a password", "sudoers"),
        ("full", Become.runuser("zim"), "no runuser there", "Choose another way"),
        ("full", Become.su("zim"), "su asks for a password", "use sudo"),
    ],
)
def test_becoming_refused(capsule, login: str, become: Become, reason: str, next_step: str) -> None:
    with capsule.connect(user=login) as link:
        with pytest.raises(BecomeRefused, match=reason) as caught:
            link.run(Command(("true",), become))
        assert next_step in caught.value.next_step
        assert link.alive


def test_limited_sudo(capsule) -> None:
    program = str(capsule.folder / "zmprov")
    with capsule.connect(user="only") as link:
        found = probe_become(link, Become.sudo("zim"), (program, "-f"))
        assert found.access is Access.PROGRAM
        assert found.become == Become.sudo("zim", limited=True)
        assert "only ALL=(zim) NOPASSWD: ALL" in found.next_step
        with link.start(Command((program, "-f"), found.become)) as process:
            assert read_line(process) == b"i am zim\n"
            process.write(b"fed\n")
            assert read_line(process) == b"fed\n"
            assert not process.cancel()
        for merged in (False, True):
            with pytest.raises(BecomeRefused, match=r"does not allow|asks for a password"):
                link.run(Command(("/bin/cat", "/etc/passwd"), found.become, merged))


def test_probing(capsule) -> None:
    argv = (str(capsule.folder / "zmprov"),)
    with capsule.connect(user="full") as link:
        assert probe_become(link, Become.sudo("zim"), argv).access is Access.FULL
        assert probe_become(link, Become.su("zim"), argv).access is Access.REFUSED
        assert probe_become(link, Become.direct(), argv).access is Access.FULL
    with capsule.connect(user="none") as link:
        found = probe_become(link, Become.sudo("zim"), argv)
        assert found.access is Access.REFUSED
        assert f"none ALL=(zim) NOPASSWD: {argv[0]}" in found.next_step
