"""Proof mails and look-ups on real Postfixes, through real logins: the way that was taken, beside the one foretold."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from splittui.config import LegacySystem, Profile, SshLogin, ZimbraHost
from splittui.config.directory import CsvExport
from splittui.config.profile import Probing
from splittui.execution.control import Control
from splittui.execution.events import LiveLine
from splittui.execution.mta_view import MtaView, Run
from splittui.execution.prove import Proof, Prover
from splittui.execution.standpoints import Standpoints
from splittui.execution.verification import Question, Topic
from splittui.mailflow.agreement import Agreement
from splittui.mailflow.route import Outcome
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import Keeps, Origin, System, World
from splittui.model.entries import Role, Side
from splittui.planning.brake import Limits
from splittui.planning.plan import Act, Step
from splittui.planning.route_change import RouteChange, RouteCommand, TableLine
from splittui.remote.login import Login
from splittui.remote.postfix import LogMark, PostfixError
from splittui.remote.smtp.probe import probe
from tests.mailflow.worlds import account, listing, primary, with_route, world
from tests.servers.accounts import ROOT, ZIMBRA_USER
from tests.servers.ground import wait_until
from tests.servers.hosts import CLIENT, LEGACY, ON_LEGACY, SMTP_PORT, ZIMBRA, Host
from tests.servers.lab import Lab
from tests.servers.relay import Relay

SENDER = "postmaster@internet.test"


@pytest.fixture(scope="module")
def outsider(lab: Lab) -> Iterator[Relay]:
    """A port of this machine that leads to the MX, as somebody whom nobody trusts."""
    with Relay(lambda: lab.capsule.connect(ZIMBRA.address, SMTP_PORT, CLIENT.address)) as relay:
        yield relay


def ssh(lab: Lab, host: Host, user: str) -> SshLogin:
    access = lab.logins.outside(host, user)
    return SshLogin(access.host, access.known_hosts, access.port, access.user, key_file=access.key_file)


@pytest.fixture(scope="module")
def profile(lab: Lab, outsider: Relay) -> Profile:
    lab.directory.distribution_list("team", ["foo@example.com", "bar@example.com"])
    return Profile(
        name="lab",
        file=Path("splittui.toml"),
        domain="example.com",
        role=Role.PRIMARY,
        zimbra=ZimbraHost(ZIMBRA.name, ssh(lab, ZIMBRA, ZIMBRA_USER)),
        legacy=LegacySystem(LEGACY.name, ON_LEGACY, CsvExport(Path("people.csv")), ssh=ssh(lab, LEGACY, ROOT)),
        limits=Limits(),
        probing=Probing(SENDER, internet=("127.0.0.1", outsider.port)),
    )


@pytest.fixture(scope="module")
def logins(profile: Profile) -> Iterator[tuple[Login, Login]]:
    assert profile.legacy.ssh is not None
    zimbra, legacy = Login(profile.zimbra.ssh, ("/bin/sh",)), Login(profile.legacy.ssh, ("/bin/sh",))
    yield zimbra, legacy
    zimbra.close()
    legacy.close()


@pytest.fixture(scope="module")
def points(profile: Profile, logins: tuple[Login, Login]) -> Standpoints:
    return Standpoints(profile, *logins)


def ignore(line: LiveLine) -> None:
    """Who is not interested in what goes on."""


def prove(points: Standpoints, foretold: World, *addresses: str) -> Mapping[tuple[str, Origin], Proof]:
    tracer = Tracer(foretold)
    heard: list[LiveLine] = []
    routes = [route for address in addresses for route in tracer.routes(address)]
    proofs = Prover(points, SENDER, heard.append, Control(), wait_seconds=30).prove(routes)
    assert len(proofs) == len(routes)
    assert heard
    return {(proof.predicted.address, proof.predicted.origin): proof for proof in proofs}


def test_mail_goes_the_way_that_was_foretold_from_everywhere(points: Standpoints, lab: Lab) -> None:
    proofs = prove(
        points, primary(listing("team", "foo", "bar")), "foo@example.com", "bar@example.com", "team@example.com"
    )
    assert {(proof.agreement, proof.why) for proof in proofs.values()} == {(Agreement.AGREES, "")}
    bar = proofs["bar@example.com", Origin.INTERNET]
    assert bar.seen is not None
    assert bar.seen.delivered == ("legacy:bar@example.com",)
    assert [hop.host for hop in bar.seen.hops] == ["internet", *[ZIMBRA.name] * 2, *[LEGACY.name] * 3]
    log = lab.capsule.path("/var/log/zimbra.log").read_text()
    assert f"message-id={bar.message_id}" in log
    assert f"from=<{SENDER}>" in log
    assert "C: MAIL FROM:<postmaster@internet.test>" in bar.dialogue
    team = proofs["team@example.com", Origin.LEGACY]
    assert team.seen is not None
    assert team.seen.delivered == ("legacy:bar@example.com", "zimbra:foo@example.com")


def test_an_unknown_address_is_refused_or_bounced_as_foretold(points: Standpoints) -> None:
    proofs = prove(points, primary(), "nobody@example.com")
    assert {proof.agreement for proof in proofs.values()} == {Agreement.AGREES}
    seen = {origin: proof.seen.outcome for (_, origin), proof in proofs.items() if proof.seen is not None}
    assert seen == {
        Origin.INTERNET: Outcome.REJECTED,
        Origin.ZIMBRA: Outcome.BOUNCED,
        Origin.LEGACY: Outcome.BOUNCED,
    }


def test_what_was_foretold_wrongly_is_told_so(points: Standpoints) -> None:
    moved = world(account("foo"), account("bar"), routes={"bar": Keeps.ZIMBRA})
    proof = prove(points, moved, "bar@example.com")["bar@example.com", Origin.INTERNET]
    assert proof.agreement is Agreement.DIFFERS
    assert proof.why == (f"bar@example.com was to be delivered on {ZIMBRA.name}, and was delivered on {LEGACY.name}.")


def test_a_loop_of_real_mail_is_seen_as_one(points: Standpoints, lab: Lab) -> None:
    """stray has a placeholder on Zimbra, and no mailbox on the existing system, which sends the unknown to Zimbra."""
    lab.directory.account("stray", zimbraMailTransport=ON_LEGACY, zimbraAccountStatus="locked", zimbraMailHost=None)
    looping = with_route(primary(account("stray", ON_LEGACY)), "stray", Keeps.ZIMBRA)
    proof = prove(points, looping, "stray@example.com")["stray@example.com", Origin.INTERNET]
    assert (proof.agreement, proof.why) == (Agreement.AGREES, "")
    assert proof.seen is not None
    assert proof.seen.outcome is Outcome.LOOPED


def test_mail_that_cannot_go_on_is_found_in_the_queue(points: Standpoints, lab: Lab) -> None:
    """A delivery was foretold, so the proof would wait for it; the operator does not."""
    lab.directory.account("late", zimbraMailTransport="smtp:dead.example.com", zimbraMailHost=None)
    route = Tracer(primary(account("late", ON_LEGACY))).route("late@example.com", Origin.ZIMBRA)
    control = Control()

    def stop_once_it_waits() -> None:
        wait_until(lambda: bool(lab.zimbra.queued("deferred")), "the message is put off", 30)
        control.stop()

    watching = threading.Thread(target=stop_once_it_waits)
    watching.start()
    [proof] = Prover(points, SENDER, ignore, control, wait_seconds=600).prove([route])
    watching.join()
    assert proof.agreement is Agreement.DIFFERS
    assert "and was deferred on zimbra.example.com: connect to dead.example.com" in proof.why
    assert "zimbra.example.com has it in its " in proof.why
    assert "Connection refused" in proof.why
    lab.zimbra.purge()


def test_a_login_on_the_existing_system_is_needed_for_its_users_mail(
    profile: Profile, logins: tuple[Login, Login]
) -> None:
    alone = Standpoints(profile, logins[0], None)
    [proof] = Prover(alone, SENDER, ignore, Control()).prove(
        [Tracer(primary()).route("foo@example.com", Origin.LEGACY)]
    )
    assert (proof.agreement, proof.seen) == (Agreement.UNPROVEN, None)
    assert "no login on mail.example.com" in proof.why


def test_without_the_existing_systems_log_its_taking_over_is_the_proof(
    profile: Profile, logins: tuple[Login, Login]
) -> None:
    alone = Standpoints(profile, logins[0], None)
    route = Tracer(primary()).route("bar@example.com", Origin.INTERNET)
    [proof] = Prover(alone, SENDER, ignore, Control(), wait_seconds=30).prove([route])
    assert proof.agreement is Agreement.AGREES
    assert proof.seen is not None
    assert proof.seen.hops[-2].because == "its log cannot be read, so what it does then is not seen"


def test_whom_zimbra_trusts_it_hears_out(points: Standpoints, outsider: Relay) -> None:
    """The same question from two points of view: Zimbra takes everything from its own host."""
    inside, outside = points.vantage(Origin.ZIMBRA), points.vantage(Origin.INTERNET)
    assert inside is not None
    assert outside is not None
    people = ["foo@example.com", "nobody@example.com"]
    there = probe(inside, points.server(System.ZIMBRA), people)
    assert [answer.accepted for answer in there.answers] == [True, True]
    here = probe(outside, points.entrances(Origin.INTERNET)[0][1], people)
    assert [answer.accepted for answer in here.answers] == [True, False]
    refused = here.answer("nobody@example.com")
    assert refused is not None
    assert str(refused.reply) == "550 5.1.1 <nobody@example.com>: Recipient address rejected: example.com"


def test_many_unknown_addresses_are_asked_without_being_cut_off(points: Standpoints) -> None:
    outside = points.vantage(Origin.INTERNET)
    assert outside is not None
    people = [f"nobody{number}@example.com" for number in range(25)]
    found = probe(outside, points.entrances(Origin.INTERNET)[0][1], people)
    assert (len(found.answers), found.trouble) == (25, "")


def test_the_names_that_zimbra_sees(points: Standpoints) -> None:
    view = points.dns(["example.com"], Origin.ZIMBRA)
    assert view.asked_from == ZIMBRA.name
    assert view.answers["example.com"].mx == ((10, ZIMBRA.name),)
    assert view.answers[ZIMBRA.name].addresses == (ZIMBRA.address,)


def test_look_ups_in_the_maps_in_force(points: Standpoints) -> None:
    zimbra, legacy = points.zimbra_mta, points.legacy_mta
    assert legacy is not None
    maps = zimbra.settings("transport_maps", "virtual_mailbox_maps", "no_such_setting")
    assert list(maps) == ["transport_maps", "virtual_mailbox_maps"]
    found = zimbra.look_up(maps["transport_maps"], ["foo@example.com", "bar@example.com", "nobody@example.com"])
    assert [one.value for one in found.values()] == ["lmtp:zimbra.example.com:7025", ON_LEGACY, ""]
    assert found["foo@example.com"].map == "ldap:/opt/zimbra/conf/ldap-transport.cf"
    routes = legacy.settings("transport_maps")["transport_maps"]
    assert legacy.look_up(routes, ["bar@example.com"])["bar@example.com"].value.startswith("lmtp:")


def test_a_list_of_maps_is_searched_in_its_order(points: Standpoints) -> None:
    zimbra = points.zimbra_mta
    both = "inline:{bar@example.com=smtp:first}, proxy:ldap:/opt/zimbra/conf/ldap-transport.cf"
    found = zimbra.look_up(both, ["bar@example.com", "foo@example.com"])
    assert (found["bar@example.com"].value, found["foo@example.com"].map) == (
        "smtp:first",
        "ldap:/opt/zimbra/conf/ldap-transport.cf",
    )


def test_a_map_that_cannot_be_asked(points: Standpoints, lab: Lab) -> None:
    with pytest.raises(PostfixError, match=r"postmap -q - lmdb:/nowhere on zimbra\.example\.com: .*No such file"):
        points.zimbra_mta.look_up("lmdb:/nowhere", ["foo@example.com"])
    lab.directory.server.stop()
    try:
        with pytest.raises(PostfixError, match="ldap"):
            points.zimbra_mta.look_up("ldap:/opt/zimbra/conf/ldap-transport.cf", ["foo@example.com"])
    finally:
        lab.directory.start()


def test_a_log_that_was_begun_anew_is_read_from_its_beginning(points: Standpoints, lab: Lab) -> None:
    lab.capsule.run("sh", "-c", "seq 1000 >/opt/zimbra/conf/log; chmod 644 /opt/zimbra/conf/log")
    assert points.zimbra_mta.log_mark().file == "/var/log/zimbra.log"
    other = LogMark("/opt/zimbra/conf/log", 3000)
    assert points.zimbra_mta.log_lines(other, ["99"])[-1] == "999"
    lab.capsule.run("sh", "-c", "echo new 99 >/opt/zimbra/conf/log")
    assert points.zimbra_mta.log_lines(other, ["99"]) == ["new 99"]
    assert points.zimbra_mta.log_lines(other, ["nowhere"]) == []


def test_a_log_that_cannot_be_read(points: Standpoints) -> None:
    with pytest.raises(PostfixError, match="No such file"):
        points.zimbra_mta.log_lines(LogMark("/nowhere", 0), ["x"])


def route_question(change: RouteChange, expected: str) -> Question:
    step = Step(LEGACY.name, Act.ROUTE, (), "", "bar@example.com", Side.LEGACY, route=change)
    return Question("bar@example.com", Side.LEGACY, Topic.ROUTE, (expected,) if expected else (), step)


def on_legacy(points: Standpoints, lab: Lab) -> Run:
    """Runs a program there, as the router's own commands are."""

    def run(argv: tuple[str, ...]) -> tuple[int, str]:
        done = lab.capsule.run(*argv, check=False)
        return done.returncode, done.stdout + done.stderr

    return run


