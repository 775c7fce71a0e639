"""The exact words for changing a mail system by hand: where it sends one person's mail.

From each system's own documentation: Postfix transport(5), Sendmail's cf/README (virtusertable), Exchange's Set-Mailbox
(ForwardingSmtpAddress, which leaves the mailbox where it is and no gap in between), Google's default routing. The words
end with what makes the change take effect, since the step after them relies on that.
"""

from __future__ import annotations

import re

from splittui.model.entries import Role
from splittui.model.router import System
from splittui.model.split import Split


def by_hand(split: Split, system: System, address: str, nexthop: str) -> tuple[str, ...]:
    """What to do so that the mail of ``address`` is sent to ``nexthop``, or, where that is empty, kept."""
    lines = _AWAY[system] if nexthop else _HERE[system]
    if nexthop and split.role is Role.SECONDARY:
        lines = (*lines, *_STAYS_KNOWN.get(system, ()))
    alias = f"{address.rpartition('@')[0]}@{split.zimbra}"
    values = {"address": address, "alias": alias, "nexthop": nexthop, "legacy": split.legacy, "zimbra": split.zimbra}
    values |= {f"quoted {name}": _in_powershell(values[name]) for name in ("address", "alias")}
    return tuple(_FIELD.sub(lambda found: values[found[1]], line) for line in lines)


_FIELD = re.compile(r"<(address|alias|nexthop|legacy|zimbra|quoted address|quoted alias)>")


def _in_powershell(text: str) -> str:
    """As one argument: an address may hold ``$``, ``&`` and quotes (about_Quoting_Rules)."""
    return text if re.fullmatch(r"[A-Za-z0-9@._-]+", text) else "'" + text.replace("'", "''") + "'"


_TABLE = "(/etc/postfix/transport stands for the table that postconf -h transport_maps names)"
_POSTMAP = "    postmap /etc/postfix/transport && postfix reload"
_MAKEMAP = "    makemap hash /etc/mail/virtusertable < /etc/mail/virtusertable"
_BOX = "their mailbox there must exist and be open for mail"
_ALIAS = "(once for all: Zimbra must take mail for <zimbra>, so make that an alias domain there"
_LOOK = "    Get-Mailbox <quoted address> | Format-List ForwardingSmtpAddress,DeliverToMailboxAndForward"

_AWAY: dict[System, tuple[str, ...]] = {
    System.POSTFIX: (
        "on <legacy>, send the mail of <address> to <nexthop>: in /etc/postfix/transport their one line is",
        "    <address>    <nexthop>",
        _POSTMAP,
        _TABLE,
    ),
    System.SENDMAIL: (
        "on <legacy>, send the mail of <address> to Zimbra: in /etc/mail/virtusertable their one line is",
        "    <address>    <alias>",
        _MAKEMAP,
        f"{_ALIAS}; /etc/mail/mailertable has  <zimbra>  esmtp:[<zimbra>])",
    ),
    System.EXCHANGE: (
        "in the Exchange Management Shell of <legacy>, send the mail of <address> to Zimbra",
        "    Set-Mailbox <quoted address> -ForwardingSmtpAddress <quoted alias> -DeliverToMailboxAndForward $false",
        _LOOK,
        f"{_ALIAS}; a send connector for SMTP:<zimbra> has <zimbra> as its smart host)",
    ),
    System.EXCHANGE_ONLINE: (
        "in Exchange Online PowerShell, send the mail of <address> to Zimbra",
        "    Set-Mailbox <quoted address> -ForwardingSmtpAddress <quoted alias> -DeliverToMailboxAndForward $false",
        _LOOK,
        f"{_ALIAS}; an outbound connector of type OnPremises for <zimbra> has <zimbra> as its smart host;",
        "the outbound spam policy lets these mailboxes forward: AutoForwardingMode On)",
    ),
    System.GOOGLE: (
        "in Google's Admin console, let the mail of <address> fall through to Zimbra",
        "    move the user to an organizational unit in which Gmail is off",
        "    (Apps > Google Workspace > Gmail > Service status)",
        "(once for all, in the settings of Gmail: the host <zimbra>:25 below Hosts; below Default routing, for all",
        "recipients, only non-recognized addresses: that host as the route)",
        "done only when a message from outside arrives on Zimbra: Google may take up to 24 hours",
    ),
    System.OTHER: (
        "on <legacy>, send the mail of <address> to <nexthop>",
        "    make its MTA forget the old route at once (reload), or wait 30 seconds",
    ),
}

_HERE: dict[System, tuple[str, ...]] = {
    System.POSTFIX: (
        "on <legacy>, keep the mail of <address>: in /etc/postfix/transport no line for them",
        _POSTMAP,
        _TABLE,
        _BOX,
    ),
    System.SENDMAIL: (
        "on <legacy>, keep the mail of <address>: in /etc/mail/virtusertable no line for them",
        _MAKEMAP,
        _BOX,
    ),
    System.EXCHANGE: (
        "in the Exchange Management Shell of <legacy>, keep the mail of <address>",
        "    Set-Mailbox <quoted address> -ForwardingSmtpAddress $null",
        _LOOK,
    ),
    System.EXCHANGE_ONLINE: (
        "in Exchange Online PowerShell, keep the mail of <address>",
        "    Set-Mailbox <quoted address> -ForwardingSmtpAddress $null",
        _LOOK,
    ),
    System.GOOGLE: (
        "in Google's Admin console, keep the mail of <address>",
        "    move the user back to an organizational unit in which Gmail is on",
        "    (Apps > Google Workspace > Gmail > Service status)",
        "done only when a message from outside arrives in Gmail: Google may take up to 24 hours",
    ),
    System.OTHER: (
        "on <legacy>, keep the mail of <address> in their mailbox there, and send it nowhere",
        "    make its MTA forget the old route at once (reload), or wait 30 seconds",
    ),
}

_STAYS_KNOWN: dict[System, tuple[str, ...]] = {
    System.POSTFIX: ("leave their mailbox in its tables: it refuses an address it does not know before it routes it",),
    System.OTHER: ("<address> must stay an address that <legacy> accepts",),
}
"""With the existing system as the primary, it alone decides which addresses there are."""
