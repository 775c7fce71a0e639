"""What zmprov remembers of accounts while it runs.

In LDAP mode the real zmprov keeps every account it has looked up for ``ldap_cache_account_maxage`` minutes (15), by
name, id and alias (Zimbra's AccountCache): a ``ga`` does not see what somebody else changed since. A change of its own
reads the account anew. It does not remember that there was none.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from splittui.lab.prov.entry import Entry

SECONDS = 15 * 60.0


class AccountCache:
    """Accounts by every key they answer to."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[Entry, float]] = {}
        self._names: dict[str, str] = {}

    def get(self, key: str) -> Entry | None:
        """The account as it was when it was last read, unless that is too long ago."""
        found = self._entries.get(self._names.get(key.lower(), ""))
        if found is None or found[1] < self._clock() or key.lower() not in _keys(found[0]):
            return None
        return found[0]

    def put(self, entry: Entry) -> None:
        """Remembers an account that was just read or written."""
        self._entries[entry.dn] = (entry, self._clock() + SECONDS)
        self._names.update(dict.fromkeys(_keys(entry), entry.dn))

    def forget(self, entry: Entry) -> None:
        self._entries.pop(entry.dn, None)


def _keys(entry: Entry) -> list[str]:
    names = ("zimbraMailDeliveryAddress", "zimbraId", "zimbraMailAlias")
    return [value.lower() for name in names for value in entry.attrs.get(name, ())]
