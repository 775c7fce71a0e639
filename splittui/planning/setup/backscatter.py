"""A secondary takes every address from strangers and would bounce what the primary refuses: three ways against that."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.model.entries import Kind, Side
from splittui.model.router import System
from splittui.planning.elsewhere import by_words
from splittui.planning.plan import Finding, Severity, Step
from splittui.planning.settings import globally, on_server, take_effect
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.names import entrance, ip_addresses
from splittui.planning.setup.replies import REFUSED, rcpt
from splittui.planning.setup.seen import Backscatter, Probed, Seen, Standpoint
from splittui.planning.setup.task import Check, Look, Need, Task
from splittui.planning.setup.trust import NETWORKS, trusts_legacy

RESTRICTION = "zimbraMtaRestriction"
VERIFY = "reject_unverified_recipient"
FILTER = "check_recipient_access ldap:/opt/zimbra/conf/ldap-splitdomain.cf"
REJECT = "reject"
_LINES = {Backscatter.VERIFY: (VERIFY,), Backscatter.FILTER: (FILTER, REJECT)}


def against_backscatter(seen: Seen) -> Task:
    """Strangers cannot hand a secondary mail for nobody, by the chosen way."""
    split, way = seen.split, seen.choices.backscatter
    about = {
        Backscatter.FIREWALL: f"The firewall lets only {split.legacy} reach port 25 of {split.zimbra}.",
        Backscatter.VERIFY: f"{split.zimbra} asks {split.legacy} for each address before it takes mail ({VERIFY}).",
        Backscatter.FILTER: f"{split.zimbra} takes from strangers only addresses that it has an entry for.",
    }
    look = rcpt(seen, Standpoint.OUTSIDE, Side.ZIMBRA, seen.nobody, REFUSED)
    return Task(
        "backscatter",
        "No mail for nobody from strangers",
        about[way],
        f"As a secondary {split.zimbra} takes every address; what {split.legacy} then refuses it would bounce to "
        "forged "
        "senders.",
        _check(seen, look),
        plan_of(seen, _steps(seen), _costs(seen)),
        proof=(look,),
        undo="The restriction goes, or the firewall opens, as before.",
        needs=(Need("mx", f"while the MX is not {split.legacy}, strangers are right to come to {split.zimbra}"),),
        optional=True,
    )


def _check(seen: Seen, look: Look) -> Check:
    zimbra, way = seen.split.zimbra, seen.choices.backscatter
    answer = seen.answer(Standpoint.OUTSIDE, Side.ZIMBRA, seen.nobody)
    if way is Backscatter.FIREWALL:
        shut = f"{zimbra} does not answer strangers on port 25"
        if answer is None:
            return Check(missing=(f"{zimbra} has not been asked from outside yet",), looks=(look,))
        return Check(
            (shut,), () if _closed(seen, answer) else (f"{zimbra} answers strangers: {answer.said}",), looks=(look,)
        )
    lost = [line for line in _LINES[way] if line not in _effective(seen)]
    missing = tuple(f"{RESTRICTION} lacks {line}" for line in lost)
    return Check((f"{RESTRICTION} has {' and '.join(_LINES[way])}",), missing, _obstacle(seen), (look,))


def _closed(seen: Seen, answer: Probed) -> bool:
    # A domain that is not hosted yet is refused to everybody, which says nothing of a firewall.
    return answer.code == 0 or (answer.refused and seen.snapshot.zimbra.domain.catches_all)


def _effective(seen: Seen) -> tuple[str, ...]:
    """The lines that hold on every MTA."""
    half = seen.snapshot.zimbra
    everywhere = tuple(half.config.get(RESTRICTION, ()))
    own = [tuple(s.settings.get(RESTRICTION) or everywhere) for s in half.servers if "mta" in s.services]
    return tuple(line for line in (own[0] if own else everywhere) if all(line in values for values in own))


def _obstacle(seen: Seen) -> str:
    """What the split-domain restriction would break at this site, as its maps are made."""
    if seen.choices.backscatter is not Backscatter.FILTER:
        return ""
    several = _several_values(seen)
    if several:
        names = ", ".join(several[:3]) + (f" and {len(several) - 3:,} more" if len(several) > 3 else "")
        return (
            f"the map of the restriction answers with one OK for each value, and these have several, so Postfix would "
            f"put their mail off (451 4.3.5): {names}. Choose another way"
        )
    aliases = [d.name for d in seen.snapshot.zimbra.other_domains if d.one("zimbraDomainType").lower() == "alias"]
    if aliases:
        return f"it refuses every address of an alias domain: {', '.join(sorted(aliases))}. Choose another way"
    groups = [a.address for a in seen.snapshot.zimbra.accounts.values() if a.rare is not None and a.rare.dynamic]
    if groups:
        return f"it refuses dynamic groups: {', '.join(sorted(groups)[:3])}. Choose another way"
    if not ip_addresses(seen, seen.split.legacy) or not trusts_legacy(seen).check.done:
        return (
            f"{seen.split.legacy} must be in {NETWORKS} first, or it counts as a stranger itself, and what it hands on "
            "to lists and to people with a forward is put off"
        )
    return ""


def _several_values(seen: Seen) -> list[str]:
    """Entries with two or more of the map's result values: own address, forwards of the admin, forwards of the user."""
    found = []
    for account in seen.snapshot.zimbra.accounts.values():
        own = 0 if account.kind is Kind.LIST else 1
        if account.receives and own + len(account.forwards) + bool(account.user_forwards) > 1:
            found.append(account.address)
    return sorted(found)


