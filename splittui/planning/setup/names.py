"""What the DNS said, as far as it decides where mail goes: the domain's exchangers, and the way to the next hop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Side
from splittui.planning.setup.seen import Seen


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where mail from the internet comes in. ``side`` is None where the views differ, or it is neither system.

    ``hosts`` are the exchangers, best first; ``lines`` tell each view; ``ttl`` is the longest, in seconds.
    """

    side: Side | None
    hosts: tuple[str, ...]
    lines: tuple[str, ...]
    ttl: int | None
    trouble: str = ""


def entrance(seen: Seen) -> Entrance | None:
    """The domain's mail exchangers as every view has them; None where nobody was asked."""
    answers = list(_answers(seen, seen.split.domain))
    if not answers:
        return None
    sides = {_side(seen, answer) for _, answer in answers}
    lines = tuple(f"asked from {view.asked_from}: {_told(answer)}" for view, answer in answers)
    ttls = [answer.ttl for _, answer in answers if answer.ttl is not None]
    trouble = next((answer.trouble for _, answer in answers if answer.trouble), "")
    hosts = next((tuple(host for _, host in answer.mx) for _, answer in answers if answer.mx), ())
    return Entrance(sides.pop() if len(sides) == 1 else None, hosts, lines, max(ttls, default=None), trouble)


def ip_addresses(seen: Seen, host: str) -> tuple[str, ...]:
    """The addresses of a host, from all views, each once."""
    return tuple(dict.fromkeys(address for _, answer in _answers(seen, host) for address in answer.addresses))


def detour(seen: Seen, host: str) -> str:
    """Why mail for a next hop without brackets comes back to Zimbra (its MX is Zimbra); empty where it does not."""
    for view, answer in _answers(seen, host):
        if answer.mx and _side(seen, answer) is Side.ZIMBRA:
            return f"asked from {view.asked_from}, the MX of {host} is {answer.mx[0][1]}, which is Zimbra"
    return ""


def unanswered(seen: Seen, host: str) -> str:
    """Why a host's name is not known to lead anywhere; empty where it does."""
    found = list(_answers(seen, host))
    trouble = next((answer.trouble for _, answer in found if answer.trouble), "")
    if trouble:
        return trouble
    return "" if any(answer.addresses for _, answer in found) else f"{host} has no address in the DNS"


def _answers(seen: Seen, name: str) -> Iterator[tuple[DnsView, DnsAnswer]]:
    for view in seen.views:
        answer = view.answers.get(name.lower().rstrip("."))
        if answer is not None:
            yield view, answer


def _side(seen: Seen, answer: DnsAnswer) -> Side | None:
    if not answer.mx:
        return None
    best = min(answer.mx)[1].lower().rstrip(".")
    split, servers = seen.split, seen.snapshot.zimbra.servers
    if best in (split.zimbra.lower(), *(server.service_hostname.lower() for server in servers)):
        return Side.ZIMBRA
    if best == split.legacy.lower():
        return Side.LEGACY
    there = set(ip_addresses(seen, best))
    for side in Side:
        if there and there & set(ip_addresses(seen, split.host_of(side))):
            return side
    return None


def _told(answer: DnsAnswer) -> str:
    if answer.trouble:
        return answer.trouble
    return ", ".join(f"MX {rank} {host}" for rank, host in answer.mx) or "no MX"
