"""Where an address is final, and who that is. Computed by mail flow (``splittui.mailflow``), never from existence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.model.entries import Kind, LegacyAccount, Side, ZimbraAccount


class Home(StrEnum):
    """Where an address is final."""

    ZIMBRA = "zimbra"
    LEGACY = "legacy"
    BOTH = "both"
    NOWHERE = "nowhere"
    ODD = "odd"


@dataclass(frozen=True, slots=True)
class Residence:
    """An address's home, a word or two for its row (at most 14 characters), and the sentence that says why.

    ``arrives``: mail arrives, whoever writes, though perhaps in two places.
    """

    home: Home
    state: str
    reason: str
    arrives: bool = True


@dataclass(frozen=True, slots=True)
class Person:
    """One row of the roster: an address, what both systems have under it, and where it lives.

    ``alias_of`` names the account of Zimbra that has the address as an alias.
    """

    address: str
    name: str
    kind: Kind
    residence: Residence
    zimbra: ZimbraAccount | None = None
    legacy: LegacyAccount | None = None
    alias_of: str = ""

    @property
    def home(self) -> Home:
        return self.residence.home

    @property
    def state(self) -> str:
        """A word or two for the row: what is out of the ordinary, or else what kind of entry it is."""
        return self.residence.state or (self.kind.value if self.kind is not Kind.PERSON else "")

    @property
    def reason(self) -> str:
        return self.residence.reason

    @property
    def arrives(self) -> bool:
        return self.residence.arrives

    @property
    def side(self) -> Side:
        """The pane the row stands in: where its home is, or else where its trouble can be mended."""
        if self.home is Home.LEGACY or self.zimbra is None:
            return Side.LEGACY
        return Side.ZIMBRA
