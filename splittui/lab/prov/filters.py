"""LDAP search filters (RFC 4515) as ``sa`` takes them: parsed once, then asked of one entry at a time."""

from __future__ import annotations

import re
from collections.abc import Callable

from splittui.lab.prov.entry import Entry

Test = Callable[[Entry], bool]
_ESCAPE = re.compile(r"\\([0-9A-Fa-f]{2})")
_ITEM = re.compile(r"([A-Za-z][A-Za-z0-9;.-]*)(=|>=|<=|~=)(.*)", re.DOTALL)


class FilterError(ValueError):
    """The text is no filter."""


def compile_filter(text: str) -> Test:
    """A test for entries. Raises FilterError."""
    test, end = _filter(text, 0)
    if end != len(text):
        raise FilterError(f"unexpected text at {end}")
    return test


def _filter(text: str, at: int) -> tuple[Test, int]:
    if at + 1 >= len(text) or text[at] != "(":
        raise FilterError(f"no ( at {at}")
    kind = text[at + 1]
    if kind in "&|!":
        return _composed(kind, text, at + 2)
    end = text.find(")", at)
    item = _ITEM.fullmatch(text[at + 1 : end]) if end > 0 else None
    if item is None or "(" in item[3]:
        raise FilterError(f"no filter item at {at}")
    return _item(item[1], item[2], item[3]), end + 1


def _composed(kind: str, text: str, at: int) -> tuple[Test, int]:
    parts: list[Test] = []
    while text[at : at + 1] == "(":
        part, at = _filter(text, at)
        parts.append(part)
    if text[at : at + 1] != ")" or (kind == "!" and len(parts) != 1):
        raise FilterError(f"no ) at {at}")
    if kind == "!":
        return (lambda entry: not parts[0](entry)), at + 1
    combine = all if kind == "&" else any
    return (lambda entry: combine(part(entry) for part in parts)), at + 1


def _unescape(text: str) -> str:
    data = bytearray()
    for index, piece in enumerate(_ESCAPE.split(text)):
        data += bytes.fromhex(piece) if index % 2 else piece.encode("utf-8", "replace")
    return data.decode("utf-8", "replace").lower()


def _item(name: str, operator: str, value: str) -> Test:
    wanted = name.lower()
    if operator == "=" and "*" in value:
        pattern = re.compile(".*".join(re.escape(_unescape(part)) for part in value.split("*")), re.DOTALL)
        return lambda entry: any(pattern.fullmatch(each) for each in _values(entry, wanted))
    plain = _unescape(value)
    if operator == ">=":
        return lambda entry: any(each >= plain for each in _values(entry, wanted))
    if operator == "<=":
        return lambda entry: any(each <= plain for each in _values(entry, wanted))
    return lambda entry: plain in _values(entry, wanted)


def _values(entry: Entry, wanted: str) -> list[str]:
    for name, values in entry.attrs.items():
        if name.lower() == wanted:
            return [value.lower() for value in values]
    return []
