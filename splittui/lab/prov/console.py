"""What zmprov writes: results and usage on stdout, errors and log lines on stderr, each in its own character set.

Attribute values and errors are UTF-8 whatever the locale; names, usage and echoes are in the locale's character set,
where ``?`` stands for what it lacks (recorded; zmprov.md section 7).
"""

from __future__ import annotations

import os
import time
from typing import Protocol

_ENOUGH = 65536


class Sink(Protocol):
    """Where bytes go: a buffered binary stream."""

    def write(self, data: bytes, /) -> int:
        """Take the bytes."""

    def flush(self) -> None:
        """Hand on what was taken."""


class Stream:
    """A buffered Sink on a file descriptor. A reader that went away is ignored, as Java's PrintStream does."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        """Take the bytes."""
        self._parts.append(data)
        return len(data)

    def flush(self) -> None:
        """Write all that was taken."""
        data = b"".join(self._parts)
        self._parts.clear()
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BrokenPipeError:
                return


def is_utf8_locale(name: str) -> bool:
    """Whether the locale called ``name`` (LC_ALL, LANG) has UTF-8 as its character set. C and POSIX have ASCII."""
    return name.lower().replace("-", "").partition("@")[0].endswith("utf8")


class Console:
    """The two streams, in step: stdout is flushed before anything is written to stderr."""

    def __init__(self, out: Sink, err: Sink, utf8_locale: bool) -> None:
        self._out = out
        self._err = err
        self._unflushed = 0
        self.charset = "utf-8" if utf8_locale else "ascii"

    def line(self, text: str = "") -> None:
        """A line on stdout in the locale's character set."""
        self.put(text + "\n")

    def put(self, text: str) -> None:
        """Text on stdout in the locale's character set."""
        self._take(text.encode(self.charset, "replace"))

    def values(self, text: str) -> None:
        """Text on stdout in UTF-8."""
        self._take(text.encode("utf-8", "replace"))

    def _take(self, data: bytes) -> None:
        self._out.write(data)
        self._unflushed += len(data)
        if self._unflushed > _ENOUGH:
            self.flush()

    def error(self, line: str) -> None:
        """A line on stderr in UTF-8."""
        self._out.flush()
        self._err.write((line + "\n").encode("utf-8", "replace"))
        self._err.flush()

    def log(self, level: str, message: str) -> None:
        """A log4j line on stderr; ``level`` is INFO, WARN or FATAL."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now))
        self.error(f"{stamp},{int(now * 1000) % 1000:03d} [main] {level:<5}: {message}")

    def flush(self) -> None:
        """Hand stdout on."""
        self._unflushed = 0
        self._out.flush()
