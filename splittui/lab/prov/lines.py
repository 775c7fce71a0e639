"""Command lines out of a byte stream, as Java's BufferedReader and zmprov's StringUtil.readLine deliver them."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable

CHUNK = 8192
"""Bytes that one read of a Java stream takes: what lies beyond them is still there for another reader."""


def descriptor_reader(descriptor: int) -> Callable[[], bytes]:
    """A function that reads the next chunk of an open file descriptor; b"" is the end."""
    return lambda: os.read(descriptor, CHUNK)


class Lines:
    """Splits UTF-8 bytes at LF, CR or CR LF. Bytes that are no UTF-8 become U+FFFD."""

    def __init__(self, read: Callable[[], bytes]) -> None:
        self._read = read
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._ended = False
        self._after_cr = False

    def physical_line(self) -> str | None:
        """The next line without its end, or None when there is no more. A last line needs no line end."""
        scanned = 0
        while True:
            if self._after_cr and self._text:
                self._after_cr = False
                self._text = self._text.removeprefix("\n")
            end = _line_end(self._text, scanned)
            if end >= 0:
                line = self._text[:end]
                self._after_cr = self._text[end] == "\r"
                self._text = self._text[end + 1 :]
                return line
            scanned = len(self._text)
            if self._ended:
                line, self._text = self._text, ""
                return line or None
            data = self._read()
            self._ended = not data
            self._text += self._decoder.decode(data, final=self._ended)

    def line(self) -> str | None:
        """The next command line: one that ends in a backslash is joined with the next."""
        joined: str | None = None
        while True:
            line = self.physical_line()
            if line is None:
                return joined
            if not line.endswith("\\"):
                return (joined or "") + line
            joined = (joined or "") + line[:-1]


def _line_end(text: str, start: int) -> int:
    newline, carriage = text.find("\n", start), text.find("\r", start)
    if newline < 0 or carriage < 0:
        return max(newline, carriage)
    return min(newline, carriage)
