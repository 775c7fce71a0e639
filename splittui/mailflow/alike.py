"""Who is in the same situation: people whose mail takes the same way, so that one is traced for all of them."""

from __future__ import annotations

import re

from splittui.mailflow.maps import CANON, VAM
from splittui.mailflow.tracer import Tracer
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    ALIAS,
    DELIVERY,
    LOCAL_DELIVERY_OFF,
    MAIL_HOST,
    MAIL_STATUS,
    TRANSPORT,
    EntryKind,
    Keeps,
)

Situation = tuple[Keeps | None, tuple[tuple[str, ...] | None, ...] | None]
"""What the existing system does with the address, and what decides of its account on Zimbra."""

_DECIDE = (TRANSPORT, MAIL_HOST, MAIL_STATUS, ACCOUNT_STATUS, LOCAL_DELIVERY_OFF)
_HARMLESS = frozenset({*_DECIDE, DELIVERY, ALIAS})


class Alike:
    """Situations in one world. Who has a trait that names an address has none, and is traced alone."""

    def __init__(self, tracer: Tracer) -> None:
        world, maps = tracer.world, tracer.maps
        self._entries, self._routes, self._maps = world.entries, world.legacy.routes, maps
        delimiters = re.escape(tracer.settings.delimiters)
        # Anything else before the @ may be read as an extension, as a route, or need quotes.
        plain = rf"(?:(?![{delimiters}])[a-z0-9._+=-])+" if delimiters else "[a-z0-9._+=-]+"
        self._plain = re.compile(rf"{plain}@{re.escape(world.domain.lower())}").fullmatch
        everybody = f"@{world.domain}"
        self._rewritten = maps.find(CANON, everybody) is not None
        caught = maps.find(VAM, everybody)
        # Any other catch-all sends the mail of unknown addresses to addresses, which may be unknown themselves.
        self._caught_alike = caught is None or caught.text.lower() == everybody.lower()

    def situation(self, address: str) -> Situation | None:
        """The situation of an address, given in lower case; None where it has to be traced alone."""
        if self._rewritten or not self._plain(address) or not self._maps.has_one_owner(address):
            return None
        # Asked for before taken: who is on one side only is on the other a KeyError, and there may be 100,000 of them.
        keeps = self._routes[address] if address in self._routes else None  # noqa: SIM401
        entry = self._entries[address] if address in self._entries else None  # noqa: SIM401
        if not self._caught_alike and (entry is None or not entry.enabled):
            return None
        if entry is None:
            return keeps, None
        attributes = entry.attributes
        if entry.kind is not EntryKind.ACCOUNT or not _HARMLESS.issuperset(attributes):
            return None
        if attributes.get(TRANSPORT, ("",))[0].startswith("local"):
            # local(8) says the name of the user.
            return None
        return keeps, tuple(map(attributes.get, _DECIDE))
