"""Handing in mail, and asking whether it would be taken, as the different senders of the lab do."""

from __future__ import annotations

import itertools
import smtplib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tests.servers.capsule import SECONDS, Capsule
from tests.servers.hosts import CLIENT, LEGACY, SMTP_PORT, ZIMBRA, Host
from tests.servers.stores import MARK

_SUBJECTS = itertools.count(1)


class Origin(StrEnum):
    """Who sends: somebody outside, a user of Zimbra's web client, or a user of the existing system."""

    INTERNET = "internet"
    ZIMBRA = "zimbra"
    LEGACY = "legacy"


_SOURCE: dict[Origin, Host] = {Origin.INTERNET: CLIENT, Origin.ZIMBRA: ZIMBRA, Origin.LEGACY: LEGACY}
_SENDER = {
    Origin.INTERNET: "alice@internet.test",
    Origin.ZIMBRA: "foo@example.com",
    Origin.LEGACY: "bar@example.com",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server said to the last command that mattered. ``mark`` finds the message in stores and logs."""

    mark: str
    code: int
    text: str

    @property
    def accepted(self) -> bool:
        return self.code == 250

    @property
    def message_id(self) -> str:
        return message_id(self.mark)


def message_id(mark: str) -> str:
    return f"{mark}@lab.internet.test"


def send(capsule: Capsule, server: Host, origin: Origin, recipients: Sequence[str], sender: str | None = None) -> Sent:
    """One message, in one dialogue. Refused recipients leave the others; the answer is the last one's.

    ``sender`` may be empty, as a bounce's is; None takes one who is usual for the origin.
    """
    mark = uuid.uuid4().hex[:16]
    given = _SENDER[origin] if sender is None else sender
    with _dialogue(capsule, server, origin) as smtp:
        code, said = smtp.mail(given)
        taken = 0
        for recipient in recipients if code == 250 else ():
            code, said = smtp.rcpt(recipient)
            taken += code == 250
        if taken and code == 250:
            code, said = smtp.data(_message(mark, given, recipients))
    return Sent(mark, code, said.decode("latin-1"))


def probe(capsule: Capsule, server: Host, origin: Origin, recipient: str, sender: str = "") -> tuple[int, str]:
    """What RCPT TO is answered with; nothing is sent."""
    with _dialogue(capsule, server, origin) as smtp:
        smtp.mail(sender)
        code, said = smtp.rcpt(recipient)
        return code, said.decode("latin-1")


def _dialogue(capsule: Capsule, server: Host, origin: Origin) -> smtplib.SMTP:
    source = _SOURCE[origin]
    with capsule.network():
        smtp = smtplib.SMTP(server.address, SMTP_PORT, source.name, SECONDS, (source.address, 0))
    smtp.ehlo_or_helo_if_needed()
    return smtp


def _message(mark: str, sender: str, recipients: Sequence[str]) -> str:
    return (
        f"From: {sender or 'MAILER-DAEMON'}\r\nTo: {', '.join(recipients)}\r\n"
        f"Subject: message {next(_SUBJECTS)} of the lab\r\n"
        f"Message-ID: <{message_id(mark)}>\r\n{MARK}: {mark}\r\n\r\nHello.\r\n"
    )
