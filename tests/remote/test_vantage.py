"""Points of view through a host: what its sshd connects on to, what it does not, and a link that is lost meanwhile."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from splittui.remote import Link, LinkLost
from splittui.remote.smtp.conversation import Server
from splittui.remote.smtp.probe import probe
from splittui.remote.vantage import Here, NotConnected, Through, greeting
from tests.remote.conftest import make_key
from tests.remote.scripted import Scripted
from tests.remote.test_link import session_pid
from tests.servers.ground import free_port

pytestmark = pytest.mark.servers

BANNER, OK = b"220 mail.example.com ESMTP\r\n", b"250 2.1.5 Ok\r\n"


@pytest.fixture
def link(server) -> Iterator[Link]:
    with server.connect() as link:
        yield link


def through(link: Link) -> Through:
    return Through("zimbra.example.com", lambda: link)


def test_a_probe_through_a_host(link: Link) -> None:
    with Scripted() as there:
        there.scripts = ([BANNER, *(part for _ in range(5) for part in (there.line, OK))],)
        found = probe(through(link), Server("127.0.0.1", there.port), ["bar@example.com"])
        assert there.heard[0] == b"EHLO zimbra.example.com"
    assert (found.asked_from, found.trouble) == ("zimbra.example.com", "")
    assert found.answers[0].accepted
    assert link.alive


def test_nobody_listens_there(link: Link) -> None:
    port = free_port()
    found = probe(through(link), Server("127.0.0.1", port), ["bar@example.com"])
    assert found.trouble.startswith(f"From zimbra.example.com, 127.0.0.1:{port} cannot be connected to")
    assert link.alive


def test_a_server_that_closes_ends_no_link(link: Link) -> None:
    """sshd ends the whole connection when it gets data for a channel that is closed."""

    def vanish(client: socket.socket) -> None:
        client.shutdown(socket.SHUT_RDWR)

    with Scripted([BANNER, vanish]) as there:
        for _ in range(20):
            assert probe(through(link), Server("127.0.0.1", there.port), ["bar@example.com"]).trouble
    assert link.check()


def test_a_login_that_may_not_connect_on(server) -> None:
    make_key(server.folder / "bound")
    with (server.folder / "authorized_keys").open("a") as keys:
        keys.write("no-port-forwarding " + (server.folder / "bound.pub").read_text())
    with (
        server.connect(identity_files=(server.key("bound"),)) as link,
        pytest.raises(NotConnected, match=r"sshd of zimbra\.example\.com does not let this login connect on"),
    ):
        through(link).connect("127.0.0.1", 1, 5)


def test_a_lost_link_is_not_taken_for_the_servers_end(server) -> None:
    with server.connect() as link, Scripted() as there:

        def cut(client: socket.socket) -> None:
            there.line(client)
            os.kill(session_pid(link), signal.SIGKILL)
            there.silence(client)

        there.scripts = ([BANNER, cut],)
        with pytest.raises(LinkLost, match="mbox1"):
            probe(through(link), Server("127.0.0.1", there.port), ["bar@example.com"])


def test_a_long_message_goes_through_a_small_window(link: Link) -> None:
    size, got = 8_000_000, 0

    def take(client: socket.socket) -> None:
        nonlocal got
        while got < size and (data := client.recv(1 << 16)):
            got += len(data)
        client.sendall(b"all")

    with Scripted([take]) as there:
        stream = through(link).connect("127.0.0.1", there.port, 5)
        stream.settimeout(20)
        stream.sendall(b"x" * size)
        assert stream.recv(3) == b"all"
        stream.close()
    assert got == size


def test_a_server_that_does_not_read_is_given_up(link: Link) -> None:
    with Scripted() as there:
        there.scripts = ([there.silence],)
        stream = through(link).connect("127.0.0.1", there.port, 5)
        stream.settimeout(0.3)
        with pytest.raises(TimeoutError):
            stream.sendall(b"x" * 50_000_000)
        stream.close()
    assert link.check()


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("mail.example.com", "mail.example.com"),
        ("mbox1", "[127.0.0.1]"),
        ("192.0.2.1", "[127.0.0.1]"),
        ("", "[127.0.0.1]"),
    ],
)
def test_ehlo_names(host: str, said: str) -> None:
    assert greeting(host) == said


def test_this_machine_has_a_name_or_an_address() -> None:
    assert Here().greeting == greeting(socket.gethostname())
