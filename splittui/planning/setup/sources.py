"""An outside directory that Zimbra asks: for its address book, or to check passwords."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BookMode(StrEnum):
    """Whom the address book (GAL) shows: zimbraGalMode."""

    INTERNAL = "zimbra"
    EXTERNAL = "ldap"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Directory:
    """Where it is and how Zimbra binds to it; without ``bind_dn`` anonymously. The password is never in here."""

    url: str
    base: str = ""
    bind_dn: str = ""
    start_tls: bool = True


@dataclass(frozen=True, slots=True)
class AddressBook:
    """The address book that is wished for. ``filter`` is an LDAP filter with ``%s``, or ``ad`` for Active Directory.

    ``attributes`` map the directory's attributes to fields of the address book, as ``mail=email``; empty: Zimbra's own.
    ``hide_placeholders``: nobody shall stand there twice, so people who stand in the outside directory are hidden.
    """

    mode: BookMode
    directory: Directory | None = None
    filter: str = ""
    attributes: tuple[str, ...] = ()
    hide_placeholders: bool = False


@dataclass(frozen=True, slots=True)
class Authentication:
    """Passwords that the outside directory checks. ``mechanism`` is ``ldap`` or ``ad``.

    Either ``bind_template`` (``%u@example.com``) says as whom a person binds, or ``filter`` finds their entry below the
    directory's base. ``fallback``: where that fails, Zimbra's own password counts.
    """

    mechanism: str
    directory: Directory
    bind_template: str = ""
    filter: str = ""
    fallback: bool = True
