"""One SMTP dialogue with a server that may be slow, broken or hostile: everything is limited, all of it is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from splittui.model.text import clean
from splittui.remote.errors import RemoteError
from splittui.remote.vantage import NotConnected, Vantage

_LINE = re.compile(r"([2-5][0-9]{2})([ -]|\Z)(.*)", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: +|\Z)")
# RFC 5321 allows 512 octets a line; servers that tell more exist, servers that never stop do too.
_LONGEST_LINE = 4096
_MOST_LINES = 200
_SHOWN = 200


class SmtpTrouble(Exception):
    """The dialogue cannot go on; the text is one sentence that names the server and what it did."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's reply, its lines joined: code, enhanced code (RFC 3463, empty where it sent none) and text."""

    code: int
    enhanced: str
    text: str

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 400

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.code), self.enhanced, self.text)))


@dataclass(frozen=True, slots=True)
class Server:
    """Where an SMTP server listens."""

    host: str
    port: int = 25

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Conversation:
    """An open dialogue. ``lines`` is all of it so far: ``C:`` what was said here, ``S:`` what the server said.

    ``seconds`` is the limit for the whole dialogue. Every method raises SmtpTrouble, and RemoteError where the point of
    view itself is lost.
    """

    def __init__(
        self, vantage: Vantage, server: Server, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.server = server
        self.lines: list[str] = []
        self._vantage, self._clock = vantage, clock
        self._seconds = seconds
        self._deadline = clock() + seconds
        self._unread = b""
        try:
            self._stream = vantage.connect(server.host, server.port, seconds)
        except NotConnected as error:
            raise SmtpTrouble(str(error)) from error

    def greet(self) -> Reply:
        """Waits for the banner and says EHLO, or HELO to a server that knows no better. The reply is positive."""
        banner = self.reply()
        if not banner.positive:
            raise SmtpTrouble(f"{self.server} does not want to talk: {banner}.")
        hello = self.ask(f"EHLO {self._vantage.greeting}")
        if hello.code in (500, 502, 504):
            hello = self.ask(f"HELO {self._vantage.greeting}")
        if not hello.positive:
            raise SmtpTrouble(f"{self.server} refuses the greeting {self._vantage.greeting}: {hello}.")
        return hello

    def ask(self, command: str) -> Reply:
        """Sends one command and returns the reply. Raises ValueError for what is not one line of ASCII."""
        if not command.isascii() or not command.isprintable():
            raise ValueError(f"{command!r} cannot be said in SMTP")
        self.lines.append(f"C: {command}")
        self._send(command.encode("ascii") + b"\r\n")
        reply = self.reply()
        if reply.code == 421:
            raise SmtpTrouble(f"{self.server} ended the dialogue: {reply}.")
        return reply

    def say_message(self, message: bytes) -> Reply:
        """Sends a whole message after the reply 354 to DATA, and its end; ``message`` has CRLF at its line ends."""
        self.lines.append(f"C: (the message, {len(message)} bytes) .")
        stuffed = re.sub(rb"^\.", b"..", message, flags=re.MULTILINE)
        self._send(stuffed.removesuffix(b"\r\n") + b"\r\n.\r\n")
        return self.reply()

    def quit(self) -> None:
        """Says goodbye, without insisting on an answer, and closes."""
        try:
            self._deadline = min(self._deadline, self._clock() + 2)
            self.ask("QUIT")
        except (SmtpTrouble, RemoteError):
            # Whoever hangs up on QUIT has said everything that matters before.
            pass
        finally:
            self.close()

    def close(self) -> None:
        self._stream.close()

    def reply(self) -> Reply:
        """The next reply, of one line or several."""
        code, enhanced, texts = 0, "", []
        for _ in range(_MOST_LINES):
            line = self._line()
            found = _LINE.fullmatch(line)
            if found is None or (code and int(found[1]) != code):
                raise SmtpTrouble(f"{self.server} does not speak SMTP: it said {line[:_SHOWN]!r}.")
            code, text = int(found[1]), found[3]
            if status := _ENHANCED.match(text):
                enhanced, text = enhanced or status[1], text[status.end() :]
            texts.append(text.strip())
            if found[2] != "-":
                return Reply(code, enhanced, " ".join(filter(None, texts)))
        raise SmtpTrouble(f"{self.server} gave a reply of more than {_MOST_LINES} lines.")

    def _line(self) -> str:
        while b"\n" not in self._unread:
            if len(self._unread) > _LONGEST_LINE:
                raise SmtpTrouble(f"{self.server} sent a line of more than {_LONGEST_LINE} bytes.")
            self._unread += self._receive()
        raw, _, self._unread = self._unread.partition(b"\n")
        line = clean(raw.removesuffix(b"\r").decode("utf-8", "replace"))
        self.lines.append(f"S: {line}")
        return line

    def _receive(self) -> bytes:
        try:
            self._stream.settimeout(self._left())
            data = self._stream.recv(_LONGEST_LINE)
        except TimeoutError as error:
            raise self._too_slow() from error
        except OSError as error:
            self._vantage.check()
            raise SmtpTrouble(f"{self.server} broke the connection off {self._after()}.") from error
        if not data:
            self._vantage.check()
            raise SmtpTrouble(f"{self.server} closed the connection {self._after()}.")
        return data

    def _send(self, data: bytes) -> None:
        try:
            self._stream.settimeout(self._left())
            self._stream.sendall(data)
        except TimeoutError as error:
            raise self._too_slow() from error
        except OSError as error:
            self._vantage.check()
            raise SmtpTrouble(f"{self.server} closed the connection {self._after()}.") from error

    def _left(self) -> float:
        left = self._deadline - self._clock()
        if left <= 0:
            raise TimeoutError
        return left

    def _too_slow(self) -> SmtpTrouble:
        return SmtpTrouble(f"{self.server} did not answer in {self._seconds:.3g} seconds, {self._after()}.")

    def _after(self) -> str:
        if not self.lines:
            return "before it had said anything"
        last = next((line for line in reversed(self.lines) if line.startswith("C: ")), "")
        return f"after {last[3:]!r}" if last else f"after its first words {self.lines[-1][3:][:_SHOWN]!r}"