def _steps(seen: Seen) -> Iterator[Step | None]:
    split, way = seen.split, seen.choices.backscatter
    if way is Backscatter.FIREWALL:
        legacy = " ".join(ip_addresses(seen, split.legacy)) or split.legacy
        do = (f"in the firewall before {split.zimbra}, let only {legacy} reach its port 25 from outside",)
        back = (f"in the firewall before {split.zimbra}, let everybody reach its port 25 again",)
        yield by_words("firewall", System.OTHER, do, back, f"only {split.legacy} reaches port 25 of {split.zimbra}")
    elif not _obstacle(seen):
        yield from _restricted(seen, _LINES[way], ())


def _restricted(seen: Seen, more: tuple[str, ...], fewer: tuple[str, ...]) -> Iterator[Step | None]:
    """The restrictions with some lines more or fewer, also on servers that have their own."""
    split, half = seen.split, seen.snapshot.zimbra
    changed = False

    def wished(values: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        kept = tuple(line for line in values if line not in fewer)
        return {RESTRICTION: (*kept, *(line for line in more if line not in kept))}

    before = tuple(half.config.get(RESTRICTION, ()))
    steps = [globally(split, half.config, wished(before), "restrictions on recipients, for all servers")]
    for server in half.servers:
        own = tuple(server.settings.get(RESTRICTION, ()))
        if own and "mta" in server.services:
            steps.append(on_server(split, server, wished(own), f"the own restrictions of {server.name}"))
    for step in steps:
        changed = changed or step is not None
        yield step
    if changed:
        yield take_effect(split, seen.choices.restart)


def _costs(seen: Seen) -> tuple[Finding, ...]:
    found = []
    now, way = entrance(seen), seen.choices.backscatter
    if way is Backscatter.FILTER and now is not None and now.ttl is not None:
        late = (
            f"Where the MX was {seen.split.zimbra} until recently, wait first until it is forgotten ({now.ttl:,} "
            "seconds): what comes in late for people without an entry would be refused for good."
        )
        found.append(Finding(Severity.WARNING, "late-arrivals", late))
    if way is not Backscatter.VERIFY:
        return tuple(found)
    text = (
        "The first question for an address takes three seconds. Unknown addresses get 450, which senders try again for "
        "days, unless unverified_recipient_reject_code = 550 is written to main.cf by hand. Answers are kept: a new "
        f"address on {seen.split.legacy} may be refused for ten minutes more, a deleted one be taken for twelve hours."
    )
    return (*found, Finding(Severity.INFO, "verification-costs", text))


def strangers_again(seen: Seen) -> Task:
    """Everybody reaches the MTA again, which from now on says no by itself."""
    split = seen.split
    there = tuple(line for line in (VERIFY, FILTER, REJECT) if line in _anywhere(seen))
    look = rcpt(seen, Standpoint.OUTSIDE, Side.ZIMBRA, seen.nobody, REFUSED)
    answer = seen.answer(Standpoint.OUTSIDE, Side.ZIMBRA, seen.nobody)
    missing = [f"{RESTRICTION} has {line}" for line in there]
    if answer is None:
        missing.append(f"{split.zimbra} has not been asked from outside yet")
    elif not answer.code:
        missing.append(f"{split.zimbra} does not answer from outside: {answer.said}")
    return Task(
        "open-to-all",
        f"{split.zimbra} takes mail from everybody",
        f"Port 25 of {split.zimbra} is open, and no restriction for secondaries is left in {RESTRICTION}.",
        "It is about to be the MX: what strangers cannot hand in there waits on their side, or is refused.",
        Check((f"{split.zimbra} answers from outside",), tuple(missing), looks=(look,)),
        plan_of(seen, _opening(seen, there, shut=answer is not None and not answer.code)),
        undo="The restrictions as before; the MX must have left by then.",
        needs=(Need("clear", "until then strangers could hand it mail for nobody, which would be taken and bounced"),),
    )


def _anywhere(seen: Seen) -> set[str]:
    half = seen.snapshot.zimbra
    return {*half.config.get(RESTRICTION, ()), *(v for s in half.servers for v in s.settings.get(RESTRICTION, ()))}


def _opening(seen: Seen, gone: tuple[str, ...], *, shut: bool) -> Iterator[Step | None]:
    zimbra = seen.split.zimbra
    if gone:
        yield from _restricted(seen, (), gone)
    if shut:
        do = (f"in the firewall before {zimbra}, let everybody reach its port 25",)
        back = (f"in the firewall before {zimbra}, let only {seen.split.legacy} reach its port 25",)
        yield by_words("firewall", System.OTHER, do, back, f"everybody reaches port 25 of {zimbra}")
