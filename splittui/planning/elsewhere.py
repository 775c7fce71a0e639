"""Steps on what neither zmprov nor a router changes: what the existing system does with the unknown, and the DNS.

A person carries them out by exact words. Their ``changes`` say what is then so, in the words of mail flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from splittui.model.entries import Side
from splittui.model.router import System
from splittui.model.split import Split
from splittui.planning.plan import Act, Change, Step
from splittui.planning.route_change import HandWork
from splittui.planning.routes import ROUTE, nexthop_to_zimbra

EVERYTHING_ELSE = "*"
"""The "entry" of a change of route that concerns every address the existing mail system does not know."""

MX = "MX"
"""The "attribute" of a domain's mail exchanger, as a change of a plan names it."""

DNS = "DNS"
"""The "host" of a step that is carried out where the domain's zone is edited."""

REFUSED = ("rejected",)
"""The "route" of those whom the existing system refuses at RCPT TO."""


def forwards_unknown(split: Split, system: System, do: Sequence[str], back: Sequence[str], *, now: bool) -> Step:
    """The existing system sends whom it does not know to Zimbra; ``now`` is whether it does already."""
    before = (nexthop_to_zimbra(split),) if now else REFUSED
    change = Change(EVERYTHING_ELSE, ROUTE, before, (nexthop_to_zimbra(split),))
    return _hand(
        split.legacy, system, do, back, change, f"{split.legacy} sends whom it does not know to {split.zimbra}"
    )


def refuses_unknown(split: Split, system: System, do: Sequence[str], back: Sequence[str]) -> Step:
    """The existing system refuses whom it does not know, instead of sending them on."""
    change = Change(EVERYTHING_ELSE, ROUTE, (nexthop_to_zimbra(split),), REFUSED)
    return _hand(split.legacy, system, do, back, change, f"{split.legacy} refuses whom it does not know")


def hand_routes(
    split: Split,
    system: System,
    do: Sequence[str],
    back: Sequence[str],
    now: Mapping[str, tuple[str, ...]],
    nexthop: str,
) -> Step:
    """Routes of many addresses at once: ``do`` are the words for one of them; without ``nexthop`` it keeps them.

    ``now`` is where each of the addresses is sent today, nowhere where it is kept.
    """
    after = (nexthop,) if nexthop else ()
    listed = ("for each of these addresses:", *(f"    {address}" for address in now))
    where = f"sends {len(now):,} addresses to {split.zimbra}" if nexthop else f"keeps {len(now):,} addresses"
    changes = tuple(Change(address, ROUTE, before, after) for address, before in now.items())
    hand = HandWork(system, (*do, *listed), (*back, *listed))
    return Step(split.legacy, Act.ROUTE, (), f"{split.legacy} {where}", changes=changes, route=hand)


def exchanger(split: Split, to: Side, now: Sequence[str], ttl: int | None) -> Step:
    """The MX of the domain names the host of that side. ``now`` are today's exchangers, ``ttl`` theirs in seconds."""
    host = split.host_of(to)
    record = f"{split.domain}. {ttl if ttl is not None else 300} IN MX 10 {host}."
    old = tuple(f"{split.domain}. IN MX {10 * rank} {name}." for rank, name in enumerate(now, start=1))
    do = (f"in the zone of {split.domain}, the MX becomes", f"    {record}", "    and every other MX of it goes")
    back = (f"in the zone of {split.domain}, the MX becomes again", *(f"    {line}" for line in old))
    change = Change(split.domain, MX, tuple(now), (host,))
    return _hand(DNS, System.OTHER, do, back, change, f"the MX of {split.domain} is {host}")


def by_words(host: str, system: System, do: Sequence[str], back: Sequence[str], summary: str) -> Step:
    """Anything else that is done by hand on a host, and changes no route that mail flow knows of."""
    return Step(host, Act.ROUTE, (), summary, route=HandWork(system, tuple(do), tuple(back)))


def _hand(host: str, system: System, do: Sequence[str], back: Sequence[str], change: Change, summary: str) -> Step:
    return Step(host, Act.ROUTE, (), summary, changes=(change,), route=HandWork(system, tuple(do), tuple(back)))
