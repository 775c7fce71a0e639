"""Gathering the people of the existing mail system while their entries arrive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from sys import intern

from splittui.legacy.mapping import Attributes, Mapper, Skipped, Unreadable
from splittui.model.entries import LegacyAccount
from splittui.model.snapshot import LegacyHalf, Reading
from splittui.model.text import clean


class People:
    """Takes entries, and makes the half of a snapshot of them, which is partial where anything is doubtful.

    ``routing`` are attributes whose values are kept beside the accounts.
    """

    def __init__(self, mapper: Mapper, routing: Sequence[str] = ()) -> None:
        self._account = mapper.account
        self._routing = tuple(name.lower() for name in routing)
        self._accounts: dict[str, LegacyAccount] = {}
        self._held: dict[str, Mapping[str, tuple[str, ...]]] = {}
        self._doubts: list[str] = []
        self.seen = 0
        self.without_address = 0

    def add(self, entries: Iterable[Attributes]) -> None:
        """Takes these entries as well; one that cannot be read, and could be a person, is a doubt."""
        accounts, account = self._accounts, self._account
        for entry in entries:
            self.seen += 1
            try:
                found = account(entry)
            except Unreadable as error:
                self.doubt(f"{clean(entry['dn'][0])}: {error}")
                continue
            if isinstance(found, Skipped):
                self.without_address += found is Skipped.NO_ADDRESS
                continue
            if found.address in accounts:
                self.doubt(f"{found.address} stands in two entries, one is {clean(entry['dn'][0])}")
            accounts[found.address] = found
            if self._routing:
                self._hold(found.address, entry)

    def doubt(self, why: str) -> None:
        """What has been read may not be all, or not right: nothing is to be planned from it."""
        self._doubts.append(why)

    def half(self, read_at: float, where: str) -> LegacyHalf:
        """What was gathered; ``where`` names the source."""
        if not self.seen:
            self.doubt(f"{where} shows nobody at all")
        elif not self._accounts:
            self.doubt(f"nobody in {where} has an address of the domain: {self.seen} entries were read")
        why = self._doubts[0] if self._doubts else ""
        if len(self._doubts) > 1:
            why += f" (and {len(self._doubts) - 1} more)"
        return LegacyHalf(
            Reading(not self._doubts, read_at, why), self._accounts, self._held, without_address=self.without_address
        )

    def _hold(self, address: str, entry: Attributes) -> None:
        held = {name: tuple(intern(value) for value in entry[name]) for name in self._routing if name in entry}
        if held:
            self._held[address] = held
