"""Connecting to a real sshd: host keys, logins, jumps, and noticing that it is gone."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from splittui.remote import (
    AuthenticationFailed,
    ChannelRefused,
    Command,
    Credentials,
    HostKeyChanged,
    HostKeyRevoked,
    HostKeyUnknown,
    Link,
    LinkLost,
    Overrides,
    PublicKey,
    RemoteTimeout,
    Target,
    Timeouts,
    Unreachable,
    accept,
    log_to,
    resolve,
)
from tests.servers.ground import wait_until

pytestmark = pytest.mark.servers


def session_pid(link: Link) -> int:
    """The server's own process for this connection: the parent of the shell that waits for our program."""
    stat = link.run(Command.script("cat /proc/$PPID/stat")).stdout.decode()
    return int(stat.rsplit(")", 1)[1].split()[1])


def test_connects_and_runs(server) -> None:
    with server.connect() as link:
        done = link.run(Command(("printf", "%s|", "a b", "q'uote", "$HOME", "`id`", "é\n*")))
        assert done.stdout == "a b|q'uote|$HOME|`id`|é\n*|".encode()
        assert done.status == 0
        assert link.alive
        assert link.latency is not None
        assert 0 < link.latency < 2
    assert not link.alive


def test_after_close_every_call_says_so(server) -> None:
    link = server.connect()
    link.close()
    with pytest.raises(LinkLost, match="closed on this side"):
        link.run(Command(("true",)))


def test_unknown_key_is_refused_then_accepted(server, tmp_path: Path) -> None:
    own = tmp_path / "own" / "known_hosts"
    with pytest.raises(HostKeyUnknown) as caught:
        server.connect(known_hosts_files=(own,))
    error = caught.value
    shown = subprocess.run(["ssh-keygen", "-lf", f"{server.folder}/host.pub"], capture_output=True, check=True).stdout
    assert error.key.fingerprint in shown.decode()
    assert error.key.fingerprint in str(error)
    assert "mbox1" in str(error)
    accept(error.name, error.port, error.key, own)
    assert own.stat().st_mode & 0o777 == 0o600
    server.connect(known_hosts_files=(own,)).close()


def test_changed_and_revoked_keys_stop(server, tmp_path: Path) -> None:
    other = " ".join((server.folder / "stranger.pub").read_text().split()[:2])
    real = " ".join((server.folder / "host.pub").read_text().split()[:2])
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {other}\n")
    with pytest.raises(HostKeyChanged) as changed:
        server.connect(known_hosts_files=(known,))
    assert f"{known}:1" in str(changed.value)
    known.write_text(f"[127.0.0.1]:{server.port} {real}\n@revoked * {real}\n")
    with pytest.raises(HostKeyRevoked):
        server.connect(known_hosts_files=(known,))


def test_key_that_is_not_let_in(server) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        server.connect(identity_files=(server.key("stranger"),))
    assert caught.value.tried == (str(server.key("stranger")),)


def test_encrypted_key(server, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = {"identity_files": (server.key("locked"),)}
    asked: list[Path] = []

    def right(file: Path) -> str:
        asked.append(file)
        return "open sesame"

    server.connect(credentials=Credentials(use_agent=False, passphrase=right), **locked).close()
    assert asked == [server.key("locked")]
    with pytest.raises(AuthenticationFailed, match="encrypted and no passphrase"):
        server.connect(**locked)
    with pytest.raises(AuthenticationFailed, match="passphrase is wrong"):
        server.connect(credentials=Credentials(use_agent=False, passphrase=lambda file: "guess"), **locked)
    monkeypatch.setenv("SPLITTUI_KEY_PASSPHRASE", "open sesame")
    server.connect(credentials=Credentials(use_agent=False), **locked).close()


def test_agent(server, tmp_path: Path) -> None:
    path = str(tmp_path / "agent")
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: os.path.exists(path), "the agent listens")
        environment = {**os.environ, "SSH_AUTH_SOCK": path}
        for name in ("stranger", "plain"):
            subprocess.run(["ssh-add", "-q", str(server.key(name))], env=environment, check=True)
        server.connect(credentials=Credentials(), identity_files=(), identity_agent=path).close()
        strict = {"identity_files": (server.key("stranger"),), "identities_only": True}
        with pytest.raises(AuthenticationFailed) as caught:
            server.connect(credentials=Credentials(), identity_agent=path, **strict)
        assert caught.value.tried == ("the agent's key stranger",)
    finally:
        agent.terminate()
        agent.wait(5)


def test_missing_agent_is_no_hurdle(server, tmp_path: Path) -> None:
    server.connect(credentials=Credentials(), identity_agent=str(tmp_path / "none")).close()


