"""The lab's LDAP: entries with multi-valued attributes in one SQLite file, shared by many short-lived processes.

Only what the emulated Zimbra needs of a directory: look up by DN, by indexed attribute value and by subtree, and
change whole entries. ``LdapLike`` is that small interface; ``Directory`` is the SQLite one. A real LDAP server can
stand behind the same interface.

Attribute names are kept as written (callers use the canonical spelling of the schema). Values are text; the value of a
binary attribute (``userCertificate``, ...) is kept as base64 text without line breaks.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol

from splittui.lab.directory_index import INDEXED, INDEXED_CLASSES, index_rows

Attrs = dict[str, list[str]]
AnyAttrs = Mapping[str, Sequence[str]]

BUSY_SECONDS = 30.0
"""How long one process waits for another one's write before it gives up with DirectoryError."""

_FORMAT = 2
_SCHEMA = (
    "CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, dn TEXT NOT NULL, path TEXT NOT NULL UNIQUE,"
    " attrs TEXT NOT NULL)",
    "CREATE TABLE value (name TEXT NOT NULL, value TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(id),"
    " PRIMARY KEY (name, value, entry)) WITHOUT ROWID",
)
_RDN = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)
_BATCH = 5000
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class DirectoryError(Exception):
    """The directory cannot do what was asked (gone, locked, damaged)."""


class DirectoryDownError(DirectoryError):
    """Nothing answers where the directory should be."""


class EntryExistsError(DirectoryError):
    """An entry with that DN is already there."""


class NoSuchEntryError(DirectoryError):
    """No entry has that DN."""


class NotALeafError(DirectoryError):
    """The entry has children, so it cannot be deleted."""


class LdapLike(Protocol):
    """What the emulated zmprov needs of a directory. DNs and searched values are compared without case."""

    def entry(self, dn: str) -> Attrs | None:
        """The attributes of one entry, or None. The caller may change the dict it gets."""

    def add(self, dn: str, attrs: AnyAttrs) -> None:
        """A new entry. Raises EntryExistsError."""

    def replace(self, dn: str, attrs: AnyAttrs) -> None:
        """New attributes for an entry that is there. Raises NoSuchEntryError."""

    def delete(self, dn: str) -> None:
        """Raises NoSuchEntryError or NotALeafError."""

    def under(self, base: str) -> Iterator[tuple[str, Attrs]]:
        """The entry ``base`` (if there) and everything below it, oldest first, read as it is consumed.

        Whoever changes entries while reading does so inside one ``transaction()``.
        """

    def find(self, attribute: str, value: str) -> list[tuple[str, Attrs]]:
        """Entries that have this value of an indexed attribute. Raises KeyError if it is not in INDEXED.

        For ``objectClass`` the value must be one of INDEXED_CLASSES.
        """

    def having(self, attribute: str) -> Iterator[tuple[str, Attrs]]:
        """Entries that have any value of an indexed attribute, oldest first. Raises KeyError like ``find``."""

    def transaction(self) -> AbstractContextManager[None]:
        """All changes inside happen together or not at all; other writers wait. May be nested.

        An LDAP server has no such thing: there each change is whole by itself, as it is for the real zmprov.
        """


def dn_path(dn: str) -> str:
    """``dn`` as a sortable key: lower-cased components from the root down, so that a subtree is one key range."""
    lower = dn.lower()
    parts = _RDN.findall(lower) if "\\" in lower else lower.split(",")
    return "\x01".join([part.strip() for part in reversed(parts)])


