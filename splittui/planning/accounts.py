"""Steps on Zimbra's accounts: placeholders, mailboxes, and the change of a transport in either direction.

The command fits the account (Zimbra's MailHost callback and LMTP decide it): a placeholder that has a zimbraMailHost
gets ``zimbraMailTransport lmtp:<that host>:<port>``; one without gets ``zimbraMailHost`` alone, and Zimbra writes the
transport by itself. Both in one request are refused by Zimbra. A placeholder is created with its transport in the same
``ca``, locked, so that no mail can land in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from splittui.model.entries import LegacyAccount, Server, Side, ZimbraAccount
from splittui.model.split import Split
from splittui.model.zmprov_line import quote_token
from splittui.planning.plan import MASK, Act, Change, Fact, Step

TRANSPORT = "zimbraMailTransport"
HOST = "zimbraMailHost"
STATUS = "zimbraAccountStatus"
MAIL_STATUS = "zimbraMailStatus"
ID = "zimbraId"


def placeholder(split: Split, legacy: LegacyAccount) -> Step:
    """Makes somebody known to Zimbra who stays on the existing system. Raises UnquotableError."""
    return _create(
        split,
        legacy,
        Side.LEGACY,
        f"a placeholder on {split.zimbra}: locked, its mail goes on to {split.legacy}",
        ((TRANSPORT, split.legacy_transport), (STATUS, "locked")),
        (Fact(HOST),),
        ("da", legacy.address),
    )


def as_placeholder(split: Split, address: str) -> ZimbraAccount:
    """The account that ``placeholder`` makes, as far as it is known before."""
    return ZimbraAccount(address, "", status="locked", transport=split.legacy_transport)


def mailbox(split: Split, legacy: LegacyAccount, server: Server) -> Step:
    """Makes a mailbox on Zimbra for somebody whom only the existing system knows. Raises UnquotableError.

    Its undo is a locked placeholder and no deletion: mail may be in it by then.
    """
    return _create(
        split,
        legacy,
        Side.ZIMBRA,
        f"a mailbox on {server.service_hostname} (Zimbra then writes the transport)",
        ((HOST, server.service_hostname), (STATUS, "active")),
        (Fact(TRANSPORT, (server.lmtp,)),),
        ("ma", legacy.address, STATUS, "locked", TRANSPORT, split.legacy_transport),
    )


def _create(
    split: Split,
    legacy: LegacyAccount,
    side: Side,
    summary: str,
    routing: Sequence[tuple[str, str]],
    more: Sequence[Fact],
    undo: tuple[str, ...],
) -> Step:
    names = (("displayName", legacy.name), ("givenName", legacy.given_name), ("sn", legacy.surname))
    pairs = [*routing, *((attribute, value) for attribute, value in names if value)]
    tokens = ("ca", legacy.address, MASK, *(word for pair in pairs for word in pair))
    for token in tokens:
        quote_token(token)
    implied = [Change(legacy.address, f.attribute, (), f.values, implied=True) for f in more if f.values]
    return Step(
        host=split.zimbra,
        act=Act.CREATE,
        tokens=tokens,
        secrets=(2,),
        summary=summary,
        address=legacy.address,
        side=side,
        changes=(*(Change(legacy.address, attribute, (), (value,)) for attribute, value in pairs), *implied),
        verify=(*(Fact(attribute, (value,)) for attribute, value in routing), *more),
        undo=undo,
    )


def to_zimbra(split: Split, account: ZimbraAccount, server: Server) -> Step | None:
    """Makes ``server`` final for the account; None where it is already. Raises UnquotableError."""
    changes = [
        _status_change(account, "active"),
        Change(account.address, TRANSPORT, _values(account.transport), (server.lmtp,), implied=not account.host),
    ]
    undo: tuple[str, ...]
    if account.host:
        summary = "to Zimbra: transport to their own mail host, account unlocked"
        undo = (TRANSPORT, account.transport)
    else:
        changes.append(Change(account.address, HOST, (), (server.service_hostname,)))
        summary = "to Zimbra: a mail host (Zimbra then writes the transport), account unlocked"
        undo = (HOST, "", TRANSPORT, account.transport)
    return _modify(split, account, Side.ZIMBRA, summary, changes, undo)


def to_legacy(split: Split, account: ZimbraAccount) -> Step | None:
    """Makes the account forward to the existing system; None where it does already. Raises UnquotableError."""
    changes = [
        _status_change(account, "locked"),
        Change(account.address, TRANSPORT, _values(account.transport), (split.legacy_transport,)),
    ]
    summary = "to the existing mail system: transport to it, account locked (mail host kept)"
    return _modify(split, account, Side.LEGACY, summary, changes, (TRANSPORT, account.transport))


def _status_change(account: ZimbraAccount, status: str) -> Change:
    return Change(account.address, STATUS, (account.status,), (status,))


def _modify(
    split: Split, account: ZimbraAccount, side: Side, summary: str, wished: Sequence[Change], undo: tuple[str, ...]
) -> Step | None:
    changes = [change for change in wished if change.before != change.after]
    words = tuple(word for c in changes if not c.implied for word in (c.attribute, *c.after))
    if not words:
        return None
    status_back = (STATUS, account.status) if any(c.attribute == STATUS for c in changes) else ()
    tokens = ("ma", account.address, *words)
    for token in tokens:
        quote_token(token)
    after = {change.attribute: change.after for change in changes}
    facts = facts_of(account)
    return Step(
        host=split.zimbra,
        act=Act.MODIFY,
        tokens=tokens,
        summary=summary,
        address=account.address,
        side=side,
        changes=tuple(changes),
        expect=facts,
        verify=tuple(Fact(fact.attribute, after.get(fact.attribute, fact.values)) for fact in facts),
        undo=("ma", account.address, *status_back, *undo),
    )


def facts_of(account: ZimbraAccount) -> tuple[Fact, ...]:
    """The routing of an account as it was seen; the identity is left out where the account does not exist yet."""
    return (
        *((Fact(ID, (account.id,)),) if account.id else ()),
        Fact(STATUS, _values(account.status)),
        Fact(HOST, _values(account.host)),
        Fact(MAIL_STATUS, _values(account.mail_status)),
        Fact(TRANSPORT, _values(account.transport)),
    )


def _values(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
