"""LDAP search filters (RFC 4515), compiled to tests of entries; values are compared without case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from splittui.lab.directory_index import INDEXED, INDEXED_CLASSES

Entry = Mapping[str, Sequence[str]]
"""An entry's values by lower-case attribute name."""

Test = Callable[[Entry], bool]
Keys = frozenset[tuple[str, str | None]]

_SIMPLE = re.compile(r"([A-Za-z0-9.;:-]+?)\s*(~=|>=|<=|=)", re.ASCII)
_ESCAPE = re.compile(r"((?:\\[0-9a-fA-F]{2})+)")


class FilterError(ValueError):
    """The text is not a filter."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter.

    ``keys``: (attribute, value) pairs, at least one of which every matching entry has, of what the directory indexes; a
    value of None means any. None where the filter gives no such guarantee, so that everything has to be read.
    """

    matches: Test
    keys: Keys | None


def parse_filter(text: str) -> Filter:
    """Compile a filter; a simple one may lack its parentheses, as ldapsearch allows. Raises FilterError."""
    stripped = text.strip()
    if not stripped.startswith("("):
        stripped = f"({stripped})"
    found, end = _component(stripped, 0)
    if end != len(stripped):
        raise FilterError(f"unexpected text after the filter: {stripped[end:]}")
    return found


def escape(value: str) -> str:
    """``value`` as it is written inside a filter (RFC 4515, 3)."""
    return re.sub(r"[\\*()\x00]", lambda match: f"\\{ord(match[0]):02x}", value)


def _component(text: str, start: int) -> tuple[Filter, int]:
    if text[start : start + 1] != "(":
        raise FilterError(f"a parenthesis is missing at {start}")
    operator = text[start + 1 : start + 2]
    if operator not in ("&", "|", "!"):
        end = text.find(")", start)
        if end < 0:
            raise FilterError("a closing parenthesis is missing")
        return _item(text[start + 1 : end]), end + 1
    parts: list[Filter] = []
    position = start + 2
    while text[position : position + 1] == "(":
        part, position = _component(text, position)
        parts.append(part)
    if text[position : position + 1] != ")" or (operator == "!" and len(parts) != 1):
        raise FilterError(f"the filter is malformed at {position}")
    return _combined(operator, parts), position + 1


def _combined(operator: str, parts: Sequence[Filter]) -> Filter:
    tests = [part.matches for part in parts]
    keys = [part.keys for part in parts]
    if operator == "!":
        inner = tests[0]
        return Filter(lambda entry: not inner(entry), None)
    if operator == "&":
        return Filter(lambda entry: all(test(entry) for test in tests), _fewest(keys))
    known = [pairs for pairs in keys if pairs is not None]
    union = frozenset[tuple[str, str | None]]().union(*known) if len(known) == len(keys) else None
    return Filter(lambda entry: any(test(entry) for test in tests), union)


def _fewest(keys: Iterable[Keys | None]) -> Keys | None:
    known = (pairs for pairs in keys if pairs is not None)
    return min(known, key=lambda pairs: (any(value is None for _, value in pairs), len(pairs)), default=None)


def _item(text: str) -> Filter:
    match = _SIMPLE.match(text)
    if match is None:
        raise FilterError(f"not a comparison: {text}")
    name, operator, value = match[1].lower(), match[2], text[match.end() :]
    if ":" in name:
        return Filter(lambda entry: False, None)
    if operator in (">=", "<="):
        return Filter(_ordered(name, operator, _unescaped(value)), None)
    if "*" in value and operator == "=":
        present = frozenset({(name, None)}) if name in INDEXED else None
        return Filter((lambda entry: name in entry) if value == "*" else _substring(name, value), present)
    wanted = _unescaped(value).lower()
    known = name in INDEXED or (name == "objectclass" and wanted in INDEXED_CLASSES)
    keys = frozenset({(name, wanted)}) if known else None
    return Filter(_equal(name, wanted), keys)


def _equal(name: str, wanted: str) -> Test:
    def test(entry: Entry) -> bool:
        values = entry.get(name)
        return values is not None and any(value == wanted or value.lower() == wanted for value in values)

    return test


def _substring(name: str, value: str) -> Test:
    parts = [re.escape(_unescaped(part).lower()) for part in value.split("*")]
    pattern = re.compile(".*".join(parts), re.DOTALL)
    return lambda entry: any(pattern.fullmatch(found.lower()) for found in entry.get(name, ()))


def _ordered(name: str, operator: str, limit: str) -> Test:
    def order(value: str) -> tuple[int, str]:
        return (int(value), "") if value.isdigit() and limit.isdigit() else (0, value.lower())

    bound = order(limit)
    if operator == ">=":
        return lambda entry: any(order(value) >= bound for value in entry.get(name, ()))
    return lambda entry: any(order(value) <= bound for value in entry.get(name, ()))


def _unescaped(text: str) -> str:
    """Escapes stand for bytes, several of which may form one character."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: bytes.fromhex(match[1].replace("\\", "")).decode("utf-8", "replace"), text)
