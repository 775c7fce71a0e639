"""DELIVER: what Postfix's delivery agents do with a recipient of known transport: smtp(8), lmtp(8), error(8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from splittui.mailflow.accept import split_status
from splittui.mailflow.nexthop import (
    Found,
    Host,
    NextHop,
    NextHopError,
    exchangers_of,
    hosts_of,
    is_address,
    parse_nexthop,
)
from splittui.mailflow.resolve import Resolution
from splittui.mailflow.route import Outcome
from splittui.mailflow.settings import Settings
from splittui.mailflow.world import System, World

_CONNECTING = frozenset({"smtp", "relay", "lmtp"})
_SMTP_PORT, _LMTP_PORT = 25, 24


class Door(StrEnum):
    """What listens where the mail is handed over."""

    SMTP = "smtp"
    LMTP = "lmtp"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class Handover:
    """The recipient is handed to another server: whose, which door, and how it was found."""

    system: System
    host: str
    door: Door
    because: str


@dataclass(frozen=True, slots=True)
class Halt:
    """The recipient ends in this MTA: bounced, deferred, looped or discarded."""

    outcome: Outcome
    text: str
    because: str
    until: str = ""


def deliver(route: Resolution) -> Halt | None:
    """How a recipient ends in this MTA by its mailer alone; None where the mailer connects to another server."""
    mailer, nexthop = route.mailer, route.nexthop
    if mailer in _CONNECTING:
        return None
    if mailer == "error":
        return Halt(Outcome.BOUNCED, " ".join(split_status(nexthop, "5.0.0")), route.because)
    if mailer == "retry":
        text = " ".join(split_status(nexthop, "4.0.0"))
        return Halt(Outcome.DEFERRED, text, "the transport retry: holds mail", "the transport is changed")
    if mailer == "discard":
        return Halt(Outcome.DISCARDED, nexthop, "the transport discard: throws mail away")
    if mailer == "local":
        user = route.address.rpartition("@")[0]
        return Halt(Outcome.BOUNCED, f'5.1.1 unknown user: "{user}"', "local(8) delivers to users of the machine only")
    because = f"{mailer!r} is no mailer of Postfix (mailers are written in lower case, before the first colon)"
    return Halt(Outcome.DEFERRED, "4.3.0 mail transport unavailable", because, "the transport is corrected")


def connect(world: World, settings: Settings, mailer: str, nexthop: str) -> Handover | Halt:
    """Where smtp(8) or lmtp(8) takes mail for a next hop, or how it ends here because nobody takes it."""
    # smtp_connect_inet(): a next hop may be a list; the fallback relays come last.
    lmtp = mailer == "lmtp"
    listed = nexthop.replace(",", " ").split()
    fallback = settings.fallback_relay.replace(",", " ").split() if mailer == "smtp" else []
    last: Halt = Halt(Outcome.DEFERRED, "4.3.0 unknown mail transport error", "the next hop is empty")
    for number, text in enumerate([*listed, *fallback]):
        try:
            hop = parse_nexthop(text, _LMTP_PORT if lmtp else _SMTP_PORT)
        except NextHopError as error:
            until = "the transport is corrected"
            return Halt(Outcome.DEFERRED, "4.3.0 unknown mail transport error", str(error), until)
        found = _look_up(world, settings, hop, lmtp=lmtp)
        for host in found.hosts:
            handover = _at(world, host, hop, found, lmtp=lmtp)
            if isinstance(handover, Handover):
                return handover
            last = handover
        if not found.hosts:
            last = _not_found(settings, found, listed, number, lmtp=lmtp)
        if found.loops:
            break
    return last


def _look_up(world: World, settings: Settings, hop: NextHop, *, lmtp: bool) -> Found:
    own, names = world.zimbra_addresses, world.names
    detect = not lmtp and hop.port == _SMTP_PORT
    if lmtp or hop.bracketed or not settings.asks_dns:
        native = not lmtp and not settings.asks_dns
        return hosts_of(hop.host, names, own, native=native, detect_loop=detect)
    return exchangers_of(hop.host, names, own, detect_loop=detect)


def _not_found(settings: Settings, found: Found, listed: list[str], number: int, *, lmtp: bool) -> Halt:
    soft = found.failure.startswith("4")
    of_relay_host = not lmtp and listed[:1] == [settings.relay_host]
    if not soft and (number >= len(listed) or of_relay_host):
        # Postfix never bounces on account of its relay hosts: it takes that for a mistake in its own configuration.
        because = f"{found.failure} ({found.because}); it is the relay host, so Postfix waits instead of bouncing"
        return Halt(Outcome.DEFERRED, "4.3.5 Server configuration error", because, "the relay host is corrected")
    if soft:
        return Halt(Outcome.DEFERRED, found.failure, found.because, "the name resolves")
    return Halt(Outcome.LOOPED if found.loops else Outcome.BOUNCED, found.failure, found.because)


def _at(world: World, host: Host, hop: NextHop, found: Found, *, lmtp: bool) -> Handover | Halt:
    where = f"{host.name}:{hop.port}"
    if host.name.lower() in world.names.refusing or host.address in world.names.refusing:
        text = f"4.4.1 connect to {where}: Connection refused"
        return Halt(Outcome.DEFERRED, text, f"{host.name} does not answer", f"{host.name} answers again")
    system = owner(world, host)
    door = _door(world, system, host, hop.port, lmtp=lmtp)
    if door is Door.NONE:
        text = f"4.4.1 connect to {where}: Connection refused"
        return Halt(Outcome.DEFERRED, text, f"nothing takes mail on {where}", "the port is corrected")
    if (door is Door.LMTP) is not lmtp:
        text = f"5.5.2 host {where} refused to talk to me"
        because = f"{where} speaks {door.upper()}, and the transport is for {'LMTP' if lmtp else 'SMTP'}"
        return Halt(Outcome.BOUNCED, text, because)
    if not lmtp and system is System.ZIMBRA and hop.port == _SMTP_PORT and not host.address:
        return Halt(Outcome.LOOPED, f"5.4.6 mail for {hop.host} loops back to myself", f"{hop.host} is Zimbra itself")
    return Handover(system, host.name, door, found.because)


def owner(world: World, host: Host) -> System:
    """Whose host it is: by its address where that is known, otherwise by its name."""
    if host.address:
        if host.address in world.zimbra_addresses or any(
            host.address in world.names.addresses.get(server.service_hostname.lower(), ()) for server in world.servers
        ):
            return System.ZIMBRA
        if host.address in world.legacy.addresses:
            return System.LEGACY
    name = host.name.lower().removesuffix(".")
    if not host.address or is_address(name):
        if name == world.zimbra.lower() or any(name == server.service_hostname.lower() for server in world.servers):
            return System.ZIMBRA
        if name == world.legacy.host.lower():
            return System.LEGACY
    return System.INTERNET


def _door(world: World, system: System, host: Host, port: int, *, lmtp: bool) -> Door:
    if system is System.LEGACY:
        return Door.SMTP if port in world.legacy.ports else Door.NONE
    if system is System.ZIMBRA:
        if any(server.lmtp_port == port for server in world.servers):
            return Door.LMTP
        return Door.SMTP if port == _SMTP_PORT else Door.NONE
    if lmtp and not host.address:
        return Door.LMTP
    return Door.SMTP if port == _SMTP_PORT or not host.address else Door.NONE
