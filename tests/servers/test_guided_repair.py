"""Split domains that somebody has begun by hand, wrongly: the guide sees it, says it, and leads out, without a loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.operator import Operator, all_done
from tests.servers.first_entries import CONFIG_DN, SERVER_DN, domain_dn
from tests.servers.guided import empty_lab
from tests.servers.hosts import DOMAIN, LEGACY, ON_LEGACY, ZIMBRA
from tests.servers.lab import PRIMARY, SECONDARY, Lab
from tests.servers.legacy_mta import AWAY
from tests.servers.test_guided_setup import start

pytestmark = pytest.mark.servers

THREE = {
    "zimbraMailCatchAllAddress": f"@{DOMAIN}",
    "zimbraMailCatchAllForwardingAddress": f"@{DOMAIN}",
    "zimbraMailTransport": ON_LEGACY,
}
Arrange = Callable[[Lab, Operator], None]


@dataclass(frozen=True)
class Broken:
    """What somebody did by hand, which task says so, and what it says; ``mended`` is what leads out beside the guide.

    ``arrives``: whether mail arrives as long as it is broken.
    """

    goal: str
    break_: Arrange
    task: str
    words: str
    mended: Arrange = lambda lab, operator: None
    arrives: bool = True


def by_zmprov(lab: Lab, *lines: str) -> None:
    """What the recipe has one type, on the Zimbra host."""
    for line in lines:
        lab.capsule.run("su", "-", "zimbra", "-c", f"/opt/zimbra/bin/zmprov {line}")
    lab.zimbra.reload()


def domain_alone(lab: Lab, operator: Operator) -> None:
    by_zmprov(lab, f"cd {DOMAIN}")


def half_done(lab: Lab, operator: Operator) -> None:
    by_zmprov(
        lab,
        f"cd {DOMAIN}",
        f"ca bar@{DOMAIN} secret1",
        f"ca baz@{DOMAIN} secret1 zimbraMailTransport {ON_LEGACY}",
    )


def bar_is_there(lab: Lab, operator: Operator) -> None:
    told = operator.see("setup", "primary", "--task", "mx")
    assert f"mail from the internet for bar@{DOMAIN} would arrive elsewhere than today" in told, told
    operator.run("move", f"bar@{DOMAIN}", "--to", "legacy", "--yes")


def catch_all_on_a_primary(lab: Lab, operator: Operator) -> None:
    all_done(operator.carry_out("primary"))
    lab.directory.change(domain_dn(), THREE)
    lab.zimbra.reload()


def both_hand_on(lab: Lab, operator: Operator) -> None:
    by_zmprov(lab, f"cd {DOMAIN} " + " ".join(f"{name} {value}" for name, value in THREE.items()))
    operator.administrator.everybody_else = AWAY
    operator.administrator.settle()


def own_relay_host(lab: Lab, operator: Operator) -> None:
    lab.directory.change(SERVER_DN, {"zimbraMtaRelayHost": f"[{LEGACY.name}]:2525"})
    lab.zimbra.configure_from_directory()
    lab.zimbra.reload()


def deprecated_attribute(lab: Lab, operator: Operator) -> None:
    lab.directory.change(CONFIG_DN, {"zimbraMtaDnsLookupsEnabled": "FALSE"})


def wildcard_mx(lab: Lab, operator: Operator) -> None:
    lab.publish(lab.mx, {LEGACY.name: ZIMBRA})


def brackets(lab: Lab, operator: Operator) -> None:
    text = operator.file.read_text()
    operator.file.write_text(text.replace(f'"{ON_LEGACY}"', f'"smtp:[{LEGACY.name}]:25"'))


def port_25_shut(lab: Lab, operator: Operator) -> None:
    lab.legacy.stop()


def port_25_open(lab: Lab, operator: Operator) -> None:
    lab.legacy.start()


def nothing(lab: Lab, operator: Operator) -> None:
    """Everything is as a new site has it."""


CATCH = "zimbraMailCatchAllAddress"
CASES = {
    "the domain alone": Broken("secondary", domain_alone, "domain", "zimbraMailTransport of", arrives=False),
    "half done": Broken("primary", half_done, "people", "have a mailbox on both", bar_is_there, arrives=False),
    "catch-all on a primary": Broken("primary", catch_all_on_a_primary, "clear", f"{CATCH} of", arrives=False),
    "both hand on the unknown": Broken("secondary", both_hand_on, "legacy-refuses", "takes it", arrives=False),
    "relay host of a server": Broken("secondary", own_relay_host, "relay-host", "has its own zimbra", arrives=False),
    "deprecated attribute": Broken("secondary", deprecated_attribute, "relay-host", "which has no effect"),
    "wildcard MX": Broken("primary", wildcard_mx, "next-hop", "Write it with brackets", brackets),
    "port 25 shut": Broken("primary", port_25_shut, "legacy-accepts", "says of", port_25_open, arrives=False),
    "legacy refuses relay": Broken("secondary", nothing, "legacy-relays", "Relay access denied"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_guide_sees_it_says_it_and_leads_out(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    role = {"primary": PRIMARY, "secondary": SECONDARY}[case.goal]
    with empty_lab(role) as lab:
        operator, mail = start(lab, tmp_path, 'backscatter = "verify"\n')
        case.break_(lab, operator)
        if case.arrives:
            mail.arrives("broken")
        operator.after = lambda what: None
        told = operator.see("setup", case.goal, "--task", case.task)
        assert case.words in told, told
        assert "[done" not in told
        case.mended(lab, operator)
        if case.arrives:
            operator.after = mail.arrives
        all_done(operator.carry_out(case.goal))
        mail.arrives("mended")
