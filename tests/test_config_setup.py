"""The choices for the guided set-up as the profile has them."""

from pathlib import Path

import pytest

from splittui.config import ConfigError
from splittui.config.load import parse
from splittui.config.setup import SetUp
from splittui.config.write import change
from splittui.model.router import System
from splittui.planning.settings import Restart
from splittui.planning.setup import Backscatter, Choices
from splittui.planning.setup.sources import AddressBook, Authentication, BookMode, Directory

BASE = """\
[profile.x]
domain = "example.com"
role = "primary"
[profile.x.zimbra]
host = "zimbra.example.com"
[profile.x.legacy]
name = "mail.example.com"
transport = "smtp:mail.example.com:25"
[profile.x.legacy.directory]
kind = "csv"
path = "people.csv"
"""
LDAP = 'url = "ldap://ldap.example.com"\nbase = "dc=x"\nbind_dn = "cn=reader"\n'
DIRECTORY = Directory("ldap://ldap.example.com:389", "dc=x", "cn=reader", start_tls=True)


def setup(text: str) -> SetUp:
    return parse(Path("splittui.toml"), BASE + text).setup


def test_without_it_everything_is_as_the_recipe_has_it() -> None:
    assert setup("") == SetUp(Choices())


def test_everything_that_can_be_chosen() -> None:
    found = setup(
        "[profile.x.setup]\n"
        'system = "exchange"\nbackscatter = "filter"\nrestart = "postfix"\nthrough_legacy = false\n'
        "trust_legacy = true\nrefuse_unlisted = true\nquiet_days = 0\n"
        '[profile.x.setup.skipped]\naddress-book = "theirs is enough"\n'
        f'[profile.x.setup.address_book]\nmode = "both"\nfilter = "ad"\nhide_placeholders = true\n{LDAP}'
        f'[profile.x.setup.authentication]\nmechanism = "ad"\nbind_template = "%u@example.com"\n{LDAP}'
    )
    assert found.choices == Choices(
        system=System.EXCHANGE,
        through_legacy=False,
        trust_legacy=True,
        refuse_unlisted=True,
        backscatter=Backscatter.FILTER,
        restart=Restart.POSTFIX,
        address_book=AddressBook(BookMode.BOTH, DIRECTORY, "ad", (), hide_placeholders=True),
        authentication=Authentication("ad", DIRECTORY, bind_template="%u@example.com"),
        quiet_days=0,
        skipped={"address-book": "theirs is enough"},
    )
    assert [server.url for server in found.directories] == [DIRECTORY.url] * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[profile.x.setup]\nbackscater = "verify"\n', "did you mean 'backscatter'"),
        ('[profile.x.setup]\nbackscatter = "no"\n', "it can be firewall, verify, filter"),
        ('[profile.x.setup.address_book]\nmode = "both"\nfilter = ""\n' + LDAP, "filter: is empty"),
        ('[profile.x.setup.address_book]\nmode = "internal"\n' + LDAP, "no directory is asked then"),
        ('[profile.x.setup.authentication]\nmechanism = "ad"\n' + LDAP, "or filter must be there, and not both"),
        ("[profile.x.setup.skipped]\nmx = 1\n", "must be text"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        setup(text)


def test_a_choice_is_written_beside_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "splittui.toml"
    file.write_text(BASE + "# mine\n")
    changed = change(parse(file, BASE), {"setup.backscatter": "verify", "setup.skipped.address-book": "later"})
    assert changed.setup.choices.backscatter is Backscatter.VERIFY
    assert "# mine" in file.read_text()
    before = file.read_text()
    with pytest.raises(ConfigError):
        change(changed, {"setup.quiet_days": -1})
    assert file.read_text() == before
