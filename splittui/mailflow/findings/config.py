"""Settings of Zimbra's MTA: relay host, DNS, the split-domain restriction, and values that hide others (zmconfigd).

A server's own values count only where they were read; the world that is traced then holds them.
"""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.deliver import Halt, connect
from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.scene import Scene, addresses
from splittui.mailflow.findings.unreadable import stops, unreadable
from splittui.mailflow.nexthop import NextHopError, parse_nexthop
from splittui.mailflow.world import CATCH_ALL_FORWARD, Client, System
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity

RELAY_HOST = "zimbraMtaRelayHost"
DNS_LEVEL = "zimbraMtaSmtpDnsSupportLevel"
FALLBACK = "zimbraMtaFallbackRelayHost"
OLD_DNS = "zimbraMtaDnsLookupsEnabled"
NETWORKS = "zimbraMtaMyNetworks"
RESTRICTION = "zimbraMtaRestriction"
_INHERITED = (RELAY_HOST, DNS_LEVEL, NETWORKS, RESTRICTION, "zimbraMtaSmtpdRejectUnlistedRecipient")


def hidden_values(scene: Scene) -> Iterator[Found]:
    """A value on the server hides the global one of the same name: ``mcf`` then changes nothing."""
    world = scene.tracer.world
    for name in _INHERITED:
        own, everywhere = world.server_config.get(name, ()), world.config.get(name, ())
        if own and everywhere and sorted(own) != sorted(everywhere):
            yield Found(
                Severity.WARNING,
                "server-hides-global",
                "Value of the server that hides the global one",
                (),
                f"{name} of the server is {', '.join(own)}; the global one is {', '.join(everywhere)}",
                "The MTA uses the server's value; changes of the global one have no effect on mail.",
                (quote_line(("ms", scene.split.zimbra, name, "")),),
            )


def dead_dns_switch(scene: Scene) -> Iterator[Found]:
    """Nothing reads zimbraMtaDnsLookupsEnabled since 8.7, which brought zimbraMtaSmtpDnsSupportLevel."""
    world = scene.tracer.world
    level = " ".join(world.setting(DNS_LEVEL))
    if level and level != "disabled" and "FALSE" in world.setting(OLD_DNS):
        yield Found(
            Severity.WARNING,
            "dns-switch-without-effect",
            "Deprecated switch for DNS look-ups",
            (),
            f"{OLD_DNS} is FALSE, {DNS_LEVEL} is {level}",
            "None: since 8.7 nothing reads it, so look-ups are on. Next hops without brackets follow MX records.",
            (_set(scene, DNS_LEVEL, "disabled"),),
        )


def own_name_as_relay_host(scene: Scene) -> Iterator[Found]:
    """master(8) ends with "myhostname and relayhost parameter settings must not be identical": seen on Postfix 3.7."""
    relay = scene.tracer.settings.relay_host
    if relay.lower() in _own_names(scene):
        yield Found(
            Severity.ERROR,
            "relay-host-is-own-name",
            "Relay host that is the MTA's own name: Postfix stops",
            (),
            f"{RELAY_HOST} is {relay}, and so is the MTA's own host name (zimbra_server_hostname)",
            "At its next start or reload, which zmconfigd brings about within a minute of the change, Postfix ends "
            "with a fatal error. From then on Zimbra takes and sends no mail at all.",
            (_set(scene, RELAY_HOST, _through(scene)), "Then start the MTA, as zimbra: zmmtactl start"),
        )


def relay_host(scene: Scene) -> Iterator[Found]:
    """Zimbra as its own relay host defers all outside mail; without one and without DNS it bounces (5.3.0)."""
    settings = scene.tracer.settings
    relay = settings.relay_host
    outside = f"Mail of {scene.split.zimbra}'s users to other domains"
    through = _through(scene)
    loop = _loop(scene) if relay and relay.lower() not in _own_names(scene) else ""
    if loop:
        yield Found(
            Severity.ERROR,
            "relay-host-is-zimbra",
            "Relay host that is Zimbra itself",
            (),
            f"{RELAY_HOST} is {relay}{loop}",
            f"{outside} waits in the queue (4.3.5, loops back to myself) and bounces after days.",
            (_set(scene, RELAY_HOST, through),),
        )
    if not relay and not settings.asks_dns:
        # Without its own values a server might still have a relay host that was not read.
        sure = bool(scene.tracer.world.server_config)
        unless = "" if sure else ", unless the server has a relay host of its own"
        yield Found(
            Severity.ERROR if sure else Severity.WARNING,
            "dns-off-without-relay-host",
            "DNS look-ups are off, and there is no relay host",
            (),
            f"{DNS_LEVEL} is disabled, {RELAY_HOST} is not set",
            f"{outside} bounces at once (5.3.0, unable to look up host){unless}.",
            (_set(scene, RELAY_HOST, through) if through else _set(scene, DNS_LEVEL, "enabled"),),
        )


