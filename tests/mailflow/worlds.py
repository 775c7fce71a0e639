"""Small worlds for tests of the tracer: example.com, split between zimbra.example.com and mail.example.com."""

from collections.abc import Mapping
from dataclasses import replace

from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    CATCH_ALL,
    CATCH_ALL_FORWARD,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_TYPE,
    FORWARD,
    MAIL_HOST,
    MAIL_STATUS,
    TRANSPORT,
    Entry,
    EntryKind,
    Keeps,
    Legacy,
    Names,
    System,
    World,
)
from splittui.model.entries import Server

DOMAIN, ZIMBRA, LEGACY = "example.com", "zimbra.example.com", "mail.example.com"
LMTP, SMTP = f"lmtp:{ZIMBRA}:7025", f"smtp:{LEGACY}:25"
SERVER = Server(ZIMBRA, ZIMBRA, 7025, frozenset({"mailbox", "mta"}))
THE_THREE = {CATCH_ALL: (f"@{DOMAIN}",), CATCH_ALL_FORWARD: (f"@{DOMAIN}",), TRANSPORT: (SMTP,)}


def at(local: str) -> str:
    return f"{local}@{DOMAIN}"


def account(local: str, transport: str = LMTP, **more: str | tuple[str, ...]) -> Entry:
    """An account as Zimbra writes it; ``more`` are further attributes, an empty one removes."""
    given: dict[str, tuple[str, ...]] = {
        DELIVERY: (at(local),),
        ACCOUNT_STATUS: ("active",),
        MAIL_STATUS: ("enabled",),
        MAIL_HOST: (ZIMBRA,),
        TRANSPORT: (transport,) if transport else (),
        **{name: (value,) if isinstance(value, str) else value for name, value in more.items()},
    }
    return Entry(at(local), EntryKind.ACCOUNT, {name: values for name, values in given.items() if values and values[0]})


def listing(local: str, *members: str) -> Entry:
    given = {ALIAS: (at(local),), FORWARD: tuple(at(m) for m in members), MAIL_STATUS: ("enabled",)}
    return Entry(at(local), EntryKind.LIST, given)


def domain(name: str = DOMAIN, **more: tuple[str, ...]) -> Entry:
    given = {DOMAIN_NAME: (name,), DOMAIN_TYPE: ("local",), MAIL_STATUS: ("enabled",), **more}
    return Entry(name, EntryKind.DOMAIN, given)


def world(
    *entries: Entry,
    routes: Mapping[str, Keeps] | None = None,
    everything_else: Keeps = Keeps.ZIMBRA,
    mx: System = System.ZIMBRA,
    names: Names | None = None,
    **config: str,
) -> World:
    """A world of these entries, with the plain domain unless there is one among them."""
    found = {entry.name: entry for entry in entries}
    known = {at(local): keeps for local, keeps in (routes or {}).items()}
    return World(
        domain=DOMAIN,
        zimbra=ZIMBRA,
        legacy=Legacy(LEGACY, known, everything_else),
        entries={DOMAIN: domain(), **found},
        config={name: tuple(value.split("|")) for name, value in config.items()},
        servers=(SERVER,),
        names=names or Names(mx={DOMAIN: ((10, ZIMBRA if mx is System.ZIMBRA else LEGACY),)}),
        mx=mx,
    )


def primary(*more: Entry) -> World:
    """foo on Zimbra, bar on the existing system with a placeholder; legacy forwards the unknown."""
    return world(account("foo"), account("bar", SMTP), *more, routes={"bar": Keeps.HERE})


def secondary(*more: Entry) -> World:
    """foo on Zimbra, bar on the existing system without an entry; the MX is there."""
    return world(
        domain(**THE_THREE),
        account("foo"),
        *more,
        routes={"bar": Keeps.HERE, "foo": Keeps.ZIMBRA},
        everything_else=Keeps.REJECTS,
        mx=System.LEGACY,
    )


def with_route(known: World, local: str, keeps: Keeps) -> World:
    routes = {**known.legacy.routes, at(local): keeps}
    return replace(known, legacy=replace(known.legacy, routes=routes))
