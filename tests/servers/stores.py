"""Mailboxes of the lab: LMTP and SMTP servers that keep what they are given, as lists in the test's own memory."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.servers.capsule import Capsule
from tests.servers.directory import DirectoryDown, ZimbraDirectory
from tests.servers.hosts import ZIMBRA

MARK = "X-Splittui-Lab"
"""The header with a message's id; a bounce has it too, in the returned message."""
_MARK = re.compile(rb"^" + MARK.encode() + rb": (\w+)", re.MULTILINE | re.IGNORECASE)
_RECEIVED = re.compile(rb"^Received:", re.MULTILINE | re.IGNORECASE)
_PATH = re.compile(r"<([^>]*)>")
_LONGEST_LINE = 65536


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message in one mailbox. ``hops`` counts its Received headers; ``at`` is in seconds of time.time."""

    store: str
    rcpt: str
    sender: str
    mark: str
    bounce: bool
    hops: int
    at: float


class Store(socketserver.ThreadingTCPServer):
    """Listens on ``address`` inside the capsule as soon as it is made; use it as a context manager.

    With ``lmtp`` it speaks LMTP (one answer to DATA for each recipient, RFC 2033), otherwise SMTP.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, name: str, capsule: Capsule, address: str, port: int, *, lmtp: bool) -> None:
        self.name, self.lmtp = name, lmtp
        self.deliveries: list[Delivery] = []
        with capsule.network():
            super().__init__((address, port), _Dialogue)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, rcpt: str) -> str:
        """What RCPT TO is answered with."""
        return "250 2.1.5 Recipient OK"

    def keeps(self, rcpt: str) -> bool:
        """Whether an accepted message is put into the mailbox, or thrown away."""
        return True

    def take(self, sender: str, rcpts: list[str], raw: bytes) -> None:
        head = raw.partition(b"\n\n")[0]
        mark = _MARK.search(raw)
        for rcpt in rcpts:
            if self.keeps(rcpt):
                delivery = Delivery(
                    self.name,
                    rcpt,
                    sender,
                    mark[1].decode() if mark else "",
                    b"multipart/report" in head,
                    len(_RECEIVED.findall(head)),
                    time.time(),
                )
                self.deliveries.append(delivery)


class ZimbraStore(Store):
    """Answers as Zimbra's mailbox server does (zm-mailbox, ZimbraLmtpBackend.getAddressStatus)."""

    def __init__(self, capsule: Capsule, directory: ZimbraDirectory, port: int) -> None:
        self._directory = directory
        super().__init__("zimbra", capsule, ZIMBRA.address, port, lmtp=True)

    def answer(self, rcpt: str) -> str:
        try:
            account = self._directory.account_of(rcpt)
        except DirectoryDown:
            return "450 4.2.1 Mailbox disabled, not accepting messages"
        if account is None:
            return "550 5.1.1 No such user here"
        status = account.get("zimbraAccountStatus", [""])[0]
        if status == "maintenance":
            return "450 4.2.1 Mailbox disabled, not accepting messages"
        if account.get("zimbraMailHost") != [ZIMBRA.name]:
            return "450 4.2.0 Mailbox is not on this server"
        if status in ("active", "locked", "lockout"):
            return "250 2.1.5 Recipient OK"
        return "550 5.1.1 No such user here"

    def keeps(self, rcpt: str) -> bool:
        account = self._directory.account_of(rcpt) or {}
        return account.get("zimbraPrefMailLocalDeliveryDisabled") != ["TRUE"]


class _Dialogue(socketserver.StreamRequestHandler):
    """One connection. It knows just what Postfix's smtp(8) and lmtp(8) say."""

    server: Store
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self._sender, self._rcpts = "", list[str]()
        # Postfix may go away at any moment, for instance when it is stopped.
        with suppress(ConnectionError, TimeoutError):
            self._say(f"220 {self.server.name} ready")
            while line := self.rfile.readline(_LONGEST_LINE).decode("latin-1"):
                verb = line[:4].strip().upper()
                if verb == "QUIT":
                    self._say("221 2.0.0 Bye")
                    return
                self._say(*self._answer(verb, line))

    def _answer(self, verb: str, line: str) -> list[str]:
        if verb in (("LHLO",) if self.server.lmtp else ("EHLO", "HELO")):
            return [f"250-{self.server.name}", "250-PIPELINING", "250-8BITMIME", "250 ENHANCEDSTATUSCODES"]
        if verb == "MAIL":
            self._sender, self._rcpts = _address(line), []
            return ["250 2.1.0 Sender OK"]
        if verb == "RCPT":
            said = self.server.answer(_address(line))
            if said.startswith("250"):
                self._rcpts.append(_address(line))
            return [said]
        if verb == "DATA":
            return self._data()
        if verb == "RSET":
            self._rcpts = []
        if verb in ("RSET", "NOOP"):
            return ["250 2.0.0 OK"]
        return ["502 5.5.1 Command not known"]

    def _data(self) -> list[str]:
        if not self._rcpts:
            return ["503 5.5.1 No recipients"]
        self._say("354 End data with <CR><LF>.<CR><LF>")
        lines = []
        while (line := self.rfile.readline(_LONGEST_LINE)) != b".\r\n":
            if not line:
                raise ConnectionError
            lines.append(line.removeprefix(b".").rstrip(b"\r\n"))
        rcpts, self._rcpts = self._rcpts, []
        self.server.take(self._sender, rcpts, b"\n".join(lines))
        return ["250 2.1.5 Delivery OK"] * (len(rcpts) if self.server.lmtp else 1)

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


def _address(line: str) -> str:
    found = _PATH.search(line)
    return found[1] if found else ""
