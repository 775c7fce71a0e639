"""Zimbra's LMTP server: what it answers for a recipient (ZimbraLmtpBackend.getAddressStatus, LmtpReply)."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.mailflow.maps import Maps
from splittui.mailflow.route import Outcome, Reply
from splittui.mailflow.world import (
    ACCOUNT_STATUS,
    DOMAIN_STATUS,
    LOCAL_DELIVERY_OFF,
    MAIL_HOST,
    Entry,
    EntryKind,
    World,
)

_TAKEN = Reply(250, "2.1.5 Delivery OK")
_DOMAIN_STATUS = {"closed": "closed", "locked": "locked"} | dict.fromkeys(
    ("maintenance", "suspended", "shutdown"), "maintenance"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """LMTP's reply, the account that it found, what becomes of the message, and why."""

    reply: Reply
    outcome: Outcome
    address: str
    because: str
    until: str = ""


def receive(world: World, maps: Maps, address: str, server: str) -> Mail:
    """The answer of the LMTP server ``server`` to one recipient."""
    account = maps.account(address)
    if account is None:
        return _no(550, "5.1.1 No such user here", address, f"no account of Zimbra has <{address}>")
    status = _status(world, account)
    if status in ("closed", "pending"):
        return _no(550, "5.1.1 No such user here", address, f"the account {account.name} is {status}")
    home = account.one(MAIL_HOST)
    if home.lower() != server.lower():
        where = f"its zimbraMailHost is {home}" if home else "it has no zimbraMailHost, so there is no mailbox"
        because = f"the account {account.name} has no mailbox on {server}: {where}"
        until = "the mail host or the transport is corrected"
        return Mail(Reply(450, "4.2.0 Mailbox is not on this server"), Outcome.DEFERRED, address, because, until)
    if status == "maintenance":
        text = "4.2.1 Mailbox disabled, not accepting messages"
        because = f"the account {account.name} is in maintenance"
        return Mail(Reply(450, text), Outcome.DEFERRED, address, because, "the account leaves maintenance")
    if account.one(LOCAL_DELIVERY_OFF).upper() == "TRUE":
        because = f"{account.name} keeps no copy (zimbraPrefMailLocalDeliveryDisabled)"
        return Mail(_TAKEN, Outcome.DISCARDED, address, because)
    also = "" if status in ("active", "") else f", which takes mail though it is {status}"
    because = f"lmtp to its own mail host {home}{also}"
    return Mail(_TAKEN, Outcome.DELIVERED, address, because)


def _no(code: int, text: str, address: str, because: str) -> Mail:
    return Mail(Reply(code, text), Outcome.BOUNCED, address, because)


def _status(world: World, account: Entry) -> str:
    # Account.getAccountStatus: the domain's status overrides the account's, except where the account is worse off.
    own = account.one(ACCOUNT_STATUS).lower()
    domain = world.entries.get(account.name.rpartition("@")[2].lower())
    if domain is None or domain.kind is not EntryKind.DOMAIN or own in ("closed", "pending"):
        return own
    return _DOMAIN_STATUS.get(domain.one(DOMAIN_STATUS).lower(), own)
