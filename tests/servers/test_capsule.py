"""Labs disturb neither the machine nor each other, and leave nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.capsule import PROJECT, Capsule
from tests.servers.ground import wait_until
from tests.servers.hosts import SMTP_PORT, ZIMBRA
from tests.servers.lab import PRIMARY, SECONDARY, Lab
from tests.servers.post import Origin

pytestmark = pytest.mark.servers

# A lab in a process of its own, which says where it is and then waits for its end.
LONELY = """
import signal
from tests.servers.lab import Lab
with Lab() as lab:
    lab.send("bar@example.com")
    print(lab.capsule.pid, lab.capsule.folder, flush=True)
    signal.pause()
"""
OF_THE_MACHINE = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/sudoers")


def network_of(pid: int | str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""


def processes_in(network: str) -> list[str]:
    return [
        entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit() and network_of(entry.name) == network
    ]


def test_two_labs_side_by_side_and_the_machine_is_as_it_was() -> None:
    before = {name: Path(name).read_bytes() for name in OF_THE_MACHINE}
    opt = sorted(os.listdir("/opt"))
    with Lab(PRIMARY) as one, Lab(SECONDARY) as other:
        in_one = one.send("bar@example.com")
        in_other = other.send("bar@example.com")
        refused = one.send("nobody@example.com", origin=Origin.INTERNET)
        accepted = other.send("nobody@example.com", origin=Origin.ZIMBRA)
        assert one.outcome(in_one).delivered == other.outcome(in_other).delivered == ("legacy:bar@example.com",)
        # The message went by Zimbra in the one, and straight to the existing system in the other.
        assert [len(lab.zimbra.log.queue_ids(sent.message_id)) for lab, sent in ((one, in_one), (other, in_other))] == [
            1,
            0,
        ]
        assert one.outcome(refused).verdict == "rejected"
        assert other.outcome(accepted).verdict == "accepted-then-bounced"
        assert not one.deliveries(in_other.mark)
    assert {name: Path(name).read_bytes() for name in OF_THE_MACHINE} == before
    assert sorted(os.listdir("/opt")) == opt


def test_nothing_is_left_of_a_lab_whose_test_was_killed() -> None:
    with Capsule():
        # Skips where there can be none: the process below could only fail.
        words = (sys.executable, "-c", LONELY)
    with subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid, folder = process.stdout.readline().split()
        network = network_of(pid)
        # slapd, dnsmasq, two masters with their children, two sshd, and the capsule's own two.
        assert len(processes_in(network)) > 10
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until(lambda: not processes_in(network), "every process of the lab has ended")
        wait_until(lambda: not Path(folder).exists(), "the lab's folder is removed")


def test_a_port_outside_leads_inside_and_ends_with_the_capsule() -> None:
    with Lab() as lab:
        port = lab.capsule.forward(ZIMBRA.address, SMTP_PORT)
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            assert sock.recv(100).startswith(b"220 zimbra.example.com ESMTP")
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", port)) != 0


def test_what_a_program_inside_says_is_shown_when_it_fails() -> None:
    with Capsule() as capsule:
        assert capsule.run("sh", "-c", "echo $0; cat", text="input").stdout == "sh\ninput"
        with pytest.raises(AssertionError, match=r"status 3\nno such thing"):
            capsule.run("sh", "-c", "echo no such thing >&2; exit 3")
