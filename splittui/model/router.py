"""How the existing mail system is told where a person lives: by commands, a Postfix table, LDAP, or a person's hand."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum


class TemplateError(ValueError):
    """The template cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class CommandRouter:
    """Commands that are run on the existing mail system's host.

    ``show`` prints where the address is sent to, or nothing where its mailbox is there; ``away`` sends it to
    ``{nexthop}``; ``here`` makes it local again; ``reload`` (may be empty) makes its MTA forget old routes. In each,
    ``{address}`` and ``{nexthop}`` stand for whole words or parts of one and never reach a shell unquoted.
    """

    show: str
    away: str
    here: str
    reload: str = ""


@dataclass(frozen=True, slots=True)
class PostfixRouter:
    """A Postfix table on the existing system's host (transport(5)), such as ``hash:/etc/postfix/transport``.

    ``away`` and ``here`` are the values of a person's line, empty for no line. Where the system sends nobody away by
    itself, a person's line is there while he lives on Zimbra (``here`` empty). Where it forwards everybody it has no
    line for, it is the other way round (``away`` empty, ``here`` for example ``virtual:``).

    The person must stay a recipient that Postfix knows (virtual_mailbox_maps, local_recipient_maps): his old mailbox
    stays, so he does, and no other table is touched.
    """

    table: str
    away: str = "{nexthop}"
    here: str = ""
    reload: str = "postfix reload"


@dataclass(frozen=True, slots=True)
class LdapRouter:
    """Attributes of the person's entry in the existing system's directory.

    The entry is the one below ``base`` in which the attribute before the ``=`` of ``entry`` has the value behind it.
    ``away`` and ``here`` say which values each attribute has; one that is named in only one of them is removed by the
    other. ``reload`` as with commands.
    """

    base: str
    away: tuple[tuple[str, str], ...]
    here: tuple[tuple[str, str], ...] = ()
    entry: str = "mail={address}"
    reload: str = ""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Those it reads and writes."""
        return tuple(dict.fromkeys(name for name, _ in (*self.away, *self.here)))


class System(StrEnum):
    """A mail system that is changed by hand, by how that is done."""

    POSTFIX = "postfix"
    SENDMAIL = "sendmail"
    EXCHANGE = "exchange"
    EXCHANGE_ONLINE = "exchange-online"
    GOOGLE = "google"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ManualRouter:
    """The operator does it, by exact words, and says so. ``show`` (may be empty) is a command as with commands."""

    system: System
    show: str = ""


Router = CommandRouter | PostfixRouter | LdapRouter | ManualRouter

_FIELD = re.compile(r"\{(\w*)\}")


def words(template: str, *, address: str = "", nexthop: str = "") -> tuple[str, ...]:
    """The template as an argument vector. Raises TemplateError."""
    try:
        parts = shlex.split(template)
    except ValueError as error:
        raise TemplateError(f"{template!r}: {error}") from error
    if not parts:
        raise TemplateError("a command is missing")
    return tuple(filled(part, address=address, nexthop=nexthop) for part in parts)


def filled(template: str, **values: str) -> str:
    """The template with ``{name}`` replaced; what has another name stays as it is, and values are not looked into."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), template)


def fields(template: str) -> frozenset[str]:
    """The names that stand in braces."""
    return frozenset(_FIELD.findall(template))
