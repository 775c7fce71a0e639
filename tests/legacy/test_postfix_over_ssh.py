"""A Postfix table on a host that is reached by a real SSH server."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.config import SshLogin
from splittui.legacy.host import LegacyHost
from splittui.legacy.routers import table_scripts
from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.postfix import PostfixTables
from splittui.remote.errors import RemoteError
from tests.legacy.tables import KEY, ZIMBRA, Table
from tests.remote import conftest as remote
from tests.remote.conftest import Proxy, Server, prepare, running
from tests.servers.ground import wait_until

capsule = remote.capsule


@pytest.fixture(scope="module")
def table() -> Iterator[Table]:
    with tempfile.TemporaryDirectory() as name:
        yield Table(Path(name))


@pytest.fixture(scope="module")
def server(table: Table) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as name:
        server = prepare(Path(name))
        with (server.folder / "sshd_config").open("a") as config:
            config.write(f"SetEnv HOME={server.folder}/home MAIL_CONFIG={table.folder}/etc\n")
        yield from running(server)


def host(server: Server, port: int | None = None) -> LegacyHost:
    settings = SshLogin(
        "127.0.0.1", server.known_hosts, port or server.port, server.user, key_file=server.key("plain"), become="direct"
    )
    return LegacyHost(settings)


@pytest.fixture
def there(server: Server) -> Iterator[LegacyHost]:
    opened = host(server)
    yield opened
    opened.close()


def at_work(shell: LegacyHost) -> PostfixTables:
    return PostfixTables(shell, "mail.example.com", lambda line: None)


def test_there_and_back(table: Table, there: LegacyHost) -> None:
    table.write("# routes of example.com\nfoo@example.com :\n")
    line, work = table.away(), at_work(there)
    work.make(line)
    assert work.look(line) == (ZIMBRA,)
    assert table.found() == ZIMBRA
    assert work.everything(table.name) == {"foo@example.com": (":",), KEY: (ZIMBRA,)}
    work.make(line.inverse)
    assert table.path.read_text() == "# routes of example.com\nfoo@example.com :\n"


def test_a_large_table_arrives_whole(table: Table, there: LegacyHost) -> None:
    lines = "".join(f"person{number:06}@example.com\t:\n" for number in range(20_000))
    table.write(lines)
    at_work(there).make(table.away())
    assert table.path.read_text() == f"{lines}{KEY}\t{ZIMBRA}\n"
    assert table.found("person019999@example.com") == ":"


class CutsIn:
    """A host whose link dies while the new table is on its way."""

    def __init__(self, real: LegacyHost, proxy: Proxy) -> None:
        self._real, self._proxy = real, proxy

    def script(self, text: str, *arguments: str, stdin: bytes = b""):
        if text == table_scripts.WRITE:
            threading.Timer(0.05, self._proxy.close).start()
            stdin += b"# more than any window holds\n" * 1_000_000
        return self._real.script(text, *arguments, stdin=stdin)


def test_a_link_that_dies_while_the_table_is_on_its_way_leaves_it_as_it_was(table: Table, server: Server) -> None:
    before = "foo@example.com :\n"
    table.write(before)
    proxy = Proxy(server.port)
    known = (server.known_hosts.read_text()).replace(f":{server.port} ", f":{proxy.port} ")
    with server.known_hosts.open("a") as file:
        file.write(known)
    real = host(server, proxy.port)
    with pytest.raises(RemoteError):
        at_work(CutsIn(real, proxy)).make(table.away())
    real.close()
    wait_until(lambda: "transport.splittui-new" not in table.files, "the script over there has ended", 20)
    assert table.path.read_text() == before
    assert table.found() == ""
    assert table.found("foo@example.com") == ":"


def test_a_program_is_run_and_told(there: LegacyHost) -> None:
    assert there.run(("/bin/echo", "a b", "$HOME")) == (0, "a b $HOME\n")
    assert there.run(("/bin/sh", "-c", "echo no >&2; exit 3")) == (3, "no\n")


def test_a_login_that_may_run_single_programs_only_is_told_what_it_lacks(capsule: Server) -> None:
    settings = SshLogin(
        "127.0.0.1",
        capsule.known_hosts,
        capsule.port,
        "only",
        key_file=capsule.key("plain"),
        become="sudo",
        run_as="zim",
    )
    limited = LegacyHost(settings)
    with pytest.raises((RouteError, RemoteError), match="sudo"):
        limited.script("echo x")
    limited.close()
