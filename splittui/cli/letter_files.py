"""The files of ``splittui letters``: the operator's template beside the configuration, and the letters themselves."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

from splittui.cli.exits import CommandError, Exit
from splittui.config import Profile
from splittui.planning.setup.letters import MARKDOWN, TemplateError, check


def template(profile: Profile) -> str:
    """The profile's own template, the one for all profiles of the file, or the built-in one.

    Raises CommandError where it cannot be read or filled in.
    """
    file = _own(profile)
    if file is None:
        return MARKDOWN
    try:
        text = file.read_text(encoding="utf-8")
        check(text)
    except (OSError, UnicodeDecodeError, TemplateError) as error:
        raise CommandError(f"No letter was written. {file}: cannot be used as a template: {error}") from error
    return text


def begin_template(profile: Profile) -> Path:
    """Writes the built-in template to where it is looked for. Raises CommandError where there is one already."""
    file = profile.file.parent / "letter.md"
    there = _own(profile)
    if there is not None:
        raise CommandError(f"{there} exists: it is your template, and is not written over.")
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(MARKDOWN)
    except OSError as error:
        raise CommandError(f"{file}: the template cannot be written: {error}") from error
    return file


def _own(profile: Profile) -> Path | None:
    names = (f"letter-{profile.name}.md", "letter.md")
    return next((file for name in names if (file := profile.file.parent / name).exists()), None)


def file_of(directory: Path, address: str, suffix: str) -> Path:
    """The file of one letter. What a file name cannot carry, or a shell takes for more than text, becomes %XX."""
    return directory / f"{quote(address, safe='@+=')}{suffix}"


def write_all(letters: Mapping[Path, str], *, force: bool, progress: Callable[[int], None]) -> None:
    """Writes every letter to its file, each whole or not at all, readable by its owner alone.

    Raises CommandError; without ``force`` before anything is written where a file holds something else.
    """
    if not force:
        others = [str(file) for file, text in letters.items() if _holds_other(file, text)]
        if others:
            raise CommandError(
                "No letter was written: these files hold something else. Take another directory, or add --force to "
                "write over them:\n" + "\n".join(f"  {other}" for other in others),
                Exit.REFUSED,
            )
    for number, (file, text) in enumerate(letters.items(), start=1):
        try:
            _write(file, text)
        except OSError as error:
            raise CommandError(
                f"{file}: cannot be written: {error}. {number - 1} of {len(letters)} files are written; the same "
                "command writes the rest."
            ) from error
        progress(number)


def _holds_other(file: Path, text: str) -> bool:
    try:
        return file.read_bytes() != text.encode()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CommandError(f"No letter was written: {file}: cannot be looked into: {error}") from error


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".letter-")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            out.write(text)
        fresh.replace(file)
    finally:
        # Also where Ctrl-C comes in between; after the renaming there is nothing left to remove.
        fresh.unlink(missing_ok=True)
