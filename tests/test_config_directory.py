"""Directories in a profile: files, LDAP servers, attributes; no secret is ever taken from the file."""

from pathlib import Path

import pytest

from splittui.config import ConfigError, load
from splittui.config.directory import (
    CsvExport,
    Encryption,
    EntryMapping,
    LdapDirectory,
    LdapServer,
    LdifExport,
    Password,
    Schema,
)
from splittui.model.entries import Side

PROFILE = """
[profile.site]
domain = "example.com"
role = "primary"
[profile.site.zimbra]
host = "zimbra.example.com"
[profile.site.legacy]
name = "mail.example.com"
transport = "smtp:mail.example.com:25"
[profile.site.legacy.ssh]
host = "mail.example.com"
"""
LDAP = """
[profile.site.legacy.directory]
kind = "ldap"
url = "ldap://ldap.example.com"
base = "dc=example,dc=com"
bind_dn = "cn=reader,dc=example,dc=com"
password_command = "pass show 'our ldap'"
ca_file = "ca.pem"
tunnel = "legacy"
schema = "inetlocalmailrecipient"
hosts = ["Imap1.example.com", "imap2.example.com"]
[profile.site.legacy.directory.attributes]
address = "primaryMail"
aliases = ["alias", "mail;lang-de", "1.2.3"]
"""


def directory(tmp_path: Path, text: str) -> object:
    file = tmp_path / "splittui.toml"
    file.write_text(PROFILE + text)
    return load(file).legacy.directory


def table(**values: str) -> str:
    return "[profile.site.legacy.directory]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())


def test_an_ldap_directory(tmp_path: Path) -> None:
    assert directory(tmp_path, LDAP) == LdapDirectory(
        LdapServer(
            "ldap.example.com",
            389,
            Encryption.START_TLS,
            "cn=reader,dc=example,dc=com",
            Password(("pass", "show", "our ldap")),
            tmp_path / "ca.pem",
            Side.LEGACY,
        ),
        "dc=example,dc=com",
        "",
        EntryMapping(
            Schema.INETLOCALMAILRECIPIENT,
            {"address": ("primaryMail",), "aliases": ("alias", "mail;lang-de", "1.2.3")},
            ("imap1.example.com", "imap2.example.com"),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "host", "port", "encryption"),
    [
        ({"url": '"ldap://h"'}, "h", 389, Encryption.START_TLS),
        ({"url": '"ldap://h:1389"', "start_tls": "true"}, "h", 1389, Encryption.START_TLS),
        ({"url": '"ldap://h/"', "start_tls": "false"}, "h", 389, Encryption.NONE),
        ({"url": '"ldaps://H.Example.com"'}, "h.example.com", 636, Encryption.TLS),
        ({"url": '"ldaps://[2001:db8::1]:1636"'}, "2001:db8::1", 1636, Encryption.TLS),
    ],
)
def test_urls(tmp_path: Path, lines: dict[str, str], host: str, port: int, encryption: Encryption) -> None:
    found = directory(tmp_path, table(kind='"ad"', base='"dc=x"', **lines))
    assert isinstance(found, LdapDirectory)
    assert (found.server.host, found.server.port, found.server.encryption) == (host, port, encryption)
    assert found.mapping.schema is Schema.AD
    assert found.server.url.startswith("ldaps://" if encryption is Encryption.TLS else "ldap://")


def test_files(tmp_path: Path) -> None:
    assert directory(tmp_path, table(kind='"csv"', path='"p.csv"')) == CsvExport(tmp_path / "p.csv")
    ldif = directory(tmp_path, table(kind='"ldif"', path='"p.ldif"', schema='"ad"'))
    assert ldif == LdifExport(tmp_path / "p.ldif", EntryMapping(Schema.AD))


def test_the_stock_decoder(tmp_path: Path) -> None:
    found = directory(tmp_path, table(kind='"ldap"', url='"ldap://h"', base='"dc=x"', decoder='"stock"'))
    assert isinstance(found, LdapDirectory)
    assert found.server.stock_decoder


def test_zimbras_own_directory(tmp_path: Path) -> None:
    file = tmp_path / "splittui.toml"
    file.write_text(
        PROFILE + table(kind='"csv"', path='"p.csv"') + "[profile.site.zimbra.directory]\n"
        'url = "ldaps://zimbra.example.com"\nbind_dn = "uid=zimbra,cn=admins,cn=zimbra"\n'
        'password_env = "ZIMBRA_LDAP_PASSWORD"\ntunnel = "zimbra"\n'
    )
    assert load(file).zimbra.directory == LdapServer(
        "zimbra.example.com",
        636,
        Encryption.TLS,
        "uid=zimbra,cn=admins,cn=zimbra",
        Password(variable="ZIMBRA_LDAP_PASSWORD"),
        tunnel=Side.ZIMBRA,
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"ldap://ldap.example.com"', '"ldap.example.com"', "must look like ldaps://HOST"),
        ('"ldap://ldap.example.com"', '"http://ldap.example.com"', "must look like ldaps://HOST"),
        ('"ldap://ldap.example.com"', '"ldap://h/dc=x"', "scheme, host and port alone"),
        ('"ldap://ldap.example.com"', '"ldap://me:secret@h"', "scheme, host and port alone"),
        ('"ldap://ldap.example.com"', '"ldap://h:99999"', "Port out of range"),
        ('"ldap://ldap.example.com"', '"ldaps://h"\nstart_tls = true', "goes with ldap:// alone"),
        ('tunnel = "legacy"', "start_tls = false", "ca_file: has no meaning"),
        ('tunnel = "legacy"', 'start_tls = "no"', "must be true or false"),
        ('tunnel = "legacy"', 'tunnel = "moon"', "it can be zimbra, legacy"),
        ('tunnel = "legacy"', 'password = "x"', "is not a setting"),
        ('tunnel = "legacy"', 'password_env = "X"', "exclude each other"),
        ('tunnel = "legacy"', 'path = "x"', "has no meaning for kind = 'ldap'"),
        ('["Imap1.example.com", "imap2.example.com"]', "[1]", "list of texts"),
        ('bind_dn = "cn=reader,dc=example,dc=com"', "", "bind_dn: is missing"),
        ("pass show 'our ldap'", "pass show 'our ldap", "No closing quotation"),
        ("pass show 'our ldap'", "", "password_command: is empty"),
        ('base = "dc=example,dc=com"', 'base = ""', "base: is empty"),
        ('base = "dc=example,dc=com"', "", "base: is missing"),
        ('"inetlocalmailrecipient"', '"posix"', "it can be inetorgperson, inetlocalmailrecipient, ad"),
        ('kind = "ldap"', 'kind = "yp"', "it can be csv, ldif, ldap, ad"),
        ('kind = "ldap"', 'kind = "ad"', "schema: has no meaning for kind = 'ad'"),
        ('address = "primaryMail"', 'address = "a)(b"', "is no name of an attribute"),
        ('address = "primaryMail"', 'adress = "mail"', "did you mean 'address'"),
        ("[profile.site.legacy.ssh]", "[profile.site.limits]", "no SSH login"),
    ],
)
def test_complaints(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "splittui.toml"
    text = PROFILE + LDAP
    assert old in text
    text = text.replace(old, new)
    if "limits" in new:
        text = text.replace('host = "mail.example.com"\n', "people = 5\n")
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)
