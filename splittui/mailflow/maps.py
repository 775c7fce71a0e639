"""Zimbra's LDAP maps for Postfix, with the filters and results that ``zmmtainit`` writes, over indexes.

Every filter is "one of these attributes equals the key, and zimbraMailStatus=enabled". LDAP compares these attributes
without regard to case. Several values are joined by commas (ldap_table(5)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from splittui.mailflow.directory import Directory
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
    MAIL_STATUS,
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
_ENABLED = ("enabled",)


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
    """All maps over one set of entries, keyed by name in lower case.

    An account is found under its own address as it stands there; every other key is indexed in one pass. ``rewrites``
    is false where no entry has a canonical address, which spares a look-up for every address.
    """

    __slots__ = ("_asked", "_domains", "_entries", "_index", "_last", "rewrites")

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.rewrites = False
        self._entries = entries
        self._index: dict[str, tuple[tuple[str, str], ...]] = {}
        self._domains: dict[str, str] = {}
        self._last: tuple[LdapMap, str, Answer | None] = (VAM, "", None)
        self._asked: tuple[str, tuple[tuple[Entry, str], ...]] = ("", ())
        for name in entries.findable_otherwise() if isinstance(entries, Directory) else entries:
            self._add(name, entries[name])
        self._in_order()

    def replaced(self, entries: Mapping[str, Entry], names: Iterable[str]) -> Maps:
        """The maps after entries of these names were created, changed or deleted, without a pass over the rest."""
        maps = Maps({})
        maps._entries, maps._index, maps.rewrites = entries, dict(self._index), self.rewrites
        for name in names:
            before, after = self._entries.get(name), entries.get(name)
            if before is not None:
                maps._remove(name, before)
            if after is not None:
                maps._add(name, after)
        return maps

    def _add(self, name: str, entry: Entry) -> None:
        for attribute in _INDEXED:
            for value in entry.attributes.get(attribute, ()):
                low, found = value.lower(), (name, attribute)
                there = self._index.get(low)
                if there is None:
                    there = ((low, DELIVERY),) if _delivers_to_itself(low, self._entries.get(low)) else ()
                    if there == (found,):
                        continue
                if found not in there:
                    # Domains are older than the entries in them, and LDAP answers in order of creation.
                    self._index[low] = (found, *there) if entry.kind is EntryKind.DOMAIN else (*there, found)
        if entry.enabled and (CANONICAL in entry.attributes or CATCH_ALL_CANONICAL in entry.attributes):
            self.rewrites = True

    def _in_order(self) -> None:
        """Who shares their own address with another entry stands where the directory has them."""
        shared = {low: found for low, found in self._index.items() if (low, DELIVERY) in found and len(found) > 1}
        names = {name for found in shared.values() for name, _ in found}
        place = {name: number for number, name in enumerate(self._entries) if name in names} if names else {}
        for low, found in shared.items():
            self._index[low] = tuple(sorted(found, key=lambda source: place[source[0]]))

    def _remove(self, name: str, entry: Entry) -> None:
        for attribute in _INDEXED:
            for value in entry.all(attribute):
                low = value.lower()
                if low in self._index:
                    self._index[low] = tuple(found for found in self._index[low] if found[0] != name)

    def _sources(self, key: str) -> tuple[tuple[Entry, str], ...]:
        """The entries, enabled or not, that have the key in an attribute that a map asks for."""
        # The same address is asked for by one map after the other.
        asked, sources = self._asked
        if asked is not key:
            sources = self._look_up(key.lower())
            self._asked = (key, sources)
        return sources

    def _look_up(self, low: str) -> tuple[tuple[Entry, str], ...]:
        there = self._index.get(low)
        if there is not None:
            return tuple((self._entries[name], attribute) for name, attribute in there)
        try:
            own = self._entries[low]
        except KeyError:
            return ()
        return ((own, DELIVERY),) if _delivers_to_itself(low, own) else ()

    def has_one_owner(self, address: str) -> bool:
        """Whether no other entry has the address in any attribute."""
        return address.lower() not in self._index

    def account(self, address: str) -> Entry | None:
        """The account that Zimbra itself finds under an address, enabled or not; its LMTP server asks so."""
        for entry, attribute in self._sources(address):
            if entry.kind is EntryKind.ACCOUNT and attribute in (DELIVERY, ALIAS, OLD):
                return entry
        return None

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
        match = map_.match
        values: tuple[str, ...] = ()
        sources: tuple[tuple[Entry, str], ...] = ()
        for source in self._sources(key):
            entry, attribute = source
            if attribute not in match or (sources and any(entry.name == seen.name for seen, _ in sources)):
                continue
            if entry.attributes.get(MAIL_STATUS) != _ENABLED and not entry.enabled:
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
            # special_result_attribute: each member's entry is read whatever its status, and answers with the same
            # attributes; one that is gone is passed over. A group has no groups in it unless somebody made it by hand.
            for member in attributes[MEMBER]:
                found = self._entries.get(member.lower())
                if found is not None and found.kind is not EntryKind.GROUP:
                    values += self._results(map_, found)
        return values


def _delivers_to_itself(name: str, entry: Entry | None) -> bool:
    if entry is None or entry.kind is not EntryKind.ACCOUNT:
        return False
    own = entry.attributes.get(DELIVERY, ())
    return own == (entry.name,) or any(value.lower() == name for value in own)


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
