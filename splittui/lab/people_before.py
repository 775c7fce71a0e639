"""The sample before there is a split: everybody on the existing mail system, and a Zimbra that was just installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from splittui.lab.directory import Attrs
from splittui.lab.people_base import CONFIG, platform_entries, with_branches
from splittui.lab.people_entries import AT_ZIMBRA, SERVER, Found, Inhabitant, LegacyRow, Name, Registry, account

_HIDDEN = {"zimbraIsSystemAccount": ["TRUE"], "zimbraIsSystemResource": ["TRUE"], "zimbraHideInGal": ["TRUE"]}
_OWN: Mapping[str, Mapping[str, Sequence[str]]] = {
    "admin": {"zimbraIsAdminAccount": ["TRUE"]},
    "galsync": _HIDDEN,
    "spam.lab": _HIDDEN,
    "ham.lab": _HIDDEN,
    "quarantine": _HIDDEN,
}


def fresh_zimbra(registry: Registry, home: str) -> Iterator[Found]:
    """What an installation leaves: one domain, named like the host, with the accounts that Zimbra itself needs."""
    names = {key: [_own(value) for value in values] for key, values in CONFIG.items()}
    yield from platform_entries(registry, home, names)
    yield from with_branches(SERVER, {"zimbraDomainType": ["local"], "zimbraId": [registry.new_id()]})
    for local, extra in _OWN.items():
        yield from account(registry, f"{local}@{SERVER}", Name(""), AT_ZIMBRA, extra=extra)


def _own(value: str) -> str:
    local, at, _ = value.rpartition("@")
    return f"{local}{at}{SERVER}"


def rows_before(people: Iterable[Inhabitant]) -> Iterator[LegacyRow]:
    """Everybody who is no machine of Zimbra's, as the existing system has them while nobody has moved."""
    for person in people:
        row = person.row or _row(person)
        if row is not None:
            yield LegacyRow(row.address, row.name, row.aliases, row.kind, row.enabled)


def _row(person: Inhabitant) -> LegacyRow | None:
    attrs = person.entries[0][1]
    kind = _kind(attrs)
    placeholder = kind != "list" and "zimbraMailHost" not in attrs
    if placeholder or "zimbraHideInGal" in attrs or "zimbraExternalUserMailAddress" in attrs:
        return None
    name = Name(*("".join(attrs.get(key, [])[:1]) for key in ("displayName", "givenName", "sn")))
    aliases = [*attrs.get("zimbraMailAlias", []), *attrs.get("zimbraOldMailAddress", [])]
    others = [alias for alias in aliases if alias != person.address]
    return LegacyRow(person.address, name, others, kind, attrs["zimbraMailStatus"] == ["enabled"])


def _kind(attrs: Attrs) -> str:
    if {"zimbraDistributionList", "zimbraGroup"} & set(attrs["objectClass"]):
        return "list"
    return "resource" if "zimbraCalResType" in attrs else "person"
