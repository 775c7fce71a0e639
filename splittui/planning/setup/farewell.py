"""The end of a system's part in the split: no mail passes any more, and it is switched off."""

from __future__ import annotations

from splittui.model.entries import Kind, Side
from splittui.model.router import System
from splittui.planning import domain
from splittui.planning.elsewhere import by_words
from splittui.planning.settings import reload
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.replies import rcpt
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.task import Check, Look, LookKind, Need, Task


def quiet(seen: Seen, *needs: Need) -> Task:
    """No mail has passed between the two systems for some days."""
    split, wanted = seen.split, seen.choices.quiet_days
    look = Look(LookKind.LOG, split.zimbra, f"lines that name {split.legacy}", f"none for {wanted} days")
    if seen.quiet_days is None:
        missing: tuple[str, ...] = (f"the mail log of {split.zimbra} has not been looked at yet",)
    elif seen.quiet_days < wanted:
        missing = (f"the last mail between the two passed {seen.quiet_days} days ago; {wanted} are waited for",)
    else:
        missing = ()
    return Task(
        "quiet",
        f"No mail passes for {wanted} days",
        f"The mail log of {split.zimbra} has nothing to or from {split.legacy} for {wanted} days.",
        "A printer, a website or a resolver with an old MX shows itself in that time, and nowhere else.",
        Check((f"nothing for {seen.quiet_days} days",), missing, looks=(look,)),
        plan_of(seen),
        proof=(look,),
        needs=needs,
    )


def switched_off(seen: Seen, side: Side, *needs: Need) -> Task:
    """A system takes no mail any more."""
    split = seen.split
    host, other = split.host_of(side), split.host_of(side.other)
    asked_from = Standpoint.ZIMBRA if side is Side.LEGACY else Standpoint.LEGACY
    look = rcpt(seen, asked_from, side, seen.nobody, "no answer")
    answer = seen.answer(asked_from, side, seen.nobody)
    if answer is None:
        missing: tuple[str, ...] = (f"{host} has not been asked yet, from {asked_from}",)
    else:
        missing = (f"{host} still answers: {answer.said}",) if answer.code else ()
    do = (f"on {host}, look at the queue (it must be empty), then switch the MTA off and keep it from starting again",)
    step = by_words(host, System.OTHER, do, (f"on {host}, start the MTA again",), f"{host} is switched off")
    return Task(
        f"{side}-off",
        f"{host} is switched off",
        f"{host} takes no mail any more; {other} has everybody.",
        "It is the last thing to do: what is in its queue, or comes in late, would wait or be lost.",
        Check((f"{host} does not answer",), missing, looks=(look,)),
        plan_of(seen, [step] if missing else []),
        proof=(look,),
        undo=f"{host} is started again.",
        needs=needs,
    )


def not_hosted(seen: Seen, *needs: Need) -> Task:
    """Zimbra has forgotten the domain."""
    split, half = seen.split, seen.snapshot.zimbra
    left = sum(account.kind is not Kind.SYSTEM for account in half.accounts.values())
    obstacle = ""
    if half.domain.exists and half.accounts:
        obstacle = (
            f"{left:,} accounts and lists are still in it, and a mailbox goes with its account. Delete them "
            "deliberately "
            f"(zmprov da, zmprov ddl), or leave the domain there and switch {split.zimbra} off"
        )
    missing = (f"{split.zimbra} still hosts {split.domain}",) if half.domain.exists else ()
    return Task(
        "not-hosted",
        f"{split.zimbra} has forgotten {split.domain}",
        f"The domain is removed from {split.zimbra}, last of all, and the MTA is reloaded.",
        f"Until then the catch-all hands what its users write to {split.legacy}; without it, that would bounce.",
        Check((f"{split.zimbra} does not host {split.domain}",), missing, obstacle),
        plan_of(seen, [domain.removed(split), reload(split)] if missing and not obstacle else []),
        undo="It cannot be taken back; the domain would be made anew.",
        needs=needs,
        optional=True,
    )
