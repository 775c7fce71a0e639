"""The undertakings, each as its tasks in the best order known: a set-up in either role, a change of role, the ends.

The orders were tried under mail flow, all of them for the changes of role: these lose nothing and loop nothing, and the
``needs`` are what every order that lost or looped something went against.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import StrEnum

from splittui.model.entries import Role, Side
from splittui.planning.setup import farewell, gate, ground, homecoming, hosting, other_side, outbound, roll_call, trust
from splittui.planning.setup.backscatter import against_backscatter, strangers_again
from splittui.planning.setup.directories import address_book, authentication
from splittui.planning.setup.guide import Guide, judged
from splittui.planning.setup.seen import Backscatter, Seen
from splittui.planning.setup.task import Need, Task

Tasks = tuple[Task, ...]


class Goal(StrEnum):
    """What a guide leads to."""

    PRIMARY = "set-up, Zimbra as the primary"
    SECONDARY = "set-up, Zimbra as the secondary"
    TO_PRIMARY = "change of role, Zimbra becomes the primary"
    TO_SECONDARY = "change of role, Zimbra becomes the secondary"
    FINISH = "finish: everybody on Zimbra"
    ROLL_BACK = "roll back: everybody on the existing system"


def guide(goal: Goal, seen: Seen, once_done: Collection[str] = frozenset()) -> Guide:
    """Where an undertaking stands. ``once_done`` are the keys of tasks that were seen done at some earlier time."""
    tasks = _TASKS[goal](seen)
    return judged(f"{seen.split.domain}: {goal}", tasks, seen.choices.skipped, once_done)


def entrance_after(goal: Goal) -> Side:
    """The side that the MX names in the end: that of the primary, or of the system that stays."""
    return Side.LEGACY if goal in (Goal.SECONDARY, Goal.TO_SECONDARY, Goal.ROLL_BACK) else Side.ZIMBRA


def _ground(seen: Seen) -> Tasks:
    accepts = ground.legacy_accepts(seen).after(
        Need("reading", "without the people of both there is nobody to ask for"),
        Need("next-hop", "the name must lead there first"),
    )
    return ground.reading(seen), ground.next_hop(seen), accepts


_READ = Need("reading", "from a half that was not read whole nothing is concluded and nothing made")


def _primary(seen: Seen) -> Tasks:
    return (
        *_ground(seen),
        hosting.hosted(seen, Role.PRIMARY).after(_READ, _handed_over(seen)),
        *_known(seen, _READ, Need("domain", "accounts can only be made in a domain that is there")),
        hosting.cleared(seen),
        other_side.forwards(seen),
        *_trusting(seen, seen.choices.trust_legacy, "clear"),
        *((trust.refuses_unlisted(seen),) if seen.choices.refuse_unlisted else ()),
        address_book(seen),
        authentication(seen),
        gate.proof(
            seen,
            Side.ZIMBRA,
            Need("clear", f"{seen.split.zimbra} still takes everything, so its yes says nothing"),
            Need("forward-unknown", f"people on {seen.split.legacy} do not reach those on {seen.split.zimbra} yet"),
        ),
        gate.exchanged(seen, Side.ZIMBRA, _PROVEN),
    )


_PROVEN = Need("proof", "mail would bounce or be refused on the way that is not proven, for everybody in the internet")


def _trusting(seen: Seen, wanted: bool, after: str) -> Tasks:
    split = seen.split
    if not wanted:
        return ()
    because = f"what {split.legacy} may relay for nobody would go round while both sides hand on the unknown"
    return (trust.trusts_legacy(seen, Need(after, because)),)


def _handed_over(seen: Seen) -> Need:
    return Need("legacy-accepts", f"what {seen.split.legacy} refuses to take from {seen.split.zimbra} bounces")


def _known(seen: Seen, *needs: Need) -> Tasks:
    return roll_call.people(seen).after(*needs), roll_call.parity(seen)


def _secondary(seen: Seen) -> Tasks:
    split = seen.split
    loops = Need("legacy-refuses", "two systems that both hand on the unknown hand it to each other, and it loops")
    return (
        *_ground(seen),
        other_side.sends_residents(seen, with_boxes=False).after(_READ),
        other_side.refuses(
            seen, Need("legacy-routes", f"{split.legacy} would refuse those who live on {split.zimbra}")
        ),
        hosting.hosted(seen, Role.SECONDARY).after(_handed_over(seen), loops),
        *_through(seen),
        *_trusting(seen, seen.choices.backscatter is Backscatter.FILTER, "legacy-refuses"),
        address_book(seen),
        authentication(seen),
        gate.proof(seen, Side.LEGACY, Need("domain", f"{split.zimbra} does not send on whom it does not know yet")),
        gate.exchanged(seen, Side.LEGACY, _PROVEN),
        against_backscatter(seen),
    )


def _through(seen: Seen) -> Tasks:
    if not seen.choices.through_legacy:
        return ()
    return ground.legacy_relays(seen), outbound.through_legacy(seen)


def _to_primary(seen: Seen) -> Tasks:
    return (
        *_ground(seen),
        *_known(seen, _READ, _handed_over(seen)),
        hosting.cleared(seen),
        strangers_again(seen),
        gate.proof(seen, Side.ZIMBRA, Need("open-to-all", "strangers are kept out, so their questions prove nothing")),
        gate.exchanged(seen, Side.ZIMBRA, _PROVEN),
        other_side.forwards(seen),
        outbound.by_itself(seen),
        ground.profile(seen, Role.PRIMARY).after(
            Need("clear", "as long as the three are set, Zimbra is the secondary, whatever the profile says")
        ),
    )


def _to_secondary(seen: Seen) -> Tasks:
    split = seen.split
    loops = Need("legacy-refuses", f"{split.legacy} still hands on the unknown, and {split.zimbra} would hand it back")
    return (
        *_ground(seen),
        other_side.sends_residents(seen, with_boxes=True).after(_READ),
        other_side.refuses(
            seen, Need("legacy-routes", f"{split.legacy} would refuse those who live on {split.zimbra}")
        ),
        gate.proof(
            seen, Side.LEGACY, Need("legacy-refuses", f"{split.legacy} takes everything, so its yes says nothing")
        ),
        gate.exchanged(seen, Side.LEGACY, _PROVEN),
        hosting.hosted(seen, Role.SECONDARY).after(_handed_over(seen), loops),
        homecoming.placeholders_go(seen),
        *_through(seen),
        *_trusting(seen, seen.choices.backscatter is Backscatter.FILTER, "legacy-refuses"),
        against_backscatter(seen),
        ground.profile(seen, Role.SECONDARY).after(
            Need("domain", "before the three are set, Zimbra is the primary, whatever the profile says")
        ),
    )


_BOXES_FIRST = Need("everybody-here", "people get their mailbox first, then their aliases")


def _finish(seen: Seen) -> Tasks:
    split = seen.split
    here = homecoming.everybody_here(seen, _READ)
    late = Need("mx", f"mail from the internet still comes in at {split.legacy}")
    alive = Need("everybody-here", f"somebody's mail still leads to {split.legacy}")
    still = farewell.quiet(seen, alive, late)
    over = Need("quiet", "whoever still sends there would get an error, or no answer")
    if split.role is Role.PRIMARY:
        return (
            ground.reading(seen),
            here,
            homecoming.leftovers(seen),
            trust.trusts_legacy_no_more(seen, alive),
            *_known(seen, _BOXES_FIRST),
            hosting.cleared(seen),
            gate.proof(seen, Side.ZIMBRA, Need("clear", f"{split.zimbra} takes everything, so its yes says nothing")),
            gate.exchanged(seen, Side.ZIMBRA, _PROVEN),
            still,
            farewell.switched_off(
                seen, Side.LEGACY, alive, late, over, Need("leftovers", f"their mail would wait for {split.legacy}")
            ),
        )
    depends = Need("outbound", f"Zimbra's outside mail still goes through {split.legacy}")
    return (
        ground.reading(seen),
        here,
        *_known(seen, _BOXES_FIRST),
        outbound.by_itself(seen),
        hosting.cleared(seen),
        strangers_again(seen),
        gate.proof(seen, Side.ZIMBRA, Need("open-to-all", "strangers are kept out, so their questions prove nothing")),
        gate.exchanged(seen, Side.ZIMBRA, _PROVEN),
        other_side.forwards_all(seen),
        trust.trusts_legacy_no_more(seen, alive),
        still,
        farewell.switched_off(
            seen, Side.LEGACY, alive, late, depends, Need("forward-all", "late mail would be refused there"), over
        ),
    )


def _roll_back(seen: Seen) -> Tasks:
    split = seen.split
    boxes = homecoming.mailboxes_there(seen, _READ)
    back = homecoming.everybody_back(seen)
    if split.role is Role.SECONDARY:
        return (
            ground.reading(seen),
            boxes,
            back,
            outbound.by_itself(seen),
            farewell.not_hosted(seen, Need("everybody-back", "their mail would have nowhere to go")),
        )
    return (
        ground.reading(seen),
        boxes,
        back,
        other_side.refuses(
            seen, Need("everybody-back", f"{split.legacy} would refuse those who live on {split.zimbra}")
        ),
        gate.proof(
            seen, Side.LEGACY, Need("legacy-refuses", f"{split.legacy} takes everything, so its yes says nothing")
        ),
        gate.exchanged(seen, Side.LEGACY, _PROVEN),
        farewell.quiet(seen, Need("mx", f"mail from the internet still comes in at {split.zimbra}")),
        farewell.switched_off(
            seen,
            Side.ZIMBRA,
            Need("everybody-back", f"somebody's mail is still kept on {split.zimbra}"),
            Need("legacy-refuses", f"{split.legacy} still sends the unknown there, where it would wait for days"),
            Need("mx", f"mail from the internet still comes in at {split.zimbra}"),
            Need("quiet", f"what still comes in at {split.zimbra} would wait with its senders"),
        ),
    )


_TASKS: dict[Goal, Callable[[Seen], Tasks]] = {
    Goal.PRIMARY: _primary,
    Goal.SECONDARY: _secondary,
    Goal.TO_PRIMARY: _to_primary,
    Goal.TO_SECONDARY: _to_secondary,
    Goal.FINISH: _finish,
    Goal.ROLL_BACK: _roll_back,
}
