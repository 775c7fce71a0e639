"""Whether a message went the way that was traced for it."""

from __future__ import annotations

from enum import StrEnum

from splittui.mailflow.observed import Seen
from splittui.mailflow.route import End, Outcome, Route


class Agreement(StrEnum):
    """Whether mail went the way that was traced: it did, it did not, or too little was seen to say."""

    AGREES = "as predicted"
    DIFFERS = "differs"
    UNPROVEN = "not proven"


def agreement(predicted: Route, seen: Seen) -> tuple[Agreement, str]:
    """Whether the message went where it was traced to go, and one sentence that says how it did not."""
    expected = {end.address.lower(): end for end in predicted.ends}
    found = {end.address.lower(): end for end in seen.route.ends}
    unproven = ""
    for address, end in expected.items():
        came = found.get(address)
        if came is None or came.outcome is Outcome.UNKNOWN:
            if came is not None and address in seen.out_of_sight and _ends_there(end, came):
                continue
            if came is None and not seen.open and not any(e.outcome is Outcome.UNKNOWN for e in found.values()):
                return Agreement.DIFFERS, f"{address} was to be {_told(end)}, and nothing was seen of it"
            unproven = unproven or f"{address}: {came.text if came is not None else 'nothing was seen of it yet'}"
        elif end.outcome is Outcome.UNKNOWN:
            unproven = unproven or f"{address} was {_told(came)}; what would happen to it could not be traced"
        elif not _same(end, came):
            return Agreement.DIFFERS, f"{address} was to be {_told(end)}, and was {_told(came)}"
    for address, came in found.items():
        if address not in expected and came.outcome is not Outcome.UNKNOWN:
            return Agreement.DIFFERS, f"{address} was not expected to get it, and was {_told(came)}"
    if unproven:
        return Agreement.UNPROVEN, unproven
    return Agreement.AGREES, ""


def _same(one: End, other: End) -> bool:
    if one.outcome is other.outcome is Outcome.LOOPED:
        # Which of the two gives up depends on how many headers each adds.
        return True
    if one.outcome is other.outcome is Outcome.REJECTED and one.text[:1] != other.text[:1]:
        # Refused for good or for now (RFC 5321, 4.2.1).
        return False
    return one.system is other.system and _kind(one.outcome) is _kind(other.outcome)


def _kind(outcome: Outcome) -> Outcome:
    # LMTP takes what it throws away by the account's wish (zimbraPrefMailLocalDeliveryDisabled): a log cannot tell.
    return Outcome.DELIVERED if outcome is Outcome.DISCARDED else outcome


def _ends_there(expected: End, taken: End) -> bool:
    return _kind(expected.outcome) is Outcome.DELIVERED and expected.system is taken.system


def _told(end: End) -> str:
    words = {Outcome.BOUNCED: "bounced", Outcome.REJECTED: "refused", Outcome.LOOPED: "bounced as a loop"}
    text = f": {end.text}" if end.text else ""
    return f"{words.get(end.outcome, end.outcome.value)} on {end.host}{text}"
