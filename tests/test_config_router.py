"""Routers in the configuration: each kind with its keys, and complaints that say what would be right."""

from pathlib import Path

import pytest

from splittui.config import ConfigError, load
from splittui.model.router import CommandRouter, LdapRouter, ManualRouter, PostfixRouter, System
from tests.test_config import GOOD, write

SSH = '[profile.site.legacy.ssh]\nhost = "mail.example.com"\n'
LDAP = GOOD.replace(
    'kind = "csv"\npath = "people.csv"', 'kind = "ldap"\nurl = "ldaps://ldap.example.com"\nbase = "dc=example"'
)
COMMAND = """[profile.site.legacy.router]
kind = "command"
show = "route show {address}"
away = "route set {address} {nexthop}"
here = "route clear {address}"
reload = "awk '{print}'"
"""
POSTFIX = """[profile.site.legacy.router]
kind = "postfix"
table = "hash:/etc/postfix/transport"
"""
ENTRY = """[profile.site.legacy.router]
kind = "ldap"
base = "ou=people,dc=example"
[profile.site.legacy.router.away]
mailRoutingAddress = "{local}@{zimbra}"
mailHost = "{zimbra}"
[profile.site.legacy.router.here]
mailHost = "{legacy}"
"""
MANUAL = """[profile.site.legacy.router]
kind = "manual"
system = "exchange"
"""


def router(tmp_path: Path, text: str):
    return load(write(tmp_path, text)).split.router


def test_every_kind(tmp_path: Path) -> None:
    assert router(tmp_path, GOOD + COMMAND + SSH) == CommandRouter(
        "route show {address}", "route set {address} {nexthop}", "route clear {address}", "awk '{print}'"
    )
    assert router(tmp_path, GOOD + POSTFIX + SSH) == PostfixRouter(
        "hash:/etc/postfix/transport", "{nexthop}", "", "postfix reload"
    )
    away = (("mailRoutingAddress", "{local}@{zimbra}"), ("mailHost", "{zimbra}"))
    here = (("mailHost", "{legacy}"),)
    assert router(tmp_path, LDAP + ENTRY) == LdapRouter("ou=people,dc=example", away, here, "mail={address}", "")
    assert router(tmp_path, GOOD + MANUAL) == ManualRouter(System.EXCHANGE)
    assert router(tmp_path, GOOD) is None


def test_a_table_where_everybody_else_is_forwarded(tmp_path: Path) -> None:
    lines = 'away = ""\nhere = "virtual:"\nreload = ""\n'
    assert router(tmp_path, GOOD + POSTFIX + lines + SSH) == PostfixRouter(
        "hash:/etc/postfix/transport", "", "virtual:", ""
    )


def test_the_directory_that_is_written_is_the_one_that_is_read_unless_a_url_says_otherwise(tmp_path: Path) -> None:
    assert load(write(tmp_path, LDAP + ENTRY)).legacy.router_server is not None
    own = ENTRY.replace('kind = "ldap"', 'kind = "ldap"\nurl = "ldaps://master.example.com"\nbind_dn = "cn=writer"')
    server = load(write(tmp_path, LDAP + own)).legacy.router_server
    assert server is not None
    assert (server.host, server.bind_dn) == ("master.example.com", "cn=writer")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + POSTFIX, "run over SSH"),
        (GOOD + COMMAND, "run over SSH"),
        (GOOD + MANUAL + 'show = "route {address}"\n', "run over SSH"),
        (
            LDAP
            + ENTRY.replace("[profile.site.legacy.router.away]", 'reload = "x"\n[profile.site.legacy.router.away]'),
            "SSH",
        ),
        (
            GOOD + POSTFIX.replace("hash:/etc/postfix/transport", "/etc/postfix/transport") + SSH,
            "must look like hash:/",
        ),
        (GOOD + POSTFIX.replace("hash:", "regexp:") + SSH, "must look like hash:/"),
        (GOOD + POSTFIX + 'away = ""\n' + SSH, "as away is"),
        (GOOD + POSTFIX + 'away = "{next}"\n' + SSH, r"has \{next\} in it; known there: \{address\}"),
        (GOOD + POSTFIX + 'here = "two\\nlines"\n' + SSH, "must be one line"),
        (GOOD + POSTFIX + 'system = "postfix"\n' + SSH, "has no meaning for kind = 'postfix'"),
        (GOOD + POSTFIX + 'tabel = "x"\n' + SSH, "did you mean 'table'"),
        (GOOD + ENTRY, "only where the directory is read by LDAP too"),
        (LDAP + ENTRY.replace("mailHost =", '"mail host" ='), "no name of an attribute"),
        (LDAP + ENTRY.replace('"{legacy}"', '""'), "leave an attribute out"),
        (LDAP + ENTRY.replace('base = "ou=people,dc=example"', 'base = ""'), "base: is empty"),
        (LDAP + ENTRY.partition("[profile.site.legacy.router.away]")[0], "away: is missing"),
        (LDAP + ENTRY.replace('kind = "ldap"', 'kind = "ldap"\nentry = "uid"'), "must look like mail=.address"),
        (LDAP + ENTRY.replace('kind = "ldap"', 'kind = "ldap"\nbind_dn = "cn=x"'), "goes with a url"),
        (GOOD + MANUAL.replace("exchange", "lotus"), "it can be postfix, sendmail, exchange"),
    ],
)
def test_complaints(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, text))
