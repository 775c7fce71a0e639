"""A site whose existing system is asked by LDAP: both halves at a time, and no plan from half a directory."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from splittui import config
from splittui.config import Profile
from splittui.config.directory import Encryption, EntryMapping, LdapDirectory, LdapServer, Password, Schema
from splittui.execution.control import Control
from splittui.execution.report import html
from splittui.execution.site import Progress, Site, SiteError
from splittui.lab.home import ADMIN_DN
from splittui.lab.lab import Lab
from splittui.lab.tools import ldif
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.model.snapshot import Reading, ZimbraHalf
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan_json import plan_to_json
from tests.cli.test_secrets import ProcessWatch
from tests.servers import zimbra_schema
from tests.servers.people import BASE, SUFFIX, crowd, person
from tests.servers.slapd import ADMIN_PASSWORD, Slapd

OWN_ACCOUNTS = ("cn=admins,cn=zimbra", "cn=appaccts,cn=zimbra")
"""Below these are the accounts of Zimbra itself."""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=60) as running:
        yield running


@pytest.fixture(scope="module")
def slapd(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """The people of the lab's export, as entries."""
    made = Slapd(tmp_path_factory.mktemp("slapd"), schemas=("core", "cosine", "inetorgperson", "misc"))
    entries = [BASE]
    with lab.legacy_csv.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            lines = [
                f"mailLocalAddress: {address}" for address in (row["address"], *row["aliases"].split(";")) if address
            ]
            lines += [f"mailRoutingAddress: bar@{row['forwards_to'][6:-4]}"] if row["forwards_to"] else []
            entries.append(
                person(f"p{number}", "objectClass: inetLocalMailRecipient", *lines, f"mail: {row['address']}")
            )
    made.load(entries)
    with made:
        yield made


def by_ldap(lab: Lab, slapd: Slapd, bind_dn: str = "", password: Password | None = None) -> Profile:
    profile = config.load(lab.config)
    server = LdapServer("127.0.0.1", slapd.port, Encryption.NONE, bind_dn, password or Password())
    directory = LdapDirectory(server, SUFFIX, mapping=EntryMapping(Schema.INETLOCALMAILRECIPIENT))
    return replace(profile, legacy=replace(profile.legacy, directory=directory))


@pytest.fixture
def opened() -> Iterator[list[Site]]:
    sites: list[Site] = []
    yield sites
    for site in sites:
        site.close()


def test_it_says_what_the_export_says(lab: Lab, slapd: Slapd, opened: list[Site]) -> None:
    opened += [Site(config.load(lab.config)), Site(by_ldap(lab, slapd))]
    told: list[Progress] = []
    exported, asked = opened[0].read(lambda progress: None), opened[1].read(told.append)
    assert asked.complete, asked.why_partial
    assert {progress.side for progress in told} == set(Side)
    assert asked.legacy.accounts.keys() == exported.legacy.accounts.keys()
    for address, account in asked.legacy.accounts.items():
        assert set(account.aliases) == set(exported.legacy.accounts[address].aliases)
        assert bool(account.forwards_to) == bool(exported.legacy.accounts[address].forwards_to)
    assert all(state.up for state in opened[1].links())


def test_no_plan_is_made_of_half_a_directory(lab: Lab, tmp_path: Path, opened: list[Site]) -> None:
    slapd = Slapd(tmp_path, schemas=("core", "cosine", "inetorgperson", "misc"))
    slapd.load([*crowd(600), person("bar", "mail: bar@example.com")])
    with slapd:
        site = Site(by_ldap(lab, slapd))
        opened.append(site)
        snapshot = site.read(lambda progress: None)
    assert not snapshot.complete
    assert "ended the search at its size limit" in snapshot.why_partial
    people = roster(site.split, snapshot).people
    with pytest.raises(PlanningError, match="no plan is made from it"):
        plan_moves(site.split, snapshot, people, [Move("bar@example.com", Side.ZIMBRA)], made_at=1.0)


def test_a_wrong_password_is_one_sentence(lab: Lab, slapd: Slapd, opened: list[Site]) -> None:
    site = Site(by_ldap(lab, slapd, slapd.admin, Password(("echo", "wrong"))))
    opened.append(site)
    with pytest.raises(SiteError) as caught:
        site.read(lambda progress: None)
    assert caught.value.what == f"127.0.0.1 does not accept the password of {slapd.admin}."
    assert caught.value.unreachable
    assert "lock accounts" in caught.value.next_step
    legacy, zimbra = site.links()
    assert legacy.trouble
    assert not zimbra.trouble


