"""Everybody ends up on one system: all on Zimbra (finish), or all back on the existing one (roll back)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from splittui.model.entries import Kind, Side, ZimbraAccount
from splittui.model.router import ManualRouter
from splittui.planning import accounts, routes
from splittui.planning.by_hand import by_hand
from splittui.planning.elsewhere import hand_routes
from splittui.planning.moves import Move, PlanningError, plan_moves
from splittui.planning.plan import Act, Finding, Plan, Refusal, Severity, Step
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.replies import routes_now
from splittui.planning.setup.roll_call import added_aliases
from splittui.planning.setup.seen import Seen
from splittui.planning.setup.task import Check, Need, Task
from splittui.planning.setup.whereabouts import dwellers, placeholders, residents, unknown, without_mailbox

_MOVABLE = (Kind.PERSON, Kind.ADMIN, Kind.RESOURCE)


def everybody_here(seen: Seen, *needs: Need) -> Task:
    """Nobody lives on the existing system any more."""
    split = seen.split
    names = sorted(person.address for person in dwellers(seen))
    plan, trouble = _moves(seen, names, Side.ZIMBRA)
    return Task(
        "everybody-here",
        f"Nobody lives on {split.legacy} any more",
        f"Everybody in {split.domain} has their mailbox on {split.zimbra}, and {split.legacy} keeps no mail of theirs.",
        f"While somebody's transport still leads to {split.legacy}, their mail would wait for a server that is off.",
        Check((f"nobody lives on {split.legacy}",), _first(names, f"live on {split.legacy}"), trouble),
        replace(plan, steps=(*_with_aliases(seen, plan.steps), *_old_boxes_go(seen, names, plan))),
        undo=f"The same people move back to {split.legacy}, as by any move.",
        needs=needs,
    )


def _with_aliases(seen: Seen, steps: Iterable[Step]) -> Iterator[Step]:
    """The same steps, and behind each person's entry on Zimbra their aliases: the existing system routes those too."""
    lacking: dict[str, list[str]] = {}
    for owner, alias in unknown(seen).aliases:
        lacking.setdefault(owner, []).append(alias)
    for step in steps:
        yield step
        if step.side is Side.ZIMBRA and step.act in (Act.CREATE, Act.MODIFY):
            account = seen.snapshot.zimbra.accounts.get(step.address)
            known = account.aliases if account is not None else ()
            yield from added_aliases(seen.split, step.address, known, lacking.pop(step.address, ()))


def _old_boxes_go(seen: Seen, names: Sequence[str], plan: Plan) -> Iterator[Step]:
    """By hand, where no router does it: the old mailboxes of those who live on Zimbra, already or by this plan."""
    split = seen.split
    if split.router is not None and not isinstance(split.router, ManualRouter):
        return
    here = {*plan.people, *(resident.address for resident in residents(seen))}
    old = [name for name in names if name in here]
    if old:
        nexthop = routes.nexthop_to_zimbra(split)
        do, back = (by_hand(split, seen.system, f"NAME@{split.domain}", hop) for hop in (nexthop, ""))
        yield hand_routes(split, seen.system, do, back, dict.fromkeys(old, ()), nexthop)


def _moves(seen: Seen, names: Sequence[str], to: Side) -> tuple[Plan, str]:
    """The plan that moves them, and why none can be made."""
    try:
        moves = [Move(name, to) for name in names]
        return plan_moves(seen.split, seen.snapshot, seen.people, moves, seen.at), ""
    except PlanningError as error:
        return plan_of(seen), str(error) if names else ""


def _first(names: Sequence[str], what: str) -> tuple[str, ...]:
    if not names:
        return ()
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return (f"{', '.join(names[:3])}{more} {what}",)


def leftovers(seen: Seen) -> Task:
    """No placeholder is left for somebody whom the existing system does not have any more."""
    split = seen.split
    known = {a for e in seen.snapshot.legacy.accounts.values() for a in (e.address, *e.aliases)}
    gone = [account for account in placeholders(seen) if account.address not in known]
    names = sorted(account.address for account in gone)
    return Task(
        "leftovers",
        "No placeholder is left over",
        f"Placeholders for people whom {split.legacy} no longer has are deleted, each one deliberately.",
        f"They make {split.zimbra} take mail that nobody gets, and hand it to a server that is about to be "
        "switched off.",
        Check(("every placeholder stands for somebody",), _first(names, f"are not on {split.legacy}")),
        plan_of(seen, (_deleted(seen, account) for account in gone), _deletes(names)),
        undo="It cannot be taken back: aliases and memberships in lists go with an account.",
        needs=(Need("everybody-here", "a placeholder whose person has a mailbox still is the way to it"),),
        optional=True,
    )


def _deleted(seen: Seen, account: ZimbraAccount) -> Step:
    return Step(
        host=seen.split.zimbra,
        act=Act.DELETE,
        tokens=("da", account.address),
        summary="the placeholder is deleted",
        address=account.address,
        expect=accounts.facts_of(account),
    )


