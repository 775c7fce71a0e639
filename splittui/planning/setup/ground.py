"""What every undertaking stands on: both systems read whole, a next hop that leads there, mail taken from Zimbra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from splittui.model.entries import Role, Side
from splittui.planning.elsewhere import by_words
from splittui.planning.plan import Finding, Plan, Refusal, Step
from splittui.planning.setup.names import detour, ip_addresses, unanswered
from splittui.planning.setup.replies import ACCEPTED, dweller, rcpt, unsatisfied
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.snippets import Topic, snippet
from splittui.planning.setup.task import Check, Look, LookKind, Task


def plan_of(
    seen: Seen,
    steps: Iterable[Step | None] = (),
    findings: Sequence[Finding] = (),
    refusals: Sequence[Refusal] = (),
) -> Plan:
    """A plan of these steps; those that are not needed (None) are left out."""
    made = tuple(step for step in steps if step is not None)
    return Plan(seen.split.domain, seen.split.role, seen.at, made, tuple(findings), tuple(refusals))


def reading(seen: Seen) -> Task:
    snapshot, split = seen.snapshot, seen.split
    missing = () if snapshot.complete else (snapshot.why_partial,)
    people, accounts = len(snapshot.legacy.accounts), len(snapshot.zimbra.accounts)
    return Task(
        "reading",
        "Both systems are read",
        f"The people of {split.legacy} and of {split.zimbra} are read, whole, each time anew.",
        "Somebody who was not read must never look like somebody who is not there.",
        Check((f"{people:,} on {split.legacy}, {accounts:,} entries on {split.zimbra}",), missing),
        plan_of(seen),
        means=True,
    )


def next_hop(seen: Seen) -> Task:
    split = seen.split
    hop = split.legacy_nexthop
    looks = tuple(
        Look(LookKind.DNS, "DNS", name, "MX and addresses") for name in dict.fromkeys((hop.host, split.zimbra))
    )
    missing: tuple[str, ...] = ()
    obstacle = ""
    if not any(hop.host in view.answers for view in seen.views):
        missing = (f"the DNS has not been asked for {hop.host} yet",)
    else:
        obstacle = _astray(seen)
    return Task(
        "next-hop",
        f"The way to {split.legacy}",
        f"{split.legacy_transport} is what Zimbra sends the mail of the people on {split.legacy} by.",
        "If that name, or an MX that it has, stands for Zimbra itself, all their mail loops back.",
        Check((f"{hop.host} is {', '.join(ip_addresses(seen, hop.host))}",), missing, obstacle, looks),
        plan_of(seen),
        proof=looks,
    )


def _astray(seen: Seen) -> str:
    """Why the next hop does not lead to the existing system."""
    hop = seen.split.legacy_nexthop
    bracketed = f"smtp:[{hop.host}]:{hop.port or 25}"
    around = "" if hop.bracketed else detour(seen, hop.host)
    if around:
        return f'{around}. Write it with brackets in the profile, so that no MX is asked for: transport = "{bracketed}"'
    why = unanswered(seen, hop.host)
    if why:
        return f"{why}. Mend the name, or write another host in the profile"
    if set(ip_addresses(seen, hop.host)) & set(ip_addresses(seen, seen.split.zimbra)):
        return f"{hop.host} has the address of {seen.split.zimbra}. Write the right host in the profile"
    return ""


def legacy_accepts(seen: Seen) -> Task:
    """The existing system takes Zimbra's mail for its own people."""
    split, person = seen.split, dweller(seen)
    looks = () if person is None else (rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, person.address, ACCEPTED),)
    missing = tuple(filter(None, (unsatisfied(seen, look) for look in looks)))
    evidence = f"{split.legacy} takes mail for {person.address}" if person else f"nobody lives on {split.legacy}"
    return Task(
        "legacy-accepts",
        f"{split.legacy} takes mail from {split.zimbra}",
        f"{split.zimbra} may deliver mail for the people of {split.domain} to {split.legacy}, on port 25.",
        "From the first task on Zimbra hands their mail over there, and what is refused bounces.",
        Check((evidence,), missing, looks=looks),
        plan_of(seen, [_accept(seen)] if missing else []),
        proof=looks,
        undo=f"{split.legacy} no longer takes mail from {split.zimbra}, which must not send it any by then.",
    )


def legacy_relays(seen: Seen) -> Task:
    """The existing system takes Zimbra's mail for other domains."""
    split = seen.split
    look = rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, seen.outsider, ACCEPTED)
    missing = tuple(filter(None, (unsatisfied(seen, look),)))
    return Task(
        "legacy-relays",
        f"{split.legacy} relays for {split.zimbra}",
        f"{split.legacy} takes mail for other domains from {split.zimbra}.",
        "It is about to become Zimbra's relay host; before it agrees, all outside mail would bounce (554 5.7.1). "
        "After "
        f"a change, wait a few seconds: Zimbra may still use a connection that {split.legacy} refused before.",
        Check((f"{split.legacy} takes mail for {seen.outsider} from {split.zimbra}",), missing, looks=(look,)),
        plan_of(seen, [_accept(seen)] if missing else []),
        proof=(look,),
        undo=f"{split.legacy} no longer relays; Zimbra's relay host must be taken back first.",
    )


def _accept(seen: Seen) -> Step:
    split = seen.split
    back = (f"on {split.legacy}, take the addresses of {split.zimbra} out again",)
    summary = f"{split.legacy} takes mail from {split.zimbra}"
    return by_words(split.legacy, seen.system, snippet(seen, Topic.ACCEPT), back, summary)


def profile(seen: Seen, role: Role) -> Task:
    """The profile names the new role."""
    split = seen.split
    missing = () if split.role is role else (f"the profile still says that Zimbra is the {split.role}",)
    return Task(
        "profile",
        f"The profile says {role}",
        f'In the profile of {split.domain} stands: role = "{role}".',
        "What is planned and found later on goes by it.",
        Check((f"the profile says that Zimbra is the {role}",), missing),
        plan_of(seen),
        undo=f'role = "{Role.SECONDARY if role is Role.PRIMARY else Role.PRIMARY}" again.',
    )
