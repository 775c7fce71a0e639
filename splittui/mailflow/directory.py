"""Both systems' entries as the tracer wants them, made of what was read at the moment they are asked for.

All at once they would take more memory than the reading itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from operator import attrgetter

from splittui.mailflow.overlay import Overlay
from splittui.mailflow.world import Entry, EntryKind, Keeps
from splittui.model.entries import Kind, LegacyAccount, ZimbraAccount

_KEPT = 4096
_OWN = frozenset(
    {"address", "id", "name", "given_name", "surname", "kind", "transport", "host", "status", "mail_status"}
)
_MORE = attrgetter(*(field.name for field in fields(ZimbraAccount) if field.name not in _OWN))


class Directory(Mapping[str, Entry]):
    """Zimbra's entries by name in lower case: those of ``accounts``, keyed by address, and the ``others``."""

    __slots__ = ("_accounts", "_entry_of", "_made", "_others")

    def __init__(
        self,
        accounts: Mapping[str, ZimbraAccount],
        entry_of: Callable[[ZimbraAccount], Entry],
        others: Iterable[Entry] = (),
    ) -> None:
        self._accounts = accounts
        self._entry_of = entry_of
        self._others = {entry.name.lower(): entry for entry in others}
        self._made: dict[str, Entry] = {}

    def __getitem__(self, name: str) -> Entry:
        entry = self._made.get(name) or self._others.get(name)
        if entry is None:
            account = self._accounts[name]
            if len(self._made) >= _KEPT:
                self._made.clear()
            entry = self._made[name] = self._entry_of(account)
        return entry

    def __iter__(self) -> Iterator[str]:
        yield from self._others
        yield from (name for name in self._accounts if name not in self._others)

    def __len__(self) -> int:
        return len(self._others) + sum(name not in self._others for name in self._accounts)

    def __contains__(self, name: object) -> bool:
        return name in self._others or name in self._accounts

    def findable_otherwise(self) -> Iterator[str]:
        """The names of those that may be found under more than their own address."""
        yield from self._others
        yield from (n for n, account in self._accounts.items() if account.kind is Kind.LIST or any(_MORE(account)))

    def lists(self) -> Iterator[str]:
        """The names of distribution lists."""
        yield from (name for name, entry in self._others.items() if entry.kind is EntryKind.LIST)
        yield from (name for name, account in self._accounts.items() if account.kind is Kind.LIST)


class Known(Mapping[str, Keeps]):
    """What the existing system does with each address that it knows; ``routed`` tells it from ``forwards_to``."""

    __slots__ = ("_accounts", "_aliases", "_routed")

    def __init__(self, accounts: Mapping[str, LegacyAccount], routed: Callable[[str], Keeps]) -> None:
        self._accounts = accounts
        self._routed = routed
        self._aliases = {alias.lower(): account for account in accounts.values() for alias in account.aliases}

    def __getitem__(self, address: str) -> Keeps:
        return self._routed((self._accounts.get(address) or self._aliases[address]).forwards_to)

    def __iter__(self) -> Iterator[str]:
        yield from self._accounts
        yield from (alias for alias in self._aliases if alias not in self._accounts)

    def __len__(self) -> int:
        return len(self._accounts) + sum(alias not in self._accounts for alias in self._aliases)

    def __contains__(self, address: object) -> bool:
        return address in self._accounts or address in self._aliases


def lists_of(entries: Mapping[str, Entry]) -> list[str]:
    """The names of the distribution lists among entries, without making all of them where they are made when needed."""
    if isinstance(entries, Overlay):
        new = (name for name, entry in entries.changed.items() if entry is not None and entry.kind is EntryKind.LIST)
        return [*(name for name in lists_of(entries.base) if name not in entries.changed), *new]
    if isinstance(entries, Directory):
        return list(entries.lists())
    return [name for name, entry in entries.items() if entry.kind is EntryKind.LIST]
