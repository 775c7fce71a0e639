"""The address book and the passwords: Zimbra asks the existing system's directory, or keeps both by itself.

A password to bind with is supplied by the operator when the command is sent; it is in no plan, and never read back.
"""

from __future__ import annotations

from collections.abc import Mapping

from splittui.model.entries import Role
from splittui.planning import domain
from splittui.planning.entry_change import with_secret
from splittui.planning.plan import Act, Change, Fact, Finding, Severity, Step
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.seen import Seen
from splittui.planning.setup.sources import AddressBook, Authentication, BookMode, Directory
from splittui.planning.setup.task import Check, Look, LookKind, Task
from splittui.planning.setup.whereabouts import placeholders

HIDE = "zimbraHideInGal"
MODE = "zimbraGalMode"
BOOK_PASSWORD = "zimbraGalLdapBindPassword"
MECHANISM = "zimbraAuthMech"
SEARCH_PASSWORD = "zimbraAuthLdapSearchBindPassword"

ATTRIBUTES = (
    MODE,
    "zimbraGalLdapURL",
    "zimbraGalLdapSearchBase",
    "zimbraGalLdapFilter",
    "zimbraGalAutoCompleteLdapFilter",
    "zimbraGalLdapAuthMech",
    "zimbraGalLdapBindDn",
    "zimbraGalLdapStartTlsEnabled",
    "zimbraGalLdapAttrMap",
    MECHANISM,
    "zimbraAuthLdapURL",
    "zimbraAuthLdapStartTlsEnabled",
    "zimbraAuthFallbackToLocal",
    "zimbraAuthLdapBindDn",
    "zimbraAuthLdapSearchFilter",
    "zimbraAuthLdapSearchBase",
    "zimbraAuthLdapSearchBindDn",
)
"""What has to be read of the domain, so that these tasks can see whether they are done. No password is among them."""

Values = dict[str, tuple[str, ...]]


def address_book(seen: Seen) -> Task:
    """The address book shows everybody on both systems, each once."""
    split, wish = seen.split, seen.choices.address_book
    best = (
        f"As the primary {split.zimbra} has an entry for everybody, so its own address book (zimbra) shows all, once."
        if split.role is Role.PRIMARY
        else f"As a secondary {split.zimbra} does not know the people on {split.legacy}, so it asks a directory (both)."
    )
    directory = wish.directory if wish is not None and wish.mode is not BookMode.INTERNAL else None
    missing = _book_missing(seen, wish)
    obstacle = _unproven(seen, directory, "nobody would be found in it") if missing else ""
    steps = [] if wish is None or obstacle else _book_steps(seen, wish)
    return Task(
        "address-book",
        "The address book",
        f"The address book of {split.domain} shows the people of both systems, and nobody twice.",
        best,
        Check(("as chosen",), missing, obstacle, _bind_look(directory)),
        plan_of(seen, steps, _doubles(seen, wish)),
        undo="The attributes as before. A bind password that was there before has to be given again.",
        optional=True,
    )


def book_attributes(book: AddressBook) -> Values:
    """What the domain needs for this address book, the password left aside."""
    values: Values = {MODE: (book.mode,)}
    directory = book.directory
    if book.mode is BookMode.INTERNAL or directory is None:
        return values
    ad = book.filter == "ad"
    values |= {
        "zimbraGalLdapURL": (directory.url,),
        "zimbraGalLdapSearchBase": (directory.base,) if directory.base else (),
        "zimbraGalLdapFilter": (book.filter,) if book.filter else (),
        "zimbraGalAutoCompleteLdapFilter": ("adAutoComplete",) if ad else ("externalLdapAutoComplete",),
        "zimbraGalLdapAuthMech": ("simple",) if directory.bind_dn else ("none",),
        "zimbraGalLdapBindDn": (directory.bind_dn,) if directory.bind_dn else (),
        "zimbraGalLdapStartTlsEnabled": (_tls(directory),),
    }
    if book.attributes:
        values["zimbraGalLdapAttrMap"] = book.attributes
    return values


def _book_missing(seen: Seen, wish: AddressBook | None) -> tuple[str, ...]:
    if wish is None:
        return ("nothing is chosen yet: internal, external or both",)
    missing = _differing(seen, book_attributes(wish))
    shown = len(_to_hide(seen, wish))
    return (*missing, *((f"{shown:,} placeholders stand in the address book as well",) if shown else ()))


def _book_steps(seen: Seen, wish: AddressBook) -> list[Step | None]:
    step = _on_domain(seen, book_attributes(wish), "the address book asks where it was chosen")
    directory = wish.directory
    if step is not None and wish.mode is not BookMode.INTERNAL and directory is not None and directory.bind_dn:
        step = with_secret(step, BOOK_PASSWORD, book_secret(directory))
    return [step, *(_hidden(seen, address) for address in _to_hide(seen, wish))]


def _to_hide(seen: Seen, wish: AddressBook) -> tuple[str, ...]:
    if not wish.hide_placeholders or wish.mode is BookMode.INTERNAL:
        return ()
    return tuple(sorted(account.address for account in placeholders(seen) if not account.hidden_in_gal))


