"""The proof that mail flows in every direction, and the gate before the change of the MX that it opens."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.model.entries import Side
from splittui.planning.elsewhere import exchanger
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.names import Entrance, entrance
from splittui.planning.setup.replies import ACCEPTED, REFUSED, dweller, rcpt, resident, unsatisfied
from splittui.planning.setup.seen import Fate, Seen, Standpoint
from splittui.planning.setup.task import Check, Gate, Look, LookKind, Need, Task

_LONG = 3600
"""Seconds: a time to live above this is worth lowering before the MX is changed."""


def directions(seen: Seen, primary: Side) -> Iterator[Look]:
    """The questions that prove every direction once ``primary`` is the side that decides which addresses there are.

    Strangers ask the primary, as they will when the MX names it; inside mynetworks it would say yes to everything.
    """
    there, here = dweller(seen), resident(seen)
    on_legacy = there.address if there is not None else ""
    for address in filter(None, (on_legacy, here)):
        yield rcpt(seen, Standpoint.OUTSIDE, primary, address, ACCEPTED)
    yield rcpt(seen, Standpoint.OUTSIDE, primary, seen.nobody, REFUSED)
    if on_legacy:
        yield rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, on_legacy, ACCEPTED)
    if here:
        yield rcpt(seen, Standpoint.LEGACY, Side.ZIMBRA, here, ACCEPTED)
        yield rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, here, ACCEPTED)


def proof(seen: Seen, primary: Side, *needs: Need) -> Task:
    """Mail is taken in every direction, by the answers of the servers themselves."""
    split = seen.split
    looks = tuple(directions(seen, primary))
    missing = tuple(filter(None, (unsatisfied(seen, look) for look in looks)))
    host, there = split.host_of(primary), dweller(seen)
    people = " ".join(filter(None, (there.address if there is not None else "", resident(seen))))
    by_mail = f" With real messages, if you want them: splittui prove {people} (it asks first)." if people else ""
    return Task(
        "proof",
        "Mail is taken in every direction",
        f"{split.zimbra} and {split.legacy} are asked for people on either side, and for an address that nobody has, "
        f"from each other and from outside.{by_mail}",
        f"The MX may only name {host} when {host} says yes to everybody and no to nobody.",
        Check((f"all {len(looks)} answers are as they must be",), missing, looks=looks),
        plan_of(seen),
        proof=looks,
        needs=needs,
        means=True,
    )


def exchanged(seen: Seen, to: Side, *needs: Need) -> Task:
    """The MX names the host of that side: the last change of a set-up, behind a gate."""
    split, now = seen.split, entrance(seen)
    host, other = split.host_of(to), split.host_of(to.other)
    looks = (
        Look(LookKind.DNS, "DNS", split.domain, f"MX {host}"),
        Look(LookKind.TRACE, host, split.domain, "mail arrives after the change too"),
    )
    done = now is not None and now.side is to
    steps = [exchanger(split, to, now.hosts, now.ttl)] if now is not None and not done else []
    return Task(
        "mx",
        f"The MX is {host}",
        f"In the zone of {split.domain}, the only MX is {host}.",
        f"Mail from the internet then comes in where every address is known. {other} keeps its port 25 open for a few "
        "days more than the time to live: some resolvers remember the old MX that long.",
        Check((f"the MX of {split.domain} is {host}",), _not_yet(now, host, done=done), looks=looks),
        plan_of(seen, steps),
        proof=looks,
        undo=f"The MX names {other} again, after a look at what mail would do then.",
        needs=needs,
        gate=_gate(seen, now, host, done=done),
    )


def _not_yet(now: Entrance | None, host: str, *, done: bool) -> tuple[str, ...]:
    if done:
        return ()
    if now is None:
        return ("the DNS has not been asked for the MX yet",)
    return (*now.lines, f"it must be {host} wherever it is asked")


def _closing(fate: Fate) -> str:
    if not fate.astray:
        return f"mail from {fate.origin} for {fate.address} would be {fate.after}"
    return (
        f"mail from {fate.origin} for {fate.address} would arrive elsewhere than today, since they have a mailbox on "
        f"both systems. Move them to where they read it: splittui move {fate.address} --to zimbra, or legacy"
    )


def _gate(seen: Seen, now: Entrance | None, host: str, *, done: bool) -> Gate:
    closed: list[str] = []
    if now is None:
        closed.append("the MX has not been looked up")
    elif now.trouble:
        closed.append(now.trouble)
    if not seen.fates:
        closed.append("what mail would do afterwards has not been traced")
    closed += [_closing(fate) for fate in seen.fates if not fate.good_after]
    lines = now.lines if now is not None else ()
    if now is not None and now.ttl is not None and now.ttl > _LONG and not done:
        hours = f"{now.ttl / 3600:.0f} hours"
        lines = (*lines, f"resolvers remember the old MX for {hours}: lower its time to live to 300 and wait that long")
    return Gate(lines, now.ttl if now is not None else None, seen.fates, () if done else tuple(closed))
