"""The existing mail system's half of a snapshot, out of an export in LDIF, for directories that cannot be asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from splittui.legacy.export import ExportError
from splittui.legacy.mapping import Mapper
from splittui.legacy.people import People
from splittui.model.snapshot import LegacyHalf
from splittui.remote.errors import readable
from splittui.remote.ldap.ldif import LdifError, LdifReader

_CHUNK = 1 << 18
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# What ldapsearch writes behind the entries, unless it was told not to (-LLL).
_RESULT = re.compile(rb"^result: (\d+) ?(.*)$", re.MULTILINE)


def read_ldif(path: Path, mapper: Mapper, read_at: float, progress: Callable[[int], None]) -> LegacyHalf:
    """Everybody in the export. Raises ExportError where it cannot be read at all.

    It is partial where the file ends early, or says that the search that made it did.
    """
    people = People(mapper)
    reader = LdifReader()
    try:
        with path.open("rb") as file:
            rest = b""
            while data := file.read(_CHUNK):
                if people.seen == 0 and data.startswith(_UTF_16):
                    raise ExportError(f"{path}: is in UTF-16; write it in UTF-8 (ldifde does without -u)")
                lines, newline, rest = (rest + data).replace(b"\r\n", b"\n").rpartition(b"\n")
                _look_for_result(people, path, lines)
                people.add(reader.feed(lines + newline))
                progress(people.seen)
            people.add(reader.feed(rest + b"\n"))
            people.add(reader.end())
    except LdifError as error:
        if not people.seen:
            raise ExportError(f"{path}: is not LDIF: {error}") from error
        people.doubt(f"{path}: is garbled after {people.seen} entries: {error}")
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error.strerror or error}") from error
    if rest:
        people.doubt(f"{path}: ends in the middle of a line")
    progress(people.seen)
    return people.half(read_at, str(path))


def _look_for_result(people: People, path: Path, lines: bytes) -> None:
    for result in _RESULT.finditer(lines):
        if result[1] != b"0":
            people.doubt(f"{path}: the search that made it ended with result {int(result[1])} {readable(result[2])}")
