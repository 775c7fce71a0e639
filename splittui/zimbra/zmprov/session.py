"""One zmprov process and the dialogue with it: one command in flight, its reply read whole before the next is sent."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Protocol

from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import MASK
from splittui.zimbra.zmprov.errors import NoAnswer, NotForPlainInput, NotZmprov, SessionEnded
from splittui.zimbra.zmprov.prompt import PromptReader
from splittui.zimbra.zmprov.reply import Entry, parse_entry, parse_list, parse_names, parse_values, raise_for_error

START_SECONDS = 60.0
"""A JVM on a busy server takes its time; the first prompt comes after three of them."""

ANSWER_SECONDS = 60.0


class Stream(Protocol):
    """The far end: a process that runs zmprov, with stderr in its stdout."""

    def write(self, data: bytes) -> None: ...

    def read(self, timeout: float) -> bytes:
        """Whatever is there, waiting for the first byte at most ``timeout`` seconds; empty at the end."""
        ...

    def close_stdin(self) -> None: ...

    def cancel(self) -> bool:
        """Ends the process whatever it is doing; true when it is certainly gone."""
        ...

    def exit_status(self) -> int | None:
        """The exit status once the process has ended; None where it is not known."""
        ...


class Direction(Enum):
    """Which way a line of the dialogue went."""

    SENT = "sent"
    RECEIVED = "received"


Listener = Callable[[Direction, str], None]
"""Told every line of the dialogue, secrets masked, fences left out."""


class ZmprovSession:
    """A running zmprov. Not safe for use by two threads at once.

    ``echoes`` says that the far end repeats what it is sent (zmprov's line editor on plain stdin). Such an end keeps
    its input in a history file and spoils everything outside ASCII, so neither secrets nor such text is sent to it.
    """

    def __init__(self, stream: Stream, listener: Listener, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._stream = stream
        self.listener = listener
        self._answer_seconds = answer_seconds
        self._reader = PromptReader()
        self._nonce = secrets.token_hex(8)
        self._fences = 0
        self.echoes = False

    def open(self, start_seconds: float = START_SECONDS) -> None:
        """Waits for the first prompt and proves that it is zmprov's. Raises SessionEnded, NoAnswer, NotZmprov."""
        greeting = self._wait(self._reader.take_to_prompt, start_seconds)
        self._tell(greeting.decode(errors="replace"))
        fence = self._new_fence()
        self._stream.write(f"gd {fence}\n".encode())
        answer = self._wait(self._reader.take_to_prompt, start_seconds).decode(errors="replace")
        if f"(no such domain: {fence})" not in answer:
            raise NotZmprov(f"What answers is not zmprov: it said {answer[:200]!r} to a look-up.")
        self.echoes = answer.startswith(f"gd {fence}")

    def aside(self, words: str) -> str:
        """Says something to the shell that zmprov was started from (``lock.CHANNEL``), and returns its answer.

        Raises SessionEnded and NoAnswer.
        """
        mark = secrets.token_hex(8)
        command, _, rest = words.partition(" ")
        self._stream.write(f"# {command} {mark} {rest}\n".encode())
        answer = self._wait(lambda: self._reader.take_line(mark), self._answer_seconds)
        return answer.decode(errors="replace")

    def do(self, tokens: Sequence[str], secrets_at: Sequence[int] = (), given: Sequence[str] = ()) -> str:
        """Runs one changing command and returns what it printed. Raises CommandFailed and its kin where it failed.

        At the positions in ``secrets_at`` something else is sent in place of what stands there: the ``given`` secrets
        in their order or, without any, random values. They are made here and kept nowhere.
        """
        reply = self._ask(tokens, dict(zip(secrets_at, given or _random(len(secrets_at)), strict=True)))
        raise_for_error(reply)
        return reply.strip()

    def entry(self, command: str, name: str, attributes: Collection[str], *, own_only: bool = False) -> Entry:
        """Reads an entry by ``ga``, ``gd`` or ``gs``; ``own_only`` leaves out what is inherited (``-e``).

        Raises NoSuchEntry, UnreadableReply and CommandFailed.
        """
        flags = ("-e",) if own_only else ()
        return parse_entry(self._ask((command, *flags, name, *attributes)), attributes)

    def distribution_list(self, name: str, attributes: Collection[str]) -> tuple[Entry, tuple[str, ...]]:
        """Reads a list or a dynamic group by ``gdl``, with its members. Raises as ``entry``."""
        return parse_list(self._ask(("gdl", name, *attributes)), attributes)

    def values(self, attribute: str) -> tuple[str, ...]:
        """An attribute of the global configuration, by ``gcf``. Raises as ``entry``."""
        return parse_values(self._ask(("gcf", attribute)), attribute)

    def names(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """What a listing command (``gaa``, ``gas``, ``gadl``) prints, one name a line. Raises CommandFailed."""
        return parse_names(self._ask(tokens))

    def close(self) -> None:
        """Ends zmprov between commands."""
        try:
            self._stream.write(b"exit\n")
        finally:
            self._stream.close_stdin()

    def abandon(self) -> bool:
        """Ends a zmprov that gave no answer, so that what it was sent cannot take effect later; true when certain."""
        return self._stream.cancel()

    def _ask(self, tokens: Sequence[str], hidden: Mapping[int, str] = MappingProxyType({})) -> str:
        shown = quote_line([MASK if i in hidden else token for i, token in enumerate(tokens)])
        line = quote_line([hidden.get(i, token) for i, token in enumerate(tokens)])
        if self.echoes and hidden:
            raise NotForPlainInput("It holds a password, and this zmprov keeps its input in a history file.")
        if self.echoes and not line.isascii():
            raise NotForPlainInput("It holds text outside ASCII, which this zmprov spoils.")
        fence = self._new_fence()
        self.listener(Direction.SENT, shown)
        self._stream.write(f"{line}\n".encode())
        self._stream.write(f"gd {fence}\n".encode())
        raw = self._wait(lambda: self._reader.take_to_fence(fence), self._answer_seconds)
        reply = raw.decode("utf-8", errors="surrogateescape")
        if self.echoes:
            reply = reply.partition("\n")[2]
        self._tell(reply)
        return reply

    def _new_fence(self) -> str:
        self._fences += 1
        return f"fence-{self._nonce}-{self._fences}.invalid"

    def _tell(self, text: str) -> None:
        for line in text.splitlines():
            if line:
                self.listener(Direction.RECEIVED, line)

    def _wait(self, take: Callable[[], bytes | None], seconds: float) -> bytes:
        deadline = time.monotonic() + seconds
        while True:
            taken = take()
            if taken is not None:
                return taken
            left = deadline - time.monotonic()
            if left <= 0:
                raise NoAnswer(seconds, self._reader.pending.decode(errors="replace")[-300:])
            try:
                data = self._stream.read(left)
            except TimeoutError:
                continue
            if not data:
                said = self._reader.pending.decode(errors="replace")
                self._tell(said)
                raise SessionEnded(said, self._stream.exit_status())
            self._reader.feed(data)


def _random(count: int) -> tuple[str, ...]:
    return tuple(secrets.token_urlsafe(24) for _ in range(count))
