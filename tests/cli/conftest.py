"""A lab for the command line's tests, and the command line itself, in this process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from splittui.cli.main import main
from splittui.lab.lab import Lab


@dataclass(frozen=True)
class Said:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


Run = Callable[..., Said]


@contextmanager
def read_in_part(lab: Lab, entries: int = 20) -> Iterator[None]:
    """Meanwhile the lab's directory gives no more entries than so many, by its size limit."""
    whole = lab.home.settings()
    lab.home.write_settings(type(whole)(ldap_size_limit=entries))
    try:
        yield
    finally:
        lab.home.write_settings(whole)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture
def run(lab: Lab, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs ``splittui --config LAB ...``."""

    def run_command(*arguments: object) -> Said:
        code = main(["--config", str(lab.config), *map(str, arguments)])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run_command
