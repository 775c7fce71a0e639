"""A mapping with changes over it: a few changes among a hundred thousand entries cost no copy of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, MutableMapping
from typing import TypeVar

Value = TypeVar("Value")


class Overlay(MutableMapping[str, Value]):
    """``base`` with ``changed`` over it; None there means that the key is gone. An overlay over another one is flat."""

    __slots__ = ("base", "changed")

    def __init__(self, base: Mapping[str, Value]) -> None:
        if isinstance(base, Overlay):
            self.base: Mapping[str, Value] = base.base
            self.changed: dict[str, Value | None] = dict(base.changed)
        else:
            self.base, self.changed = base, {}

    def __getitem__(self, key: str) -> Value:
        if key not in self.changed:
            return self.base[key]
        value = self.changed[key]
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: Value) -> None:
        self.changed[key] = value

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self.changed[key] = None

    def __iter__(self) -> Iterator[str]:
        # What is changed keeps its place, and what is new comes last, as in a directory.
        yield from (key for key in self.base if key in self)
        yield from (key for key in self.changed if key in self and key not in self.base)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str) or key not in self.changed:
            return key in self.base
        return self.changed[key] is not None


def differing(before: Mapping[str, Value], after: Mapping[str, Value]) -> Collection[str]:
    """The keys under which the two may have different values."""
    one, other = Overlay(before), Overlay(after)
    if one.base is other.base:
        return one.changed.keys() | other.changed.keys()
    return [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
