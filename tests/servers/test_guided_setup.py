"""The guided set-up on real servers, from an empty Zimbra domain to the end, with real mail at every state between."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from splittui.lab.home import ADMIN_DN
from tests.operator import CHOSEN_LATER, Operator, all_done, states
from tests.servers.first_entries import ADMIN_PASSWORD, domain_dn
from tests.servers.flow import Flow
from tests.servers.guided import Administrator, empty_lab, write_profile
from tests.servers.hosts import DOMAIN, LDAP_PORT, ZIMBRA
from tests.servers.lab import PEOPLE, PRIMARY, SECONDARY, Lab
from tests.servers.post import Origin

pytestmark = pytest.mark.servers


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with empty_lab(request.param) as running:
        yield running


class Mail:
    """Asks by real mail from everywhere where everybody's mail ends, and whether nobody's is refused."""

    def __init__(self, lab: Lab, administrator: Administrator) -> None:
        self._lab, self._administrator = lab, administrator

    def arrives(self, when: str) -> None:
        sent = []
        for local in PEOPLE:
            for origin in self._administrator.origins:
                sent.append((local, origin, self._lab.send(f"{local}@{DOMAIN}", origin=origin)))
        for local, origin, one in sent:
            outcome = self._lab.outcome(one)
            assert outcome.verdict == "delivered", (when, local, origin, outcome)
            assert len(outcome.delivered) == 1, (when, local, origin, outcome)
        for origin in self._administrator.origins:
            outcome = self._lab.outcome(self._lab.send(f"nobody@{DOMAIN}", origin=origin))
            assert outcome.verdict in ("rejected", "accepted-then-bounced"), (when, origin, outcome)

    def is_kept(self, local: str, store: str) -> None:
        for origin in self._administrator.origins:
            outcome = self._lab.outcome(self._lab.send(f"{local}@{DOMAIN}", origin=origin))
            assert outcome.delivered == (f"{store}:{local}@{DOMAIN}",), (local, origin, outcome)


def start(lab: Lab, folder: Path, setup: str = "") -> tuple[Operator, Mail]:
    file = write_profile(lab, folder, setup=setup)
    administrator = Administrator(lab, folder / "people.csv", set(PEOPLE))
    administrator.write_export()
    mail = Mail(lab, administrator)
    return Operator(file, administrator, mail.arrives), mail


@contextmanager
def flowing(lab: Lab, *locals_: str, origins: Sequence[Origin] = tuple(Origin)) -> Iterator[None]:
    """Mail for these people comes in from everywhere meanwhile; each message goes straight into one box."""
    with ExitStack() as stack:
        flows = [stack.enter_context(Flow(lab, f"{local}@{DOMAIN}", rate=2, origins=origins)) for local in locals_]
        yield
        for flow in flows:
            flow.settle()
    for flow in flows:
        result = flow.result()
        assert result.messages
        for message in result.messages:
            assert len(message.boxes) == 1, (result, message)
            assert (message.refused, message.bounced, message.waiting) == ("", False, False), (result, message)
            # What was under way while its route was turned around may come back to where it was, once.
            assert not message.looped or message.hops <= 3, (result, message)
        assert len(result.looped) <= 1, result


@pytest.mark.parametrize("lab", [SECONDARY], indirect=True)
def test_secondary_from_an_empty_domain_and_back(lab: Lab, tmp_path: Path) -> None:
    operator, mail = start(lab, tmp_path, 'backscatter = "verify"\nquiet_days = 0\n')
    mail.arrives("at the beginning")
    with flowing(lab, "bar", "baz.alias"):
        all_done(operator.carry_out("secondary"))
        outside = lab.send("somebody@internet.test", origin=Origin.ZIMBRA)
        assert lab.outcome(outside).delivered == ("internet:somebody@internet.test",)
        operator.run("move", f"bar@{DOMAIN}", f"baz@{DOMAIN}", "--to", "zimbra", "--yes", "--confirm", "2")
        operator.administrator.moved("bar", "baz", "baz.alias")
        mail.arrives("after the move")
    mail.is_kept("bar", "zimbra")
    with flowing(lab, "bar", "team"):
        all_done(operator.carry_out("roll-back"), "not-hosted")
    mail.is_kept("bar", "legacy")


@pytest.mark.parametrize("lab", [PRIMARY], indirect=True)
def test_primary_from_an_empty_domain_through_both_changes_of_role_to_the_end(lab: Lab, tmp_path: Path) -> None:
    operator, mail = start(lab, tmp_path, 'backscatter = "verify"\nquiet_days = 0\n')
    with flowing(lab, "bar", "baz.alias"):
        all_done(operator.carry_out("primary"))
    operator.run("move", f"bar@{DOMAIN}", "--to", "zimbra", "--yes")
    operator.administrator.moved("bar")
    mail.arrives("after the move")
    mail.is_kept("bar", "zimbra")
    for goal in ("to-secondary", "to-primary"):
        with flowing(lab, "bar", "baz.alias"):
            all_done(operator.carry_out(goal), "placeholders-go")
        assert f'role = "{goal.removeprefix("to-")}"' in operator.file.read_text()
    assert operator.file.read_text().startswith("# written by hand\n")
    with flowing(lab, "bar", "baz.alias", origins=(Origin.INTERNET, Origin.ZIMBRA)):
        all_done(operator.carry_out("finish"), "leftovers", "proof")
    for local in ("bar", "baz", "team"):
        mail.is_kept(local, "zimbra")


@pytest.mark.parametrize("lab", [PRIMARY], indirect=True)
def test_killed_in_the_middle_and_continued_from_elsewhere_with_only_the_profile(lab: Lab, tmp_path: Path) -> None:
    operator, mail = start(lab, tmp_path / "first")
    words = (sys.executable, "-m", "splittui", "--config", str(operator.file), "setup", "--yes", "--confirm", DOMAIN)
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as going:
        assert going.stderr is not None
        seen = next(line for line in going.stderr if "prov> ca baz@" in line)
        going.kill()
    assert "********" in seen
    mail.arrives("after it was killed")
    other, mail = start(lab, tmp_path / "second")
    tasks = other.tasks("primary")
    assert tasks["domain"]["state"] == "done"
    assert tasks["people"]["state"] == "to do"
    with flowing(lab, "bar", "baz.alias"):
        all_done(other.carry_out("primary"))


@pytest.mark.parametrize("lab", [PRIMARY], indirect=True)
def test_the_address_book_and_passwords_of_a_directory(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = f'url = "ldap://{ZIMBRA.name}:{LDAP_PORT}"\nstart_tls = false\nbind_dn = "{ADMIN_DN}"\n'
    server += 'password_env = "DIRECTORY_PASSWORD"\nbase = "dc=com"\n'
    book = f'[profile.lab.setup.address_book]\nmode = "both"\nfilter = "ad"\nhide_placeholders = true\n{server}'
    login = f'[profile.lab.setup.authentication]\nmechanism = "ldap"\nfilter = "(mail=%n)"\n{server}'
    operator, _ = start(lab, tmp_path, f"{book}{login}")
    monkeypatch.setenv("DIRECTORY_PASSWORD", "wrong")
    tasks = operator.carry_out("primary")
    assert tasks["authentication"]["state"] == "blocked"
    assert "a bind to it failed" in tasks["authentication"]["because"]
    monkeypatch.setenv("DIRECTORY_PASSWORD", ADMIN_PASSWORD)
    tasks = operator.carry_out("primary")
    assert {tasks[key]["state"] for key in CHOSEN_LATER} == {"done"}, states(tasks)
    [entry] = lab.directory.search(domain_dn(), f"(zimbraDomainName={DOMAIN})").values()
    assert entry["zimbraGalLdapBindPassword"] == [ADMIN_PASSWORD]
    assert entry["zimbraAuthLdapSearchBindPassword"] == [ADMIN_PASSWORD]
    assert entry["zimbraAuthMech"] == ["ldap"]
    assert lab.directory.account_of(f"bar@{DOMAIN}")["zimbraHideInGal"] == ["TRUE"]
    assert ADMIN_PASSWORD not in "".join(operator.said)
    for file in tmp_path.iterdir():
        assert ADMIN_PASSWORD.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("lab", [SECONDARY], indirect=True)
def test_secondary_to_the_end(lab: Lab, tmp_path: Path) -> None:
    operator, mail = start(lab, tmp_path, 'backscatter = "verify"\nquiet_days = 0\n')
    all_done(operator.carry_out("secondary"))
    operator.run("move", f"bar@{DOMAIN}", "--to", "zimbra", "--yes")
    operator.administrator.moved("bar")
    with flowing(lab, "bar", "baz", origins=(Origin.INTERNET, Origin.ZIMBRA)):
        all_done(operator.carry_out("finish"), "leftovers", "proof", "forward-all")
    for local in ("bar", "baz", "team"):
        mail.is_kept(local, "zimbra")


@pytest.mark.parametrize("lab", [PRIMARY], indirect=True)
def test_primary_and_all_the_way_back(lab: Lab, tmp_path: Path) -> None:
    operator, mail = start(lab, tmp_path, "quiet_days = 0\n")
    all_done(operator.carry_out("primary"))
    operator.run("move", f"bar@{DOMAIN}", "--to", "zimbra", "--yes")
    operator.administrator.moved("bar")
    with flowing(lab, "bar", "baz", origins=(Origin.INTERNET, Origin.LEGACY)):
        all_done(operator.carry_out("roll-back"), "proof")
    for local in ("bar", "baz", "team"):
        mail.is_kept(local, "legacy")
