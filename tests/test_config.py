"""Profiles: every complaint names the file, the key, and what would be right."""

from pathlib import Path

import pytest

from splittui.config import ConfigError, load
from splittui.config.directory import CsvExport
from splittui.config.profile import Probing
from splittui.model.entries import Role

GOOD = """
[profile.site]
domain = "Example.COM"
role = "primary"
[profile.site.zimbra]
host = "zimbra.example.com"
become = "sudo"
key_file = "keys/id"
[profile.site.legacy]
name = "mail.example.com"
transport = "smtp:mail.example.com:25"
[profile.site.legacy.directory]
kind = "csv"
path = "people.csv"
"""


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "splittui.toml"
    file.write_text(text)
    return file


def test_a_profile(tmp_path: Path) -> None:
    profile = load(write(tmp_path, GOOD))
    assert (profile.name, profile.domain, profile.role) == ("site", "example.com", Role.PRIMARY)
    assert profile.zimbra.ssh.key_file == tmp_path / "keys/id"
    assert profile.zimbra.name == "zimbra.example.com"
    assert profile.legacy.directory == CsvExport(tmp_path / "people.csv")
    assert (profile.limits.people, profile.limits.plan_hours) == (50, 24)
    assert profile.split.legacy_nexthop.host == "mail.example.com"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("become =", "becom =", "profile.site.zimbra.becom: is not a setting; did you mean 'become'"),
        ('"sudo"', '"root"', "it can be direct, sudo, runuser, su"),
        ('"primary"', '"boss"', "it can be primary, secondary"),
        ('host = "zimbra.example.com"', "", "profile.site.zimbra.host: is missing"),
        ('"smtp:mail.example.com:25"', '"mail.example.com"', "profile.site.legacy.transport: .* no mailer"),
        ('"Example.COM"', '"exa mple"', "profile.site.domain"),
        ("[profile.site.zimbra]", "[profile.site.zimbra]\nport = 99999", "from 1 to 65535"),
        ("[profile.site.legacy]", "[profile.site.limits]\npercent = 0\n[profile.site.legacy]", "from 1 to 100"),
        ("[profile.site.legacy]", "[profile.site.limits]\nplan_hours = 0\n[profile.site.legacy]", "from 1 to 8760"),
        ("[profile.site]", "[profile.site", "is not TOML"),
        ("[profile.site.legacy.directory]", "[profile.site.legacy.other]", "not a setting"),
    ],
)
def test_complaints(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, GOOD.replace(old, new)))


def test_which_profile(tmp_path: Path) -> None:
    two = GOOD + GOOD.replace("profile.site", "profile.other")
    with pytest.raises(ConfigError, match="name one with --profile: site, other"):
        load(write(tmp_path, two))
    assert load(write(tmp_path, two), "other").name == "other"
    assert load(write(tmp_path, 'default_profile = "other"\n' + two)).name == "other"
    with pytest.raises(ConfigError, match="no profile 'third'"):
        load(write(tmp_path, two), "third")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.toml")


ROUTER = """
[profile.site.legacy.router]
kind = "command"
show = "route show {address}"
away = "route set {address} {nexthop}"
here = "route clear {address}"
[profile.site.legacy.ssh]
host = "mail.example.com"
"""


def test_a_router(tmp_path: Path) -> None:
    profile = load(write(tmp_path, GOOD + ROUTER))
    assert profile.split.router is not None
    assert profile.split.router.show == "route show {address}"
    assert profile.legacy.ssh is not None
    assert profile.legacy.ssh.run_as == "root"
    assert profile.zimbra.ssh.run_as == "zimbra"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("route show {address}", "route show", "has no {address}"),
        ("route show {address}", "route 'show {address}", "No closing quotation"),
        ('host = "mail.example.com"', "", r"ssh\.host: is missing"),
        ('kind = "command"', 'kind = "magic"', "it can be command, postfix, ldap, manual"),
    ],
)
def test_complaints_about_a_router(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(write(tmp_path, GOOD + ROUTER.replace(old, new)))


def test_a_router_needs_a_login(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run over SSH"):
        load(write(tmp_path, GOOD + ROUTER.partition("[profile.site.legacy.ssh]")[0]))


PROBE = """
[profile.site.probe]
sender = "Postmaster@Example.NET"
internet = "mx.example.net"
zimbra = "zimbra.example.com:10025"
legacy = "[192.0.2.10]:2525"
zimbra_log = "/var/log/mail.log"
[profile.site.probe.outside]
host = "far.example.net"
"""


def test_how_a_site_is_probed(tmp_path: Path) -> None:
    probing = load(write(tmp_path, GOOD + PROBE)).probing
    assert probing.sender == "postmaster@example.net"
    assert (probing.internet, probing.zimbra) == (("mx.example.net", 25), ("zimbra.example.com", 10025))
    assert probing.legacy == ("192.0.2.10", 2525)
    assert (probing.zimbra_log, probing.legacy_log) == ("/var/log/mail.log", "")
    assert probing.outside is not None
    assert probing.outside.host == "far.example.net"
    assert load(write(tmp_path, GOOD)).probing == Probing()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Postmaster@Example.NET", "postmaster", "profile.site.probe.sender: 'postmaster' is not an address"),
        ("zimbra.example.com:10025", "zimbra:x", "profile.site.probe.zimbra: 'zimbra:x' is not host or host:port"),
        ("zimbra_log", "log", "profile.site.probe.log: is not a setting"),
        ('host = "far.example.net"', "", "profile.site.probe.outside.host: is missing"),
    ],
)
def test_how_a_site_is_not_probed(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, GOOD + PROBE.replace(old, new)))
    assert words in str(caught.value)