def test_the_password_of_the_directory_gets_nowhere(lab: Lab, slapd: Slapd, tmp_path: Path, opened: list[Site]) -> None:
    """Neither into what is told of a run or kept of it, nor into the command line or the environment of any process."""
    script = tmp_path / "password"
    script.write_text(f"#!/bin/sh\nprintf '%s\\n' '{ADMIN_PASSWORD}'\n")
    script.chmod(0o700)
    profile = replace(
        by_ldap(lab, slapd, slapd.admin, Password(command=(str(script),))), journal=tmp_path / "kept" / "journal.db"
    )
    site = Site(profile)
    opened.append(site)
    told: list[object] = []
    with ProcessWatch() as watch:
        snapshot = site.read(lambda progress: None)
        people = roster(site.split, snapshot).people
        moves = [Move("bar@example.com", Side.ZIMBRA)]
        plan = plan_moves(site.split, snapshot, people, moves, made_at=1.0)
        ended = site.run(plan, told.append, Control())
    assert ended.clean
    run = site.history.run(ended.run_id)
    places = {
        "events": repr(told).encode(),
        "page": html(run, site.history.lines(run.id)).encode(),
        "plan": json.dumps(plan_to_json(plan)).encode(),
        **{f"process {line[:60]!r}": line for line in watch.seen},
        **{str(file): file.read_bytes() for file in profile.journal.parent.iterdir()},
    }
    assert any(file.endswith("journal.db") for file in places)
    assert watch.rounds > 1
    assert not [place for place, text in places.items() if ADMIN_PASSWORD.encode() in text]


def test_the_password_is_asked_for_before_anything_is_read(lab: Lab, slapd: Slapd, opened: list[Site]) -> None:
    site = Site(by_ldap(lab, slapd, slapd.admin))
    opened.append(site)
    asked: list[str] = []
    site.passwords.ask = lambda question: asked.append(question) or ADMIN_PASSWORD
    site.unlock()
    site.passwords.ask = None
    assert site.read(lambda progress: None).complete
    assert asked == [f"Password of {slapd.admin} on 127.0.0.1"]


def members_sorted(half: ZimbraHalf) -> ZimbraHalf:
    """The half without what differs by right: when it was read, and the order in which a server computes members."""
    accounts = {
        address: replace(account, rare=replace(account.rare, members=tuple(sorted(account.rare.members))))
        if account.rare is not None
        else account
        for address, account in half.accounts.items()
    }
    return replace(half, reading=Reading(half.reading.complete, 0.0), accounts=accounts)


def test_zimbras_own_server_can_be_asked_as_well(lab: Lab, tmp_path: Path, opened: list[Site]) -> None:
    """... and zmprov on the host is asked whether that is everybody."""
    (tmp_path / "zimbra.schema").write_text(zimbra_schema.schema())
    slapd = Slapd(
        tmp_path / "slapd",
        suffix="",
        schemas=("core", "cosine", "inetorgperson", tmp_path / "zimbra.schema"),
        globals=zimbra_schema.GLOBALS,
        database=("limits * size=unlimited", "access to * by * write", *zimbra_schema.DATABASE),
    )
    user = {"objectClass": ["inetOrgPerson"], "userPassword": [ADMIN_PASSWORD]}
    with lab.home.directory() as directory:
        slapd.load(
            ldif.entry(dn, {**attrs, **(user if dn.startswith("uid=") and dn.endswith(OWN_ACCOUNTS) else {})}.items())
            for dn, attrs in directory.under("")
        )
    profile = config.load(lab.config)
    server = LdapServer("127.0.0.1", slapd.port, Encryption.NONE, ADMIN_DN, Password(("echo", ADMIN_PASSWORD)))
    with slapd:
        opened += [Site(profile), Site(replace(profile, zimbra=replace(profile.zimbra, directory=server)))]
        by_ldapsearch, by_ldap = (site.read(lambda progress: None).zimbra for site in opened)
        assert by_ldap.reading.complete, by_ldap.reading.why_partial
        assert members_sorted(by_ldap) == members_sorted(by_ldapsearch)
        slapd.modify("dn: uid=bar,ou=people,dc=example,dc=com\nchangetype: delete\n")
        opened.append(Site(opened[1].profile))
        why = opened[2].read(lambda progress: None).why_partial
    assert f"accounts to {ADMIN_DN}, but zmprov lists" in why


def test_nobody_to_be_asked(lab: Lab, slapd: Slapd, opened: list[Site]) -> None:
    site = Site(by_ldap(lab, slapd, slapd.admin))
    opened.append(site)
    with pytest.raises(SiteError, match="has to be asked for, and nobody is there"):
        site.unlock()


def test_closing_ends_a_reading_that_waits(lab: Lab, tmp_path: Path, opened: list[Site]) -> None:
    slapd = Slapd(tmp_path, schemas=("core", "cosine", "inetorgperson", "misc"))
    slapd.load(BASE)
    with slapd:
        site = Site(by_ldap(lab, slapd))
        opened.append(site)
        slapd.freeze()
        zimbra_read = threading.Event()
        caught: list[SiteError] = []

        def read() -> None:
            try:
                site.read(lambda progress: zimbra_read.set() if progress.side is Side.ZIMBRA else None)
            except SiteError as error:
                caught.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        assert zimbra_read.wait(20)
        site.close()
        thread.join(5)
        assert not thread.is_alive()
        slapd.thaw()
    assert len(caught) == 1
