"""Next hops of smtp(8) and lmtp(8): how they are read, and which hosts a name stands for (Postfix, host_port.c and
smtp_addr.c).

An unbracketed smtp next hop is looked up as a mail exchanger first; in brackets, for lmtp, or with
``smtp_dns_support_level=disabled`` only its addresses count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from splittui.mailflow.world import Names

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_SERVICES = {"smtp": 25, "mail": 25, "submission": 587, "smtps": 465, "submissions": 465, "lmtp": 24}


class NextHopError(ValueError):
    """smtp(8) stops with a fatal error on such a next hop; the queue manager then keeps the mail waiting."""


@dataclass(frozen=True, slots=True)
class NextHop:
    """``host``, ``host:port``, ``[host]`` or ``[host]:port``."""

    host: str
    port: int
    bracketed: bool


def parse_nexthop(text: str, default_port: int) -> NextHop:
    """Reads one next hop as Postfix's host_port(3). Raises NextHopError."""
    bracketed = text.startswith("[")
    if bracketed:
        host, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise NextHopError(f"{text!r} has a bracket that is not closed, or something behind it")
        service = rest[1:]
        host = host[5:] if host.lower().startswith("ipv6:") else host
    else:
        host, colon, service = text.rpartition(":")
        if not colon:
            host, service = service, ""
    if not host:
        raise NextHopError(f"{text!r} names no host")
    if not _is_name(host) and not is_address(host):
        raise NextHopError(f"{host!r} is neither a host name nor an address")
    return NextHop(host, _port(text, service) if service else default_port, bracketed)


def _port(text: str, service: str) -> int:
    if service.isdigit() and 0 < int(service) < 65536:
        return int(service)
    if service.lower() in _SERVICES:
        return _SERVICES[service.lower()]
    raise NextHopError(f"{service!r} in {text!r} is no port")


def _is_name(host: str) -> bool:
    labels = host.split(".")
    return len(host) <= 255 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()


def is_address(host: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Host:
    """A host that mail may be handed to, by the name under which it was found; ``address`` is empty if not known."""

    name: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The hosts a next hop stands for, best first; ``failure`` with an enhanced status where there is none."""

    hosts: tuple[Host, ...] = ()
    failure: str = ""
    loops: bool = False
    because: str = ""


def hosts_of(name: str, names: Names, own: frozenset[str], *, native: bool, detect_loop: bool) -> Found:
    """The addresses of one host, without mail exchangers (smtp_host_addr)."""
    found = _addresses(name, names, native=native)
    if found is None:
        if native:
            return Found(failure=f"5.3.0 unable to look up host {name}", because=f"{name} does not resolve")
        text = f"5.4.4 Host or domain name not found. Name service error for name={name} type=A: Host not found"
        return Found(failure=text, because=f"{name} does not resolve")
    if detect_loop and any(host.address in own for host in found):
        return Found(failure=f"5.4.6 mail for {name} loops back to myself", loops=True, because=f"{name} is Zimbra")
    return Found(found)


def exchangers_of(name: str, names: Names, own: frozenset[str], *, detect_loop: bool) -> Found:
    """The mail exchangers of a name, cut off at this MTA itself; without MX its addresses (smtp_domain_addr)."""
    records = names.mx.get(_key(name), ())
    if not records or is_address(name):
        return hosts_of(name, names, own, native=False, detect_loop=detect_loop)
    because = f"the MX of {name} is {' and '.join(host for _, host in sorted(records))}"
    if len(records) == 1 and records[0][1].strip(".") == "":
        return Found(failure=f"5.1.0 Domain {name} does not accept mail (nullMX)", because=because)
    listed = [(rank, host) for rank, name_ in sorted(records) for host in _addresses(name_, names, native=False) or ()]
    if not listed:
        text = f"5.4.4 Host or domain name not found. Name service error for name={records[0][1]} type=A"
        return Found(failure=text, because=f"{because}, which does not resolve")
    me = min((rank for rank, host in listed if host.address in own), default=None) if detect_loop else None
    if me is not None:
        first = listed[0][0]
        listed = [(rank, host) for rank, host in listed if rank < me]
        if not listed and first != min(rank for rank, _ in records):
            return Found(failure=f"4.4.4 unable to find primary relay for {name}", because=because)
        if not listed:
            text = f"5.4.6 mail for {name} loops back to myself"
            return Found(failure=text, loops=True, because=f"{because}: Zimbra itself")
    return Found(tuple(host for _, host in listed), because=because)


def _addresses(name: str, names: Names, *, native: bool) -> tuple[Host, ...] | None:
    if is_address(name):
        return (Host(name, name),)
    tables: Iterable[Mapping[str, tuple[str, ...]]] = (
        (names.hosts_file, names.addresses) if native else (names.addresses,)
    )
    for table in tables:
        found = table.get(_key(name))
        if found:
            return tuple(Host(name, address) for address in found)
    return None if names.complete else (Host(name),)


def _key(name: str) -> str:
    return name.lower().removesuffix(".")
