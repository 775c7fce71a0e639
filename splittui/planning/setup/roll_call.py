"""Everybody on the existing system becomes known to Zimbra: placeholders, their aliases, and the check of both."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.model.entries import Kind, LegacyAccount
from splittui.model.split import Split
from splittui.model.zmprov_line import UnquotableError, quote_token
from splittui.planning import accounts
from splittui.planning.plan import Act, Change, Fact, Finding, Refusal, Severity, Step
from splittui.planning.settings import reload
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.seen import Seen
from splittui.planning.setup.task import Check, Look, LookKind, Need, Task
from splittui.planning.setup.whereabouts import Unknown, addresses, unknown

ALIAS = "zimbraMailAlias"
MAX_ACCOUNTS = "zimbraDomainMaxAccounts"
_COUNTED = (Kind.PERSON, Kind.ADMIN)


def people(seen: Seen) -> Task:
    """Zimbra has an entry for everybody on the existing system, with their aliases."""
    split = seen.split
    lacking = unknown(seen)
    steps, refusals = _steps(seen, lacking)
    return Task(
        "people",
        f"Everybody on {split.legacy} is known",
        f"For each person, list and resource on {split.legacy}, {split.zimbra} gets a locked account with their "
        "name and "
        f"aliases, whose mail goes on to {split.legacy} (a placeholder).",
        "The primary rejects whom it does not know, so it must know everybody first. Nobody can log in to a "
        "placeholder, and it is made with its transport in the same command, so that no mail can land in it.",
        Check((_counted(seen),), tuple(_missing(seen, lacking)), _limit(seen, lacking)),
        plan_of(seen, steps, tuple(_findings(seen, lacking)), (*lacking.broken, *refusals)),
        undo="Placeholders that were made are deleted, aliases that were added are removed; neither must be while "
        "Zimbra refuses the unknown.",
    )


def _missing(seen: Seen, lacking: Unknown) -> Iterator[str]:
    zimbra = seen.split.zimbra
    if lacking.accounts:
        first = ", ".join(sorted(account.address for account in lacking.accounts)[:3])
        yield f"{len(lacking.accounts):,} of them have no account on {zimbra}: {first}" + _more(len(lacking.accounts))
    if lacking.aliases:
        first = ", ".join(sorted(alias for _, alias in lacking.aliases)[:3])
        yield f"{len(lacking.aliases):,} aliases are missing there: {first}" + _more(len(lacking.aliases))
    if lacking.mend:
        first = ", ".join(sorted(account.address for account in lacking.mend)[:3])
        yield f"{len(lacking.mend):,} have no transport that leads to {seen.split.legacy}: {first}" + _more(
            len(lacking.mend)
        )
    for refusal in lacking.broken[:3]:
        yield f"{refusal.address} {refusal.reason}"
    if len(lacking.broken) > 3:
        yield f"and {len(lacking.broken) - 3:,} more like that"


def _more(number: int) -> str:
    return f" and {number - 3:,} more" if number > 3 else ""


def _counted(seen: Seen) -> str:
    return (
        f"{seen.split.zimbra} has an entry for each of {len(set(addresses(seen))):,} addresses of {seen.split.legacy}"
    )


def _accounts_after(seen: Seen, lacking: Unknown) -> int:
    there = sum(account.kind in _COUNTED for account in seen.snapshot.zimbra.accounts.values())
    return there + len(lacking.accounts)


def _limit(seen: Seen, lacking: Unknown) -> str:
    text = seen.snapshot.zimbra.domain.one(MAX_ACCOUNTS)
    limit, needed = int(text) if text.isdigit() else 0, _accounts_after(seen, lacking)
    if not limit or not lacking.accounts or needed <= limit:
        return ""
    return (
        f"{MAX_ACCOUNTS} is {limit:,}, and with the placeholders there would be {needed:,} accounts. Raise it first: "
        f"zmprov md {seen.split.domain} {MAX_ACCOUNTS} {needed}"
    )


def _findings(seen: Seen, lacking: Unknown) -> Iterator[Finding]:
    split = seen.split
    if lacking.accounts:
        text = seen.snapshot.zimbra.domain.one(MAX_ACCOUNTS)
        limit = f"{MAX_ACCOUNTS} {int(text):,}" if text.isdigit() and int(text) else "no limit is set for the domain"
        yield Finding(
            Severity.INFO,
            "accounts-after",
            f"{split.domain} has {_accounts_after(seen, lacking):,} accounts afterwards ({limit}). In Network Edition "
            "placeholders count against the licence too.",
        )
    off = tuple(account.address for account in lacking.accounts if not account.enabled)
    if off:
        text = f"They are disabled on {split.legacy}; they are made as well, so that nothing changes for their mail."
        yield Finding(Severity.INFO, "disabled-on-legacy", text, off)
    lists = tuple(account.address for account in lacking.accounts if account.kind is Kind.LIST)
    if lists:
        text = (
            f"Lists stay where they are kept: {split.legacy} goes on expanding them, Zimbra only sends their mail "
            "there."
        )
        yield Finding(Severity.INFO, "lists-stay", text, lists)
    if lacking.in_both:
        text = (
            f"They have a mailbox on both systems: {split.zimbra} keeps what it receives, {split.legacy} what it "
            "receives. Move each to where they live."
        )
        yield Finding(Severity.WARNING, "two-mailboxes", text, lacking.in_both)


def _steps(seen: Seen, lacking: Unknown) -> tuple[list[Step], list[Refusal]]:
    split = seen.split
    steps: list[Step] = []
    refusals: list[Refusal] = []
    aliases: dict[str, list[str]] = {}
    for owner, alias in lacking.aliases:
        aliases.setdefault(owner, []).append(alias)
    for person in lacking.accounts:
        try:
            steps.append(_placeholder(split, person))
        except UnquotableError as error:
            refusals.append(Refusal(person.address, f"has a value that no zmprov line can carry: {error}"))
            aliases.pop(person.address, None)
            continue
        steps += added_aliases(split, person.address, (), aliases.pop(person.address, ()))
    for account in lacking.mend:
        step = accounts.to_legacy(split, account)
        if step is not None:
            steps.append(step)
    for owner, names in aliases.items():
        steps += added_aliases(split, owner, seen.snapshot.zimbra.accounts[owner].aliases, names)
    # A transport that was changed is remembered for 30 seconds; what is only added is found at once.
    return [*steps, *((reload(split),) if lacking.mend else ())], refusals


def _placeholder(split: Split, person: LegacyAccount) -> Step:
    try:
        return accounts.placeholder(split, person)
    except UnquotableError:
        # A name that no line can carry is left out; the address must be known all the same.
        quote_token(person.address)
        return accounts.placeholder(split, LegacyAccount(person.address))


def added_aliases(split: Split, owner: str, before: tuple[str, ...], names: list[str] | tuple[str, ...]) -> list[Step]:
    """One step for each alias, each expecting those before it."""
    steps: list[Step] = []
    for alias in names:
        after = (*before, alias)
        steps.append(
            Step(
                host=split.zimbra,
                act=Act.MODIFY,
                tokens=("aaa", owner, alias),
                summary=f"gets the alias {alias}",
                address=owner,
                changes=(Change(owner, ALIAS, before, after),),
                expect=(Fact(ALIAS, before),),
                verify=(Fact(ALIAS, after),),
                undo=("raa", owner, alias),
            )
        )
        before = after
    return steps


def parity(seen: Seen) -> Task:
    """Zimbra's own Postfix knows every address of the existing system."""
    split = seen.split
    wanted = frozenset(addresses(seen))
    look = Look(LookKind.POSTMAP, split.zimbra, "every address of " + split.legacy, "known to virtual_alias_maps")
    if seen.listed is None:
        missing: tuple[str, ...] = (f"the MTA of {split.zimbra} has not been asked for them yet",) if wanted else ()
    else:
        lost = sorted(wanted - seen.listed)
        missing = tuple(f"{address} is not known to the MTA of {split.zimbra}" for address in lost[:3])
        missing += (f"and {len(lost) - 3:,} more",) if len(lost) > 3 else ()
    return Task(
        "parity",
        "Every address is known to Zimbra's Postfix",
        f"The MTA of {split.zimbra} is asked for each address of {split.legacy} in the maps that it routes by.",
        "What counts is not that an account was made, but that the MTA finds it; it may read a replica that lags "
        "behind.",
        Check((f"the MTA of {split.zimbra} knows all {len(wanted):,} addresses",), missing, looks=(look,)),
        plan_of(seen),
        proof=(look,),
        needs=(Need("people", "there is nothing to be found before it is made"),),
    )
