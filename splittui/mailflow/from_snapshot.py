"""A world out of a snapshot: what was read of both systems, in the words of their directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from splittui.mailflow.changes import route_to
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    CATCH_ALL,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_TYPE,
    FORWARD,
    MAIL_HOST,
    MAIL_STATUS,
    TRANSPORT,
    USER_FORWARD,
    Entry,
    EntryKind,
    Keeps,
    Legacy,
    Names,
    System,
    World,
)
from splittui.model.entries import Domain, Kind, Role, ZimbraAccount
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split


def world(split: Split, snapshot: Snapshot, names: Names | None = None, everything_else: Keeps | None = None) -> World:
    """What the snapshot says, for the tracer.

    ``names`` is what was looked up; without it the hosts of the split stand for themselves, and the MX is taken to be
    where the role wants it. ``everything_else`` is what the existing system does with addresses it does not know:
    without it, what its role wants.
    """
    zimbra = snapshot.zimbra
    entries = {entry.name.lower(): entry for entry in _entries(snapshot)}
    looked_up = names or Names()
    mx = None
    if split.domain.lower() not in looked_up.mx:
        mx = System.ZIMBRA if split.role is Role.PRIMARY else System.LEGACY
        host = split.zimbra if mx is System.ZIMBRA else split.legacy
        looked_up = replace(looked_up, mx={**looked_up.mx, split.domain.lower(): ((10, host),)})
    return World(
        domain=split.domain,
        zimbra=split.zimbra,
        legacy=_legacy(split, snapshot, looked_up, everything_else),
        entries=entries,
        config=zimbra.config,
        server_config=_mta_settings(split, snapshot),
        servers=zimbra.servers,
        zimbra_addresses=frozenset(looked_up.addresses.get(split.zimbra.lower(), ())),
        names=looked_up,
        mx=mx,
    )


def _mta_settings(split: Split, snapshot: Snapshot) -> Mapping[str, tuple[str, ...]]:
    """The own settings of the server whose MTA this is: the one of the split's name, or else the only MTA."""
    servers = snapshot.zimbra.servers
    named = [server for server in servers if server.service_hostname.lower() == split.zimbra.lower()]
    mtas = named or [server for server in servers if "mta" in server.services]
    return mtas[0].settings if len(mtas) == 1 else {}


def _entries(snapshot: Snapshot) -> Iterator[Entry]:
    if snapshot.zimbra.domain.exists:
        yield _domain(snapshot.zimbra.domain)
    for account in snapshot.zimbra.accounts.values():
        yield _account(account)


def _domain(domain: Domain) -> Entry:
    defaults = {DOMAIN_NAME: (domain.name,), DOMAIN_TYPE: ("local",), MAIL_STATUS: ("enabled",)}
    return Entry(domain.name, EntryKind.DOMAIN, {**defaults, **domain.attributes})


def _account(account: ZimbraAccount) -> Entry:
    is_list = account.kind is Kind.LIST
    values = {
        DELIVERY: () if is_list else (account.address,),
        ALIAS: (account.address, *account.aliases) if is_list else account.aliases,
        FORWARD: account.forwards,
        # One value in the directory, whatever it lists: ldap-splitdomain counts values.
        USER_FORWARD: (",".join(account.user_forwards),) if account.user_forwards else (),
        CATCH_ALL: account.catch_all,
        TRANSPORT: (account.transport,) if account.transport else (),
        MAIL_HOST: (account.host,) if account.host else (),
        MAIL_STATUS: (account.mail_status,),
        ACCOUNT_STATUS: (account.status,),
    }
    kind = EntryKind.LIST if is_list else EntryKind.ACCOUNT
    return Entry(account.address, kind, {attribute: found for attribute, found in values.items() if found})


def _legacy(split: Split, snapshot: Snapshot, names: Names, everything_else: Keeps | None) -> Legacy:
    servers = frozenset(server.service_hostname.lower() for server in snapshot.zimbra.servers)
    routes: dict[str, Keeps] = {}
    for entry in snapshot.legacy.accounts.values():
        keeps = route_to(split.zimbra, entry.forwards_to, servers) if entry.forwards_to else Keeps.HERE
        for address in (*entry.aliases, entry.address):
            routes[address.lower()] = keeps
    if everything_else is None:
        wanted = Keeps.ZIMBRA if split.role is Role.PRIMARY else Keeps.REJECTS
        everything_else = wanted if snapshot.legacy.reading.complete else Keeps.UNKNOWN
    return Legacy(
        split.legacy,
        routes,
        everything_else,
        addresses=frozenset(names.addresses.get(split.legacy.lower(), ())),
        ports=frozenset({25, split.legacy_nexthop.port or 25}),
    )
