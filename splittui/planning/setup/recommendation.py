"""Which role Zimbra should have at this site, what either role means for it, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from splittui.model.entries import Role
from splittui.model.router import System
from splittui.planning.setup.replies import OfUnknown, of_unknown
from splittui.planning.setup.roll_call import MAX_ACCOUNTS
from splittui.planning.setup.seen import Seen
from splittui.planning.setup.whereabouts import dwellers, residents, unknown

_BY_NOT_KNOWING = {
    System.EXCHANGE: "Exchange",
    System.EXCHANGE_ONLINE: "Exchange Online",
    System.GOOGLE: "Google Workspace",
}
"""Systems that reach the other side by what they do not know: accepted domains as internal relay, default routing."""


@dataclass(frozen=True, slots=True)
class RoleWords:
    """What a role means here: in a sentence, what it needs of the existing system, and the ways of mail as chains."""

    role: Role
    means: str
    needs: tuple[str, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The role to take, the reasons for it, and what speaks against it."""

    role: Role
    reasons: tuple[str, ...]
    against: tuple[str, ...] = ()


def recommended(seen: Seen) -> Recommendation:
    """By what the existing system can do, how many people are where, and how many accounts Zimbra may have."""
    primary, secondary = tuple(_for_primary(seen)), tuple(_for_secondary(seen))
    if seen.system in _BY_NOT_KNOWING or of_unknown(seen) is OfUnknown.SENDS_ON:
        return Recommendation(Role.PRIMARY, primary, secondary)
    here, there = sum(1 for _ in residents(seen)), sum(1 for _ in dwellers(seen))
    limited = _over_limit(seen)
    if here > there and not limited:
        why = f"{here:,} of {here + there:,} addresses live on {seen.split.zimbra} already."
        return Recommendation(Role.PRIMARY, (why, *primary), secondary)
    return Recommendation(Role.SECONDARY, secondary, primary)


def _for_primary(seen: Seen) -> Iterator[str]:
    split = seen.split
    name = _BY_NOT_KNOWING.get(seen.system)
    if name:
        yield (
            f"{name} reaches {split.zimbra} by handing on every address that it has no mailbox for, so as the "
            "primary it "
            "cannot refuse the unknown; Zimbra as a secondary with a catch-all would hand them back, and they "
            "would loop."
        )
    elif of_unknown(seen) is OfUnknown.SENDS_ON:
        yield f"{split.legacy} takes mail for addresses that nobody has; a primary must refuse them, or they loop."
    yield f"At the end, when everybody lives on {split.zimbra}, nothing about the MX is left to change."


def _for_secondary(seen: Seen) -> Iterator[str]:
    split = seen.split
    yield f"The MX stays at {split.legacy} until the very end; mail from the internet does not notice the set-up."
    many = len(unknown(seen).accounts)
    if many:
        yield f"{split.zimbra} needs no entries for the {many:,} people whom it does not know yet."
    limit = _over_limit(seen)
    if limit:
        yield limit


def _over_limit(seen: Seen) -> str:
    text = seen.snapshot.zimbra.domain.one(MAX_ACCOUNTS)
    limit = int(text) if text.isdigit() else 0
    needed = len(seen.snapshot.zimbra.accounts) + len(unknown(seen).accounts)
    if not limit or needed <= limit:
        return ""
    return f"{MAX_ACCOUNTS} is {limit:,}; as the primary {seen.split.zimbra} would need {needed:,} accounts."


def meaning(seen: Seen, role: Role) -> RoleWords:
    """A role in the names of this site."""
    split = seen.split
    zimbra, legacy, hop = split.zimbra, split.legacy, split.legacy_transport
    if role is Role.PRIMARY:
        return RoleWords(
            role,
            f"{zimbra} decides which addresses of {split.domain} there are; {legacy} sends it whom it does not know.",
            (
                f"{legacy} takes mail from {zimbra} for its own people.",
                f"{legacy} sends every address that it has no mailbox for to {zimbra}, once {zimbra} knows everybody.",
                f"Everybody on {legacy} gets a placeholder on {zimbra}, aliases and lists included.",
            ),
            (
                f"to somebody on {zimbra}: internet → {zimbra} → mailbox",
                f"to somebody on {legacy}: internet → {zimbra} → {hop} → {legacy} → mailbox",
                f"to nobody: internet → {zimbra}, which says 550",
                f"a user of {legacy} to somebody on {zimbra}: {legacy} → {zimbra} → mailbox",
            ),
        )
    return RoleWords(
        role,
        f"{legacy} decides which addresses of {split.domain} there are; {zimbra} sends it whom it does not know.",
        (
            f"{legacy} refuses at RCPT TO whom it does not know.",
            f"{legacy} has a route to {zimbra} for each person who lives there.",
            f"{legacy} takes mail from {zimbra}, for its own people and, where it is the relay host, for other "
            "domains.",
        ),
        (
            f"to somebody on {zimbra}: internet → {legacy} → {zimbra} → mailbox",
            f"to somebody on {legacy}: internet → {legacy} → mailbox",
            f"to nobody: internet → {legacy}, which says 550",
            f"a user of {zimbra} to somebody on {legacy}: {zimbra} → {hop} → {legacy} → mailbox",
        ),
    )
