from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import paramiko
import pytest

from splittui.lab.server import Address, LabServer, User

needs_ssh = pytest.mark.skipif(shutil.which("ssh") is None, reason="there is no OpenSSH client here")


def until(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return found


def alive(process: int) -> bool:
    """Whether it runs: one that is dead but not yet waited for does not."""
    try:
        os.kill(process, 0)
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def run(client: paramiko.SSHClient, command: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    channel = client.get_transport().open_session()
    channel.exec_command(command)
    channel.sendall(stdin)
    channel.shutdown_write()
    out, err = channel.makefile("rb").read(), channel.makefile_stderr("rb").read()
    return channel.recv_exit_status(), out, err


def openssh(
    address: Address, *arguments: str, options: tuple[str, ...] = (), stdin: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    command = ["ssh", "-F", "none", "-p", str(address.port), "-i", str(address.key_file), "-o", "BatchMode=yes"]
    command += ["-o", f"UserKnownHostsFile={address.known_hosts}", "-o", "IdentitiesOnly=yes", *options]
    command += [f"{address.user}@{address.host}", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=20)


def test_commands_run_with_their_streams_and_exit_status(client: paramiko.SSHClient) -> None:
    assert run(client, "cat; echo gone >&2; exit 7", b"a line\n") == (7, b"a line\n", b"gone\n")


def test_a_command_sees_nothing_of_the_operators_environment(
    client: paramiko.SSHClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPERATORS_SECRET", "x")
    _, out, _ = run(client, "env; pwd")
    names = {line.partition(b"=")[0] for line in out.splitlines()[:-1]}
    assert names == {b"HOME", b"PATH", b"LC_ALL", b"PWD", b"SPLITTUI_LAB"}
    assert out.splitlines()[-1] == str(tmp_path).encode()


def test_environment_sent_by_the_client_is_ignored(client: paramiko.SSHClient) -> None:
    channel = client.get_transport().open_session()
    channel.update_environment({"LANG": "de_DE.UTF-8"})
    channel.exec_command('echo "[$LANG]"')
    assert channel.makefile("rb").read() == b"[]\n"


def test_the_signal_that_ended_a_command_is_reported(client: paramiko.SSHClient) -> None:
    channel = client.get_transport().open_session()
    channel.exec_command("kill -TERM $$")
    # paramiko does not keep the signal's name: no status, on a link that is up, stands for it.
    assert channel.recv_exit_status() == -1
    assert client.get_transport().is_active()


def test_short_commands_never_end_before_their_request_is_answered(client: paramiko.SSHClient) -> None:
    assert [run(client, "exit 3")[0] for _ in range(30)] == [3] * 30


def test_five_megabytes_both_ways_at_once(client: paramiko.SSHClient) -> None:
    data = os.urandom(5_000_000)
    channel = client.get_transport().open_session()
    channel.exec_command("cat")

    def send() -> None:
        channel.sendall(data)
        channel.shutdown_write()

    sender = threading.Thread(target=send)
    sender.start()
    received = channel.makefile("rb").read()
    sender.join()
    assert received == data


def test_a_command_waits_while_nobody_reads_what_it_writes(client: paramiko.SSHClient, tmp_path: Path) -> None:
    channel = client.get_transport().open_session()
    channel.exec_command("head -c 20000000 /dev/zero; echo > done")
    assert until(lambda: len(channel.in_buffer) >= 2_000_000)
    assert not (tmp_path / "done").exists()
    assert len(channel.makefile("rb").read()) == 20_000_000
    assert channel.recv_exit_status() == 0
    assert (tmp_path / "done").exists()


def test_standard_error_does_not_stop_standard_output(client: paramiko.SSHClient) -> None:
    channel = client.get_transport().open_session()
    channel.exec_command("head -c 1000000 /dev/zero >&2; echo out")
    assert channel.makefile("rb").read() == b"out\n"
    assert len(channel.makefile_stderr("rb").read()) == 1_000_000


def test_input_that_a_command_does_not_take_is_dropped(client: paramiko.SSHClient) -> None:
    assert run(client, "exec <&-; echo deaf; sleep 0.2", b"x" * 3_000_000)[:2] == (0, b"deaf\n")


def test_many_commands_at_a_time(address: Address, client: paramiko.SSHClient) -> None:
    with ThreadPoolExecutor(24) as pool:
        results = list(pool.map(lambda n: run(client, f"cat; exit {n}", str(n).encode()), range(24)))
    assert results == [(n, str(n).encode(), b"") for n in range(24)]


def test_keepalive_is_answered_and_forwarding_refused(client: paramiko.SSHClient) -> None:
    transport = client.get_transport()
    # A refusal is an answer: None tells that it came.
    assert transport.global_request("keepalive@openssh.com", wait=True) is None
    assert transport.is_active()
    with pytest.raises(paramiko.ChannelException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 0), timeout=5)
    with pytest.raises(paramiko.SSHException):
        client.open_sftp()


def test_nobody_else_gets_in(address: Address) -> None:
    for user, key in (
        ("zimbra", paramiko.ECDSAKey.generate()),
        ("root", paramiko.ECDSAKey(filename=str(address.key_file))),
    ):
        with paramiko.Transport((address.host, address.port)) as transport:
            transport.connect()
            with pytest.raises(paramiko.AuthenticationException):
                transport.auth_publickey(user, key)
    with paramiko.Transport((address.host, address.port)) as transport:
        transport.connect()
        with pytest.raises(paramiko.BadAuthenticationType):
            transport.auth_password("zimbra", "zimbra")


def test_the_keys_are_private(address: Address) -> None:
    for path in (address.key_file, address.known_hosts):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_lost_link_ends_the_input_and_not_the_command(
    server: LabServer, client: paramiko.SSHClient, tmp_path: Path
) -> None:
    channel = client.get_transport().open_session()
    channel.exec_command("echo begun; cat > taken; echo more > after")
    channel.sendall(b"half a li")
    assert channel.recv(100) == b"begun\n"
    taken = tmp_path / "taken"
    assert until(lambda: taken.exists() and taken.read_bytes() == b"half a li")
    server.drop()
    assert channel.recv(100) == b""
    assert channel.recv_exit_status() == -1
    assert not client.get_transport().is_active()
    assert until(lambda: (tmp_path / "after").exists())


def test_a_closed_channel_ends_the_input_only(client: paramiko.SSHClient, tmp_path: Path) -> None:
    channel = client.get_transport().open_session()
    channel.exec_command("cat > taken; echo done > after")
    channel.close()
    assert until(lambda: (tmp_path / "after").exists())
    assert client.get_transport().is_active()


def test_after_a_drop_one_can_connect_again(
    server: LabServer, address: Address, connecting: Callable[[Address], paramiko.SSHClient]
) -> None:
    for _ in range(3):
        with connecting(address) as again:
            assert run(again, "echo here")[1] == b"here\n"
        server.drop()


def test_stop_leaves_no_process_behind(server: LabServer, client: paramiko.SSHClient, tmp_path: Path) -> None:
    for name, command in {
        "plain": "echo $$ > plain; exec sleep 100",
        "deaf": "trap '' TERM; echo $$ > deaf; while :; do sleep 1; done",
        "away": "setsid sh -c 'echo $$ > away; exec sleep 100' > /dev/null 2>&1 < /dev/null &",
        "pipe": "sh -c 'echo $$ > pipe; exec sleep 100' | cat",
    }.items():
        channel = client.get_transport().open_session()
        channel.exec_command(command)
        assert until(lambda path=tmp_path / name: path.exists() and path.read_text().strip() != "")
    processes = [int((tmp_path / name).read_text()) for name in ("plain", "deaf", "away", "pipe")]
    assert all(alive(process) for process in processes)
    server.stop()
    assert [process for process in processes if alive(process)] == []
    server.stop()


def test_stop_closes_the_port_and_ends_its_threads(
    server: LabServer, connecting: Callable[[Address], paramiko.SSHClient]
) -> None:
    others = set(threading.enumerate())
    address = server.start()
    with connecting(address) as client:
        assert run(client, "true")[0] == 0
        server.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.host, address.port), timeout=1)
    assert until(lambda: set(threading.enumerate()) <= others)


def test_nothing_of_it_reaches_the_screen(
    server: LabServer, address: Address, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection((address.host, address.port)) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096):
            pass
    server.stop()
    assert capfd.readouterr() == ("", "")


@needs_ssh
def test_openssh_runs_commands(address: Address) -> None:
    done = openssh(address, "cat; echo $0 >&2; exit 5", stdin=b"hello\n")
    assert (done.returncode, done.stdout, done.stderr) == (5, b"hello\n", b"/bin/sh\n")


@needs_ssh
def test_openssh_is_told_of_a_signal(address: Address) -> None:
    done = openssh(address, "kill -9 $$", options=("-v",))
    assert done.returncode == 255
    assert b"exit-signal" in done.stderr


@needs_ssh
def test_openssh_logs_in_to_a_shell_without_a_terminal(address: Address) -> None:
    done = openssh(address, stdin=b"echo one\necho two\nexit 4\n", options=("-T",))
    assert (done.returncode, done.stdout, done.stderr) == (4, b"one\ntwo\n", b"")


@needs_ssh
def test_openssh_logs_in_on_a_terminal(address: Address) -> None:
    done = openssh(address, "test -t 0 && test -t 1 && ps -o tty= -p $$; exit 6", options=("-tt",))
    assert done.returncode == 6
    assert done.stdout.startswith(b"pts/")


def test_a_terminal_has_the_clients_size_and_is_hung_up(
    server: LabServer, client: paramiko.SSHClient, tmp_path: Path
) -> None:
    channel = client.get_transport().open_session()
    channel.get_pty("vt100", 132, 43)
    channel.exec_command("stty size; echo $TERM; echo $$ > me; exec sleep 100")
    with channel.makefile("rb") as out:
        assert out.readline() == b"43 132\r\n"
        assert out.readline() == b"vt100\r\n"
    assert until(lambda: (tmp_path / "me").exists() and (tmp_path / "me").read_text().strip() != "")
    process = int((tmp_path / "me").read_text())
    assert alive(process)
    server.drop()
    assert until(lambda: not alive(process))


def test_a_terminal_can_be_interrupted(client: paramiko.SSHClient) -> None:
    channel = client.get_transport().open_session()
    channel.get_pty()
    channel.exec_command("trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done")
    with channel.makefile("rb") as out:
        assert out.readline() == b"ready\r\n"
        channel.sendall(b"\x03")
        assert b"caught" in out.read()
    assert channel.recv_exit_status() == 9


def test_a_command_that_cannot_start_says_so(server: LabServer, client: paramiko.SSHClient, tmp_path: Path) -> None:
    user = server._users["zimbra"]
    server._users["zimbra"] = User(user.environment, tmp_path / "gone")
    status, _, err = run(client, "true")
    server._users["zimbra"] = user
    assert status == 126
    assert b"gone" in err
    assert run(client, "exit 2")[0] == 2
