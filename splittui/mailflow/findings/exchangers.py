"""Mail exchangers, where names were looked up: the domain's must be the primary, a next hop's must not be Zimbra."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.deliver import owner
from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.scene import Scene, fate
from splittui.mailflow.nexthop import exchangers_of
from splittui.mailflow.world import System
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
        primary = split.zimbra if scene.primary else split.legacy
        yield Found(
            Severity.ERROR,
            "mx-not-primary",
            "The MX is not the primary",
            (),
            found.because,
            f"The secondary takes internet mail. {fate(scene.tracer, f'nobody-has-this-address@{split.domain}')}",
            (f"In DNS: let the MX of {split.domain} name {primary}.",),
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
            f"{split.legacy_transport} has no brackets, and {found.because}",
            f"Mail for everybody on {split.legacy} loops back to Zimbra.",
            (
                f"Write the next hop as {bracketed} everywhere, in splittui's profile too.",
                *((quote_line(("md", split.domain, "zimbraMailTransport", bracketed)),) if used else ()),
            ),
        )


CHECKS = (of_the_domain, of_the_next_hop)
