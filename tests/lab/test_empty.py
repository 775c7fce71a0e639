"""A lab before there is a split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from splittui import config
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.model.entries import Kind
from splittui.model.router import CommandRouter


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab.start(tmp_path_factory.mktemp("empty") / "lab", accounts=60, empty=True) as lab:
        yield lab


def test_everybody_lives_on_legacy_and_nobody_on_zimbra(empty: Lab) -> None:
    site = Site(config.load(empty.config))
    snapshot = site.read(lambda progress: None)
    site.close()
    assert snapshot.complete
    assert (snapshot.zimbra.domain.exists, len(snapshot.zimbra.accounts)) == (False, 0)
    assert [domain.name for domain in snapshot.zimbra.other_domains] == ["zimbra.example.com"]
    people = snapshot.legacy.accounts
    assert not [person for person in people.values() if person.forwards_to]
    kinds = Counter(person.kind for person in people.values())
    assert (kinds[Kind.LIST], kinds[Kind.RESOURCE], kinds[Kind.SYSTEM]) == (3, 2, 1)
    names = {address.partition("@")[0] for address in people}
    assert {"foo", "bar", "dave", "mona", "team", "crew", "everyone", "room"} <= names
    assert names.isdisjoint({"ghost", "ham.lab", "foo.archive", "quarantine", "guest.partner.example"})
    assert people["alice@example.com"].aliases == ("ally@example.com",)
    assert people["vera@example.com"].aliases == ("vera.maiden@example.com",)


def test_legacy_has_the_mail_and_knows_nothing_of_zimbra(empty: Lab) -> None:
    state = empty.world.state()
    assert (state.accepts, state.relays, state.sends_unknown, state.mx) == (False, False, False, "legacy")


@pytest.mark.parametrize("role", ["primary", "secondary"])
def test_the_profile_has_the_role_and_all_logins(tmp_path: Path, role: str) -> None:
    with Lab.start(tmp_path / "lab", accounts=5, role=role, empty=True) as lab:
        profile = config.load(lab.config)
        assert profile.role == role
        assert isinstance(profile.split.router, CommandRouter)
        assert profile.legacy.ssh is not None
        assert profile.probing.outside is not None
        assert (profile.legacy.ssh.user, profile.probing.outside.user) == ("root", "outside")


def test_it_stays_what_it_is(tmp_path: Path) -> None:
    with Lab.start(tmp_path / "lab", accounts=5, role="secondary", empty=True):
        pass
    with Lab.start(tmp_path / "lab", accounts=50) as again:
        assert (again.sample.empty, again.sample.accounts, again.sample.role) == (True, 5, "secondary")
        assert "profile.lab.legacy.router" in again.config.read_text(encoding="utf-8")
