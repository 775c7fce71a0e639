"""The words for the administrator of the existing mail system, written to files: one for each kind of system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from splittui.cli.exits import CommandError
from splittui.model.router import System
from splittui.model.text import clean
from splittui.planning.setup import Seen
from splittui.planning.setup.snippets import Topic, words


def save(seen: Seen, folder: Path) -> Iterator[Path]:
    """Writes them into the folder, with the site's real names. Raises CommandError."""
    for system in System:
        file = folder / f"{seen.split.domain}-{system.value}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(as_text(seen, system), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file}: cannot be written: {error}") from error
        yield file


def as_text(seen: Seen, system: System) -> str:
    """All words for one system, each topic under its own heading."""
    split = seen.split
    lines = [f"For the administrator of {split.legacy} ({system.value}), about {split.domain} and {split.zimbra}", ""]
    for topic in Topic:
        lines += [f"{split.legacy} shall {topic.value}:", ""]
        lines += [f"    {clean(line)}" for line in words(seen, system, topic)]
        lines.append("")
    return "\n".join(lines)
