"""The domain on Zimbra: made, sending on whom it does not know, and refusing them again."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.model.entries import Role, Side, ZimbraAccount
from splittui.planning import domain
from splittui.planning.accounts import TRANSPORT
from splittui.planning.domain import CATCH_ALL, THREE, the_three
from splittui.planning.elsewhere import refuses_unknown
from splittui.planning.plan import Act, Change, Fact, Finding, Severity, Step
from splittui.planning.settings import reload
from splittui.planning.setup.ground import plan_of
from splittui.planning.setup.names import entrance
from splittui.planning.setup.replies import REFUSED, OfUnknown, ask_unknown, of_unknown, rcpt
from splittui.planning.setup.seen import Seen, Standpoint
from splittui.planning.setup.snippets import Topic, snippet
from splittui.planning.setup.task import Check, Need, Task
from splittui.planning.setup.whereabouts import leads_to_legacy, unknown

DOMAIN_TYPE = "zimbraDomainType"
DOMAIN_STATUS = "zimbraDomainStatus"
MAIL_STATUS = "zimbraMailStatus"

_ACTIVE: dict[str, tuple[str, ...]] = {DOMAIN_STATUS: ("active",), MAIL_STATUS: ("enabled",)}


def hosted(seen: Seen, role: Role) -> Task:
    """Zimbra hosts the domain and hands on whom it does not know: a secondary always, a primary to be meanwhile."""
    split = seen.split
    check = _hosted_check(seen, role)
    return Task(
        "domain",
        f"{split.zimbra} hosts {split.domain}",
        f"The domain {split.domain} is there and active, and mail for everybody whom {split.zimbra} does not know goes "
        f"on to {split.legacy}" + (" until it knows them all." if role is Role.PRIMARY else "."),
        "All of it is set in one command, and the MTA is reloaded: a domain without it bounces what Zimbra's own users "
        f"write to people on {split.legacy}, and smtpd goes on refusing a domain that it was asked for before.",
        check,
        plan_of(seen, _hosting_steps(seen, check), _about_hosting(seen)),
        proof=(rcpt(seen, Standpoint.ZIMBRA, Side.LEGACY, seen.nobody, REFUSED),),
        undo="The attributes as before; a domain that was made is removed, while no account is in it.",
    )


def _hosted_check(seen: Seen, role: Role) -> Check:
    split, known = seen.split, seen.snapshot.zimbra.domain
    looks = (ask_unknown(seen, REFUSED),)
    if known.exists and known.one(DOMAIN_TYPE).lower() == "alias":
        obstacle = (
            f"{split.domain} is an alias domain on {split.zimbra}: Postfix rewrites its addresses and ignores every "
            f"transport. Delete it there, then it can be made anew: zmprov dd {split.domain}"
        )
        return Check(obstacle=obstacle)
    if not known.exists:
        missing: tuple[str, ...] = (f"{split.zimbra} does not host {split.domain}",)
    elif _is_off(seen):
        missing = (f"{split.domain} is {known.one(DOMAIN_STATUS) or 'switched off'}, so its mail is refused",)
    elif role is Role.SECONDARY:
        missing = tuple(_not_three(seen))
    else:
        missing = _unreached(seen)
    if missing and of_unknown(seen) is OfUnknown.NOT_ASKED:
        missing = (*missing, f"{split.legacy} has not been asked yet for an address that nobody has")
    evidence = f"{split.domain} is there and active"
    if role is Role.SECONDARY:
        evidence += f", with the catch-all pair and the transport {known.transport}"
    return Check((evidence,), missing, looks=looks)


def _is_off(seen: Seen) -> bool:
    known = seen.snapshot.zimbra.domain
    status, mail = known.one(DOMAIN_STATUS).lower(), known.one(MAIL_STATUS).lower()
    return status not in ("", "active") or mail not in ("", "enabled")


def _not_three(seen: Seen) -> Iterator[str]:
    known = seen.snapshot.zimbra.domain
    if not leads_to_legacy(seen, known.transport):
        yield f"{TRANSPORT} of {known.name} is {known.transport or 'not set'}"
    for name in (domain.CATCH_ALL, domain.CATCH_ALL_FORWARD):
        if known.attributes.get(name, ()) != (f"@{known.name}",):
            yield f"{name} of {known.name} is {', '.join(known.attributes.get(name, ())) or 'not set'}"
    for account in _catchers(seen):
        yield f"{account.address} has {CATCH_ALL} @{known.name} too"


def _unreached(seen: Seen) -> tuple[str, ...]:
    """A primary to be needs the three only while there are people whom it does not know, and nothing can loop."""
    if of_unknown(seen) is OfUnknown.SENDS_ON or not list(_not_three(seen)) or unknown(seen).nobody:
        return ()
    return (f"mail of Zimbra's users for people whom {seen.split.zimbra} does not know yet bounces",)


def _hosting_steps(seen: Seen, check: Check) -> Iterator[Step | None]:
    split, known = seen.split, seen.snapshot.zimbra.domain
    if check.done or check.obstacle or of_unknown(seen) is OfUnknown.NOT_ASKED:
        return
    if not known.exists and of_unknown(seen) is OfUnknown.SENDS_ON:
        yield refuses_unknown(split, seen.system, snippet(seen, Topic.REFUSE), snippet(seen, Topic.FORWARD))
    if not known.exists:
        yield domain.created(split, the_three(split))
        yield reload(split)
        return
    yield from three_steps(seen, _ACTIVE if _is_off(seen) else {})
    if _is_off(seen):
        yield reload(split)


def three_steps(seen: Seen, also: dict[str, tuple[str, ...]]) -> Iterator[Step | None]:
    """The three in one command, with other attributes of the domain.

    An account that catches all would answer beside the pair, and Postfix then puts off everybody without an entry
    (451 4.6.0). So there the transport comes first, then the account gives up the catch-all, and then comes the pair.
    Where strangers hand in mail, the pair comes first: between the two they are better put off than refused.
    """
    split, wished = seen.split, the_three(seen.split)
    attributes = dict(seen.snapshot.zimbra.domain.attributes)
    summary = f"{split.zimbra} hands whom it does not know to {split.legacy}"
    catchers = tuple(_catchers(seen))
    if catchers:
        first = {**also, TRANSPORT: wished[TRANSPORT]}
        yield domain.changed(split, attributes, first, f"mail without a transport of its own goes to {split.legacy}")
        released = [no_longer_catches(seen, account) for account in catchers]
        pair = domain.changed(split, {**attributes, **first}, wished, summary)
        now = entrance(seen)
        yield from (*released, pair) if now is not None and now.side is Side.LEGACY else (pair, *released)
    else:
        yield domain.changed(split, attributes, {**also, **wished}, summary)


def _catchers(seen: Seen) -> Iterator[ZimbraAccount]:
    at = f"@{seen.split.domain}"
    half = seen.snapshot.zimbra
    for account in (*half.accounts.values(), *half.neighbours.values()):
        if at in account.catch_all and account.receives:
            yield account


def no_longer_catches(seen: Seen, account: ZimbraAccount) -> Step:
    """The account no longer gets the mail for addresses that nobody has."""
    at = f"@{seen.split.domain}"
    after = tuple(value for value in account.catch_all if value != at)
    return Step(
        host=seen.split.zimbra,
        act=Act.MODIFY,
        tokens=("ma", account.address, f"-{CATCH_ALL}", at),
        summary="no longer gets the mail for addresses that nobody has",
        address=account.address,
        changes=(Change(account.address, CATCH_ALL, account.catch_all, after),),
        expect=(Fact(CATCH_ALL, account.catch_all),),
        verify=(Fact(CATCH_ALL, after),),
        undo=("ma", account.address, f"+{CATCH_ALL}", at),
    )


def _about_hosting(seen: Seen) -> tuple[Finding, ...]:
    caught = tuple(account.address for account in _catchers(seen))
    if not caught:
        return ()
    text = f"They get the mail for everybody whom Zimbra does not know; it goes to {seen.split.legacy} from then on."
    return (Finding(Severity.WARNING, "catch-all-account", text, caught),)


def cleared(seen: Seen) -> Task:
    """Zimbra refuses whom it does not know."""
    split, known = seen.split, seen.snapshot.zimbra.domain
    there = tuple(name for name in THREE if known.attributes.get(name))
    missing = tuple(f"{name} of {known.name} is {', '.join(known.attributes[name])}" for name in there)
    if not known.exists:
        missing = (f"{split.zimbra} does not host {split.domain}",)
    step = domain.changed(
        split,
        known.attributes,
        dict.fromkeys(THREE, ()),
        f"{split.zimbra} refuses at RCPT TO whom it does not know",
    )
    return Task(
        "clear",
        f"{split.zimbra} refuses whom it does not know",
        f"The catch-all pair and the transport of {split.domain} are cleared, in one command.",
        f"The primary must be the one that says no: if it handed the unknown to {split.legacy}, which hands them to "
        f"{split.zimbra}, all mail for them would loop.",
        Check((f"none of the three attributes of {split.domain} is set",), missing),
        plan_of(seen, [step] if known.exists else [], _about_clearing(seen) if there else ()),
        proof=(rcpt(seen, Standpoint.OUTSIDE, Side.ZIMBRA, seen.nobody, REFUSED),),
        undo="The three are set again, in one command; that must not be while the other side sends on the unknown.",
        needs=(
            Need(
                "parity",
                f"whoever {split.zimbra} does not know by then is refused or bounced, although {split.legacy} has them",
            ),
        ),
    )


def _about_clearing(seen: Seen) -> tuple[Finding, ...]:
    split = seen.split
    found = [
        Finding(
            Severity.INFO,
            "unread-addresses",
            f"Addresses that {split.legacy} has but that were not read (printers, no-reply, shared mailboxes) are "
            f"refused from then on. Look for them first: lines with relay={split.legacy} in {split.zimbra}'s mail log.",
        )
    ]
    caught = tuple(account.address for account in _catchers(seen))
    if caught:
        text = f"They still get the mail for addresses that nobody has, so {split.zimbra} refuses nobody."
        found.append(Finding(Severity.WARNING, "catch-all-account", text, caught))
    return tuple(found)
