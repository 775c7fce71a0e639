"""Zimbra's LDAP maps for Postfix, with the filters and results that ``zmmtainit`` writes, over indexes.

Every filter is "one of these attributes equals the key, and zimbraMailStatus=enabled". LDAP compares these attributes
without regard to case. Several values are joined by commas (ldap_table(5)).
"""

from __future__ import annotations

from collections.abc import Iterable
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
        entry, attribute = self.sources[0]
        text = f"{self.map.name} finds the {entry.what} by its {attribute}"
        return text + "".join(f" and the {other.what} by its {by}" for other, by in self.sources[1:])


class Maps:
    """All maps over one set of entries. Building it costs one pass; each look-up a few steps.

    ``rewrites`` is false where no entry has a canonical address, which spares a look-up for every address.
    """

    __slots__ = ("_accounts", "_domains", "_index", "_last", "rewrites")

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.rewrites = False
        self._index: dict[str, tuple[tuple[Entry, str], ...]] = {}
        self._accounts: dict[str, tuple[Entry, ...]] = {}
        self._domains: dict[str, str] = {}
        self._last: tuple[LdapMap, str, Answer | None] = (VAM, "", None)
        for entry in entries:
            self._add(entry)

    def replaced(self, pairs: Iterable[tuple[Entry | None, Entry | None]]) -> Maps:
        """The maps after entries were created, changed or deleted, without another pass over the rest."""
        maps = Maps(())
        maps.rewrites = self.rewrites
        maps._index, maps._accounts = dict(self._index), dict(self._accounts)
        for before, after in pairs:
            if before is not None:
                maps._remove(before)
            if after is not None:
                maps._add(after)
        return maps

    def _add(self, entry: Entry) -> None:
        attributes = entry.attributes
        if entry.enabled:
            for attribute in _INDEXED:
                for value in attributes.get(attribute, ()):
                    low, found = value.lower(), ((entry, attribute),)
                    there = self._index.get(low, ())
                    # Domains are older than the entries in them, and LDAP answers in order of creation.
                    self._index[low] = found + there if entry.kind is EntryKind.DOMAIN else there + found
            if CANONICAL in attributes or CATCH_ALL_CANONICAL in attributes:
                self.rewrites = True
        if entry.kind is EntryKind.ACCOUNT:
            for value in (*attributes.get(DELIVERY, ()), *attributes.get(ALIAS, ())):
                low = value.lower()
                self._accounts[low] = (*self._accounts.get(low, ()), entry)

    def _remove(self, entry: Entry) -> None:
        for attribute in _INDEXED:
            for value in entry.all(attribute):
                low = value.lower()
                self._index[low] = tuple(found for found in self._index.get(low, ()) if found[0] is not entry)
                self._accounts[low] = tuple(other for other in self._accounts.get(low, ()) if other is not entry)

    def account(self, address: str) -> Entry | None:
        """The account that Zimbra itself finds under an address, enabled or not; its LMTP server asks so."""
        found = self._accounts.get(address.lower())
        return found[0] if found else None

    def domain_type(self, domain: str) -> str:
        """``alias`` or ``local`` for a domain that ldap-vad or ldap-vmd answers for, otherwise empty text."""
        known = self._domains.get(domain)
        if known is None:
            # There are few domains, and each is asked for with every address.
            known = VAD.domain_type if self.find(VAD, domain) else VMD.domain_type if self.find(VMD, domain) else ""
            self._domains[domain] = known
        return known

    def find(self, map_: LdapMap, key: str) -> Answer | None:
        """What the map answers for exactly this key; an entry without any of the result attributes is no answer."""
        # smtpd and cleanup ask the same question one after the other.
        last_map, last_key, last = self._last
        if last_map is map_ and last_key is key:
            return last
        found = self._find(map_, key)
        if map_ is VAM:
            self._last = (map_, key, found)
        return found

    def _find(self, map_: LdapMap, key: str) -> Answer | None:
        there = self._index.get(key.lower())
        if not there:
            return None
        match = map_.match
        values: tuple[str, ...] = ()
        sources: tuple[tuple[Entry, str], ...] = ()
        for source in there:
            entry, attribute = source
            if attribute not in match or (sources and any(entry is seen for seen, _ in sources)):
                continue
            if map_.domain_type and entry.one(DOMAIN_TYPE).lower() != map_.domain_type:
                continue
            sources += (source,)
            values += self._results(map_, entry)
        return Answer(map_, key, values, sources) if values else None

    def _results(self, map_: LdapMap, entry: Entry) -> tuple[str, ...]:
        attributes = entry.attributes
        values: tuple[str, ...] = ()
        for attribute in map_.result:
            if attribute in attributes:
                values += attributes[attribute]
        if map_.members and MEMBER in attributes:
            # special_result_attribute: each member's entry is read and answers with the same result attributes.
            for member in attributes[MEMBER]:
                found = [e for e, attribute in self._index.get(member.lower(), ()) if attribute == DELIVERY]
                values += sum((self._results(map_, e) for e in found), ()) or (member,)
        return values


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
