"""The runner on domains, servers and the global configuration, by a real zmprov process; and secrets that are given."""

from pathlib import Path

import pytest

from splittui.execution.control import Control
from splittui.execution.events import Event, LiveLine, Outcome, RunEnded, StepEnded
from splittui.execution.journal import Journal
from splittui.execution.runner import Runner
from splittui.lab.directory import Directory
from splittui.model.entries import Role, Server
from splittui.model.split import Split
from splittui.planning import domain, settings
from splittui.planning.domain import THREE, the_three
from splittui.planning.entry_change import with_secret
from splittui.planning.plan import MASK, Plan, Step
from splittui.planning.settings import Restart, reload, take_effect
from splittui.planning.undo import undo_plan
from tests.far_end import Pipes, dies_after_doing_it, dies_before_reading_it

ZIMBRA, NEW = "zimbra.example.com", "split.example.net"
SPLIT = Split(NEW, Role.SECONDARY, ZIMBRA, "mail.example.com", "smtp:mail.example.com:25")
RELAY = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
SERVER = Server(ZIMBRA, ZIMBRA, services=frozenset(("mta",)))


def plan(*steps: Step | None) -> Plan:
    return Plan(NEW, Role.SECONDARY, 1.0, tuple(step for step in steps if step is not None))


def run(made: Plan, pipes: Pipes, journal: Journal) -> tuple[RunEnded, list[Event]]:
    events: list[Event] = []
    ended = Runner(made, pipes, journal, "test", events.append, Control()).run()
    pipes.end()
    return ended, events


def messages(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, StepEnded)]


def values(home: Path, attribute: str, value: str) -> dict[str, list[str]] | None:
    with Directory(home / "lab" / "directory.db") as directory:
        found = directory.find(attribute, value)
    return found[0][1] if found else None


def entry(home: Path, dn: str) -> dict[str, list[str]]:
    with Directory(home / "lab" / "directory.db") as directory:
        return directory.entry(dn) or {}


def test_a_domain_is_made_and_taken_back(home: Path, journal: Journal) -> None:
    made = plan(domain.created(SPLIT, the_three(SPLIT)), reload(SPLIT))
    pipes = Pipes(home)
    ended, events = run(made, pipes, journal)
    assert ended.outcomes == (Outcome.DONE, Outcome.DONE), messages(events)
    assert messages(events)[0].startswith("read back: zimbraMail")
    found = values(home, "zimbraDomainName", NEW)
    assert found is not None
    assert {name: found[name] for name in THREE} == {name: list(wished) for name, wished in the_three(SPLIT).items()}
    assert pipes.shells == [("/opt/zimbra/bin/zmmtactl", "reload", "norewrite")]
    again, _ = run(made, Pipes(home), journal)
    assert again.outcomes == (Outcome.ALREADY, Outcome.ALREADY)
    back = Pipes(home)
    ended, events = run(undo_plan(SPLIT, made, {0, 1}, 2.0), back, journal)
    assert ended.clean, messages(events)
    assert values(home, "zimbraDomainName", NEW) is None
    assert len(back.shells) == 1


def test_the_configuration_and_a_server_of_its_own_value(home: Path, journal: Journal) -> None:
    own = settings.on_server(
        SPLIT, SERVER, {"zimbraMtaRelayHost": ("[old.example.com]:25",)}, "a relay host of its own"
    )
    assert run(plan(own), Pipes(home), journal)[0].clean
    hides = Server(
        ZIMBRA, ZIMBRA, services=frozenset(("mta",)), settings={"zimbraMtaRelayHost": ("[old.example.com]:25",)}
    )
    made = plan(
        settings.globally(SPLIT, {"zimbraMtaSmtpDnsSupportLevel": ("enabled",)}, RELAY, "for all"),
        settings.on_server(SPLIT, hides, {"zimbraMtaRelayHost": ()}, "lets the global value through"),
        take_effect(SPLIT, Restart.ZMMTACTL),
    )
    pipes = Pipes(home)
    ended, events = run(made, pipes, journal)
    assert ended.clean, messages(events)
    assert {name: tuple(entry(home, "cn=config,cn=zimbra")[name]) for name in RELAY} == RELAY
    assert "zimbraMtaRelayHost" not in entry(home, f"cn={ZIMBRA},cn=servers,cn=zimbra")
    assert pipes.shells == [("/opt/zimbra/bin/zmmtactl", "restart")]


def test_what_somebody_else_changed_stops_all_that_rests_on_it(home: Path, journal: Journal) -> None:
    seen = {"zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
    made = plan(
        settings.globally(SPLIT, seen, {**RELAY, "zimbraMtaSmtpDnsSupportLevel": ("enabled",)}, "relay host"),
        domain.created(SPLIT, {}),
        reload(SPLIT),
    )
    ended, events = run(made, Pipes(home), journal)
    assert ended.outcomes == (Outcome.CONFLICT, Outcome.SKIPPED, Outcome.SKIPPED)
    assert "what follows rests on it" in ended.error
    assert "zimbraMtaSmtpDnsSupportLevel is" in messages(events)[0]
    assert values(home, "zimbraDomainName", NEW) is None


@pytest.mark.parametrize(
    ("fault", "outcome", "hosted"),
    [(dies_before_reading_it, Outcome.FAILED, False), (dies_after_doing_it, Outcome.DONE, True)],
)
def test_a_lost_answer_is_settled_by_reading_the_domain(home: Path, journal: Journal, fault, outcome, hosted) -> None:
    pipes = Pipes(home, {0: (b"cd split", fault)})
    ended, events = run(plan(domain.created(SPLIT, the_three(SPLIT))), pipes, journal)
    assert ended.outcomes == (outcome,), messages(events)
    assert (values(home, "zimbraDomainName", NEW) is not None) is hosted


def test_a_secret_that_is_given_is_sent_and_shown_nowhere(home: Path, journal: Journal, tmp_path: Path) -> None:
    run(plan(domain.created(SPLIT, {})), Pipes(home), journal)
    wished = {"zimbraGalMode": ("both",)}
    step = domain.changed(SPLIT, {}, wished, "the address book")
    assert step is not None
    made = plan(with_secret(step, "zimbraGalLdapBindPassword", "the password of cn=book"))
    pipes = Pipes(home, secrets={"the password of cn=book": "s3cret 'word"})
    ended, events = run(made, pipes, journal)
    assert ended.clean, messages(events)
    found = values(home, "zimbraDomainName", NEW)
    assert found is not None
    assert found["zimbraGalLdapBindPassword"] == ["s3cret 'word"]
    lines = [event.text for event in events if isinstance(event, LiveLine)]
    assert any(MASK in line for line in lines)
    assert not any("s3cret" in line for line in [*lines, *messages(events)])
    assert b"s3cret" not in b"".join(file.read_bytes() for file in tmp_path.glob("journal.db*"))
    back = undo_plan(SPLIT, made, {0}, 2.0)
    assert not any("BindPassword" in word for step in back.steps for word in step.tokens)
    assert [change.attribute for step in back.steps for change in step.changes] == ["zimbraGalMode"]
