"""Recorded situations: a directory state, one message, and what a real pair of mail systems did with it.

The surroundings are those in which the rows were recorded: Zimbra and the existing mail system on one loopback network,
LMTP on port 7025 for every account of the directory, a legacy MTA that relays for Zimbra, and an outside world that has
a single mail exchanger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from splittui.mailflow.route import Outcome, Route
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import (
    ALIAS,
    CATCH_ALL,
    CATCH_ALL_FORWARD,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_STATUS,
    DOMAIN_TYPE,
    FORWARD,
    LOCAL_DELIVERY_OFF,
    MAIL_HOST,
    MAIL_STATUS,
    Entry,
    EntryKind,
    Keeps,
    Legacy,
    Names,
    Origin,
    System,
    World,
)
from splittui.model.entries import Server

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_DOMAIN, _ZIMBRA, _LEGACY, _OUTSIDE = "example.com", "zimbra.example.com", "mail.example.com", "mx.internet.test"
_ADDRESSES = {
    _ZIMBRA: ("127.0.0.11",),
    _LEGACY: ("127.0.0.12",),
    _OUTSIDE: ("127.0.0.20",),
    "dead.example.com": ("127.0.0.30",),
}
_OUTSIDER = "127.0.0.99"
_NOTHING_SEEN = "nothing seen"


class ScenarioError(ValueError):
    """The file is not in the format of recorded rows; the message says where."""


@dataclass(frozen=True, slots=True)
class Row:
    """One recorded row: its id, the state, and the message that is sent."""

    id: str
    world: World
    rcpt: str
    origin: Origin
    to: System


def rows(data: Json) -> list[Row]:
    """All rows of a file. Raises ScenarioError."""
    if isinstance(data, dict):
        data = data.get("rows")
    if not isinstance(data, list):
        raise ScenarioError("the file has no list of rows")
    return [_row(_object(item, "a row")) for item in data]


def answer(row: Row) -> dict[str, Json]:
    """What the tracer says of a row, in the words of the recordings."""
    route = Tracer(row.world).route(row.rcpt, row.origin, row.to)
    return {
        "id": row.id,
        "verdict": _verdict(route),
        "rcpt_code": route.code,
        "delivered": [*route.delivered],
    }


def _verdict(route: Route) -> str:
    return _NOTHING_SEEN if route.outcome is Outcome.DISCARDED else route.outcome.value


def _row(item: Mapping[str, Json]) -> Row:
    state = _object(item.get("state"), "state")
    mx = _text(state.get("mx")) or _ZIMBRA
    client = _text(item.get("client")).lower()
    origin = next((o for o in (Origin.INTERNET, Origin.ZIMBRA, Origin.LEGACY) if client.startswith(o)), None)
    if origin is None:
        raise ScenarioError(f"{client!r} is no client: internet, zimbra web client or legacy user")
    targets = {
        "mx": System.LEGACY if mx == _LEGACY else System.ZIMBRA,
        "zimbra": System.ZIMBRA,
        "legacy": System.LEGACY,
    }
    to = targets.get(_text(item.get("to")).lower())
    if to is None:
        raise ScenarioError(f"{item.get('to')!r} is no place to hand mail in: MX, zimbra or legacy")
    return Row(_text(item.get("id")), _world(state, mx), _text(item.get("rcpt")), origin, to)


def _world(state: Mapping[str, Json], mx: str) -> World:
    domain = {k: v for k, v in _attributes(state.get("domain")).items() if k != DOMAIN_STATUS}
    entries = [Entry(_DOMAIN, EntryKind.DOMAIN, {DOMAIN_NAME: (_DOMAIN,), **domain})]
    entries += _alias_domain(state.get("alias_domain"))
    entries += [
        _account(name, _attributes(value)) for name, value in _object(state.get("accounts"), "accounts").items()
    ]
    lists = _object(state.get("distribution_lists") or {}, "distribution_lists")
    entries += [_list(_full(name), _texts(members)) for name, members in lists.items()]
    config = {"zimbraMtaMyNetworks": (f"{_ADDRESSES[_ZIMBRA][0]}/32",), **_attributes(state.get("config"))}
    exchangers = {_DOMAIN: ((10, mx),), "internet.test": ((10, _OUTSIDE),)}
    if state.get("wildcard_mx"):
        exchangers[_LEGACY] = ((10, _ZIMBRA),)
    return World(
        domain=_DOMAIN,
        zimbra=_ZIMBRA,
        legacy=_legacy(_object(state.get("legacy") or {}, "legacy")),
        entries={entry.name.lower(): entry for entry in entries},
        config=config,
        server_config=_attributes(state.get("server") or {}),
        servers=(Server(_ZIMBRA, _ZIMBRA, 7025, frozenset({"mailbox", "mta"})),),
        zimbra_addresses=frozenset(_ADDRESSES[_ZIMBRA]),
        names=Names(exchangers, _ADDRESSES, refusing=frozenset(_ADDRESSES["dead.example.com"]), complete=True),
        outsider=_OUTSIDER,
    )


def _account(name: str, attributes: dict[str, tuple[str, ...]]) -> Entry:
    # The recorded LMTP server hosted every account and had no delivery preferences.
    attributes.pop(LOCAL_DELIVERY_OFF, None)
    address = _full(name)
    given = {DELIVERY: (address,), MAIL_STATUS: ("enabled",), **attributes, MAIL_HOST: (_ZIMBRA,)}
    return Entry(address, EntryKind.ACCOUNT, given)


def _list(address: str, members: tuple[str, ...]) -> Entry:
    return Entry(address, EntryKind.LIST, {ALIAS: (address,), FORWARD: members, MAIL_STATUS: ("enabled",)})


def _alias_domain(value: Json) -> list[Entry]:
    if not value:
        return []
    if isinstance(value, dict):
        attributes = _attributes(value)
        name = (attributes.get(DOMAIN_NAME) or (_text(value.get("name")),))[0]
    else:
        attributes, name = {}, _text(value)
    made = {
        DOMAIN_NAME: (name,),
        DOMAIN_TYPE: ("alias",),
        MAIL_STATUS: ("enabled",),
        CATCH_ALL: (f"@{name}",),
        CATCH_ALL_FORWARD: (f"@{_DOMAIN}",),
    }
    return [Entry(name, EntryKind.DOMAIN, {**made, **attributes})]


def _legacy(value: Mapping[str, Json]) -> Legacy:
    routes = {_full(name).lower(): _keeps(way) for name, way in _object(value.get("routes") or {}, "routes").items()}
    else_ = _keeps(value.get("everything_else"))
    return Legacy(_LEGACY, routes, else_, addresses=frozenset(_ADDRESSES[_LEGACY]), claims_subdomains=True)


def _keeps(value: Json) -> Keeps:
    if not value:
        return Keeps.REJECTS
    known = {"here": Keeps.HERE, "zimbra": Keeps.ZIMBRA}.get(_text(value))
    if known is None:
        raise ScenarioError(f"{value!r} is no route of the legacy side: here, zimbra or null")
    return known


def _full(name: str) -> str:
    return name if "@" in name else f"{name}@{_DOMAIN}"


def _attributes(value: Json) -> dict[str, tuple[str, ...]]:
    given = _object(value, "attributes")
    return {attribute: _texts(v) for attribute, v in given.items() if v not in (None, "", [])}


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(_text(item) for item in (value if isinstance(value, list) else [value]))


def _text(value: Json) -> str:
    return "" if value is None else str(value)


def _object(value: Json, what: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{what} is not an object")
    return value
