"""Where the people of a system are read from: an export in a file, or a directory asked by LDAP."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from splittui.config.table import Table
from splittui.model.entries import Side

SERVER_KEYS = (
    "url",
    "bind_dn",
    "password_command",
    "password_env",
    "start_tls",
    "ca_file",
    "tunnel",
    "decoder",
)
ATTRIBUTE_KEYS = ("address", "aliases", "name", "given_name", "surname", "forwards_to", "status")
_MAPPING_KEYS = ("schema", "attributes", "hosts")
_KEYS = {
    "csv": ("kind", "path"),
    "ldif": ("kind", "path", *_MAPPING_KEYS),
    "ldap": ("kind", "base", "filter", *SERVER_KEYS, *_MAPPING_KEYS),
    "ad": ("kind", "base", "filter", *SERVER_KEYS, "attributes", "hosts"),
}
_PORTS = {"ldap": 389, "ldaps": 636}
_ATTRIBUTE = re.compile(r"([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+)(;[A-Za-z0-9-]+)*")


class Encryption(StrEnum):
    """How a connection to a directory is protected; with either kind of TLS its certificate is checked."""

    TLS = "tls"
    START_TLS = "start_tls"
    NONE = "none"


class Schema(StrEnum):
    """By whose rules an entry says which addresses a person has."""

    INETORGPERSON = "inetorgperson"
    INETLOCALMAILRECIPIENT = "inetlocalmailrecipient"
    AD = "ad"


@dataclass(frozen=True, slots=True)
class Password:
    """Where a password comes from: what a command prints, or an environment variable; neither: the operator is asked.

    ``command`` is an argument vector, run on this machine without a shell.
    """

    command: tuple[str, ...] = ()
    variable: str = ""


@dataclass(frozen=True, slots=True)
class LdapServer:
    """A directory server and the account it is asked by; without ``bind_dn`` it is asked anonymously.

    ``ca_file`` holds the certificates it is checked with (None: this machine's own). ``tunnel`` names the system whose
    SSH login leads to it (None: it is reached from here). ``stock_decoder`` reads its answers with ldap3's own decoder.
    """

    host: str
    port: int
    encryption: Encryption
    bind_dn: str = ""
    password: Password = field(default_factory=Password)
    ca_file: Path | None = None
    tunnel: Side | None = None
    stock_decoder: bool = False

    @property
    def url(self) -> str:
        scheme = "ldaps" if self.encryption is Encryption.TLS else "ldap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class EntryMapping:
    """How an entry becomes a person: the schema's rules, with other attributes (see ATTRIBUTE_KEYS) where named.

    ``hosts`` are further names of the existing system's own mail hosts: mail routed to one of them stays on it.
    """

    schema: Schema = Schema.INETORGPERSON
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CsvExport:
    """An export with columns of our own."""

    path: Path


@dataclass(frozen=True, slots=True)
class LdifExport:
    """An export of a directory, as ldapsearch, slapcat and ldifde write it."""

    path: Path
    mapping: EntryMapping = field(default_factory=EntryMapping)


@dataclass(frozen=True, slots=True)
class LdapDirectory:
    """A directory that is asked by LDAP, below ``base``; ``filter`` replaces the schema's own."""

    server: LdapServer
    base: str
    filter: str = ""
    mapping: EntryMapping = field(default_factory=EntryMapping)


Directory = CsvExport | LdifExport | LdapDirectory


def directory(table: Table, logins: Sequence[Side]) -> Directory:
    """The existing system's directory. ``logins`` are the systems with an SSH login. Raises ConfigError."""
    kind = table.choice("kind", tuple(_KEYS))
    for key in sorted(table.keys()):
        if key not in _KEYS[kind]:
            raise table.error(key, f"has no meaning for kind = {kind!r}; known there: {', '.join(_KEYS[kind])}")
    if kind == "csv":
        return CsvExport(table.path("path") or table.missing("path"))
    if kind == "ldif":
        return LdifExport(table.path("path") or table.missing("path"), _mapping(table))
    found = LdapDirectory(
        server=server(table, logins),
        base=table.text("base"),
        filter=table.text("filter", ""),
        mapping=_mapping(table, Schema.AD if kind == "ad" else None),
    )
    if not found.base:
        raise table.error("base", "is empty: name the entry below which people are, as in dc=example,dc=com")
    return found


ALL_KEYS = tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys))


def is_attribute(text: str) -> bool:
    """Whether the text can be the name of an attribute (RFC 4512, 2.5), options included."""
    return _ATTRIBUTE.fullmatch(text) is not None


def server(table: Table, logins: Sequence[Side]) -> LdapServer:
    """The LDAP server that a table of SERVER_KEYS describes. Raises ConfigError."""
    scheme, host, port = _url(table)
    tls = scheme == "ldaps"
    if tls and "start_tls" in table:
        raise table.error("start_tls", "goes with ldap:// alone; ldaps:// is encrypted from the first byte on")
    starts = table.flag("start_tls", True)
    encryption = Encryption.TLS if tls else Encryption.START_TLS if starts else Encryption.NONE
    if encryption is Encryption.NONE and "ca_file" in table:
        raise table.error("ca_file", "has no meaning where start_tls = false: no certificate is checked")
    bind_dn = table.text("bind_dn", "")
    return LdapServer(
        host=host,
        port=port,
        encryption=encryption,
        bind_dn=bind_dn,
        password=_password(table, bind_dn),
        ca_file=table.path("ca_file"),
        tunnel=_tunnel(table, logins),
        stock_decoder=table.choice("decoder", ("fast", "stock"), "fast") == "stock",
    )


def _url(table: Table) -> tuple[str, str, int]:
    # What is wrong is not quoted: there might be a password in it.
    try:
        parts = urlsplit(table.text("url"))
        port = parts.port
    except ValueError as error:
        raise table.error("url", f"is no URL: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise table.error("url", "must look like ldaps://HOST or ldap://HOST:PORT")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise table.error("url", "may have scheme, host and port alone; base and bind_dn have keys of their own")
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def _password(table: Table, bind_dn: str) -> Password:
    given = [key for key in ("password_command", "password_env") if key in table]
    if len(given) > 1:
        raise table.error(given[1], "and password_command exclude each other")
    if given and not bind_dn:
        raise table.error("bind_dn", f"is missing: without it {given[0]} has no meaning")
    try:
        command = tuple(shlex.split(table.text("password_command", "")))
    except ValueError as error:
        raise table.error("password_command", str(error)) from error
    if "password_command" in table and not command:
        raise table.error("password_command", "is empty")
    return Password(command, table.text("password_env", ""))


def _tunnel(table: Table, logins: Sequence[Side]) -> Side | None:
    if "tunnel" not in table:
        return None
    side = Side(table.choice("tunnel", tuple(Side)))
    if side not in logins:
        raise table.error("tunnel", f"leads through {side}, for which the profile has no SSH login")
    return side


def _mapping(table: Table, schema: Schema | None = None) -> EntryMapping:
    if schema is None:
        schema = Schema(table.choice("schema", tuple(Schema), Schema.INETORGPERSON))
    attributes = table.table("attributes", ATTRIBUTE_KEYS, required=False)
    overrides: dict[str, tuple[str, ...]] = {}
    for key in sorted(attributes.keys()):
        overrides[key] = attributes.texts(key)
        for name in overrides[key]:
            if not is_attribute(name):
                raise attributes.error(key, f"{name!r} is no name of an attribute")
    return EntryMapping(schema, overrides, tuple(host.lower() for host in table.texts("hosts")))
