"""One entry of the directory, as the commands handle it."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.lab.directory import Attrs


@dataclass(frozen=True)
class Entry:
    """One directory entry."""

    dn: str
    attrs: Attrs

    def get(self, name: str) -> str:
        """The first value of ``name`` (canonical spelling), or ""."""
        values = self.attrs.get(name)
        return values[0] if values else ""

    def has_class(self, name: str) -> bool:
        """Whether the entry has that object class (any case)."""
        return any(value.lower() == name.lower() for value in self.attrs.get("objectClass", []))
