"""A world out of a snapshot: what was read of both systems, in the words of their directories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from splittui.mailflow.changes import route_to
from splittui.mailflow.deliver import owner
from splittui.mailflow.directory import Directory, Known
from splittui.mailflow.nexthop import exchangers_of
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    CANONICAL,
    CATCH_ALL,
    CATCH_ALL_CANONICAL,
    CATCH_ALL_FORWARD,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_TYPE,
    FORWARD,
    LOCAL_DELIVERY_OFF,
    MAIL_HOST,
    MAIL_STATUS,
    MEMBER,
    OLD,
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
from splittui.model.dns import DnsView
from splittui.model.entries import Domain, Kind, Rare, Role, ZimbraAccount
from splittui.model.snapshot import Snapshot, ZimbraHalf
from splittui.model.split import Split


def world(split: Split, snapshot: Snapshot, names: Names | None = None, everything_else: Keeps | None = None) -> World:
    """What the snapshot says, for the tracer.

    ``names`` is what was looked up, if not what the snapshot has; without it the hosts of the split stand for
    themselves. Where the MX is neither system of the split, or not known, it is taken to lead where the role wants it.
    ``everything_else`` is what the existing system does with addresses it does not know: without it, what its role
    wants.
    """
    domain = split.domain.lower()
    looked_up = names or (names_of(snapshot.dns) if snapshot.dns is not None else Names())
    mx = System.ZIMBRA if split.role is Role.PRIMARY else System.LEGACY
    host = split.zimbra if mx is System.ZIMBRA else split.legacy
    assumed = replace(looked_up, mx={domain: ((10, host),), **looked_up.mx})
    made = _world(split, snapshot, assumed, everything_else, mx)
    if domain not in looked_up.mx:
        return made
    exchangers = exchangers_of(domain, looked_up, frozenset(), detect_loop=False)
    known = any(owner(made, exchanger) is not System.INTERNET for exchanger in exchangers.hosts)
    return replace(made, mx=None) if known else made


def names_of(view: DnsView) -> Names:
    """What the DNS said, as the tracer asks for it."""
    return Names(
        mx={name: answer.mx for name, answer in view.answers.items() if answer.mx},
        addresses={name: answer.addresses for name, answer in view.answers.items() if answer.addresses},
    )


def _world(split: Split, snapshot: Snapshot, looked_up: Names, everything_else: Keeps | None, mx: System) -> World:
    zimbra = snapshot.zimbra
    entries = Directory(zimbra.accounts, _account, _others(snapshot))
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


def _others(snapshot: Snapshot) -> Iterator[Entry]:
    zimbra = snapshot.zimbra
    for domain in (zimbra.domain, *zimbra.other_domains):
        if domain.exists:
            yield _domain(domain)
    for neighbour in zimbra.neighbours.values():
        yield _account(neighbour)
    for account in (*zimbra.accounts.values(), *zimbra.neighbours.values()):
        if account.rare is not None and account.rare.members:
            yield _outside_unit(zimbra, account)


def _domain(domain: Domain) -> Entry:
    defaults = {DOMAIN_NAME: (domain.name,), DOMAIN_TYPE: ("local",), MAIL_STATUS: ("enabled",)}
    return Entry(domain.name, EntryKind.DOMAIN, {**defaults, **domain.attributes})


def _account(account: ZimbraAccount) -> Entry:
    if account.kind is not Kind.LIST and account.rare is None and not (account.forwards or account.user_forwards):
        return _plain(account)
    is_list = account.kind is Kind.LIST
    rare = account.rare
    values = {
        DELIVERY: () if is_list else (account.address,),
        ALIAS: (account.address, *account.aliases) if is_list else account.aliases,
        FORWARD: account.forwards,
        # One value in the directory, whatever it lists: ldap-splitdomain counts values.
        USER_FORWARD: (",".join(account.user_forwards),) if account.user_forwards else (),
        TRANSPORT: (account.transport,) if account.transport else (),
        MAIL_HOST: (account.host,) if account.host else (),
        MAIL_STATUS: (account.mail_status,),
        ACCOUNT_STATUS: (account.status,),
    }
    kind = EntryKind.LIST if is_list else EntryKind.ACCOUNT
    if rare is not None:
        kind = EntryKind.GROUP if rare.dynamic else kind
        values |= _rare(rare, account.address)
    return Entry(account.address, kind, {attribute: found for attribute, found in values.items() if found})


def _plain(account: ZimbraAccount) -> Entry:
    # Nearly all are like this, and there may be a hundred thousand.
    values: dict[str, tuple[str, ...]] = {
        DELIVERY: (account.address,),
        MAIL_STATUS: (account.mail_status,),
        ACCOUNT_STATUS: (account.status,),
    }
    if account.transport:
        values[TRANSPORT] = (account.transport,)
    if account.host:
        values[MAIL_HOST] = (account.host,)
    if account.aliases:
        values[ALIAS] = account.aliases
    return Entry(account.address, EntryKind.ACCOUNT, values)


def _rare(rare: Rare, address: str) -> Mapping[str, tuple[str, ...]]:
    return {
        OLD: (rare.old_address,) if rare.old_address else (),
        CANONICAL: (rare.canonical,) if rare.canonical else (),
        CATCH_ALL: rare.catch_all,
        CATCH_ALL_FORWARD: (rare.catch_all_forward,) if rare.catch_all_forward else (),
        CATCH_ALL_CANONICAL: (rare.catch_all_canonical,) if rare.catch_all_canonical else (),
        LOCAL_DELIVERY_OFF: ("TRUE",) if rare.keeps_no_copy else (),
        # Members outside stand in an entry of their own below the group's (zimbraGroupStaticUnit).
        MEMBER: (*rare.members, _unit_name(address)) if rare.members else (),
    }


def _unit_name(address: str) -> str:
    return f"outside members of {address}"


def _outside_unit(zimbra: ZimbraHalf, group: ZimbraAccount) -> Entry:
    """The members of a dynamic group that are no entries of Zimbra. Postfix finds it by the group alone."""
    assert group.rare is not None
    outside = tuple(m for m in group.rare.members if m not in zimbra.accounts and m not in zimbra.neighbours)
    return Entry(_unit_name(group.address), EntryKind.LIST, {FORWARD: outside})


def _legacy(split: Split, snapshot: Snapshot, names: Names, everything_else: Keeps | None) -> Legacy:
    servers = frozenset(server.service_hostname.lower() for server in snapshot.zimbra.servers)

    @cache
    def routed(forwards_to: str) -> Keeps:
        return route_to(split.zimbra, forwards_to, servers) if forwards_to else Keeps.HERE

    routes = Known(snapshot.legacy.accounts, routed)
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
