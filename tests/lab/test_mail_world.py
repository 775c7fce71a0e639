"""The lab's DNS and MTAs, asked from its three machines, and what a person changes there by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from splittui import config
from splittui.execution.site import Site
from splittui.lab import postmaster, world
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.mailflow.world import Origin, System
from splittui.remote import Command
from splittui.remote.smtp.hand_in import hand_in
from splittui.remote.smtp.probe import Probe, probe
from tests.lab.conftest import Tool

NOBODY, AWAY = "nobody@example.com", "postmaster@example.net"
ALL = [(origin, system) for origin in Origin for system in (System.ZIMBRA, System.LEGACY)]


@pytest.fixture
def site(own_lab: Lab) -> Iterator[Site]:
    opened = Site(config.load(own_lab.config))
    yield opened
    opened.close()


def ask(site: Site, origin: Origin, system: System, *addresses: str) -> Probe:
    vantage = site.standpoints.vantage(origin)
    assert vantage is not None
    return probe(vantage, site.standpoints.server(system), addresses)


def code(site: Site, origin: Origin, system: System, address: str) -> int:
    (answer,) = ask(site, origin, system, address).answers
    return answer.reply.code


@pytest.mark.parametrize("origin", Origin)
def test_the_dns_is_the_same_from_everywhere(site: Site, own_lab: Lab, origin: Origin) -> None:
    wanted = ["example.com", "mail.example.com", "nowhere.example"]
    answers = site.standpoints.dns(wanted, origin).answers
    assert answers["example.com"].mx == ((10, "zimbra.example.com"),)
    assert answers["example.com"].ttl == 300
    assert answers["zimbra.example.com"].addresses == ("192.0.2.10",)
    assert answers["mail.example.com"].addresses == ("192.0.2.20",)
    unknown = answers["nowhere.example"]
    assert (unknown.mx, unknown.addresses, unknown.trouble) == ((), (), "")
    world.exchanger(own_lab.world, world.LEGACY)
    assert site.standpoints.dns(wanted, origin).answers["example.com"].mx == ((10, "mail.example.com"),)


@pytest.mark.parametrize(
    ("origin", "system", "codes"),
    [
        # foo lives on Zimbra, bar is known to both, dave to legacy alone.
        (Origin.INTERNET, System.ZIMBRA, [250, 250, 550, 550, 554]),
        (Origin.ZIMBRA, System.ZIMBRA, [250, 250, 250, 250, 250]),
        (Origin.LEGACY, System.ZIMBRA, [250, 250, 550, 550, 554]),
        (Origin.INTERNET, System.LEGACY, [250, 250, 250, 250, 554]),
        (Origin.ZIMBRA, System.LEGACY, [250, 250, 250, 250, 250]),
        (Origin.LEGACY, System.LEGACY, [250, 250, 250, 250, 250]),
    ],
)
def test_who_asks_decides_the_answer(site: Site, origin: Origin, system: System, codes: list[int]) -> None:
    found = ask(site, origin, system, *(f"{name}@example.com" for name in ("foo", "bar", "dave", "nobody")), AWAY)
    assert [answer.reply.code for answer in found.answers] == codes


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_the_answers_are_those_that_the_tracer_foretells(role: str) -> None:
    with Lab.start(accounts=60, role=role) as lab:
        site = Site(config.load(lab.config))
        found = roster(site.split, site.read(lambda progress: None))
        for origin, system in ALL:
            answers = ask(site, origin, system, *found.people, NOBODY).answers
            foretold = {a.address: found.tracer.route(a.address, origin, system).code for a in answers}
            assert len(answers) == len(found.people) + 1
            assert {a.address: a.reply.code for a in answers} == foretold, (origin, system)
        site.close()


def test_a_change_is_seen_with_the_next_question(site: Site, own_tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(*arguments):
        made.append(1)
        return worlds(*arguments)

    worlds = postmaster.world
    monkeypatch.setattr(postmaster, "world", counted)
    dave = "dave@example.com"
    assert [code(site, Origin.INTERNET, System.ZIMBRA, dave) for _ in range(3)] == [550, 550, 550]
    assert len(made) == 1
    assert own_tool("zmprov", "ca", dave, "", "zimbraMailTransport", "smtp:mail.example.com:25").returncode == 0
    assert code(site, Origin.INTERNET, System.ZIMBRA, dave) == 250
    assert len(made) == 2


def test_a_servers_own_setting_hides_the_global_one(site: Site, own_tool: Tool) -> None:
    assert code(site, Origin.LEGACY, System.ZIMBRA, AWAY) == 554
    assert own_tool("zmprov", "mcf", "zimbraMtaMyNetworks", "192.0.2.0/24").returncode == 0
    assert code(site, Origin.LEGACY, System.ZIMBRA, AWAY) == 554
    own = "127.0.0.0/8 192.0.2.20/32"
    assert own_tool("zmprov", "ms", "zimbra.example.com", "zimbraMtaMyNetworks", own).returncode == 0
    assert code(site, Origin.LEGACY, System.ZIMBRA, AWAY) == 250
    assert own_tool("postconf", "-h", "mynetworks").stdout.decode() == f"{own}\n"


def test_what_legacy_does_with_zimbras_mail_and_with_the_unknown(site: Site, own_lab: Lab) -> None:
    def asked(address: str, origin: Origin = Origin.ZIMBRA) -> int:
        return code(site, origin, System.LEGACY, address)

    place = own_lab.world
    world.relay_not(place)
    assert (asked("bar@example.com"), asked(AWAY)) == (250, 554)
    world.accept_not(place)
    assert (asked("bar@example.com"), asked("bar@example.com", Origin.INTERNET)) == (554, 250)
    world.relay(place)
    assert (asked("bar@example.com"), asked(AWAY)) == (250, 250)
    world.refuse_unknown(place)
    assert (asked(NOBODY), asked("foo@example.com")) == (550, 550)
    world.route(place, "foo@example.com")
    assert asked("foo@example.com") == 250
    world.forward_unknown(place)
    assert asked(NOBODY) == 250


def test_zimbra_asks_legacy_first_where_it_is_told_to(own_tool: Tool, site: Site, own_lab: Lab) -> None:
    three = ("zimbraMailTransport", "smtp:mail.example.com:25", "zimbraMailCatchAllAddress", "@example.com")
    pair = ("zimbraMailCatchAllForwardingAddress", "@example.com")
    world.refuse_unknown(own_lab.world)
    assert own_tool("zmprov", "md", "example.com", *three, *pair).returncode == 0
    assert code(site, Origin.INTERNET, System.ZIMBRA, NOBODY) == 250
    assert own_tool("zmprov", "mcf", "+zimbraMtaRestriction", "reject_unverified_recipient").returncode == 0
    (answer,) = ask(site, Origin.INTERNET, System.ZIMBRA, NOBODY).answers
    assert (answer.reply.code, "unverified address: host mail.example.com said: 550" in str(answer.reply)) == (
        450,
        True,
    )
    assert code(site, Origin.INTERNET, System.ZIMBRA, "dave@example.com") == 250
    assert code(site, Origin.ZIMBRA, System.ZIMBRA, NOBODY) == 250


def test_who_does_not_listen(site: Site, own_lab: Lab) -> None:
    world.firewall(own_lab.world, "close")
    walled = ask(site, Origin.INTERNET, System.ZIMBRA, NOBODY)
    assert (walled.answers, "nothing listens there" in walled.trouble) == ((), True)
    assert code(site, Origin.LEGACY, System.ZIMBRA, NOBODY) == 550
    world.firewall(own_lab.world, "open")
    assert code(site, Origin.INTERNET, System.ZIMBRA, NOBODY) == 550
    world.switch_off(own_lab.world, world.ZIMBRA)
    assert ask(site, Origin.LEGACY, System.ZIMBRA, NOBODY).trouble
    world.switch_on(own_lab.world, world.ZIMBRA)
    assert code(site, Origin.LEGACY, System.ZIMBRA, NOBODY) == 550


def test_no_mail_is_kept(site: Site) -> None:
    vantage = site.standpoints.vantage(Origin.LEGACY)
    assert vantage is not None
    done = hand_in(vantage, site.standpoints.server(System.ZIMBRA), "bar@example.com", "foo@example.com", b"x\r\n")
    assert any("554 5.3.2 This is a lab" in line for line in done.dialogue)


def test_zimbra_without_its_directory_puts_off(site: Site, own_lab: Lab) -> None:
    own_lab.home.write_settings(type(own_lab.home.settings())(ldap=False))
    assert code(site, Origin.INTERNET, System.ZIMBRA, NOBODY) == 451
    assert code(site, Origin.INTERNET, System.LEGACY, NOBODY) == 250


def test_routes_and_mailboxes_by_hand_show_in_the_export(own_lab: Lab) -> None:
    place, zimbra = own_lab.world, "smtp:[zimbra.example.com]:25"
    world.route(place, "David@example.com")
    world.route(place, "new@example.com")
    forwards = dict(place.people.forwards())
    assert [forwards[f"{name}@example.com"] for name in ("david", "dave", "new")] == [zimbra] * 3
    world.keep(place, "dave@example.com")
    forwards = dict(place.people.forwards())
    assert (forwards["dave@example.com"], forwards["david@example.com"]) == ("", "")
    world.forward_all(place)
    assert {forward for _, forward in place.people.forwards()} == {zimbra}


Says = Callable[..., tuple[int, str, str]]


@pytest.fixture
def on_legacy(site: Site) -> Says:
    """Runs a command of the existing system's host, by its own login."""
    return lambda *words: said(site, Origin.LEGACY, *words)


