"""What a guide judges by: what was seen of both systems, of the DNS and of the servers' answers, and what was chosen.

Nothing here is remembered from an earlier day. What was not looked at is empty or None, and is never taken for done.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from splittui.model.dns import DnsView
from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.router import ManualRouter, System
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.settings import Restart
from splittui.planning.setup.sources import AddressBook, Authentication


def version_of(text: str) -> tuple[int, ...]:
    """Zimbra's version out of what ``zmcontrol -v`` prints (``Release 10.1.4.GA...``); empty where it is not told."""
    found = re.search(r"Release (\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(part) for part in found.groups()) if found else ()


class Standpoint(StrEnum):
    """From where a server was asked; it may trust one more than another."""

    OUTSIDE = "outside"
    ZIMBRA = "zimbra"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Probed:
    """What a side's MTA answered to RCPT TO. ``code`` is 0 where it gave no answer; ``text`` then says why."""

    asked_from: Standpoint
    server: Side
    address: str
    code: int
    text: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 400

    @property
    def refused(self) -> bool:
        return self.code >= 500

    @property
    def said(self) -> str:
        return f"{self.code} {self.text}".strip() if self.code else self.text or "no answer"


@dataclass(frozen=True, slots=True)
class Bound:
    """How a bind to an outside directory ended. ``words`` are the directory's own; empty where it went well."""

    url: str
    dn: str
    words: str = ""

    @property
    def ok(self) -> bool:
        return not self.words


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to mail of one origin for one address, now and after the MX has changed, in words.

    ``good_after``: it arrives where it did, or is refused where nobody has the address. ``astray``: it arrives before
    and after, but not in the same system's mailbox, as whoever has one in each will miss it.
    """

    origin: str
    address: str
    now: str
    after: str
    good_after: bool
    astray: bool = False


class Backscatter(StrEnum):
    """How a secondary is kept from taking mail for nobody from strangers."""

    FIREWALL = "firewall"
    VERIFY = "reject_unverified_recipient"
    FILTER = "split-domain restriction"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator has chosen for the set-up.

    ``through_legacy``: a secondary sends all mail for other domains through the existing system. ``trust_legacy``:
    Zimbra relays for the existing system. ``refuse_unlisted``: Zimbra's own users are told at once of an address that
    nobody has. ``quiet_days``: for how many days no mail may have passed before a system is switched off. ``skipped``
    gives the reason for each task, by its key, that is left out.
    """

    system: System = System.OTHER
    through_legacy: bool = True
    trust_legacy: bool = False
    refuse_unlisted: bool = False
    backscatter: Backscatter = Backscatter.FIREWALL
    restart: Restart = Restart.ZMMTACTL
    address_book: AddressBook | None = None
    authentication: Authentication | None = None
    quiet_days: int = 5
    skipped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """All of it. ``at`` is the time of it, in seconds since the epoch; ``version`` is Zimbra's, empty where not known.

    ``nobody`` is an address of the domain that nobody has, ``outsider`` one of a domain elsewhere. ``views`` are the
    DNS as asked from here and from the hosts. ``postconf`` holds settings in force on Zimbra's MTA, ``listed`` the
    addresses that its Postfix knows (virtual_alias_maps), and ``quiet_days`` for how long no mail has passed between
    the two systems. ``fates`` are traced by mail flow for the change of the MX that the guide is about.
    """

    split: Split
    snapshot: Snapshot
    people: Mapping[str, Person]
    nobody: str
    outsider: str
    at: float = 0.0
    choices: Choices = Choices()
    version: tuple[int, ...] = ()
    probes: tuple[Probed, ...] = ()
    views: tuple[DnsView, ...] = ()
    postconf: Mapping[str, str] | None = None
    listed: frozenset[str] | None = None
    binds: tuple[Bound, ...] = ()
    fates: tuple[Fate, ...] = ()
    quiet_days: int | None = None

    @property
    def system(self) -> System:
        """What the existing mail system is, for the exact words."""
        router = self.split.router
        return router.system if isinstance(router, ManualRouter) else self.choices.system

    def answer(self, asked_from: Standpoint, server: Side, address: str) -> Probed | None:
        """The last answer to this question, if it was asked."""
        found = (p for p in reversed(self.probes) if (p.asked_from, p.server) == (asked_from, server))
        return next((p for p in found if p.address == address), None)