def unreadable_relay_host(scene: Scene) -> Iterator[Found]:
    """The relay host is a next hop like others, and one that cannot be read stops the smtp client as they do."""
    settings = scene.tracer.settings
    for name, value in ((RELAY_HOST, settings.relay_host), (FALLBACK, settings.fallback_relay)):
        why = unreadable(value)
        if why:
            yield Found(
                Severity.ERROR,
                "relay-host-unreadable",
                "Relay host that cannot be read: it stops other people's mail too",
                (),
                f"{name} is {value!r}: {why}",
                stops("smtp", "mail to another domain" if name == RELAY_HOST else "mail whose own way is blocked"),
                (_set(scene, name, _through(scene) if name == RELAY_HOST else ""),),
            )


def _through(scene: Scene) -> str:
    """What a secondary sends its outside mail through; a primary needs nothing."""
    return "" if scene.primary else f"[{scene.split.legacy_nexthop.host}]:25"


def _own_names(scene: Scene) -> frozenset[str]:
    """What ``myhostname`` may be: the name of a server that has an MTA."""
    mtas = [server for server in scene.snapshot.zimbra.servers if "mta" in server.services]
    return frozenset({scene.split.zimbra.lower(), *(server.name.lower() for server in mtas)})


def _loop(scene: Scene) -> str:
    """How the relay host leads back to Zimbra, in words to put behind it; empty text where it does not."""
    settings, world = scene.tracer.settings, scene.tracer.world
    try:
        hop = parse_nexthop(settings.relay_host, 25)
    except NextHopError:
        return ""
    if scene.judge.is_own(hop.host):
        return ", which is Zimbra"
    taken = connect(world, settings, "smtp", settings.relay_host)
    if isinstance(taken, Halt) and "loops back to myself" in f"{taken.text} {taken.because}":
        return f", and {taken.because}"
    return ""


def split_filter(scene: Scene) -> Iterator[Found]:
    """The 8.5 restriction against backscatter: it needs ``reject`` behind it, and legacy in mynetworks."""
    settings, world = scene.tracer.settings, scene.tracer.world
    if not settings.split_filter:
        return
    if not settings.final_reject:
        yield Found(
            Severity.WARNING,
            "split-filter-without-reject",
            "Split-domain restriction that refuses nothing",
            (),
            f"{RESTRICTION} has ldap-splitdomain.cf, but not reject",
            "Outsiders are still answered 250 for addresses that nobody has.",
            (_set(scene, RESTRICTION, "reject", "+"),),
        )
    # An installation writes zimbraMtaMyNetworks on the server, so the global value alone says nothing.
    known = NETWORKS in world.server_config
    outside = sorted(a for a in world.legacy.addresses if not settings.trusts(Client(System.LEGACY, a)))
    if known and outside:
        yield Found(
            Severity.ERROR,
            "split-filter-against-legacy",
            "Split-domain restriction that holds for the existing system too",
            (),
            f"{NETWORKS} is {' '.join(world.setting(NETWORKS))}; {scene.split.legacy} is {', '.join(outside)}",
            f"What {scene.split.legacy} hands on to users with a forward or to lists is deferred (451) until it "
            "expires; to addresses without an entry it is refused (554).",
            (_set(scene, NETWORKS, " ".join((*world.setting(NETWORKS), *outside))),),
        )


def refused_by_the_filter(scene: Scene) -> Iterator[Found]:
    """ldap-splitdomain finds neither the members of dynamic groups nor ``@domain``, which alias domains live by."""
    settings, zimbra = scene.tracer.settings, scene.snapshot.zimbra
    if not settings.split_filter or not settings.final_reject:
        return
    groups = addresses(e for e in scene.lists if e.receives and e.rare is not None and e.rare.dynamic)
    own = f"@{scene.split.domain}".lower()
    aliases = [d.name for d in zimbra.other_domains if d.is_alias and d.one(CATCH_ALL_FORWARD).lower() == own]
    if groups or aliases:
        what = [*(["dynamic groups"] if groups else []), *(f"every address of the alias domain {a}" for a in aliases)]
        yield Found(
            Severity.WARNING,
            "split-filter-refuses",
            "Addresses that the split-domain restriction refuses",
            groups,
            f"{RESTRICTION} has ldap-splitdomain.cf and reject; it has no answer for {' and '.join(what)}",
            "Outside mynetworks their mail is refused (554 Access denied).",
            (_set(scene, RESTRICTION, "reject", "-"),),
        )


def _set(scene: Scene, name: str, value: str, sign: str = "") -> str:
    """The line that changes the value in force: on the server where it has its own, otherwise for all."""
    if name in scene.tracer.world.server_config:
        return quote_line(("ms", scene.split.zimbra, sign + name, value))
    return quote_line(("mcf", sign + name, value))


CHECKS = (
    hidden_values,
    dead_dns_switch,
    own_name_as_relay_host,
    relay_host,
    unreadable_relay_host,
    split_filter,
    refused_by_the_filter,
)
