"""Moves over the lab's real SSH with a real Postfix table, or a real directory, as the existing system's routing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui import config
from splittui.config import Profile, SshLogin
from splittui.config.directory import Encryption, EntryMapping, LdapDirectory, LdapServer, Password, Schema
from splittui.execution.control import Control
from splittui.execution.events import Event, Outcome, RunEnded, StepEnded
from splittui.execution.site import Site, SiteError
from splittui.lab.lab import Lab
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.model.home import Home
from splittui.model.router import LdapRouter, PostfixRouter, Router
from splittui.planning.moves import Move, plan_moves
from splittui.planning.plan import Plan
from splittui.planning.undo import undo_plan
from tests.far_end import attributes
from tests.legacy.tables import Table
from tests.remote.conftest import Server, prepare, running
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

BAR = "bar@example.com"
LMTP, SMTP = "lmtp:zimbra.example.com:7025", "smtp:mail.example.com:25"
TO_ZIMBRA = "smtp:[zimbra.example.com]:25"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    table = Table(tmp_path_factory.mktemp("postfix"))
    settings = table.folder / "etc" / "main.cf"
    settings.write_text(f"compatibility_level = 3.6\ntransport_maps = {table.name}\n")
    os.utime(settings, (1, 1))
    return table


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture(scope="module")
def host(table: Table) -> Iterator[Server]:
    """The existing system's host."""
    with tempfile.TemporaryDirectory() as name:
        server = prepare(Path(name))
        with (server.folder / "sshd_config").open("a") as settings:
            settings.write(f"SetEnv HOME={server.folder}/home MAIL_CONFIG={table.folder}/etc\n")
        yield from running(server)


def profile(lab: Lab, host: Server, router: Router, **changes: object) -> Profile:
    """The lab's profile, with that host, and that router."""
    loaded = config.load(lab.config)
    ssh = SshLogin("127.0.0.1", host.known_hosts, host.port, host.user, key_file=host.key("plain"))
    return replace(loaded, legacy=replace(loaded.legacy, router=router, ssh=ssh, **changes))


def planned(site: Site, to: Side) -> Plan:
    snapshot = site.read(lambda progress: None)
    return plan_moves(site.split, snapshot, roster(site.split, snapshot).people, [Move(BAR, to)], made_at=1.0)


def run(site: Site, plan: Plan) -> RunEnded:
    events: list[Event] = []
    ended = site.run(plan, events.append, Control())
    assert ended.clean, [event.message for event in events if isinstance(event, StepEnded)]
    return ended


def home_of_bar(site: Site) -> Home:
    snapshot = site.read(lambda progress: None)
    return roster(site.split, snapshot).people[BAR].home


def transport(lab: Lab) -> str:
    entry = attributes(lab.home.path, BAR)
    assert entry is not None
    return entry["zimbraMailTransport"][0]


def test_a_table_there_and_back_and_undone(lab: Lab, host: Server, table: Table) -> None:
    table.write("# routes\nfoo@example.com :\n")
    site = Site(profile(lab, host, PostfixRouter(table.name, reload="true")))
    there = planned(site, Side.ZIMBRA)
    ended = run(site, there)
    assert (table.found(BAR), transport(lab)) == (TO_ZIMBRA, LMTP)
    verified = site.verify(there, ended)
    assert not verified.wrong
    assert f"postmap -q {BAR} {table.name}" in [check.asked for check in verified.checks]
    assert home_of_bar(site) is Home.ZIMBRA

    back = planned(site, Side.LEGACY)
    run(site, back)
    assert (table.found(BAR), transport(lab)) == ("", SMTP)
    assert home_of_bar(site) is Home.LEGACY

    run(site, undo_plan(site.split, back, range(len(back.steps)), 2.0))
    assert (table.found(BAR), transport(lab)) == (TO_ZIMBRA, LMTP)
    run(site, undo_plan(site.split, there, range(len(there.steps)), 3.0))
    assert table.path.read_text() == "# routes\nfoo@example.com :\n"
    site.close()


