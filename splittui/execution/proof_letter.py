"""The marked message that a proof sends: it says what it is, so that whoever finds it can delete it."""

from __future__ import annotations

import email.policy
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from splittui.mailflow.world import Origin
from splittui.model.address import domain_of

MARK = "X-Splittui-Proof"
_FROM = {
    Origin.INTERNET: "as mail from the internet",
    Origin.ZIMBRA: "as mail of a Zimbra user",
    Origin.LEGACY: "as mail of a user of the existing mail system",
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its Message-ID, in angle brackets; ``content`` is ASCII with CRLF at its line ends."""

    message_id: str
    content: bytes = field(repr=False)


def letter(sender: str, address: str, origin: Origin, token: str, at: float) -> Letter:
    """The message for one address from one origin; ``token`` makes it unique, ``at`` is in seconds since the epoch."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = sender
    message["To"] = address
    message["Subject"] = f"splittui proof mail {token}"
    message["Message-ID"] = f"<splittui.{token}@{domain_of(sender)}>"
    message["Date"] = format_datetime(datetime.fromtimestamp(at, UTC))
    # RFC 3834: nobody answers it.
    message["Auto-Submitted"] = "auto-generated"
    message[MARK] = token
    text = (
        f"This message was sent by splittui for {sender}, to prove that mail to {address} goes where it should. "
        f"It was handed in {_FROM[origin]}. It needs no answer and can be deleted."
    )
    message.set_content("\n".join(textwrap.wrap(text, 72)) + "\n")
    return Letter(message["Message-ID"], bytes(message))
