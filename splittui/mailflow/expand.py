"""EXPAND: what cleanup(8) makes of an accepted recipient: canonical address first, then virtual aliases, recursively.

The loop follows Postfix's cleanup_map1n.c step by step, since its limits and its handling of addresses that expand to
themselves decide what happens to mutual forwards, empty lists and colliding catch-alls.
"""

from __future__ import annotations

from dataclasses import dataclass

from splittui.mailflow.accept import find_address
from splittui.mailflow.maps import CANON, VAM, Answer, Maps
from splittui.mailflow.settings import Settings

_NESTING = 1000
_ADDRESS_LENGTH = 1000
_CANONICAL_NESTING = 10
_SPECIAL = frozenset('()<>@,;:\\"[] ')


@dataclass(frozen=True, slots=True)
class Expansion:
    """The recipients that an address becomes, each once, and why; ``error`` where cleanup gives up (451 4.6.0)."""

    addresses: tuple[str, ...]
    because: str = ""
    error: str = ""


def expand(maps: Maps, settings: Settings, address: str) -> Expansion:
    """The recipients that mail for an address goes to, in Postfix's order."""
    canonical = _canonical(maps, settings, address)
    plain = maps.find(VAM, canonical) if canonical == address else None
    if plain is not None and len(plain.values) == 1 and plain.values[0].lower() == address.lower():
        return Expansion(plain.values)
    found, self_expanded = [canonical], set[str]()
    reasons: list[str] = []
    position = 0
    while position < len(found):
        if len(found) > settings.expansion_limit:
            return Expansion((), error=f"<{address}> becomes more than {settings.expansion_limit} recipients")
        for nesting in range(_NESTING + 1):
            here = found[position]
            if here.lower() in self_expanded:
                break
            if nesting == _NESTING:
                return Expansion((), error=f"<{address}> expands in a circle without end")
            answer, extension = find_address(maps, settings, VAM, here)
            if answer is None:
                break
            results = _addresses(answer, here, extension)
            if any(len(result) > _ADDRESS_LENGTH for result in results):
                return Expansion((), error=_collision(answer))
            found[position] = results[0]
            found += results[1:]
            low = here.lower()
            if any(result.lower() == low for result in results):
                self_expanded.add(low)
            if len(results) > 1 or results[0].lower() != low:
                reasons.append(answer.because)
        position += 1
    if canonical != address:
        reasons.insert(0, f"ldap-canonical rewrites it to <{canonical}>")
    once: dict[str, str] = {}
    for one in found:
        once.setdefault(one.lower(), one)
    return Expansion(tuple(once.values()), "; ".join(dict.fromkeys(reasons)))


def _collision(answer: Answer) -> str:
    return f"{answer.because}: the answers {answer.text} collide into an address that grows without end"


def _addresses(answer: Answer, address: str, extension: str) -> list[str]:
    # "@other" as first value keeps the local part (mail_addr_map.c); Postfix prefixes the whole joined answer with it,
    # so that further values end up inside one quoted local part.
    text = answer.text
    if text.startswith("@"):
        local = _unquoted(address.rpartition("@")[0])
        joined, _, domain = f"{local.removesuffix(extension) if extension else local}{text}".rpartition("@")
        return [f"{joined}@{domain}" if _SPECIAL.isdisjoint(joined) else f'"{joined}"@{domain}']
    return [part for part in (word.strip() for word in text.split(",")) if part] or [address]


def _unquoted(local: str) -> str:
    return local[1:-1] if len(local) > 1 and local.startswith('"') and local.endswith('"') else local


def _canonical(maps: Maps, settings: Settings, address: str) -> str:
    if not maps.rewrites:
        return address
    for _ in range(_CANONICAL_NESTING):
        answer, extension = find_address(maps, settings, CANON, address)
        if answer is None:
            return address
        rewritten = _addresses(answer, address, extension)[0]
        if extension:
            # propagate_unmatched_extensions=canonical
            local, _, domain = rewritten.rpartition("@")
            rewritten = f"{local}{extension}@{domain}"
        if rewritten.lower() == address.lower():
            return rewritten
        address = rewritten
    return address