def test_a_table_that_somebody_is_editing_makes_no_plan(lab: Lab, host: Server, table: Table) -> None:
    table.write("foo@example.com :\n")
    os.utime(f"{table.path}.db", (1, 1))
    site = Site(profile(lab, host, PostfixRouter(table.name, reload="true")))
    seen = site.read(lambda progress: None)
    assert not seen.complete
    assert "was written after its index was made" in seen.why_partial
    site.close()


PERSON = (
    "dn: uid={0},dc=example,dc=com\nobjectClass: inetOrgPerson\nobjectClass: inetLocalMailRecipient\n"
    "sn: x\ncn: {0}\nmail: {0}@example.com\nmailLocalAddress: {0}@example.com\nmailHost: mail.example.com\n\n"
)
ENTRY = LdapRouter(
    "dc=example,dc=com",
    away=(("mailHost", "{zimbra}"), ("mailRoutingAddress", "{address}")),
    here=(("mailHost", "{legacy}"),),
    reload="true",
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Slapd]:
    server = Slapd(tmp_path, schemas=("core", "cosine", "inetorgperson", "misc"))
    server.load("dn: dc=example,dc=com\nobjectClass: domain\n\n" + PERSON.format("bar") + PERSON.format("foo"))
    with server:
        yield server


def asked_by(server: Slapd) -> LdapServer:
    return LdapServer(server.address, server.port, Encryption.NONE, server.admin, Password())


def by_directory(lab: Lab, host: Server, server: Slapd) -> Site:
    where = asked_by(server)
    people = LdapDirectory(where, "dc=example,dc=com", "", EntryMapping(Schema.INETLOCALMAILRECIPIENT))
    site = Site(profile(lab, host, ENTRY, directory=people, router_server=where))
    site.passwords.ask = lambda question: ADMIN_PASSWORD
    return site


def test_an_entry_there_and_back(lab: Lab, host: Server, directory: Slapd) -> None:
    site = by_directory(lab, host, directory)
    before = site.read(lambda progress: None).legacy.routing[BAR]
    assert before == {"mailhost": ("mail.example.com",)}
    there = planned(site, Side.ZIMBRA)
    run(site, there)
    assert site.read(lambda progress: None).legacy.routing[BAR] == {
        "mailhost": ("zimbra.example.com",),
        "mailroutingaddress": (BAR,),
    }
    assert (transport(lab), home_of_bar(site)) == (LMTP, Home.ZIMBRA)
    run(site, planned(site, Side.LEGACY))
    assert site.read(lambda progress: None).legacy.routing[BAR] == before
    assert (transport(lab), home_of_bar(site)) == (SMTP, Home.LEGACY)
    site.close()


def test_an_entry_that_somebody_changed_is_left_alone(lab: Lab, host: Server, directory: Slapd) -> None:
    site = by_directory(lab, host, directory)
    there = planned(site, Side.ZIMBRA)
    directory.modify("dn: uid=bar,dc=example,dc=com\nchangetype: modify\nreplace: mailHost\nmailHost: b.example.com\n")
    events: list[Event] = []
    ended = site.run(there, events.append, Control())
    [conflict] = [e for e in events if isinstance(e, StepEnded) and e.outcome is Outcome.CONFLICT]
    assert "mailHost is b.example.com instead of mail.example.com" in conflict.message
    assert not ended.clean
    run(site, undo_plan(site.split, there, {0}, 2.0))
    site.close()


def test_a_directory_that_is_gone_stops_the_run_before_anything_is_changed(
    lab: Lab, host: Server, directory: Slapd
) -> None:
    site = by_directory(lab, host, directory)
    there = planned(site, Side.ZIMBRA)
    directory.stop()
    before = transport(lab)
    with pytest.raises(SiteError, match="cannot be reached") as caught:
        site.run(there, lambda event: None, Control())
    assert caught.value.unreachable
    assert transport(lab) == before
    assert site.links()[0].trouble
    site.close()
