"""SMTP as the lab's MTAs speak it: everything is answered, and no mail is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

from paramiko import Channel

from splittui.mailflow.route import OK, Reply

Recipient = Callable[[str], Reply]
"""The reply to RCPT TO for an address."""

_PATH = re.compile(r"(?:FROM|TO):\s*<(?:@[^:>]*:)?([^<>]*)>.*", re.IGNORECASE)
_LONGEST = 4096
_SILENCE = 120.0
_BAD_ORDER = Reply(503, "5.5.1 Error: bad sequence of commands")
_NO_PATH = Reply(501, "5.1.7 Bad address syntax")
_NOT_KEPT = Reply(554, "5.3.2 This is a lab: it answers questions, and keeps no mail")


class Dialogue:
    """One client's dialogue, as far as the server remembers it."""

    def __init__(self, host: str, recipient: Recipient) -> None:
        self.ended = False
        self._host, self._recipient = host, recipient
        self._sender: str | None = None
        self._accepted = False

    def banner(self) -> str:
        return f"220 {self._host} ESMTP Postfix"

    def answer(self, line: str) -> str:
        """The reply to one command, of one line or several."""
        verb, _, rest = line.strip().partition(" ")
        match verb.upper():
            case "EHLO":
                self._begin_again()
                return f"250-{self._host}\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME"
            case "HELO":
                self._begin_again()
                return f"250 {self._host}"
            case "MAIL":
                reply = self._mail(rest)
            case "RCPT":
                reply = self._rcpt(rest)
            case "DATA":
                reply = _NOT_KEPT if self._accepted else _BAD_ORDER
            case "RSET":
                self._begin_again()
                reply = Reply(250, "2.0.0 Ok")
            case "NOOP":
                reply = Reply(250, "2.0.0 Ok")
            case "VRFY":
                reply = Reply(252, f"2.0.0 {rest}")
            case "QUIT":
                self.ended = True
                reply = Reply(221, "2.0.0 Bye")
            case _:
                reply = Reply(500, "5.5.2 Error: command not recognized")
        return str(reply)

    def _begin_again(self) -> None:
        self._sender, self._accepted = None, False

    def _mail(self, text: str) -> Reply:
        path = _PATH.fullmatch(text)
        if path is None:
            return _NO_PATH
        if self._sender is not None:
            return Reply(503, "5.5.1 Error: nested MAIL command")
        self._sender = path[1]
        return Reply(250, "2.1.0 Ok")

    def _rcpt(self, text: str) -> Reply:
        path = _PATH.fullmatch(text)
        if self._sender is None:
            return _BAD_ORDER
        if path is None or not path[1]:
            return Reply(501, "5.1.3 Bad recipient address syntax")
        reply = self._recipient(path[1])
        self._accepted = self._accepted or reply.accepted
        return Reply(250, "2.1.5 Ok") if reply == OK else reply


def serve(channel: Channel, dialogue: Dialogue) -> None:
    """Speaks with one client until either side has enough. Raises what the channel raises when it breaks."""
    channel.settimeout(_SILENCE)
    channel.sendall(f"{dialogue.banner()}\r\n".encode())
    unread = b""
    while not dialogue.ended and len(unread) < _LONGEST:
        data = channel.recv(_LONGEST)
        if not data:
            return
        *lines, unread = (unread + data).split(b"\n")
        replies = [dialogue.answer(line.decode("utf-8", "replace")) for line in lines if not dialogue.ended]
        channel.sendall("".join(f"{reply}\r\n" for reply in replies).encode())
