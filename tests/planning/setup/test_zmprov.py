"""The lines of the steps, carried out by the emulated zmprov and read back the way a run has to."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from splittui.lab.lab import Lab
from splittui.model.entries import Role, Server
from splittui.model.zmprov_line import quote_line
from splittui.planning import domain
from splittui.planning.domain import the_three
from splittui.planning.entry_change import with_secret
from splittui.planning.plan import Act, Step, Target
from splittui.planning.settings import globally, on_server
from splittui.planning.setup.directories import auth_attributes, book_attributes
from splittui.planning.setup.roll_call import added_aliases
from splittui.planning.setup.sources import AddressBook, Authentication, BookMode, Directory
from splittui.zimbra.zmprov.reply import parse_entry, parse_values, raise_for_error
from tests.sites import SPLIT

Values = dict[str, tuple[str, ...]]
Zmprov = Callable[..., str]
THREE = the_three(SPLIT)


@pytest.fixture
def zmprov(tmp_path: Path) -> Iterator[Zmprov]:
    """Feeds one line to zmprov, as in a batch, and returns what it said."""
    with Lab.start(tmp_path / "lab", accounts=12) as lab:

        def run(*tokens: str) -> str:
            batch = tmp_path / "batch"
            batch.write_text(quote_line(tokens) + "\n", encoding="utf-8")
            program = lab.home.path / "bin" / "zmprov"
            done = subprocess.run(
                [program, "-l", "-f", batch],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=lab.home.environment(),
                cwd=lab.home.path,
                check=True,
                timeout=30,
            )
            return done.stdout.decode().removeprefix("prov> ").removesuffix("prov> ")

        yield run


def read(zmprov: Zmprov, step: Step) -> Values:
    """The attributes that the step relies on, each entry by its own command, and only what is set on it."""
    names = sorted({fact.attribute for fact in (*step.expect, *step.verify)})
    if step.target is Target.CONFIG:
        return {name: parse_values(zmprov("gcf", name), name) for name in names}
    own = () if step.target is Target.ACCOUNT else ("-e",)
    said = zmprov(step.target.reads, *own, step.entry or step.address, *names)
    found = parse_entry(said, names).attributes
    return {name: found.get(name, ()) for name in names}


def carry_out(zmprov: Zmprov, step: Step | None) -> None:
    """As a run does: what is expected holds, the line is taken, what is promised holds; then back again, and forth."""
    assert step is not None
    if step.act is Act.MODIFY:
        before = read(zmprov, step)
        assert all(fact.holds(before[fact.attribute]) for fact in step.expect), before
    raise_for_error(zmprov(*step.tokens))
    after = read(zmprov, step)
    assert all(fact.holds(after[fact.attribute]) for fact in step.verify), after
    if step.undo and step.act is Act.MODIFY:
        raise_for_error(zmprov(*step.undo))
        back = read(zmprov, step)
        assert all(fact.holds(back[fact.attribute]) for fact in step.expect), back
        raise_for_error(zmprov(*step.tokens))


def test_the_three_are_set_and_cleared(zmprov: Zmprov) -> None:
    now: Values = dict.fromkeys(THREE, ())
    carry_out(zmprov, domain.changed(SPLIT, now, THREE, ""))
    carry_out(zmprov, domain.changed(SPLIT, THREE, now, ""))


def test_settings_are_changed_globally_and_on_the_server(zmprov: Zmprov) -> None:
    names = ("zimbraMtaRelayHost", "zimbraMtaSmtpDnsSupportLevel", "zimbraMtaRestriction", "zimbraMtaMyNetworks")
    config = {name: parse_values(zmprov("gcf", name), name) for name in names}
    relay = {"zimbraMtaRelayHost": ("[mail.example.com]:25",), "zimbraMtaSmtpDnsSupportLevel": ("disabled",)}
    carry_out(zmprov, globally(SPLIT, config, relay, ""))
    verify = (*config["zimbraMtaRestriction"], "reject_unverified_recipient")
    carry_out(zmprov, globally(SPLIT, config, {"zimbraMtaRestriction": verify}, ""))
    host = zmprov("gas").split()[0]
    own = parse_entry(zmprov("gs", "-e", host, *names), names).attributes
    server = Server(host, host, settings=own)
    networks = (*own.get("zimbraMtaMyNetworks", ()), "192.0.2.12/32")
    carry_out(zmprov, on_server(SPLIT, server, {"zimbraMtaMyNetworks": (" ".join(networks),)}, ""))


def test_address_book_and_passwords_are_set_with_a_secret(zmprov: Zmprov) -> None:
    where = Directory("ldap://dc1.example.com:3268", "dc=example,dc=com", "cn=zimbra,ou=svc,dc=example,dc=com")
    book = book_attributes(AddressBook(BookMode.BOTH, where, "ad", ("mail=email", "displayName=fullName")))
    carry_out(zmprov, domain.changed(SPLIT, {}, {k: v for k, v in book.items() if v}, ""))
    wished = auth_attributes(Authentication("ad", where, bind_template="%u@example.com"))
    seen = parse_entry(zmprov("gd", "-e", "example.com", *sorted(wished)), sorted(wished)).attributes
    step = domain.changed(SPLIT, seen, {k: v for k, v in wished.items() if v or k in seen}, "")
    assert step is not None
    carry_out(zmprov, step)
    secret = with_secret(step, "zimbraAuthLdapSearchBindPassword", "the password")
    raise_for_error(zmprov(*("s3 cr\\et" if i in secret.secrets else t for i, t in enumerate(secret.tokens))))
    said = zmprov("gd", "example.com", "zimbraAuthLdapSearchBindPassword")
    assert "s3 cr\\et" in said


def test_aliases_are_added_one_by_one(zmprov: Zmprov) -> None:
    zmprov("ca", "new@example.com", "", "zimbraMailTransport", "smtp:mail.example.com:25")
    for step in added_aliases(SPLIT, "new@example.com", (), ("n.ew@example.com", "neu@example.com")):
        carry_out(zmprov, step)


def test_a_domain_is_made_with_the_three_and_removed(zmprov: Zmprov) -> None:
    other = type(SPLIT)("other.example", Role.PRIMARY, SPLIT.zimbra, SPLIT.legacy, SPLIT.legacy_transport)
    step = domain.created(other, the_three(other))
    carry_out(zmprov, step)
    raise_for_error(zmprov(*step.undo))
    assert "NO_SUCH_DOMAIN" in zmprov("gd", "other.example")