def _deletes(names: Sequence[str]) -> tuple[Finding, ...]:
    if not names:
        return ()
    text = "Deleting these placeholders cannot be taken back, and they leave every list that they are in."
    return (Finding(Severity.WARNING, "cannot-be-undone", text, tuple(names)),)


def placeholders_go(seen: Seen) -> Task:
    """A secondary needs no placeholder: those that nothing else hangs on may go."""
    split = seen.split
    ties = _Ties(seen)
    judged = [(account, ties.of(account)) for account in placeholders(seen)]
    free = [account for account, tie in judged if not tie]
    kept = tuple(Refusal(account.address, tie) for account, tie in judged if tie)
    names = sorted(account.address for account in free)
    return Task(
        "placeholders-go",
        "Placeholders are deleted",
        f"People on {split.legacy} need no account on {split.zimbra} any more: the catch-all reaches them.",
        "They count against limits and licences. Who is in a list of Zimbra's, or has an alias that only Zimbra knows, "
        "stays.",
        Check(("no placeholder is left that nothing hangs on",), _first(names, "have a placeholder")),
        plan_of(seen, (_deleted(seen, account) for account in free), _deletes(names), kept),
        undo="Placeholders are made anew, without what hung on them.",
        needs=(
            Need("domain", f"without the catch-all, mail for them is refused as soon as {split.zimbra} forgets them"),
        ),
        optional=True,
    )


class _Ties:
    """What hangs on placeholders: lists that they are in, and aliases that the other side does not know."""

    def __init__(self, seen: Seen) -> None:
        self._legacy = seen.split.legacy
        self._entries = seen.snapshot.legacy.accounts
        self._known = {a for e in self._entries.values() for a in (e.address, *e.aliases)}
        half = seen.snapshot.zimbra
        lists = (e for e in (*half.accounts.values(), *half.neighbours.values()) if e.kind is Kind.LIST)
        self._lists = {member.lower(): entry.address for entry in lists for member in entry.members}

    def of(self, account: ZimbraAccount) -> str:
        """Why a placeholder must stay; empty where it may go."""
        if account.address not in self._entries:
            return f"is not on {self._legacy}, so the catch-all would not reach anybody"
        lost = [alias for alias in account.aliases if alias not in self._known]
        if lost:
            return f"has the alias {lost[0]}, which {self._legacy} does not know"
        listed = next((self._lists[a] for a in (account.address, *account.aliases) if a in self._lists), "")
        return f"is in the list {listed}, which Zimbra would strip of them" if listed else ""


def mailboxes_there(seen: Seen, *needs: Need) -> Task:
    """The existing system has a mailbox for everybody on Zimbra."""
    split = seen.split
    lacking = without_mailbox(seen)
    do, back = (
        by_hand(split, seen.system, f"NAME@{split.domain}", hop) for hop in ("", routes.nexthop_to_zimbra(split))
    )
    steps = [hand_routes(split, seen.system, do, back, routes_now(seen, lacking), "")] if lacking else []
    return Task(
        "mailboxes-there",
        f"{split.legacy} has a mailbox for everybody",
        f"Everybody who lives on {split.zimbra} has a mailbox on {split.legacy} again, open for mail, with their "
        "aliases; "
        "lists too.",
        "Mail must have a place to stay before anything leads to it: otherwise it goes round between "
        f"{split.zimbra} and "
        f"{split.legacy}.",
        Check((f"{split.legacy} has everybody",), _first(lacking, f"have none on {split.legacy}")),
        plan_of(seen, steps),
        undo=f"They are routed to {split.zimbra} again.",
        needs=needs,
    )


def everybody_back(seen: Seen) -> Task:
    """Nobody lives on Zimbra any more."""
    split = seen.split
    admins = [account for account in seen.snapshot.zimbra.accounts.values() if account.kind is Kind.ADMIN]
    last = admins[0].address if len(admins) == 1 else ""
    names = sorted(r.address for r in residents(seen) if r.kind in _MOVABLE and r.address != last)
    plan, trouble = _moves(seen, names, Side.LEGACY)
    stays = f"; {last}, the last administrator, stays" if last else ""
    return Task(
        "everybody-back",
        f"Nobody lives on {split.zimbra} any more",
        f"Mail for everybody in {split.domain} goes on to {split.legacy}; their accounts stay as locked placeholders.",
        f"{split.zimbra} then hands on what still comes in there, until the last resolver has forgotten it.",
        Check((f"nobody lives on {split.zimbra}{stays}",), _first(names, f"live on {split.zimbra}"), trouble),
        plan,
        undo=f"The same people move to {split.zimbra} again, as by any move.",
        needs=(Need("mailboxes-there", f"mail handed to {split.legacy} before it keeps it comes back, and loops"),),
    )
