"""A table of the configuration whose keys are known beforehand; every complaint names file, table and key."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path


class ConfigError(Exception):
    """The configuration cannot be used; the text names file, key, what is wrong and what would be right."""


class Table:
    """A table of the file whose keys are known beforehand; every complaint names file, table and key."""

    def __init__(self, file: Path, where: str, data: Mapping[str, object], known: Sequence[str] | None) -> None:
        self._file, self._where, self._data = file, where, data
        for key in data:
            if known is not None and key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
                raise self.error(key, f"is not a setting; {hint}")

    def error(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"{self._file}: {'.'.join(filter(None, (self._where, key)))}: {what}")

    def missing(self, key: str) -> Path:
        raise self.error(key, "is missing")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def keys(self) -> list[str]:
        return list(self._data)

    def table(self, key: str, known: Sequence[str] | None, required: bool = True) -> Table:
        value = self._data.get(key)
        if value is None and not required:
            value = {}
        if not isinstance(value, Mapping):
            raise self.error(key, "is missing: a table is needed" if value is None else "must be a table")
        return Table(self._file, ".".join(filter(None, (self._where, key))), value, known)

    def text(self, key: str, default: str | None = None) -> str:
        value = self._data.get(key, default)
        if value is None:
            raise self.error(key, "is missing")
        if not isinstance(value, str):
            raise self.error(key, f"must be text, not {value!r}")
        return value

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.error(key, f"is {value!r}; it can be {', '.join(choices)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them; empty where the key is not there."""
        value = self._data.get(key, ())
        found = (value,) if isinstance(value, str) else value
        if not isinstance(found, Sequence) or not all(isinstance(one, str) for one in found):
            raise self.error(key, f"must be text or a list of texts, not {value!r}")
        return tuple(found)

    def flag(self, key: str, default: bool) -> bool:
        value = self._data.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, f"must be true or false, not {value!r}")
        return value

    def number(self, key: str, default: int | None, low: int, high: int) -> int | None:
        value = self._data.get(key, default)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(key, f"must be a whole number from {low} to {high}, not {value!r}")
        return value

    def path(self, key: str) -> Path | None:
        """A file name; ``~`` is the home directory, and a relative one starts at the configuration's own folder."""
        value = self.text(key, "")
        return self._file.parent / Path(value).expanduser() if value else None
