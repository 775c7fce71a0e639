"""What Zimbra itself adds to a change of its directory, as far as mail is concerned.

The rules are those of the callbacks AccountStatus, DomainStatus and MailHost and of LdapProvisioning: an account's
status writes its mail status, a mail host writes the transport, and who is closed or deleted leaves every list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_STATUS,
    DOMAIN_TYPE,
    FORWARD,
    MAIL_HOST,
    MAIL_STATUS,
    TRANSPORT,
    Attributes,
    Entry,
    EntryKind,
)
from splittui.model.entries import Server

Values = dict[str, tuple[str, ...]]


def assigned(before: Attributes, pairs: Sequence[tuple[str, str]]) -> Values:
    """The attributes after zmprov's ``attr value`` (replaces; twice: both; empty: unsets), ``+attr`` and ``-attr``."""
    after: Values = dict(before)
    fresh: set[str] = set()
    for attribute, value in pairs:
        name = attribute.lstrip("+-")
        there = after.get(name, ())
        if attribute.startswith("-"):
            after[name] = tuple(v for v in there if v.lower() != value.lower())
        elif attribute.startswith("+") or name in fresh:
            after[name] = (*there, value) if value else there
        else:
            after[name] = (value,) if value else ()
            fresh.add(name)
    return {name: values for name, values in after.items() if values}


def created_account(address: str, pairs: Sequence[tuple[str, str]], servers: Sequence[Server]) -> Entry:
    """What ``ca`` leaves: with a transport given, no mail host; otherwise host and transport of a mailbox server."""
    given = assigned({}, pairs)
    start: Values = {DELIVERY: (address,), ACCOUNT_STATUS: ("active",), MAIL_STATUS: ("enabled",)}
    after = {**start, **given, **_mail_status(given)}
    if TRANSPORT not in given:
        server = _server(servers, given.get(MAIL_HOST, ("",))[0])
        if server is not None:
            after |= {MAIL_HOST: (server.service_hostname,), TRANSPORT: (server.lmtp,)}
    return Entry(address, EntryKind.ACCOUNT, after)


def modified_account(account: Entry, pairs: Sequence[tuple[str, str]], servers: Sequence[Server]) -> Entry:
    """What ``ma`` leaves."""
    given = {attribute.lstrip("+-") for attribute, _ in pairs}
    after = assigned(account.attributes, pairs)
    if ACCOUNT_STATUS in given:
        status: Values = {ACCOUNT_STATUS: after.get(ACCOUNT_STATUS, ())}
        if MAIL_STATUS in given:
            status[MAIL_STATUS] = after.get(MAIL_STATUS, ())
        after |= _mail_status(status)
    if MAIL_HOST in given and TRANSPORT not in given:
        server = next((s for s in servers if s.service_hostname in after.get(MAIL_HOST, ())), None)
        if server is not None:
            after[TRANSPORT] = (server.lmtp,)
    return Entry(account.name, account.kind, after)


def _mail_status(given: Attributes) -> Values:
    # AccountStatus.preModify: closed and pending disable, whatever else the request says; any other status enables,
    # unless the same request names a mail status.
    status = given.get(ACCOUNT_STATUS, ("",))[0]
    if status in ("closed", "pending"):
        return {MAIL_STATUS: ("disabled",)}
    return {MAIL_STATUS: given.get(MAIL_STATUS) or ("enabled",)} if status else {}


def created_domain(name: str, pairs: Sequence[tuple[str, str]]) -> Entry:
    """What ``cd`` leaves."""
    start = {DOMAIN_NAME: (name,), DOMAIN_TYPE: ("local",), DOMAIN_STATUS: ("active",), MAIL_STATUS: ("enabled",)}
    return modified_domain(Entry(name, EntryKind.DOMAIN, start), pairs)


def modified_domain(domain: Entry, pairs: Sequence[tuple[str, str]]) -> Entry:
    """What ``md`` leaves: a closed domain's mail is disabled, any other status enables it (DomainStatus)."""
    after = assigned(domain.attributes, pairs)
    if any(attribute == DOMAIN_STATUS for attribute, _ in pairs):
        closed = after.get(DOMAIN_STATUS, ("",))[0] == "closed"
        after[MAIL_STATUS] = ("disabled" if closed else "enabled",)
    return Entry(domain.name, domain.kind, after)


def addresses_of(entry: Entry) -> frozenset[str]:
    """Every address under which lists may hold an entry."""
    return frozenset(value.lower() for attribute in (DELIVERY, ALIAS) for value in entry.all(attribute))


def without_members(of: Entry, gone: Iterable[str]) -> Entry:
    """A list without these members, given in lower case (those who are gone stay in the forwards of accounts)."""
    lost = frozenset(gone)
    kept = tuple(member for member in of.all(FORWARD) if member.lower() not in lost)
    return Entry(of.name, of.kind, {**of.attributes, FORWARD: kept})


def _server(servers: Sequence[Server], host: str) -> Server | None:
    if host:
        return next((server for server in servers if server.service_hostname == host), None)
    return next((server for server in servers if server.has_mailboxes), None)
