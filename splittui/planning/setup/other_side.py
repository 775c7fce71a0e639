"""What the existing system does with mail that is not for its own mailboxes: sends it on, refuses it, or sends all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from splittui.model.entries import Side
from splittui.model.router import ManualRouter
from splittui.planning import routes
from splittui.planning.by_hand import by_hand
from splittui.planning.elsewhere import forwards_unknown, hand_routes, refuses_unknown
from splittui.planning.plan import Step
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.replies import (
    ACCEPTED,
    REFUSED,
    OfUnknown,
    ask_unknown,
    of_unknown,
    rcpt,
    resident,
    routes_now,
)
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.snippets import Topic, snippet
from splittui.planning.setup.task import Check, Look, Need, Task
from splittui.planning.setup.whereabouts import dwellers, unrouted


def forwards(seen: Seen) -> Task:
    """The existing system sends whom it does not know to Zimbra."""
    split, now = seen.split, of_unknown(seen)
    words, back = snippet(seen, Topic.FORWARD), snippet(seen, Topic.REFUSE)
    step = forwards_unknown(split, seen.system, words, back, now=False)
    return Task(
        "forward-unknown",
        f"{split.legacy} sends whom it does not know to {split.zimbra}",
        f"{split.legacy} hands mail for every address of {split.domain} that it has no mailbox for to {split.zimbra}.",
        f"So its users reach those who live on {split.zimbra}, and mail that still comes in at {split.legacy} arrives.",
        _unknown_check(seen, now, OfUnknown.SENDS_ON),
        plan_of(seen, [step] if now is OfUnknown.REFUSES else []),
        proof=_there_and_back(seen),
        undo=f"{split.legacy} refuses the unknown again; those on {split.zimbra} then need a route there of their own.",
        needs=(
            Need(
                "clear",
                f"while {split.zimbra} hands on the unknown too, mail for an address that nobody has would loop",
            ),
        ),
    )


def _unknown_check(seen: Seen, now: OfUnknown, wanted: OfUnknown) -> Check:
    legacy = seen.split.legacy
    look = ask_unknown(seen, ACCEPTED if wanted is OfUnknown.SENDS_ON else REFUSED)
    if now is OfUnknown.NOT_ASKED:
        return Check(missing=(f"{legacy} has not been asked yet for {seen.nobody}, which nobody has",), looks=(look,))
    evidence = f"{legacy} {now.value}, asked for {seen.nobody}, which nobody has"
    return Check((evidence,), () if now is wanted else (evidence,), looks=(look,))


def _there_and_back(seen: Seen) -> tuple[Look, ...]:
    person = resident(seen)
    return (rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, person, ACCEPTED),) if person else ()


def refuses(seen: Seen, *needs: Need) -> Task:
    """The existing system refuses whom it does not know."""
    split, now = seen.split, of_unknown(seen)
    step = refuses_unknown(split, seen.system, snippet(seen, Topic.REFUSE), snippet(seen, Topic.FORWARD))
    return Task(
        "legacy-refuses",
        f"{split.legacy} refuses whom it does not know",
        f"{split.legacy} answers 550 at RCPT TO for every address of {split.domain} that it does not know.",
        f"The primary must be the one that says no: {split.zimbra} hands it everybody it does not know, and what came "
        "back from there would loop.",
        _unknown_check(seen, now, OfUnknown.REFUSES),
        plan_of(seen, [step] if now is OfUnknown.SENDS_ON else []),
        undo=f"{split.legacy} sends the unknown to {split.zimbra} again; that must not be while {split.zimbra} catches "
        "all.",
        needs=needs,
    )


def sends_residents(seen: Seen, *, with_boxes: bool) -> Task:
    """The existing system has a route of their own for all who live on Zimbra."""
    split = seen.split
    lacking = unrouted(seen, with_boxes=with_boxes)
    first = ", ".join(lacking[:3]) + (f" and {len(lacking) - 3:,} more" if len(lacking) > 3 else "")
    missing = (f"{split.legacy} has no route to {split.zimbra} for {first}",) if lacking else ()
    return Task(
        "legacy-routes",
        f"{split.legacy} knows who lives on {split.zimbra}",
        f"{split.legacy} sends everybody who lives on {split.zimbra} there by a route of their own, aliases and lists "
        "included.",
        f"As soon as {split.legacy} refuses whom it does not know, they would be refused with the others. Its "
        "directory "
        "or export must show the route (forwards_to), or it does not count as done.",
        Check((f"{split.legacy} has a route for everybody on {split.zimbra}",), missing),
        plan_of(seen, routes.with_reloads(split, _routing_steps(seen, lacking))),
        undo=f"Those routes go; {split.legacy} must send on the unknown by then.",
    )


def _routing_steps(seen: Seen, lacking: Sequence[str]) -> Iterator[Step]:
    """By the router for those whom the existing system has an entry for, by hand for the others."""
    split, half = seen.split, seen.snapshot.legacy
    owners = {alias: entry.address for entry in half.accounts.values() for alias in entry.aliases}
    by_router: set[str] = set()
    left: list[str] = []
    for address in lacking:
        entry = half.accounts.get(owners.get(address, address))
        if entry is None or split.router is None or isinstance(split.router, ManualRouter):
            left.append(address)
        elif entry.address not in by_router:
            by_router.add(entry.address)
            step = routes.away(split, split.router, entry, half.routing.get(entry.address, {}))
            if step is not None:
                yield step
    if left:
        nexthop = routes.nexthop_to_zimbra(split)
        do, back = (by_hand(split, seen.system, f"NAME@{split.domain}", hop) for hop in (nexthop, ""))
        yield hand_routes(split, seen.system, do, back, routes_now(seen, left), nexthop)


def forwards_all(seen: Seen) -> Task:
    """The existing system has no mailbox of its own any more and sends everybody to Zimbra."""
    split, now = seen.split, of_unknown(seen)
    words, back = snippet(seen, Topic.FORWARD_ALL), snippet(seen, Topic.REFUSE)
    step = forwards_unknown(split, seen.system, words, back, now=False)
    here = sum(1 for _ in dwellers(seen))
    check = _unknown_check(seen, now, OfUnknown.SENDS_ON)
    return Task(
        "forward-all",
        f"{split.legacy} sends everybody to {split.zimbra}",
        f"{split.legacy} hands all mail of {split.domain} to {split.zimbra}, until resolvers have forgotten the "
        "old MX.",
        f"Mail that still comes in there then arrives, or is refused by {split.zimbra}, which knows everybody.",
        Check(check.evidence, (*check.missing, *((f"{here:,} still live there",) if here else ())), looks=check.looks),
        plan_of(seen, [step] if now is OfUnknown.REFUSES else []),
        proof=_there_and_back(seen),
        undo=f"{split.legacy} refuses whom it does not know, and has a route for everybody on {split.zimbra}.",
        needs=(
            Need("clear", f"while {split.zimbra} catches all, every address that nobody has would loop from then on"),
        ),
        means=True,
    )
