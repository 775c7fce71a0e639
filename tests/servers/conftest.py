"""The lab of real mail servers, one for all tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.lab import Lab


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "servers: needs real servers (sshd, sudo); skipped without them")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """In the primary role, as it begins; what a test changes stays for the next one."""
    with Lab() as lab:
        yield lab
