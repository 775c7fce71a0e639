"""Hands one message in to a server, once: after a lost answer it is not known whether the server has it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from splittui.remote.errors import RemoteError
from splittui.remote.smtp.conversation import Conversation, Reply, Server, SmtpTrouble
from splittui.remote.smtp.probe import begin
from splittui.remote.vantage import Vantage

_QUEUED = re.compile(r"\bqueued as ([0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class HandIn:
    """How handing in ended.

    ``reply`` is the server's last word on the recipient or the message, None where it did not come to that.
    ``in_doubt``: the message was sent, but whether the server has it is not known. ``trouble``: why the dialogue ended
    early. ``queue_id`` is Postfix's name for the message, empty where the server told none.
    """

    asked_from: str
    server: Server
    reply: Reply | None
    dialogue: tuple[str, ...]
    trouble: str = ""
    in_doubt: bool = False

    @property
    def taken(self) -> bool:
        return self.reply is not None and self.reply.positive

    @property
    def queue_id(self) -> str:
        found = _QUEUED.search(self.reply.text) if self.reply is not None and self.taken else None
        return found[1] if found else ""


def hand_in(
    vantage: Vantage,
    server: Server,
    sender: str,
    address: str,
    message: bytes,
    seconds: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
) -> HandIn:
    """One message from ``sender`` to ``address``; nothing is ever sent twice.

    ``message`` has CRLF at its line ends and is ASCII. Raises RemoteError where the point of view itself is lost before
    the message was sent; everything else is told in the result.
    """
    talk: Conversation | None = None
    reply: Reply | None = None
    sent = False
    trouble = ""
    try:
        talk = Conversation(vantage, server, seconds, clock)
        talk.greet()
        begin(talk, sender)
        reply = talk.ask(f"RCPT TO:<{address}>")
        if reply.positive:
            reply = talk.ask("DATA")
            if reply.code == 354:
                reply, sent = None, True
                reply = talk.say_message(message)
            elif reply.positive:
                raise SmtpTrouble(f"{server} does not speak SMTP: it answered DATA with {reply}.")
        talk.quit()
    except SmtpTrouble as error:
        trouble = str(error)
        reply = None if reply is not None and reply.positive and not sent else reply
    except RemoteError as error:
        if not sent:
            raise
        trouble = str(error)
    finally:
        if talk is not None:
            talk.close()
    lines = tuple(talk.lines) if talk is not None else ()
    return HandIn(vantage.name, server, reply, lines, trouble, in_doubt=sent and reply is None)
