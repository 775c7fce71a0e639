"""Writes a profile into the operator's configuration; everything else in the file stays, comments included."""

from __future__ import annotations

import os
import stat
import tempfile
import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from splittui.config.load import parse
from splittui.config.profile import Profile
from splittui.config.table import ConfigError

Value = str | int | bool
Settings = Mapping[str, Value | None]
"""Values by their dotted names within the profile: ``legacy.router.kind``. None takes the name out."""


def with_settings(path: Path, text: str, profile: str, settings: Settings) -> str:
    """The text with these settings of the profile; the first profile of a file becomes its default one.

    Raises ConfigError, also where a setting goes through something that is no table.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error
    if "profile" not in document:
        document.setdefault("default_profile", profile)
    for name, value in settings.items():
        path_there = ("profile", profile, *name.split("."))
        table = _table(path, document, path_there[:-1])
        if value is None:
            table.pop(path_there[-1], None)
        else:
            table[path_there[-1]] = value
    return tomlkit.dumps(document)


def change(profile: Profile, settings: Settings) -> Profile:
    """Writes these settings into the file that the profile is from, and reads it again. Raises ConfigError.

    What would make the profile unusable is not written.
    """
    before = current(profile.file)
    text = with_settings(profile.file, before, profile.name, settings)
    changed = parse(profile.file, text, profile.name)
    if text != before:
        write(profile.file, before, text)
    return changed


def names_of(text: str, profile: str) -> frozenset[str]:
    """The dotted names of all that the profile sets in this text, which is TOML; none where it is not there."""
    found: set[str] = set()
    tables: list[tuple[str, object]] = [("", tomllib.loads(text).get("profile", {}).get(profile, {}))]
    while tables:
        prefix, table = tables.pop()
        if isinstance(table, dict):
            tables += [(f"{prefix}{name}.", value) for name, value in table.items()]
        else:
            found.add(prefix.removesuffix("."))
    return frozenset(found)


def _table(path: Path, document: MutableMapping[str, object], names: tuple[str, ...]) -> MutableMapping[str, object]:
    """The table of that name, made where it is not there; the one of all profiles gets no header of its own."""
    found = document
    for depth, name in enumerate(names):
        inner = found.get(name)
        if inner is None:
            found[name] = tomlkit.table(is_super_table=depth == 0)
            inner = found[name]
        if not isinstance(inner, MutableMapping):
            raise ConfigError(f"{path}: {'.'.join(names[: depth + 1])}: is not a table, so nothing can be set in it")
        found = inner
    return found


def write(path: Path, before: str, text: str) -> None:
    """Puts the text in the file's place by renaming; readable by its owner alone where it is new. Raises ConfigError.

    ``before`` is what the file held when it was read: what somebody else wrote since is not overwritten.
    """
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if current(path) != before:
            raise ConfigError(f"{path}: was changed by somebody else just now. Nothing was written; begin again.")
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        fresh = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            if target.exists():
                fresh.chmod(stat.S_IMODE(target.stat().st_mode))
            fresh.replace(target)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error}. It is as it was.") from error


def current(path: Path) -> str:
    """What the file holds; nothing where there is none. Raises ConfigError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
