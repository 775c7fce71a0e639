"""While people are provisioned, nothing secret is in any process list, environment, journal, log or output."""

import secrets
import threading
from pathlib import Path

import pytest

from splittui.lab.lab import Lab
from tests.cli.conftest import Run

PEOPLE = 8


class ProcessWatch:
    """Reads every process's command line and environment over and over."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self.rounds = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "ProcessWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add((process / name).read_bytes())
                    except OSError:
                        continue
            self.rounds += 1


def test_no_secret_anywhere(run: Run, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [p["address"] for p in run("list", "--json").json if p["zimbra"] is None and p["kind"] == "person"][
        :PEOPLE
    ]
    made: list[str] = []
    real = secrets.token_urlsafe

    def recorded(size: int) -> str:
        made.append(real(size))
        return made[-1]

    monkeypatch.setattr("splittui.zimbra.zmprov.session.secrets.token_urlsafe", recorded)
    with ProcessWatch() as watch:
        said = run("move", *people, "--to", "legacy", "--yes", "--json")
    assert said.code == 0, said.err
    assert len(people) >= 2
    assert len(made) == len(people)
    assert watch.rounds > 3
    assert any(b"splittui.lab.zmprov" in line for line in watch.seen)
    number = run("history", "--json").json[0]["run"]
    told = {form: run("export", number, "--format", form) for form in ("html", "csv", "json")}
    told["history"] = run("history", number, "--json")
    assert all(people[0] in export.out for export in told.values())
    known = {*made, lab.home.localconfig()["zimbra_ldap_password"]}
    places = {
        "stdout": said.out.encode(),
        "stderr": said.err.encode(),
        **{form: f"{export.out}{export.err}".encode() for form, export in told.items()},
        **{f"process {line[:60]!r}": line for line in watch.seen},
        **{
            str(file): file.read_bytes()
            for file in lab.directory.rglob("*")
            if file.is_file() and "localconfig" not in file.name
        },
    }
    assert any("journal.db" in place for place in places)
    leaks = [(place, secret) for place, text in places.items() for secret in known if secret.encode() in text]
    assert not leaks
    assert "********" in said.err
