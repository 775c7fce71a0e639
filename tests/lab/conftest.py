from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

from splittui.lab.lab import Lab
from splittui.lab.server import Address, LabServer

Tool = Callable[..., subprocess.CompletedProcess[bytes]]
Connecting = Callable[[Address], paramiko.SSHClient]


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A lab of sixty people that tests only read."""
    with Lab.start(tmp_path_factory.mktemp("lab") / "lab", accounts=60, seed=1) as started:
        yield started


@pytest.fixture
def own_lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab that a test may change."""
    with Lab.start(tmp_path / "lab", accounts=40) as started:
        yield started


@pytest.fixture(scope="session")
def tool(lab: Lab) -> Tool:
    """Runs a command of the lab's host as user zimbra would, without SSH."""
    return _runner(lab)


@pytest.fixture
def own_tool(own_lab: Lab) -> Tool:
    """The same in the lab that a test may change."""
    return _runner(own_lab)


def _runner(lab: Lab) -> Tool:
    def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        program = shutil.which(arguments[0], path=lab.home.environment()["PATH"])
        assert program is not None, f"{arguments[0]} is not in the lab"
        assert program.startswith(str(lab.home.path))
        return subprocess.run(
            [program, *arguments[1:]],
            input=stdin,
            capture_output=True,
            env=lab.home.environment(),
            cwd=lab.home.path,
            check=False,
            timeout=30,
        )

    return run


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LabServer]:
    """A server whose commands start in an empty folder."""
    environment = {"HOME": str(tmp_path), "PATH": os.defpath, "LC_ALL": "C"}
    started = LabServer(tmp_path, environment, tmp_path)
    yield started
    started.stop()


@pytest.fixture
def address(server: LabServer) -> Address:
    return server.start()


def _connect(address: Address) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(address.known_hosts))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        address.host,
        address.port,
        address.user,
        key_filename=str(address.key_file),
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
    )
    return client


@pytest.fixture
def connecting() -> Connecting:
    """Makes another connection to a server."""
    return _connect


@pytest.fixture
def client(address: Address) -> Iterator[paramiko.SSHClient]:
    with _connect(address) as connected:
        yield connected
