"""What the operator has chosen for the guided set-up; it stands in the profile, so that anybody can go on with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from splittui.config.directory import SERVER_KEYS, Encryption, LdapServer, server
from splittui.config.table import Table
from splittui.model.entries import Side
from splittui.model.router import System
from splittui.planning.settings import Restart
from splittui.planning.setup import Backscatter, Choices
from splittui.planning.setup.sources import AddressBook, Authentication, BookMode, Directory

_BACKSCATTER = {"firewall": Backscatter.FIREWALL, "verify": Backscatter.VERIFY, "filter": Backscatter.FILTER}
_RESTART = {"zmmtactl": Restart.ZMMTACTL, "postfix": Restart.POSTFIX}
_MODES = {"internal": BookMode.INTERNAL, "external": BookMode.EXTERNAL, "both": BookMode.BOTH}
_BOOK_KEYS = ("mode", "base", "filter", "attributes", "hide_placeholders", *SERVER_KEYS)
_AUTH_KEYS = ("mechanism", "base", "bind_template", "filter", "fallback", *SERVER_KEYS)
_DEFAULTS = Choices()
KEYS = (
    "system",
    "backscatter",
    "restart",
    "through_legacy",
    "trust_legacy",
    "refuse_unlisted",
    "quiet_days",
    "address_book",
    "authentication",
    "skipped",
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """The choices, and the directories that they name, as those are asked from here to try them out."""

    choices: Choices = field(default_factory=Choices)
    directories: tuple[LdapServer, ...] = ()


def setup(table: Table, logins: Collection[Side]) -> SetUp:
    """The settings in ``[profile.NAME.setup]``. Raises ConfigError."""
    servers: list[LdapServer] = []
    choices = Choices(
        system=System(table.choice("system", tuple(System), System.OTHER)),
        through_legacy=table.flag("through_legacy", _DEFAULTS.through_legacy),
        trust_legacy=table.flag("trust_legacy", _DEFAULTS.trust_legacy),
        refuse_unlisted=table.flag("refuse_unlisted", _DEFAULTS.refuse_unlisted),
        backscatter=_BACKSCATTER[table.choice("backscatter", tuple(_BACKSCATTER), "firewall")],
        restart=_RESTART[table.choice("restart", tuple(_RESTART), "zmmtactl")],
        address_book=_book(table, logins, servers),
        authentication=_authentication(table, logins, servers),
        quiet_days=table.number("quiet_days", _DEFAULTS.quiet_days, 0, 365) or 0,
        skipped=_skipped(table),
    )
    return SetUp(choices, tuple(servers))


def _skipped(table: Table) -> dict[str, str]:
    reasons = table.table("skipped", None, required=False)
    keys = reasons.keys()
    return {key: reasons.text(key) for key in keys}


def _book(table: Table, logins: Collection[Side], servers: list[LdapServer]) -> AddressBook | None:
    if "address_book" not in table:
        return None
    book = table.table("address_book", _BOOK_KEYS)
    mode = _MODES[book.choice("mode", tuple(_MODES))]
    if mode is BookMode.INTERNAL:
        for key in sorted(set(book.keys()) - {"mode", "hide_placeholders"}):
            raise book.error(key, 'has no meaning for mode = "internal": no directory is asked then')
        return AddressBook(mode)
    if not book.text("filter"):
        raise book.error("filter", 'is empty: "ad", or an LDAP filter with %s where the searched name goes')
    return AddressBook(
        mode,
        _directory(book, logins, servers),
        book.text("filter"),
        book.texts("attributes"),
        book.flag("hide_placeholders", False),
    )


def _authentication(table: Table, logins: Collection[Side], servers: list[LdapServer]) -> Authentication | None:
    if "authentication" not in table:
        return None
    login = table.table("authentication", _AUTH_KEYS)
    template, found_by = login.text("bind_template", ""), login.text("filter", "")
    if bool(template) == bool(found_by):
        raise login.error("bind_template", "or filter must be there, and not both: how a person's entry is found")
    return Authentication(
        login.choice("mechanism", ("ldap", "ad"), "ldap"),
        _directory(login, logins, servers),
        template,
        found_by,
        login.flag("fallback", True),
    )


def _directory(table: Table, logins: Collection[Side], servers: list[LdapServer]) -> Directory:
    found = server(table, tuple(logins))
    servers.append(found)
    starts = found.encryption is Encryption.START_TLS
    return Directory(found.url, table.text("base", ""), found.bind_dn, start_tls=starts)
