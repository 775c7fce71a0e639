"""``splittui setup --yes`` in the lab: from an empty domain through both roles to the end, by the guide alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui.lab import world
from splittui.lab.lab import Lab
from splittui.lab.world import LEGACY, ZIMBRA
from tests.operator import DOMAIN, Operator, Task, all_done


class ByHand:
    """Does in the lab what a person does at a real site."""

    def __init__(self, lab: Lab) -> None:
        self._place = lab.world

    def do(self, task: Task) -> None:
        words = "\n".join(task["by_hand"])
        listed = re.findall(rf"^ +(\S+@{re.escape(DOMAIN)})$", words, re.MULTILINE)
        works = {
            "legacy-accepts": lambda: world.accept(self._place),
            "legacy-relays": lambda: world.relay(self._place),
            "forward-unknown": lambda: world.forward_unknown(self._place),
            "forward-all": lambda: world.forward_all(self._place),
            "legacy-refuses": lambda: world.refuse_unknown(self._place),
            "legacy-routes": lambda: [world.route(self._place, address) for address in listed],
            "everybody-here": lambda: [world.route(self._place, address) for address in listed],
            "mailboxes-there": lambda: [world.keep(self._place, address) for address in listed],
            "mx": lambda: world.exchanger(self._place, ZIMBRA if "MX 10 zimbra.example.com." in words else LEGACY),
            "backscatter": lambda: world.firewall(self._place, "close"),
            "open-to-all": lambda: world.firewall(self._place, "open"),
            "legacy-off": lambda: world.switch_off(self._place, LEGACY),
            "zimbra-off": lambda: world.switch_off(self._place, ZIMBRA),
        }
        works[task["task"]]()


@pytest.fixture
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    with Lab.start(tmp_path / "lab", accounts=12, role=request.param, empty=True) as lab:
        lab.config.write_text(lab.config.read_text() + "\n[profile.lab.setup]\nquiet_days = 0\n")
        yield Operator(lab.config, ByHand(lab))


@pytest.mark.parametrize("operator", ["primary"], indirect=True)
def test_primary_and_both_changes_of_role_and_the_end(operator: Operator) -> None:
    all_done(operator.carry_out("primary"))
    tasks = operator.carry_out("to-secondary")
    all_done(tasks, "placeholders-go", "backscatter")
    deletes = tasks["placeholders-go"]["commands"]
    assert {command.partition(" ")[0] for command in deletes} == {"da"}
    # What deletes is run by its name alone, and the domain's name does not let it go.
    words = ("setup", "to-secondary", "--task", "placeholders-go", "--yes", "--confirm")
    operator.see(*words, DOMAIN)
    assert "exit 3" in operator.said[-1]
    operator.run(*words, str(len(deletes)))
    all_done(operator.carry_out("to-primary"))
    all_done(operator.carry_out("finish"), "proof")


@pytest.mark.parametrize("operator", ["secondary"], indirect=True)
def test_secondary_and_back(operator: Operator) -> None:
    all_done(operator.carry_out("secondary"), "backscatter")
    all_done(operator.carry_out("roll-back"), "not-hosted")
