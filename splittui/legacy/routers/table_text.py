"""The text of a Postfix lookup table (postmap(1)): what it says of a key, and the same text with one line changed.

A logical line begins with text in its first column and goes on over the lines that begin with white space; empty lines
and comments, also in the middle of it, do not count. Keys are compared without regard to case. Of several lines with
the same key Postfix takes the first and warns of the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_WHITE = b" \t\n\v\f\r"
_START = re.compile(rb"(?m)^[^ \t\n\v\f\r#]")
"""The beginning of a logical line."""
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_PLAIN_KEY = re.compile(rb'[^"\\ \t\n\v\f\r]+(?=[ \t\n\v\f\r])')


class TableError(ValueError):
    """The table's text cannot be used, or cannot be changed as wanted; the message says why."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One logical line: its key in lower case, its value, and where it stands, with the comments behind it."""

    key: bytes
    value: bytes
    start: int
    end: int


def values(text: bytes, key: str) -> tuple[str, ...]:
    """The different values that the table has for a key, the one that counts first. Raises TableError."""
    return tuple(dict.fromkeys(_shown(entry.value) for entry in _own(text, key)))


def everything(text: bytes) -> dict[str, tuple[str, ...]]:
    """Every key, in lower case, with its different values. Raises TableError."""
    found: dict[str, tuple[str, ...]] = {}
    starts = [match.start() for match in _START.finditer(_checked(text))]
    for start, end in pairwise([*starts, len(text)]):
        entry = _entry(text, start, end)
        if entry is not None:
            key, value = _shown(entry.key), _shown(entry.value)
            known = found.get(key, ())
            found[key] = known if value in known else (*known, value)
    return found


def changed(text: bytes, key: str, value: str) -> bytes:
    """The text with ``value`` for the key, or without the key where ``value`` is empty; all else stays as it is.

    Raises TableError.
    """
    _check(key, value)
    own = _own(text, key)
    if len({entry.value for entry in own}) > 1:
        raise TableError(f"{key} stands there {len(own)} times with different values: leave only one of the lines")
    ending = b"\r\n" if text.partition(b"\n")[0].endswith(b"\r") else b"\n"
    parts, at = [], 0
    for number, entry in enumerate(own):
        block = text[entry.start : entry.end]
        line = _key_and_gap(block) + value.encode() + ending if value and number == 0 else b""
        parts += [text[at : entry.start], line, _comments(block)]
        at = entry.end
    parts.append(text[at:])
    if value and not own:
        parts += [ending if text and not text.endswith(b"\n") else b"", f"{key}\t{value}".encode(), ending]
    return b"".join(parts)


def _check(key: str, value: str) -> None:
    if not key or not (key.isascii() and key.isprintable()) or set(key) & set(' "\\') or key.startswith("#"):
        raise TableError(f"{key!r} cannot stand as a key in a Postfix table")
    if value != value.strip() or not (value.isascii() and value.isprintable()):
        raise TableError(f"{value!r} cannot stand as a value in a Postfix table")


def _checked(text: bytes) -> bytes:
    if b"\0" in text:
        raise TableError("it is not a table in text form: there is a NUL in it")
    return text


def _own(text: bytes, key: str) -> list[_Entry]:
    """The lines of a key. They are looked for by their beginning, since a table may be large."""
    beginning = re.compile(rb"(?im)^%s(?=[ \t\n\v\f\r])" % re.escape(key.encode()))
    found = []
    for match in beginning.finditer(_checked(text)):
        after = _START.search(text, match.end())
        entry = _entry(text, match.start(), after.start() if after else len(text))
        if entry is not None:
            found.append(entry)
    return found


def _entry(text: bytes, start: int, end: int) -> _Entry | None:
    """The logical line that stands there with comments behind it; None for one that Postfix leaves out."""
    joined = b"".join(line.removesuffix(b"\n") for line in _LINE.findall(text, start, end) if _counts(line))
    at = _end_of_key(joined)
    value = joined[at:].strip(_WHITE)
    return _Entry(joined[:at].lower(), value, start, end) if at and value else None


def _counts(line: bytes) -> bool:
    words = line.strip(_WHITE)
    return bool(words) and not words.startswith(b"#")


def _comments(block: bytes) -> bytes:
    """The lines of a block that are no part of its logical line."""
    return b"".join(line for line in _LINE.findall(block) if not _counts(line))


def _end_of_key(text: bytes) -> int:
    """Where Postfix splits: at the first white space that is neither quoted nor escaped. 0 where a quote stays open."""
    plain = _PLAIN_KEY.match(text)
    if plain is not None:
        return plain.end()
    quoted, at = False, 0
    while at < len(text):
        char = text[at : at + 1]
        if char == b"\\":
            at += 1
        elif char == b'"':
            quoted = not quoted
        elif char in _WHITE and not quoted:
            return at
        at += 1
    return len(text) if not quoted else 0


def _key_and_gap(block: bytes) -> bytes:
    """The beginning of a line, up to its value; where the value only follows on the next line, a gap of our own."""
    line = block.partition(b"\n")[0]
    end = _end_of_key(line)
    value = line[end:].lstrip(_WHITE)
    return line[: len(line) - len(value)] if value else line[:end] + b"\t"


def _shown(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
