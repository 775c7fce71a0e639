"""How the existing mail system is told where a person lives."""

from __future__ import annotations

from collections.abc import Collection

from splittui.config.directory import SERVER_KEYS, Directory, LdapDirectory, LdapServer, is_attribute, server
from splittui.config.table import Table
from splittui.model.entries import Side
from splittui.model.router import (
    CommandRouter,
    LdapRouter,
    ManualRouter,
    PostfixRouter,
    Router,
    System,
    TemplateError,
    fields,
    words,
)

_KEYS = {
    "command": ("kind", "show", "away", "here", "reload"),
    "postfix": ("kind", "table", "away", "here", "reload"),
    "ldap": ("kind", "base", "entry", "away", "here", "reload", *SERVER_KEYS),
    "manual": ("kind", "system", "show"),
}
_TABLE_TYPES = ("hash", "btree", "lmdb", "cdb", "texthash")
"""Those of Postfix that are made of a text with a line for each key (DATABASE_README)."""

_FIELDS = frozenset(("address", "local", "nexthop", "zimbra", "legacy"))


def router(legacy: Table, logins: Collection[Side], directory: Directory) -> tuple[Router | None, LdapServer | None]:
    """The router, and the LDAP server that it changes, if it does. Raises ConfigError."""
    if "router" not in legacy:
        return None, None
    table = legacy.table("router", tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys)))
    kind = table.choice("kind", tuple(_KEYS))
    for key in sorted(set(table.keys()) - set(_KEYS[kind])):
        raise table.error(key, f"has no meaning for kind = {kind!r}; known there: {', '.join(_KEYS[kind])}")
    needs_login = kind in ("command", "postfix") or "show" in table or bool(table.text("reload", ""))
    if needs_login and Side.LEGACY not in logins:
        raise legacy.error("ssh", "is missing: the router's commands are run over SSH")
    match kind:
        case "command":
            return _command(table), None
        case "postfix":
            return _postfix(table), None
        case "manual":
            show = _argv(table, "show") if "show" in table else ""
            return ManualRouter(System(table.choice("system", tuple(System), System.OTHER)), show), None
    return _ldap(table), _server(table, logins, directory)


def _command(table: Table) -> CommandRouter:
    show, away, here = (_argv(table, key) for key in ("show", "away", "here"))
    return CommandRouter(show, away, here, _reload(table, ""))


def _postfix(table: Table) -> PostfixRouter:
    name = table.text("table")
    kind, _, path = name.partition(":")
    if kind not in _TABLE_TYPES or not path.startswith("/") or path.endswith("/"):
        types = ", ".join(_TABLE_TYPES)
        raise table.error(
            "table", f"is {name!r}; it must look like hash:/etc/postfix/transport, as main.cf names it (types: {types})"
        )
    usual = PostfixRouter(name)
    found = PostfixRouter(
        name, _value(table, "away", usual.away), _value(table, "here", usual.here), _reload(table, usual.reload)
    )
    if found.away == found.here:
        raise table.error("here", f"is {found.here!r} as away is: by that the two could not be told apart")
    return found


def _ldap(table: Table) -> LdapRouter:
    entry = table.text("entry", LdapRouter("", ()).entry)
    attribute, equals, _ = entry.partition("=")
    if not equals or not is_attribute(attribute) or "{address}" not in entry:
        raise table.error("entry", f"is {entry!r}; it must look like mail={{address}}: how a person's entry is found")
    base = table.text("base")
    if not base:
        raise table.error("base", "is empty: name the entry below which people are, as in dc=example,dc=com")
    away, here = (_attributes(table.table(key, None, required=key == "away")) for key in ("away", "here"))
    if not away:
        raise table.error("away", "is empty: name the attributes of those who live on Zimbra, with their values")
    if away == here:
        raise table.error("here", "says the same as away: by that the two could not be told apart")
    return LdapRouter(base, away, here, entry, _reload(table, ""))


def _attributes(table: Table) -> tuple[tuple[str, str], ...]:
    found = []
    names = table.keys()
    for name in names:
        if not is_attribute(name):
            raise table.error(name, "is no name of an attribute")
        value = _value(table, name, None)
        if not value:
            raise table.error(name, "is empty: leave an attribute out where it shall not be set")
        found.append((name, value))
    return tuple(found)


def _server(table: Table, logins: Collection[Side], directory: Directory) -> LdapServer:
    if not isinstance(directory, LdapDirectory):
        raise table.error("kind", "can be 'ldap' only where the directory is read by LDAP too (kind = 'ldap' or 'ad')")
    if "url" in table:
        return server(table, tuple(logins))
    for key in SERVER_KEYS:
        if key in table:
            raise table.error(key, "goes with a url; without one, the directory's own login is used")
    return directory.server


def _argv(table: Table, key: str) -> str:
    """A command in which a person is named."""
    text = table.text(key)
    try:
        found = words(text, address="{address}")
    except TemplateError as error:
        raise table.error(key, str(error)) from error
    if not any("{address}" in word for word in found):
        raise table.error(key, "has no {address} in it")
    return text


def _reload(table: Table, default: str) -> str:
    """A command that concerns nobody alone; empty for none."""
    text = table.text("reload", default)
    try:
        return text if not text or words(text) else ""
    except TemplateError as error:
        raise table.error("reload", str(error)) from error


def _value(table: Table, key: str, default: str | None) -> str:
    text = table.text(key, default)
    for name in sorted(fields(text) - _FIELDS):
        known = ", ".join(f"{{{one}}}" for one in sorted(_FIELDS))
        raise table.error(key, f"has {{{name}}} in it; known there: {known}")
    if text != text.strip() or not text.isprintable():
        raise table.error(key, f"is {text!r}; it must be one line, without spaces at its ends")
    return text
