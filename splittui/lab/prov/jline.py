"""The line editor that real zmprov puts on its standard input: JLine 1.0, with its echo, its keys and its history file.

It works on a pipe as on a terminal: every character is echoed, control characters are editing keys, and characters
are cut to their low byte on the way to zmprov (zmprov.md section 1 and 7).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from splittui.lab.prov.console import Console

_BELL = "\x07"
_ESCAPE = 27
_HISTORY_LINES = 500
_ARROWS = {65: 16, 66: 14, 67: 6, 68: 2, 72: 1, 70: 5}
_DELETE = 127


class History:
    """The history file: the lines typed, without repeats in a row, the last 500. An unwritable file keeps nothing."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be written; zmprov then goes without the editor."""
        self._path = path
        self._lines: list[str] = []
        with path.open("a+", encoding="utf-8", errors="replace") as file:
            file.seek(0)
            self._lines = file.read().splitlines()[-_HISTORY_LINES:]

    def add(self, line: str) -> None:
        """Remember a line."""
        if not line or (self._lines and self._lines[-1] == line):
            return
        self._lines = [*self._lines[-(_HISTORY_LINES - 1) :], line]
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(line + "\n")

    @property
    def lines(self) -> list[str]:
        """Oldest first."""
        return self._lines


class Editor:
    """Turns key bytes into lines. ``read`` gives the next bytes typed, b"" at the end."""

    def __init__(self, read: Callable[[], bytes], console: Console, history: History) -> None:
        self._read = read
        self._console = console
        self._history = history
        self._pending = b""
        self._buffer: list[str] = []
        self._cursor = 0
        self._recalled = 0

    def next_line(self) -> bytes:
        """The next line with its newline, each character cut to its low byte; b"" at the end of input.

        What was typed before an end of input without a newline is echoed and lost.
        """
        self._buffer, self._cursor = [], 0
        self._recalled = len(self._history.lines)
        ok = True
        while True:
            key = self._key()
            if key < 0 or (key == 4 and not self._buffer):
                return b""
            if key in (10, 13):
                self._console.put("\n")
                self._console.flush()
                text = "".join(self._buffer)
                self._history.add(text)
                units = (text + "\n").encode("utf-16-le", "surrogatepass")
                return units[::2]
            done = self._edit(key)
            # JLine never forgets a failed key within a line: every later character rings the bell too.
            ok = ok if done is None else done
            if not ok:
                self._console.put(_BELL)
            self._console.flush()

    def _byte(self) -> int:
        if not self._pending:
            self._pending = self._read()
            if not self._pending:
                return -1
        byte, self._pending = self._pending[0], self._pending[1:]
        return byte

    def _key(self) -> int:
        byte = self._byte()
        if byte == _ESCAPE:
            return self._escape_sequence()
        if byte > 128:
            return self._wide(byte)
        return byte

    def _escape_sequence(self) -> int:
        byte = _ESCAPE
        while byte == _ESCAPE:
            byte = self._byte()
        if byte in (ord("["), ord("O")):
            byte = self._byte()
            if byte == ord("3"):
                self._byte()
                return _DELETE
            return _ARROWS.get(byte, byte)
        return byte

    def _wide(self, first: int) -> int:
        more = 1 if first & 0xE0 == 0xC0 else 2 if first & 0xF0 == 0xE0 else 3 if first & 0xF8 == 0xF0 else 0
        data = bytearray([first])
        for _ in range(more):
            byte = self._byte()
            if byte < 0:
                break
            data.append(byte)
        return ord(data.decode("utf-8", "replace")[:1])

    def _edit(self, key: int) -> bool | None:
        """Do what the key says. None: an ordinary character; True or False: an editing key that worked or failed."""
        moves = {1: 0, 5: len(self._buffer), 2: self._cursor - 1, 6: self._cursor + 1}
        if key in moves:
            return self._move(moves[key])
        if key == 8:
            return self._erase(1)
        if key in (4, _DELETE):
            return self._erase_ahead(1)
        if key == 11:
            return self._erase_ahead(len(self._buffer) - self._cursor)
        if key == 21:
            return self._erase(self._cursor)
        if key == 23:
            return self._erase(self._word_length())
        if key in (14, 16):
            return self._recall(-1 if key == 16 else 1)
        if key < 32:
            return False
        self._insert(chr(key))
        return None

    def _insert(self, char: str) -> None:
        self._buffer.insert(self._cursor, char)
        self._cursor += 1
        self._console.put(char)
        self._redraw(clear=False)

    def _redraw(self, clear: bool) -> None:
        rest = "".join(self._buffer[self._cursor :])
        self._console.put(rest + ("\x1b[J" if clear else ""))
        if rest:
            self._console.put(f"\x1b[{self._cursor + 1}G")

    def _move(self, where: int) -> bool:
        if not 0 <= where <= len(self._buffer) or where == self._cursor:
            return False
        self._cursor = where
        self._console.put(f"\x1b[{where + 1}G")
        return True

    def _erase(self, count: int) -> bool:
        count = min(count, self._cursor)
        if count == 0:
            return False
        self._move(self._cursor - count)
        del self._buffer[self._cursor : self._cursor + count]
        self._redraw(clear=True)
        return True

    def _erase_ahead(self, count: int) -> bool:
        if self._cursor >= len(self._buffer) or count == 0:
            return False
        del self._buffer[self._cursor : self._cursor + count]
        self._redraw(clear=True)
        return True

    def _word_length(self) -> int:
        at = self._cursor
        while at > 0 and self._buffer[at - 1] == " ":
            at -= 1
        while at > 0 and self._buffer[at - 1] != " ":
            at -= 1
        return self._cursor - at

    def _recall(self, step: int) -> bool:
        where = self._recalled + step
        lines = self._history.lines
        if not 0 <= where < len(lines):
            return False
        self._recalled = where
        self._erase_ahead(len(self._buffer))
        self._erase(self._cursor)
        for char in lines[where]:
            self._insert(char)
        return True
