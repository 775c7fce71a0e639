"""What the servers' answers to RCPT TO say about the two systems."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from splittui.model.entries import Kind, LegacyAccount, Side
from splittui.planning import elsewhere
from splittui.planning.routes import nexthop_to_zimbra
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.task import Look, LookKind
from splittui.planning.setup.whereabouts import dwellers, residents

ACCEPTED, REFUSED = "accepted", "refused (5xx)"


class OfUnknown(Enum):
    """What the existing system does at RCPT TO with an address that it does not know."""

    SENDS_ON = "takes it"
    REFUSES = "refuses it"
    NOT_ASKED = "not asked"


def of_unknown(seen: Seen) -> OfUnknown:
    """By its answers for an address that nobody has. An answer that is only put off (4xx) says nothing."""
    for probe in reversed(seen.probes):
        if probe.server is Side.LEGACY and probe.address == seen.nobody:
            if probe.accepted:
                return OfUnknown.SENDS_ON
            if probe.refused:
                return OfUnknown.REFUSES
    return OfUnknown.NOT_ASKED


def routes_now(seen: Seen, addresses: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Where the existing system sends each address today: nowhere where it keeps it."""
    entries = {a: e for e in seen.snapshot.legacy.accounts.values() for a in (e.address, *e.aliases)}
    unknown = (nexthop_to_zimbra(seen.split),) if of_unknown(seen) is OfUnknown.SENDS_ON else elsewhere.REFUSED
    return {a: _forward(entries[a]) if a in entries else unknown for a in addresses}


def _forward(entry: LegacyAccount) -> tuple[str, ...]:
    return (entry.forwards_to,) if entry.forwards_to else ()


def ask_unknown(seen: Seen, wanted: str) -> Look:
    """The question that ``of_unknown`` is answered by."""
    return rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, seen.nobody, wanted)


def rcpt(seen: Seen, asked_from: Standpoint, server: Side, address: str, wanted: str) -> Look:
    return Look(LookKind.RCPT, seen.split.host_of(server), address, wanted, asked_from)


def unsatisfied(seen: Seen, look: Look) -> str:
    """Why an SMTP look is not answered as wanted; empty where it is."""
    server = Side.ZIMBRA if look.host == seen.split.zimbra else Side.LEGACY
    answer = seen.answer(look.asked_from, server, look.subject)
    asked = f"{look.host}, asked from {look.asked_from}"
    if answer is None:
        return f"{asked}, has not been asked for {look.subject} yet"
    if answer.accepted if look.wanted == ACCEPTED else answer.refused:
        return ""
    return f"{asked}, says of {look.subject}: {answer.said}; it must be {look.wanted}"


def dweller(seen: Seen) -> LegacyAccount | None:
    """Somebody who lives on the existing system, to ask the servers for; people come before lists and resources."""
    open_ = [d for d in dwellers(seen) if d.enabled and not d.forwards_to]
    return min(open_, key=lambda d: (d.kind is not Kind.PERSON, d.address), default=None)


def resident(seen: Seen) -> str:
    """The address of somebody who lives on Zimbra; empty where nobody does."""
    found = [r for r in residents(seen) if r.status == "active"]
    return min((r.address for r in found if r.kind is Kind.PERSON), default=min((r.address for r in found), default=""))
