"""Mail exchangers, where names were looked up: the domain's must be the primary, a next hop's must not be Zimbra."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from splittui.mailflow.deliver import owner
from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.scene import Scene, fate
from splittui.mailflow.nexthop import exchangers_of, is_address
from splittui.mailflow.world import System
from splittui.model.dns import DnsAnswer
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity


def of_the_domain(scene: Scene) -> Iterator[Found]:
    """Internet mail must reach the primary first. A third host in front of it, a filter say, is nobody's mistake."""
    split, world = scene.split, scene.tracer.world
    wrong = System.LEGACY if scene.primary else System.ZIMBRA
    if split.domain not in world.names.mx:
        return
    found = exchangers_of(split.domain, world.names, frozenset(), detect_loop=False)
    if found.hosts and owner(world, found.hosts[0]) is wrong:
        yield Found(
            Severity.ERROR,
            "mx-not-primary",
            "The MX is not the primary",
            (),
            f"{found.because}{_asked(scene)}",
            f"The secondary takes internet mail. {fate(scene.tracer, f'nobody-has-this-address@{split.domain}')}",
            (f"In DNS: let the MX of {split.domain} name {_primary(scene)}.",),
        )


def without_exchanger(scene: Scene) -> Iterator[Found]:
    """Without an MX, internet mail goes to the address of the domain's own name (RFC 5321, 5.1)."""
    answer = _answer(scene, scene.split.domain)
    if answer is None or answer.mx:
        return
    name = scene.split.domain
    if answer.trouble:
        yield Found(
            Severity.INFO,
            "mx-not-known",
            "The MX could not be looked up",
            (),
            f"{answer.trouble}{_asked(scene)}",
            f"None by itself: but where internet mail goes is only assumed here, to {_primary(scene)}.",
        )
        return
    leads = f"goes to {', '.join(answer.addresses)}, the address of {name} itself" if answer.addresses else "bounces"
    yield Found(
        Severity.WARNING if answer.addresses else Severity.ERROR,
        "no-mx",
        "The domain has no MX",
        (),
        f"the DNS has no MX of {name}{_asked(scene)}",
        f"Internet mail {leads}.",
        (f"In DNS: let the MX of {name} name {_primary(scene)}.",),
    )


def of_the_next_hop(scene: Scene) -> Iterator[Found]:
    """``smtp:host`` asks for the MX of that name first, ``smtp:[host]`` does not (transport(5))."""
    split, world = scene.split, scene.tracer.world
    hop = split.legacy_nexthop
    if hop.bracketed or not scene.tracer.settings.asks_dns or hop.host not in world.names.mx:
        return
    found = exchangers_of(hop.host, world.names, world.zimbra_addresses, detect_loop=(hop.port or 25) == 25)
    if found.loops or (found.hosts and owner(world, found.hosts[0]) is System.ZIMBRA):
        used = scene.snapshot.zimbra.domain.transport == split.legacy_transport
        bracketed = f"smtp:[{hop.host}]:{hop.port or 25}"
        yield Found(
            Severity.ERROR,
            "next-hop-mx-is-zimbra",
            "Next hop whose MX is Zimbra",
            (),
            f"{split.legacy_transport} has no brackets, and {found.because}{_asked(scene)}",
            f"Mail for everybody on {split.legacy} loops back to Zimbra.",
            (
                f"Write the next hop as {bracketed} everywhere, in splittui's profile too.",
                *((quote_line(("md", split.domain, "zimbraMailTransport", bracketed)),) if used else ()),
            ),
        )


def unknown_next_hop(scene: Scene) -> Iterator[Found]:
    """A next hop whose name nobody knows: mail for it bounces, unless Zimbra's own host knows it otherwise."""
    split = scene.split
    hop = split.legacy_nexthop
    answer = _answer(scene, hop.host)
    if answer is None or answer.addresses or answer.trouble or is_address(hop.host):
        return
    if (answer.mx and not hop.bracketed) or not scene.tracer.settings.asks_dns:
        return
    dns = scene.snapshot.dns
    sure = dns is not None and dns.asked_from.lower() == split.zimbra.lower()
    yield Found(
        Severity.ERROR if sure else Severity.WARNING,
        "next-hop-unknown",
        "Next hop that the DNS does not know",
        (),
        f"{split.legacy_transport} leads to {hop.host}, and the DNS has no address of that name{_asked(scene)}",
        f"Mail for everybody on {split.legacy} bounces (5.4.4, host not found)"
        + ("." if sure else f", if the name server that {split.zimbra} asks does not know it either."),
        (f"In DNS: give {hop.host} an address; or write the next hop as [address], in splittui's profile too.",),
    )


def _answer(scene: Scene, name: str) -> DnsAnswer | None:
    dns = scene.snapshot.dns
    return dns.answers.get(name.lower().removesuffix(".")) if dns is not None else None


def _primary(scene: Scene) -> str:
    return scene.split.zimbra if scene.primary else scene.split.legacy


def _asked(scene: Scene) -> str:
    """Where and when the DNS was asked, to put behind what it said."""
    dns = scene.snapshot.dns
    if dns is None:
        return ""
    when = datetime.fromtimestamp(dns.asked_at, UTC)
    return f" (asked from {dns.asked_from}, {when:%Y-%m-%d %H:%M} UTC)"


CHECKS = (of_the_domain, without_exchanger, of_the_next_hop, unknown_next_hop)