@pytest.mark.parametrize(("host", "words"), [("127.0.0.1", "port"), ("no-such-host.invalid", "address")])
def test_unreachable(host: str, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        Link.connect(Target("mbox1", host, 1, "ops"))


def test_silent_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target("mbox1", "127.0.0.1", silent.getsockname()[1], "ops")
        with pytest.raises(Unreachable, match="does not speak SSH"):
            Link.connect(target, timeouts=Timeouts(banner=0.3))


def test_jump_through_resolved_config(server, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"Host *\n HostName 127.0.0.1\n Port {server.port}\n User {server.user}\n IdentityFile {server.key('plain')}\n"
        f" IdentitiesOnly yes\n UserKnownHostsFile {server.known_hosts}\n GlobalKnownHostsFile none\n"
        "Match originalhost inner\n ProxyJump gate\n"
    )
    target = resolve("inner", Overrides(config_file=config))
    assert [jump.name for jump in target.jumps] == ["gate"]
    with Link.connect(target, credentials=Credentials(use_agent=False)) as link:
        assert link.run(Command(("echo", "through"))).stdout == b"through\n"


def test_each_jump_is_checked(server, tmp_path: Path) -> None:
    gate = server.target(name="gate", known_hosts_files=(tmp_path / "empty",))
    with pytest.raises(HostKeyUnknown) as caught:
        server.connect(jumps=(gate,))
    assert caught.value.host == "gate"
    with pytest.raises(Unreachable, match="jump host") as beyond:
        server.connect(jumps=(server.target(name="gate"),), port=1)
    assert beyond.value.host == "mbox1"


def test_tunnel(server) -> None:
    with server.connect() as link:
        tunnel = link.open_tunnel("127.0.0.1", server.port)
        assert tunnel.recv(4) == b"SSH-"
        tunnel.close()
        with pytest.raises(ChannelRefused):
            link.open_tunnel("127.0.0.1", 1)
        assert link.alive


def test_killed_server_is_a_lost_link(server) -> None:
    link = server.connect(timeouts=Timeouts())
    process = link.start(Command(("cat",)))
    os.kill(session_pid(link), signal.SIGKILL)
    with pytest.raises(LinkLost, match="mbox1"):
        process.read(5)
    with pytest.raises(LinkLost):
        process.exit_status(5)
    with pytest.raises(LinkLost):
        process.write(b"x")
    with pytest.raises(LinkLost):
        link.start(Command(("true",)))
    link.close()


def test_stopped_server_is_noticed(server) -> None:
    link = server.connect()
    process = link.start(Command(("cat",)))
    pid = session_pid(link)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        with pytest.raises(LinkLost, match="no answer for"):
            process.read(10)
        assert time.monotonic() - began < 3
    finally:
        os.kill(pid, signal.SIGCONT)
        link.close()


def test_stopped_server_does_not_block_a_start(server) -> None:
    link = server.connect(timeouts=Timeouts(probe_interval=60, channel=0.3, probe_limit=5))
    pid = session_pid(link)
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Timer(0.6, os.kill, (pid, signal.SIGCONT)).start()
        with pytest.raises(RemoteTimeout, match="does not answer"):
            link.start(Command(("true",)))
        assert link.run(Command(("echo", "again"))).stdout == b"again\n"
    finally:
        os.kill(pid, signal.SIGCONT)
        link.close()


def test_black_hole(server, proxy) -> None:
    accept("127.0.0.1", proxy.port, server_key(server), server.known_hosts)
    link = server.connect(port=proxy.port)
    process = link.start(Command(("cat",)))
    proxy.mode = "swallow"
    with pytest.raises(LinkLost, match="no answer for"):
        process.read(10)


def test_black_hole_with_a_stuck_writer(server, proxy) -> None:
    """A writer that fills the socket holds the lock that the heartbeat needs to send; this is noticed all the same."""
    accept("127.0.0.1", proxy.port, server_key(server), server.known_hosts)
    link = server.connect(port=proxy.port, timeouts=Timeouts(probe_interval=0.5, probe_limit=0.6))
    process = link.start(Command(("cat", "-")))
    proxy.mode = "stall"
    began = time.monotonic()
    with pytest.raises(LinkLost):
        process.write(bytes(64 << 20))
    assert time.monotonic() - began < 5


def test_black_hole_before_a_jump_with_a_stuck_writer(server, proxy) -> None:
    accept("127.0.0.1", proxy.port, server_key(server), server.known_hosts)
    gate = server.target(name="gate", port=proxy.port)
    link = server.connect(jumps=(gate,), timeouts=Timeouts(probe_interval=0.5, probe_limit=0.6))
    process = link.start(Command(("cat", "-")))
    proxy.mode = "stall"
    began = time.monotonic()
    with pytest.raises(LinkLost):
        process.write(bytes(64 << 20))
    link.close()
    assert time.monotonic() - began < 5


def test_nothing_reaches_the_screen(server, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unreachable), socket.create_server(("127.0.0.1", 0)) as silent:
        Link.connect(Target("mbox1", "127.0.0.1", silent.getsockname()[1], "x"), timeouts=Timeouts(banner=0.2))
    log = tmp_path / "ssh.log"
    log_to(log)
    server.connect().close()
    log_to(None)
    assert "paramiko" in log.read_text()
    assert not logging.getLogger("paramiko").propagate
    assert capfd.readouterr() == ("", "")


def server_key(server) -> PublicKey:
    return PublicKey.from_text(*(server.folder / "host.pub").read_text().split()[:2])
