"""What the lab's directory can look up without reading everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

INDEXED = frozenset(
    name.lower()
    for name in (
        "zimbraMailDeliveryAddress",
        "zimbraMailAlias",
        "zimbraId",
        "uid",
        "zimbraDomainName",
        "mail",
        "zimbraMailForwardingAddress",
        "zimbraMailCatchAllAddress",
        "zimbraOldMailAddress",
        "zimbraMemberOf",
        "member",
        "zimbraMailHost",
        "zimbraMailTransport",
    )
)
"""Lower-case names of the attributes that ``find`` can search."""

INDEXED_CLASSES = frozenset(
    name.lower()
    for name in (
        "zimbraCalendarResource",
        "zimbraCOS",
        "zimbraDistributionList",
        "zimbraDomain",
        "zimbraGlobalConfig",
        "zimbraGroup",
        "zimbraGroupStaticUnit",
        "zimbraServer",
    )
)
"""Lower-case names of the object classes that ``find`` can search: those that few entries have."""

_INDEX_NAMES: dict[str, str] = {}


def index_rows(key: int, attrs: Mapping[str, Sequence[str]]) -> list[tuple[str, str, int]]:
    """Name, value and ``key`` for each value of the entry that is indexed, in lower case."""
    found: list[tuple[str, str, int]] = []
    for name, values in attrs.items():
        if name == "objectClass":
            found += [("objectclass", low, key) for low in map(str.lower, values) if low in INDEXED_CLASSES]
            continue
        lower = _INDEX_NAMES.get(name)
        if lower is None:
            lower = _INDEX_NAMES[name] = name.lower() if name.lower() in INDEXED else ""
        if lower:
            found += [(lower, value.lower(), key) for value in values]
    return found
