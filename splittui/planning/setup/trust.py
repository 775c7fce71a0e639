"""Whom Zimbra's MTA relays for without a login (mynetworks), and what it says to its own users of the unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from splittui.model.entries import Server
from splittui.planning.plan import Step
from splittui.planning.settings import globally, on_server, take_effect
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.names import ip_addresses
from splittui.planning.setup.seen import Seen
from splittui.planning.setup.task import Check, Look, LookKind, Need, Task

NETWORKS = "zimbraMtaMyNetworks"
REFUSE_UNLISTED = "zimbraMtaSmtpdRejectUnlistedRecipient"


def trusts_legacy(seen: Seen, *needs: Need) -> Task:
    """Zimbra relays for the existing system."""
    split = seen.split
    own = ip_addresses(seen, split.legacy)
    missing = tuple(
        f"{where}: {NETWORKS} is {' '.join(values)}, without {', '.join(lost)}"
        for where, values in _in_force(seen)
        if (lost := [address for address in own if not _holds(values, address)])
    )
    return Task(
        "trust-legacy",
        f"{split.zimbra} relays for {split.legacy}",
        f"The addresses of {split.legacy} are in {NETWORKS}, on each server that has a value of its own.",
        f"Only so may the users of {split.legacy} send outside mail through {split.zimbra}, and restrictions against "
        "strangers do not hit what it hands on.",
        _networks_check(seen, own, f"{', '.join(own)} may relay through {split.zimbra}", missing),
        plan_of(seen, _changes(seen, [f"{a}/{ip_address(a).max_prefixlen}" for a in own], add=True) if missing else []),
        undo=f"The addresses go out again; {split.legacy} can then send outside mail through {split.zimbra} no more.",
        needs=needs,
        optional=True,
    )


def trusts_legacy_no_more(seen: Seen, *needs: Need) -> Task:
    """Zimbra no longer relays for the existing system."""
    split = seen.split
    own = ip_addresses(seen, split.legacy)
    named = sorted({word for _, values in _in_force(seen) for word in _words(values) if _is_one_of(word, own)})
    missing = (f"{NETWORKS} still names {', '.join(named)}",) if named else ()
    return Task(
        "distrust-legacy",
        f"{split.zimbra} no longer relays for {split.legacy}",
        f"The addresses of {split.legacy} leave {NETWORKS}.",
        "A host that is switched off leaves an address behind that somebody else may get, and then relay.",
        _networks_check(seen, own, f"{split.legacy} is not in {NETWORKS}", missing),
        plan_of(seen, _changes(seen, named, add=False) if named else []),
        undo=f"{split.legacy} may relay again.",
        needs=needs,
    )


def _networks_check(seen: Seen, own: tuple[str, ...], evidence: str, missing: tuple[str, ...]) -> Check:
    legacy = seen.split.legacy
    look = Look(LookKind.DNS, "DNS", legacy, "its addresses")
    if not own:
        return Check(missing=(f"the addresses of {legacy} are not known yet",), looks=(look,))
    return Check((evidence,), missing, looks=(look,))


def refuses_unlisted(seen: Seen) -> Task:
    """Zimbra tells its own users at once of an address that nobody has."""
    split = seen.split
    hiding = [s for s in _mtas(seen) if s.settings.get(REFUSE_UNLISTED, ("yes",)) != ("yes",)]
    value = " ".join(seen.snapshot.zimbra.config.get(REFUSE_UNLISTED, ()))
    missing: tuple[str, ...] = () if value == "yes" else (f"{REFUSE_UNLISTED} is {value or 'not set'}",)
    missing += tuple(f"{server.name} has a value of its own, which hides the global one" for server in hiding)

    def steps() -> Iterator[Step | None]:
        wished = {REFUSE_UNLISTED: ("yes",)}
        yield globally(split, seen.snapshot.zimbra.config, wished, "Zimbra's own users get a 550 for the unknown too")
        for server in hiding:
            yield on_server(split, server, wished, f"the own value of {server.name}")
        if missing:
            yield take_effect(split, seen.choices.restart)

    return Task(
        "refuse-unlisted",
        "Zimbra's own users learn of wrong addresses at once",
        f"{REFUSE_UNLISTED} is yes: the web client is told 550 while it sends.",
        "Without it Zimbra takes such mail from its own users and sends it back to them as a bounce.",
        Check((f"{REFUSE_UNLISTED} is yes",), missing),
        plan_of(seen, steps()),
        undo="As before: a bounce instead of a refusal.",
        needs=(Need("clear", "with a transport of the domain and no catch-all, valid mail would be refused too"),),
        optional=True,
    )


def _mtas(seen: Seen) -> list[Server]:
    return [server for server in seen.snapshot.zimbra.servers if "mta" in server.services]


def _in_force(seen: Seen) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Where a value of the networks stands that counts for some MTA, and the value."""
    servers = _mtas(seen)
    for server in servers:
        if server.settings.get(NETWORKS):
            yield server.name, tuple(server.settings[NETWORKS])
    if not servers or not all(server.settings.get(NETWORKS) for server in servers):
        yield "all servers", tuple(seen.snapshot.zimbra.config.get(NETWORKS, ()))


def _changes(seen: Seen, words: Iterable[str], *, add: bool) -> Iterator[Step | None]:
    """The networks are one value with spaces in it, as an installation writes it, or several."""
    named, split, summary = tuple(words), seen.split, f"whom {seen.split.zimbra} relays for"
    servers = {server.name: server for server in _mtas(seen)}
    for where, values in _in_force(seen):
        after = _with(values, named) if add else _without(values, named)
        if where in servers:
            yield on_server(split, servers[where], {NETWORKS: after}, f"{summary}, on {where}")
        elif values or add:
            yield globally(split, seen.snapshot.zimbra.config, {NETWORKS: after}, summary)
    yield take_effect(split, seen.choices.restart)


def _with(values: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    new = tuple(word for word in words if not _holds(values, word.partition("/")[0]))
    return (" ".join((*values, *new)),) if len(values) == 1 else (*values, *new)


def _without(values: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    kept = (" ".join(word for word in value.split() if word not in words) for value in values)
    return tuple(value for value in kept if value)


def _words(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from value.replace(",", " ").split()


def _holds(values: Iterable[str], address: str) -> bool:
    for word in _words(values):
        try:
            if ip_address(address) in ip_network(word.replace("[", "").replace("]", ""), strict=False):
                return True
        except ValueError:
            continue
    return False


def _is_one_of(word: str, own: tuple[str, ...]) -> bool:
    return word.partition("/")[0].strip("[]") in own and word.partition("/")[2] in ("", "32", "128")