def _hidden(seen: Seen, address: str) -> Step:
    return Step(
        host=seen.split.zimbra,
        act=Act.MODIFY,
        tokens=("ma", address, HIDE, "TRUE"),
        summary="stands in the outside directory, so no longer in Zimbra's own address book",
        address=address,
        changes=(Change(address, HIDE, (), ("TRUE",)),),
        verify=(Fact(HIDE, ("TRUE",)),),
        undo=("ma", address, HIDE, ""),
    )


def _doubles(seen: Seen, wish: AddressBook | None) -> tuple[Finding, ...]:
    shown = tuple(sorted(account.address for account in placeholders(seen) if not account.hidden_in_gal))
    if wish is None or wish.mode is not BookMode.BOTH or wish.hide_placeholders or not shown:
        return ()
    text = "They stand in Zimbra's own address book and in the outside directory, so people see them twice."
    return (Finding(Severity.WARNING, "twice-in-address-book", text, shown),)


def authentication(seen: Seen) -> Task:
    """Passwords are checked by the outside directory, after a bind there has been tried."""
    split, wish = seen.split, seen.choices.authentication
    obstacle = _unproven(seen, wish.directory if wish else None, "nobody could log in")
    missing: tuple[str, ...] = ("nothing is chosen yet: Zimbra's own passwords, or a directory",)
    if wish is not None:
        missing = _differing(seen, auth_attributes(wish))
    return Task(
        "authentication",
        "Passwords",
        f"The people of {split.domain} log in to {split.zimbra} with the password they have, checked by the "
        "directory of "
        f"{split.legacy}.",
        f"With passwords kept elsewhere, mail programs may go on sending through {split.legacy} (SMTP AUTH); with "
        f"Zimbra's own, whoever moves changes the outgoing server too. Placeholders stay locked, or people of "
        f"{split.legacy} could log in to an empty mailbox.",
        Check(("as chosen",), missing, obstacle if missing else "", _bind_look(wish.directory if wish else None)),
        plan_of(seen, [] if wish is None or obstacle else _auth_steps(seen, wish)),
        undo="The attributes as before. A bind password that was there before has to be given again.",
        optional=True,
    )


def auth_attributes(wish: Authentication) -> Values:
    """What the domain needs for this way of checking passwords, the password to search with left aside."""
    directory = wish.directory
    values: Values = {
        MECHANISM: (wish.mechanism,),
        "zimbraAuthLdapURL": (directory.url,),
        "zimbraAuthLdapStartTlsEnabled": (_tls(directory),),
        "zimbraAuthFallbackToLocal": ("TRUE" if wish.fallback else "FALSE",),
    }
    if wish.bind_template:
        # A search goes before the template in Zimbra, and there is no falling back from one to the other.
        return values | {"zimbraAuthLdapBindDn": (wish.bind_template,), "zimbraAuthLdapSearchFilter": ()}
    return values | {
        "zimbraAuthLdapSearchFilter": (wish.filter,),
        "zimbraAuthLdapSearchBase": (directory.base,) if directory.base else (),
        "zimbraAuthLdapSearchBindDn": (directory.bind_dn,) if directory.bind_dn else (),
    }


def _auth_steps(seen: Seen, wish: Authentication) -> list[Step | None]:
    step = _on_domain(seen, auth_attributes(wish), "passwords are checked where it was chosen")
    if step is not None and not wish.bind_template and wish.directory.bind_dn:
        step = with_secret(step, SEARCH_PASSWORD, search_secret(wish.directory))
    return [step]


def book_secret(directory: Directory) -> str:
    """What the password is called that the address book binds with, where a step asks for it."""
    return f"the password of {directory.bind_dn} on {directory.url}, for the address book"


def search_secret(directory: Directory) -> str:
    """What the password is called that people are searched with, where a step asks for it."""
    return f"the password of {directory.bind_dn} on {directory.url}, to find people"


def _tls(directory: Directory) -> str:
    return "TRUE" if directory.start_tls and not directory.url.startswith("ldaps:") else "FALSE"


def _on_domain(seen: Seen, wished: Mapping[str, tuple[str, ...]], summary: str) -> Step | None:
    return domain.changed(seen.split, seen.snapshot.zimbra.domain.attributes, wished, summary)


def _differing(seen: Seen, wished: Values) -> tuple[str, ...]:
    known = seen.snapshot.zimbra.domain.attributes
    return tuple(
        f"{name} is {', '.join(known.get(name, ())) or 'not set'}"
        for name, values in wished.items()
        if sorted(known.get(name, ())) != sorted(values)
    )


def _unproven(seen: Seen, directory: Directory | None, otherwise: str) -> str:
    """Why a directory is not written into the domain yet: a bind as Zimbra will do it must have succeeded before."""
    if directory is None:
        return ""
    tried = next((b for b in seen.binds if (b.url, b.dn) == (directory.url, directory.bind_dn)), None)
    if tried is not None and tried.ok:
        return ""
    words = "no bind to it has been tried yet" if tried is None else f"a bind to it failed: {tried.words}"
    return f"{directory.url} is not proven: {words}. Set like this, {otherwise}"


def _bind_look(directory: Directory | None) -> tuple[Look, ...]:
    if directory is None:
        return ()
    return (Look(LookKind.BIND, directory.url, directory.bind_dn or "anonymous", "the bind succeeds"),)