def said(site: Site, origin: Origin, *words: str) -> tuple[int, str, str]:
    link, _ = site.standpoints._logins[origin].connected()
    done = link.run(Command(words))
    return done.status, done.stdout.decode(), done.stderr.decode()


def test_legacy_admin(on_legacy: Says, own_lab: Lab) -> None:
    for words in (("mx", "legacy"), ("refuse-unknown",), ("off", "zimbra"), ("route", "dave@example.com")):
        assert on_legacy("legacy-admin", *words) == (0, "", "")
    state = json.loads(on_legacy("legacy-admin", "show")[1])
    assert (state["mx"], state["sends_unknown"], state["off"]) == ("legacy", False, ["zimbra"])
    assert on_legacy("legacy-route", "show", "dave@example.com")[1] == "smtp:[zimbra.example.com]:25\n"
    code_, _, err = on_legacy("legacy-admin", "mx", "both")
    assert (code_, err) == (1, "legacy-admin: both is neither zimbra nor legacy\n")
    assert on_legacy("legacy-admin", "dance")[0] == 2
    own_lab.world.file.write_text("{", encoding="utf-8")
    assert on_legacy("legacy-admin", "show")[0] == 1


@pytest.mark.parametrize("origin", [Origin.INTERNET, Origin.LEGACY])
def test_zimbras_commands_are_on_zimbras_host_alone(site: Site, origin: Origin) -> None:
    assert said(site, origin, "sh", "-c", "command -v zmprov postconf || echo none; id -u >/dev/null")[1] == "none\n"


def test_a_kept_lab_of_earlier_days_gets_a_world(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    with Lab.start(folder, accounts=5, role="secondary") as lab:
        lab.world.file.unlink()
    with Lab.start(folder) as lab:
        assert lab.world.state() == world.first_state("secondary", empty=False)
        world.accept_not(lab.world)
    with Lab.start(folder) as lab:
        assert not lab.world.state().accepts