KEPT = "lmtp:[127.0.0.12]:2424"
TABLE = "lmdb:/etc/postfix/transport"


@pytest.mark.parametrize(
    ("change", "expected", "agrees", "words"),
    [
        (TableLine(TABLE, "bar@example.com", "", KEPT), "", True, f"postmap -q bar@example.com {TABLE}"),
        (TableLine(TABLE, "bar@example.com", KEPT, ""), "", False, f"postmap -q bar@example.com {TABLE}"),
        (RouteCommand((), (), ("postmap", "-q", "bar@example.com", TABLE)), KEPT, True, "postmap -q"),
        (RouteCommand((), (), ("postmap", "-q", "bar@example.com", TABLE)), "", False, "postmap -q"),
    ],
)
def test_the_existing_systems_own_look_up(
    points: Standpoints, lab: Lab, change: RouteChange, expected: str, agrees: bool, words: str
) -> None:
    [found] = MtaView(points, on_legacy(points, lab)).answer([route_question(change, expected)])
    assert (found.agrees, found.answered, found.trouble) == (agrees, KEPT, "")
    assert found.asked.startswith(words)


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        (
            TableLine("lmdb:/etc/postfix/other", "bar@example.com", "", KEPT),
            "lmdb:/etc/postfix/other is not in use there: neither transport_maps nor virtual_alias_maps names it",
        ),
        (RouteCommand((), (), ("false",)), "it ended with 1: it said nothing"),
    ],
)
def test_a_look_up_that_tells_nothing(points: Standpoints, lab: Lab, change: RouteChange, trouble: str) -> None:
    [found] = MtaView(points, on_legacy(points, lab)).answer([route_question(change, KEPT)])
    assert (found.agrees, found.trouble) == (False, trouble)
