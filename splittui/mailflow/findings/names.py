"""Aliases, forwards and rewriting: names that two entries have, that one system lacks, or that nobody has."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.leads import Leads
from splittui.mailflow.findings.scene import PEOPLE, Scene, addresses, fate, lines
from splittui.mailflow.world import ALIAS, CANONICAL, FORWARD, LOCAL_DELIVERY_OFF, USER_FORWARD, Keeps
from splittui.model.entries import ZimbraAccount
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity


def on_two_entries(scene: Scene) -> Iterator[Found]:
    """ldap-vam answers with every entry that has the address, and each gets a copy."""
    accounts = scene.snapshot.zimbra.accounts
    told: list[str] = []
    twice: list[str] = []
    for alias, owners in scene.aliases.items():
        own = accounts.get(alias)
        having = [entry for entry in owners if entry.receives]
        if own is not None and own.receives and own not in having:
            having.append(own)
        if len(having) > 1:
            twice.append(alias)
            choices = [quote_line(("raa", owner.address, alias)) for owner in owners]
            told.append(choices[0] if len(choices) == 1 else f"one of: {' | '.join(choices)}")
    if twice:
        yield Found(
            Severity.WARNING,
            "alias-on-two-entries",
            "Address that two entries have",
            tuple(twice),
            f"{ALIAS} of one entry is an address of another",
            "Every message to it is delivered to all of them.",
            tuple(told),
        )


def hiding_a_mailbox(scene: Scene) -> Iterator[Found]:
    """An alias is expanded before routing, so mail never reaches the mailbox of that name on the existing system."""
    hidden = [
        person
        for person in scene.people.values()
        if person.alias_of and person.zimbra is None and scene.has_live_box(person.address)
    ]
    if hidden:
        yield Found(
            Severity.ERROR,
            "alias-hides-mailbox",
            "Mailbox on the existing system whose address is an alias on Zimbra",
            tuple(person.address for person in hidden),
            f"{ALIAS} of {', '.join(sorted({p.alias_of for p in hidden}))}; {scene.split.legacy} has such a mailbox",
            "Zimbra delivers their mail to the owner of the alias.",
            tuple(quote_line(("raa", person.alias_of, person.address)) for person in hidden),
        )


def only_on_legacy(scene: Scene) -> Iterator[Found]:
    """An alias of a known person that Zimbra does not have: a primary refuses it, a secondary sends it back."""
    if not scene.knows_all_of_zimbra:
        return
    missing: dict[str, str] = {}
    accounts = scene.snapshot.zimbra.accounts
    for address, entry in scene.snapshot.legacy.accounts.items():
        if entry.aliases and entry.enabled and address in accounts:
            wanted = scene.primary or scene.keeps(address) is Keeps.ZIMBRA
            for alias in entry.aliases if wanted else ():
                if alias not in accounts and alias not in scene.aliases and alias not in scene.snapshot.legacy.accounts:
                    missing[alias] = address
    names = tuple(alias for alias in missing if alias.endswith(f"@{scene.split.domain}"))
    if names:
        yield Found(
            Severity.WARNING if scene.primary else Severity.ERROR,
            "alias-only-on-legacy",
            "Alias that only the existing system has",
            names,
            f"{scene.split.legacy} has the alias; {ALIAS} of the account on Zimbra lacks it",
            fate(scene.tracer, names[0]),
            tuple(quote_line(("aaa", missing[alias], alias)) for alias in names),
        )


def only_on_zimbra(scene: Scene) -> Iterator[Found]:
    """With Zimbra as the secondary, the existing system refuses an alias that it does not have."""
    if scene.primary or not scene.knows_all_of_legacy:
        return
    at = f"@{scene.split.domain}"
    missing = [
        alias
        for account in scene.by_transport[Leads.HERE]
        if account.aliases and account.kind in PEOPLE and scene.keeps(account.address) is not None
        for alias in account.aliases
        if alias.endswith(at) and scene.keeps(alias) is None
    ]
    if missing:
        yield Found(
            Severity.WARNING,
            "alias-only-on-zimbra",
            "Alias that only Zimbra has",
            tuple(missing),
            f"{ALIAS} has it; {scene.split.legacy}, the primary, does not know it",
            fate(scene.tracer, missing[0]),
            (f"On {scene.split.legacy}: route each of them to {scene.split.zimbra}, as the person's own address.",),
        )


def dangling_forwards(scene: Scene) -> Iterator[Found]:
    """Deleting an account leaves its address behind in the forwards of others."""
    if not scene.knows_every_name:
        return
    having: list[str] = []
    targets: set[str] = set()
    told: list[str] = []
    for accounts in (*scene.by_transport.values(), scene.machines):
        for account in accounts:
            if not (account.forwards or account.user_forwards):
                continue
            gone = {to for to in (*account.forwards, *account.user_forwards) if scene.nobody_has(to)}
            if gone and account.receives:
                having.append(account.address)
                targets |= gone
                told.append(_without(account, gone))
    if having:
        some = ", ".join(sorted(targets)[:5]) + (f" and {len(targets) - 5} more" if len(targets) > 5 else "")
        yield Found(
            Severity.WARNING,
            "dangling-forward",
            "Forward to an address that nobody has",
            tuple(having),
            f"{FORWARD} or {USER_FORWARD} names {some}; neither system has an account, list or alias of that name",
            "Each message to them makes a copy that bounces; their own copy is not affected.",
            tuple(told),
        )


def _without(account: ZimbraAccount, gone: set[str]) -> str:
    words = ["ma", account.address]
    for to in account.forwards:
        if to in gone:
            words += [f"-{FORWARD}", to]
    if gone.intersection(account.user_forwards):
        words += [USER_FORWARD, ",".join(to for to in account.user_forwards if to not in gone)]
    return quote_line(words)


def thrown_away(scene: Scene) -> Iterator[Found]:
    """Zimbra's LMTP server takes mail for an account that keeps no copy, and drops it (ZimbraLmtpBackend)."""
    lost = addresses(
        account
        for account in scene.by_transport[Leads.HERE]
        if account.rare is not None
        and account.rare.keeps_no_copy
        and not (account.forwards or account.user_forwards or account.rare.catch_all_forward)
    )
    if lost:
        yield Found(
            Severity.ERROR,
            "mail-thrown-away",
            "Accounts that keep no copy of their mail and forward it to nobody",
            lost,
            f"{LOCAL_DELIVERY_OFF} is TRUE; neither {FORWARD} nor {USER_FORWARD} is set",
            "Their mail is answered 250 and thrown away: nobody reads it, and no sender is told.",
            lines("ma", lost, LOCAL_DELIVERY_OFF, "FALSE"),
        )


def rewritten(scene: Scene) -> Iterator[Found]:
    """ldap-canonical rewrites recipients too, before anything else is looked up (since 8.7)."""
    maps = scene.tracer.maps
    for account in scene.snapshot.zimbra.accounts.values():
        canonical = account.rare.canonical if account.rare is not None and account.receives else ""
        owner = maps.account(canonical) if canonical else None
        if canonical and (owner is None or owner.name != account.address):
            yield Found(
                Severity.WARNING,
                "canonical-elsewhere",
                "Account whose mail is rewritten to an address that is not its own",
                (account.address,),
                f"{CANONICAL} is {canonical}, which is no address or alias of the account",
                f"Not only what they write bears that address: mail for them goes there, too. "
                f"{fate(scene.tracer, account.address)}",
                (
                    quote_line(("aaa", account.address, canonical)) + ", if nobody else has it, or",
                    quote_line(("ma", account.address, CANONICAL, "")),
                ),
            )


CHECKS = (
    on_two_entries,
    hiding_a_mailbox,
    only_on_legacy,
    only_on_zimbra,
    dangling_forwards,
    thrown_away,
    rewritten,
)