class Directory:
    """``LdapLike`` over one SQLite file, which is created when missing.

    Safe for many processes at a time. One object belongs to the thread that made it, or (``any_thread``) to one thread
    at a time.
    Raises DirectoryError when the file cannot be opened or is locked for longer than BUSY_SECONDS.
    """

    def __init__(self, path: Path, *, any_thread: bool = False) -> None:
        try:
            self._db = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=not any_thread
            )
            # A power cut may lose the lab's last seconds; a killed process loses nothing.
            self._db.execute("PRAGMA synchronous=OFF")
            self._prepare()
        except sqlite3.Error as error:
            raise DirectoryError(f"cannot open the lab's directory {path}: {error}") from error

    def _prepare(self) -> None:
        if self._format() == _FORMAT:
            return
        self._db.execute("PRAGMA journal_mode=WAL")
        with self.transaction():
            if self._format() == _FORMAT:
                return
            if self._format():
                self._index_again()
            else:
                for statement in _SCHEMA:
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={_FORMAT}")

    def _index_again(self) -> None:
        """A file of an older format lacks only what is indexed since."""
        rows = self._db.execute("SELECT id, attrs FROM entry").fetchall()
        values = [value for key, attrs in rows for value in index_rows(key, _attrs(attrs))]
        self._db.executemany("INSERT OR IGNORE INTO value (name, value, entry) VALUES (?, ?, ?)", values)

    def _format(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def __enter__(self) -> Directory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back. The object cannot be used afterwards."""
        self._db.close()

    def changes(self) -> int:
        """A number that is another one after somebody else has changed something (sqlite, PRAGMA data_version)."""
        try:
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise DirectoryError(f"the lab's directory cannot be read: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See LdapLike. Rolls back when the block raises."""
        if self._db.in_transaction:
            yield
            return
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise DirectoryError(f"the lab's directory is busy: {error}") from error
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def entry(self, dn: str) -> Attrs | None:
        """See LdapLike."""
        row = self._db.execute("SELECT attrs FROM entry WHERE path = ?", (dn_path(dn),)).fetchone()
        return None if row is None else _attrs(row[0])

    def add(self, dn: str, attrs: AnyAttrs) -> None:
        """See LdapLike."""
        self.add_many([(dn, attrs)])

    def add_many(self, entries: Iterable[tuple[str, AnyAttrs]]) -> int:
        """Add all entries in one transaction and return how many. Raises EntryExistsError (then none is added)."""
        count = 0
        with self.transaction():
            last = self._db.execute("SELECT coalesce(max(id), 0) FROM entry").fetchone()[0]
            rows: list[tuple[int, str, str, str]] = []
            values: list[tuple[str, str, int]] = []
            for dn, attrs in entries:
                count += 1
                rows.append((last + count, dn, dn_path(dn), _text(attrs)))
                values.extend(index_rows(last + count, attrs))
                if len(rows) >= _BATCH:
                    self._insert(rows, values)
                    rows, values = [], []
            self._insert(rows, values)
        return count

    def _insert(self, rows: list[tuple[int, str, str, str]], values: list[tuple[str, str, int]]) -> None:
        try:
            self._db.executemany("INSERT INTO entry (id, dn, path, attrs) VALUES (?, ?, ?, ?)", rows)
        except sqlite3.IntegrityError as error:
            taken = next((dn for key, dn, path, _ in rows if self._id(path) not in (None, key)), rows[0][1])
            raise EntryExistsError(f"already there: {taken}") from error
        values.sort()
        self._db.executemany("INSERT OR IGNORE INTO value (name, value, entry) VALUES (?, ?, ?)", values)

    def replace(self, dn: str, attrs: AnyAttrs) -> None:
        """See LdapLike."""
        with self.transaction():
            key, old = self._stored(dn)
            self._db.execute("UPDATE entry SET attrs = ? WHERE id = ?", (_text(attrs), key))
            before, after = set(index_rows(key, old)), set(index_rows(key, attrs))
            self._forget(before - after)
            self._db.executemany("INSERT INTO value (name, value, entry) VALUES (?, ?, ?)", after - before)

    def delete(self, dn: str) -> None:
        """See LdapLike."""
        with self.transaction():
            key, old = self._stored(dn)
            below = dn_path(dn)
            child = self._db.execute(
                "SELECT 1 FROM entry WHERE path > ? AND path < ? LIMIT 1", (below + "\x01", below + "\x02")
            ).fetchone()
            if child is not None:
                raise NotALeafError(f"has entries below it: {dn}")
            self._forget(index_rows(key, old))
            self._db.execute("DELETE FROM entry WHERE id = ?", (key,))

    def _forget(self, values: Iterable[tuple[str, str, int]]) -> None:
        self._db.executemany("DELETE FROM value WHERE name = ? AND value = ? AND entry = ?", values)

    def _id(self, path: str) -> int | None:
        row = self._db.execute("SELECT id FROM entry WHERE path = ?", (path,)).fetchone()
        return None if row is None else int(row[0])

    def _stored(self, dn: str) -> tuple[int, Attrs]:
        row = self._db.execute("SELECT id, attrs FROM entry WHERE path = ?", (dn_path(dn),)).fetchone()
        if row is None:
            raise NoSuchEntryError(f"no such entry: {dn}")
        return int(row[0]), _attrs(row[1])

    def under(self, base: str) -> Iterator[tuple[str, Attrs]]:
        """See LdapLike. An empty ``base`` is the whole directory."""
        if not base:
            cursor = self._db.execute("SELECT dn, attrs FROM entry ORDER BY id")
        else:
            path = dn_path(base)
            cursor = self._db.execute(
                "SELECT dn, attrs FROM entry WHERE id IN"
                " (SELECT id FROM entry WHERE path = ? UNION ALL SELECT id FROM entry WHERE path > ? AND path < ?)"
                " ORDER BY id",
                (path, path + "\x01", path + "\x02"),
            )
        return ((dn, _attrs(attrs)) for dn, attrs in cursor)

    def find(self, attribute: str, value: str) -> list[tuple[str, Attrs]]:
        """See LdapLike. Oldest entry first."""
        name = attribute.lower()
        if name not in INDEXED and not (name == "objectclass" and value.lower() in INDEXED_CLASSES):
            raise KeyError(f"{attribute} is not indexed")
        rows = self._db.execute(
            "SELECT dn, attrs FROM value JOIN entry ON entry.id = value.entry"
            " WHERE value.name = ? AND value.value = ? ORDER BY entry.id",
            (name, value.lower()),
        ).fetchall()
        return [(dn, _attrs(attrs)) for dn, attrs in rows]

    def having(self, attribute: str) -> Iterator[tuple[str, Attrs]]:
        """See LdapLike."""
        name = attribute.lower()
        if name not in INDEXED:
            raise KeyError(f"{attribute} is not indexed")
        cursor = self._db.execute(
            "SELECT dn, attrs FROM entry WHERE id IN (SELECT entry FROM value WHERE name = ?) ORDER BY id", (name,)
        )
        return ((dn, _attrs(attrs)) for dn, attrs in cursor)


def _text(attrs: AnyAttrs) -> str:
    return _encode(dict(attrs))


def _attrs(text: str) -> Attrs:
    attrs: Attrs = json.loads(text)
    return attrs
