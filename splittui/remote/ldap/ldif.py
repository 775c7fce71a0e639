"""LDIF as ldapsearch writes it (RFC 2849), read while it arrives."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from splittui.remote.ldap.decoder import Attributes


class LdifError(ValueError):
    """The text is not LDIF; the message says which line."""


class LdifReader:
    """Takes LDIF in chunks of whole lines and gives the entries that are complete.

    Attribute names come back in lower case, as LDAP compares them; bytes that are no UTF-8 are kept as surrogates.
    """

    def __init__(self) -> None:
        self._rest = ""
        self._names: dict[str, str] = {}

    def feed(self, chunk: bytes) -> Iterator[Attributes]:
        """The entries completed by ``chunk``, which must end at a line end. Raises LdifError."""
        text = self._rest + chunk.decode("utf-8", "surrogateescape")
        whole, end, self._rest = text.rpartition("\n\n")
        for lines in whole.split("\n\n") if end else ():
            entry = self._entry(lines)
            if entry:
                yield entry

    def end(self) -> Iterator[Attributes]:
        """The last entry, where the text ended without an empty line. Raises LdifError."""
        lines, self._rest = self._rest, ""
        entry = self._entry(lines)
        if entry:
            yield entry

    def _entry(self, lines: str) -> Attributes:
        entry: Attributes = {}
        names = self._names
        if "\n " in lines:
            lines = lines.replace("\n ", "")
        for line in lines.split("\n"):
            written, _, value = line.partition(": ")
            name = names.get(written)
            if name is None:
                # Met for the first time, encoded, empty or no attribute at all: what most lines are not.
                name, value = self._unusual(line)
                if not name:
                    continue
            if name in entry:
                entry[name].append(value)
            else:
                entry[name] = [value]
        return entry if "dn" in entry else {}

    def _unusual(self, line: str) -> tuple[str, str]:
        """The attribute's name and value; no name for a comment or an empty line."""
        if not line or line.startswith("#"):
            return "", ""
        written, colon, value = line.partition(":")
        if not colon:
            raise LdifError(f"not a line of LDIF: {line[:80]!r}")
        name = written.lower()
        if value.startswith(":"):
            return name, _decoded(value[1:].strip())
        self._names[written] = name
        return name, value.lstrip(" ")


def _decoded(text: str) -> str:
    try:
        return binascii.a2b_base64(text, strict_mode=True).decode("utf-8", "surrogateescape")
    except ValueError as error:
        raise LdifError(f"not base64: {text[:80]!r}") from error
