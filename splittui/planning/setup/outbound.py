"""Mail to other domains: through the existing system, or by Zimbra itself. Relay host and DNS look-ups change together.

Without a relay host and without DNS all outside mail bounces at once (5.3.0), so at no moment may both be off, on no
server: a server's own value of the one may stand beside the global value of the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from splittui.model.entries import Server, Side
from splittui.planning.plan import Finding, Severity, Step
from splittui.planning.settings import globally, on_server, take_effect
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.replies import ACCEPTED, rcpt
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.task import Check, Look, LookKind, Need, Task

RELAY_HOST = "zimbraMtaRelayHost"
DNS_LEVEL = "zimbraMtaSmtpDnsSupportLevel"
OLD_DNS = "zimbraMtaDnsLookupsEnabled"
_LEVEL_SINCE = (8, 7)

Values = dict[str, tuple[str, ...]]


def dns_switch(seen: Seen) -> tuple[str, str, str]:
    """The attribute that switches DNS look-ups in this version of Zimbra, with its values for off and on.

    Since 8.7 nothing reads zimbraMtaDnsLookupsEnabled. Without a version it is told by which attribute there is.
    """
    config = seen.snapshot.zimbra.config
    new = seen.version >= _LEVEL_SINCE if seen.version else DNS_LEVEL in config or OLD_DNS not in config
    return (DNS_LEVEL, "disabled", "enabled") if new else (OLD_DNS, "FALSE", "TRUE")


def through_legacy(seen: Seen) -> Task:
    """Zimbra sends all mail for other domains through the existing system."""
    split = seen.split
    hop = split.legacy_nexthop
    switch, off, _ = dns_switch(seen)
    relay = f"[{hop.host}]:{hop.port or 25}"
    wished: Values = {RELAY_HOST: (relay,), switch: (off,)}
    return Task(
        "relay-host",
        f"Outside mail goes through {split.legacy}",
        f"{RELAY_HOST} is {relay}, and {switch} is {off}, set in one command.",
        f"The secondary then has one way for all mail it does not keep: {split.legacy}. With look-ups off and no relay "
        "host, outside mail would bounce, so the relay host is there first, on each server.",
        _check(seen, wished, {"relayhost": relay, **_in_postconf(switch, on=False)}),
        plan_of(seen, _settle(seen, wished, relay_first=True), (*_dead_switch(seen, switch), *_other_mtas(seen))),
        proof=(rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, seen.outsider, ACCEPTED),),
        undo="Both as before, in one command.",
        needs=(
            Need(
                "legacy-relays",
                f"{split.legacy} would refuse Zimbra's outside mail (554 5.7.1), and it would bounce",
            ),
            Need(
                "domain", f"a domain that is not hosted is outside mail too, and what {split.legacy} sends back loops"
            ),
        ),
        optional=True,
    )


def by_itself(seen: Seen) -> Task:
    """Zimbra sends mail for other domains by itself."""
    split = seen.split
    switch, _, on = dns_switch(seen)
    wished: Values = {RELAY_HOST: (), switch: (on,)}
    return Task(
        "outbound",
        f"{split.zimbra} sends outside mail by itself",
        f"{RELAY_HOST} is cleared and {switch} is {on}, in one command.",
        f"Outside mail must not depend on {split.legacy} any more. Before: port 25 out of {split.zimbra} is open, its "
        "name and address fit (PTR), and SPF and DKIM name it.",
        _check(seen, wished, {"relayhost": "", **_in_postconf(switch, on=True)}),
        plan_of(seen, _settle(seen, wished, relay_first=False), _other_mtas(seen)),
        undo=f"Both as before, in one command; {split.legacy} must still relay by then.",
    )


def _check(seen: Seen, wished: Values, in_postconf: dict[str, str]) -> Check:
    missing = list(_differences(seen, wished))
    looks = tuple(Look(LookKind.POSTCONF, seen.split.zimbra, name, value) for name, value in in_postconf.items())
    if seen.postconf is None:
        missing.append(f"the settings in force on {seen.split.zimbra} have not been read yet (postconf)")
    else:
        for name, value in in_postconf.items():
            found = seen.postconf.get(name, "").strip()
            if found != value and not missing:
                missing.append(
                    f"the MTA still works by {name} = {found or '(empty)'}: zmconfigd has not written it yet"
                )
    evidence = ", ".join(f"{name} is {' '.join(values) or 'not set'}" for name, values in wished.items())
    return Check((f"{evidence}, and postconf says so",), tuple(missing), looks=looks)


def _in_postconf(switch: str, *, on: bool) -> dict[str, str]:
    if switch == DNS_LEVEL:
        return {"smtp_dns_support_level": "enabled" if on else "disabled"}
    return {"disable_dns_lookups": "no" if on else "yes"}


def _differences(seen: Seen, wished: Values) -> Iterator[str]:
    half = seen.snapshot.zimbra
    for name, values in wished.items():
        if tuple(half.config.get(name, ())) != values:
            yield f"{name} is {' '.join(half.config.get(name, ())) or 'not set'}"
        for server in _mtas(seen):
            own = tuple(server.settings.get(name, ()))
            if own and own != values:
                yield f"{server.name} has its own {name}, which hides the global one: {' '.join(own)}"


def _mtas(seen: Seen) -> tuple[Server, ...]:
    return tuple(server for server in seen.snapshot.zimbra.servers if "mta" in server.services)


def _settle(seen: Seen, wished: Values, *, relay_first: bool) -> Iterator[Step | None]:
    """What switches safely on a server comes before the global change, what relies on that comes after it.

    Servers get a relay host of their own, or look-ups of their own, before; they lose either only after.
    """
    split = seen.split
    relay, switch = wished
    before, after = (relay, switch) if relay_first else (switch, relay)
    steps = [*_own(seen, before, wished)]
    step = globally(split, seen.snapshot.zimbra.config, wished, "relay host and DNS look-ups, for all servers at once")
    steps += [step] if step is not None else []
    steps += _own(seen, after, wished)
    yield from steps
    if steps:
        yield take_effect(split, seen.choices.restart)


def _own(seen: Seen, name: str, wished: Values) -> Iterator[Step]:
    for server in _mtas(seen):
        if server.settings.get(name):
            step = on_server(seen.split, server, {name: wished[name]}, f"the own {name} of {server.name}")
            if step is not None:
                yield step


def _other_mtas(seen: Seen) -> tuple[Finding, ...]:
    others = [server.service_hostname for server in _mtas(seen) if server.service_hostname != seen.split.zimbra]
    if not others:
        return ()
    text = f"These MTAs follow within a minute, when their zmconfigd has seen it: {', '.join(others)}"
    return (Finding(Severity.INFO, "other-mtas", text),)


def _dead_switch(seen: Seen, switch: str) -> tuple[Finding, ...]:
    half = seen.snapshot.zimbra
    values = [*half.config.get(OLD_DNS, ()), *(v for s in _mtas(seen) for v in s.settings.get(OLD_DNS, ()))]
    if switch != DNS_LEVEL or "FALSE" not in values:
        return ()
    text = f"{OLD_DNS} is FALSE, which has no effect: since 8.7 nothing reads it. {DNS_LEVEL} takes its place."
    return (Finding(Severity.INFO, "dns-switch-without-effect", text),)
