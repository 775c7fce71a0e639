"""Zimbra's LDAP maps for Postfix, with the filters and results that ``zmmtainit`` writes, over indexes.

Every filter is "one of these attributes equals the key, and zimbraMailStatus=enabled". LDAP compares these attributes
without regard to case. Several values are joined by commas (ldap_table(5)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from splittui.mailflow.world import (
    ALIAS,
    CANONICAL,
    CATCH_ALL,
    CATCH_ALL_CANONICAL,
    CATCH_ALL_FORWARD,
    DELIVERY,
    DOMAIN_NAME,
    DOMAIN_TYPE,
    FORWARD,
    MEMBER,
    OLD,
    TRANSPORT,
    USER_FORWARD,
    Entry,
    EntryKind,
)


@dataclass(frozen=True, slots=True)
class LdapMap:
    """One map: the attributes that its filter compares with the key, and the attributes that it answers with."""

    name: str
    match: tuple[str, ...]
    result: tuple[str, ...]
    domain_type: str = ""
    members: bool = False


VMM = LdapMap("ldap-vmm", (DELIVERY,), (DELIVERY,))
VMD = LdapMap("ldap-vmd", (DOMAIN_NAME,), (DOMAIN_NAME,), domain_type="local")
VAD = LdapMap("ldap-vad", (DOMAIN_NAME,), (DOMAIN_NAME,), domain_type="alias")
VAM = LdapMap(
    "ldap-vam",
    (DELIVERY, ALIAS, OLD, CATCH_ALL),
    (DELIVERY, FORWARD, USER_FORWARD, CATCH_ALL_FORWARD),
    members=True,
)
CANON = LdapMap("ldap-canonical", (DELIVERY, ALIAS, CATCH_ALL), (CANONICAL, CATCH_ALL_CANONICAL))
ROUTES = LdapMap("ldap-transport", (DELIVERY, DOMAIN_NAME), (TRANSPORT,))
SPLIT = LdapMap("ldap-splitdomain", (DELIVERY, ALIAS, CATCH_ALL), (DELIVERY, FORWARD, USER_FORWARD))

_INDEXED = (DELIVERY, ALIAS, OLD, CATCH_ALL, DOMAIN_NAME)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a map answered: the values, the key that was found, and the entries and attributes that matched it."""

    map: LdapMap
    key: str
    values: tuple[str, ...]
    sources: tuple[tuple[Entry, str], ...]

    @property
    def text(self) -> str:
        return ",".join(self.values)

    @property
    def because(self) -> str:
        """Which map found which entry by which attribute."""
        found = " and ".join(f"the {entry.what} by its {attribute}" for entry, attribute in self.sources)
        return f"{self.map.name} finds {found}"


class Maps:
    """All maps over one set of entries. Building it costs one pass; each look-up a few steps."""

    __slots__ = ("_index",)

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._index: dict[str, dict[str, tuple[Entry, ...]]] = {attribute: {} for attribute in _INDEXED}
        for entry in entries:
            self._add(entry)

    def replaced(self, pairs: Iterable[tuple[Entry | None, Entry | None]]) -> Maps:
        """The maps after entries were created, changed or deleted, without another pass over the rest."""
        maps = Maps(())
        maps._index = {attribute: dict(keys) for attribute, keys in self._index.items()}
        for before, after in pairs:
            if before is not None:
                maps._remove(before)
            if after is not None:
                maps._add(after)
        return maps

    def _keys(self, entry: Entry) -> Iterator[tuple[dict[str, tuple[Entry, ...]], str]]:
        if entry.enabled:
            for attribute in _INDEXED:
                for value in entry.attributes.get(attribute, ()):
                    yield self._index[attribute], value.lower()

    def _add(self, entry: Entry) -> None:
        for index, key in self._keys(entry):
            there = index.get(key, ())
            # Domains are older than the entries in them, and LDAP answers in order of creation.
            index[key] = (entry, *there) if entry.kind is EntryKind.DOMAIN else (*there, entry)

    def _remove(self, entry: Entry) -> None:
        for index, key in self._keys(entry):
            index[key] = tuple(other for other in index.get(key, ()) if other is not entry)

    def find(self, map_: LdapMap, key: str) -> Answer | None:
        """What the map answers for exactly this key; an entry without any of the result attributes is no answer."""
        low = key.lower()
        index = self._index
        sources: tuple[tuple[Entry, str], ...] = ()
        for attribute in map_.match:
            for entry in index[attribute].get(low, ()):
                if not any(entry is seen for seen, _ in sources):
                    sources += ((entry, attribute),)
        if map_.domain_type:
            sources = tuple(s for s in sources if s[0].one(DOMAIN_TYPE).lower() == map_.domain_type)
        if not sources:
            return None
        if len(sources) > 1:
            sources = tuple(sorted(sources, key=lambda source: source[0].kind is not EntryKind.DOMAIN))
        values: list[str] = []
        for entry, _ in sources:
            for attribute in map_.result:
                values += entry.attributes.get(attribute, ())
            if map_.members and MEMBER in entry.attributes:
                values += self._members(entry)
        return Answer(map_, key, tuple(values), sources) if values else None

    def _members(self, group: Entry) -> Iterator[str]:
        # special_result_attribute: each member's entry is read and answers with the same result attributes.
        for member in group.all(MEMBER):
            entries = self._index[DELIVERY].get(member.lower(), ())
            if not entries:
                yield member
            for entry in entries:
                for attribute in VAM.result:
                    yield from entry.all(attribute)


def without_extension(address: str, delimiters: str) -> tuple[str, str]:
    """The address without its extension, and the extension with its delimiter; both as in Postfix's split_addr(3)."""
    if not delimiters:
        return address, ""
    local, at, domain = address.rpartition("@")
    low = local.lower()
    if low in ("postmaster", "mailer-daemon", "double-bounce"):
        return address, ""
    if "-" in delimiters and (low.startswith("owner-") or (low.endswith("-request") and low != "-request")):
        return address, ""
    cut = next((n for n, char in enumerate(local) if char in delimiters), 0)
    if not cut:
        return address, ""
    return f"{local[:cut]}{at}{domain}", local[cut:]
