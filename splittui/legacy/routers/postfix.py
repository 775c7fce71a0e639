"""A person's line in a Postfix table on the existing mail system's host: read, changed, proved.

The text is changed here, where that is tested; the host's shell only reads it and puts the new one in its place, if
nobody wrote it in between. Whatever fails before the new table is in its place leaves the old one as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from splittui.legacy.routers import table_scripts, table_text
from splittui.legacy.routers.errors import RouteError
from splittui.legacy.routers.table_text import TableError

if TYPE_CHECKING:
    from splittui.planning.route_change import TableLine
    from splittui.remote.process import Completed

MAX_ROUNDS = 5
"""How often a change is begun anew because other lines of the table were changed in between."""


class Shell(Protocol):
    """Whoever can run a script on the existing system's host."""

    def script(self, text: str, *arguments: str, stdin: bytes = b"") -> Completed:
        """Runs POSIX sh as the user who may change the table. Raises RemoteError and RouteError."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    """A table as it is now: its version, its text, and what its index has for the key that was asked for."""

    version: str
    text: bytes
    indexed: str


class PostfixTables:
    """The tables on one host; ``heard`` is told what the programs there say."""

    def __init__(self, shell: Shell, host: str, heard: Callable[[str], None]) -> None:
        self._shell, self._host, self._heard = shell, host, heard

    def look(self, line: TableLine) -> tuple[str, ...]:
        """What the table has for the key now. Raises RouteError and RemoteError.

        Text and index must say the same: otherwise somebody is in the middle of something.
        """
        return self._values(line, self._read(line.table, line.key))

    def make(self, line: TableLine) -> None:
        """Changes the line, and no other. Raises RouteError and RemoteError."""
        for _ in range(MAX_ROUNDS):
            seen = self._read(line.table, line.key)
            if "".join(self._values(line, seen)[:1]) != line.before:
                raise RouteError(f"the line of {line.key} in {line.path} was changed in between")
            if self._write(line, seen):
                return
        raise RouteError(f"{line.path} was written by others {MAX_ROUNDS} times while its line was to be changed")

    def everything(self, table: str) -> dict[str, tuple[str, ...]]:
        """All keys of a table with their values. Raises RouteError and RemoteError."""
        try:
            return table_text.everything(self._read(table, "").text)
        except TableError as error:
            raise RouteError(f"{table} on {self._host}: {error}") from error

    def _values(self, line: TableLine, seen: _Seen) -> tuple[str, ...]:
        try:
            values = table_text.values(seen.text, line.key)
        except TableError as error:
            raise RouteError(f"{line.path} on {self._host}: {error}") from error
        if seen.indexed != "".join(values[:1]):
            raise RouteError(
                f"{line.path} on {self._host} has {values[0] if values else 'no line'} for {line.key}, but postmap -q "
                f"finds {seen.indexed or 'nothing'}: look there, run postmap {line.table}, then plan again"
            )
        return values

    def _read(self, table: str, key: str) -> _Seen:
        kind, _, path = table.partition(":")
        _, out = self._run(table_scripts.READ, path, kind, key)
        head, _, text = out.partition(b"\x01\n")
        version, late, *indexed = head.decode("utf-8", "replace").split("\n")
        if late != "no":
            raise RouteError(
                f"{path} on {self._host} was written after its index was made, so somebody is at work on it: when they "
                f"have finished, with postmap {table}, plan again"
            )
        return _Seen(version, text, indexed[0])

    def _write(self, line: TableLine, seen: _Seen) -> bool:
        """False where somebody wrote the table since it was read."""
        try:
            text = table_text.changed(seen.text, line.key, line.after)
        except TableError as error:
            raise RouteError(f"{line.path} on {self._host}: {error}") from error
        size = str(len(text))
        arguments = (line.path, line.kind, line.key, line.after, seen.version, size)
        ended, _ = self._run(table_scripts.WRITE, *arguments, stdin=text)
        return ended != "meanwhile"

    def _run(self, script: str, *arguments: str, stdin: bytes = b"") -> tuple[str, bytes]:
        """How the script says it ended, and what it printed before. Raises RouteError and RemoteError."""
        done = self._shell.script(script, *arguments, stdin=stdin)
        said = done.stderr.decode("utf-8", "replace").splitlines()
        for words in said:
            self._heard(words)
        out, mark, end = done.stdout.rpartition(_MARK)
        ended = end.decode("utf-8", "replace").strip() if mark else "the script broke off"
        troubles = [words for words in said if _TROUBLE.search(words)]
        if ended not in ("done", "meanwhile"):
            raise RouteError(": ".join((self._host, ended.removeprefix("failed "), *(troubles[-1:] or said[-1:]))))
        if troubles:
            raise RouteError(f"{self._host}: {troubles[-1]}")
        return ended, out


_MARK = f"\n{table_scripts.MARK} ".encode()
_TROUBLE = re.compile(r"\b(?:fatal|error): ")
