"""``splittui setup`` on real servers: their answers, the DNS and Postfix's own maps decide what is done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.cli.main import main
from tests.cli.conftest import Said
from tests.servers.lab import Lab
from tests.servers.profile import profile


@pytest.fixture(scope="module")
def config(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with profile(lab, tmp_path_factory.mktemp("profile")) as file:
        yield file


def test_where_a_split_that_works_stands(config: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["--config", str(config), "setup", "primary", "--json"])
    said = Said(code, *capfd.readouterr())
    tasks = {task["task"]: task for task in said.json}
    seen_done = ("reading", "next-hop", "legacy-accepts", "domain", "people", "parity", "clear", "forward-unknown")
    assert {key: tasks[key]["state"] for key in seen_done} == dict.fromkeys(seen_done, "done")
    assert tasks["next-hop"]["evidence"] == ["mail.example.com is 127.0.0.12"]
    assert tasks["parity"]["evidence"] == ["the MTA of zimbra.example.com knows all 1 addresses"]
    assert "which nobody has" in tasks["forward-unknown"]["evidence"][0]
    # From this machine, outside of the lab, its hosts have no names: what cannot be asked opens no gate.
    assert tasks["proof"]["state"] == "to do"
    assert all("asked from outside" in words for words in tasks["proof"]["missing"])
    assert tasks["mx"]["state"] == "blocked"
    assert "asked from zimbra.example.com: MX 10 zimbra.example.com" in tasks["mx"]["missing"]
    assert code == 2
