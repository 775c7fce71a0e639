"""Zimbra's half over real SSH: whoever of another domain is named is asked for in a search of his own."""

from collections.abc import Iterator
from random import Random

import pytest

from splittui import config
from splittui.lab.lab import Lab
from splittui.lab.people_entries import AT_ZIMBRA, Name, Registry, account
from splittui.zimbra.host import Zimbra


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=50) as running:
        yield running


def test_neighbours_are_read(lab: Lab) -> None:
    registry = Registry(Random(1))
    with lab.home.directory() as directory:
        classes = ["dcObject", "organization", "zimbraDomain"]
        named = {"zimbraDomainName": ["example.net"], "zimbraDomainType": ["local"], "zimbraMailStatus": ["enabled"]}
        directory.add("dc=example,dc=net", {"objectClass": classes, "dc": ["example"], "zimbraId": ["x"], **named})
        for local in ("far", "nobody.names"):
            forward = {"zimbraMailForwardingAddress": ["foo@example.com"]}
            (dn, attrs), *_ = account(registry, f"{local}@example.net", Name(local), AT_ZIMBRA, extra=forward)
            directory.add(dn.replace("dc=com", "dc=net"), attrs)
        alice = directory.entry("uid=alice,ou=people,dc=example,dc=com")
        assert alice is not None
        directory.replace(
            "uid=alice,ou=people,dc=example,dc=com", {**alice, "zimbraMailForwardingAddress": ["far@example.net"]}
        )
    profile = config.load(lab.config)
    zimbra = Zimbra(profile.zimbra, profile.split.domain)
    half = zimbra.read("example.com", 0.0, lambda number: None)
    zimbra.close()
    assert half.reading.complete, half.reading.why_partial
    assert {*half.neighbours} == {"far@example.net"}
    assert half.neighbours["far@example.net"].forwards == ("foo@example.com",)
    assert {domain.name for domain in half.other_domains} == {"example.net", "example.org"}
    crew = half.accounts["crew@example.com"].rare
    assert crew is not None
    assert {*crew.members} == {"foo@example.com", "bar@example.com", "alice@example.com", "crew@partner.example"}
