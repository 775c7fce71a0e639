"""LDIF as ldapsearch writes it (RFC 2849), read while it arrives."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

Attributes = dict[str, list[str]]


class LdifError(ValueError):
    """The text is not LDIF; the message says which line."""


class LdifReader:
    """Takes LDIF in chunks of whole lines and gives the entries that are complete.

    Attribute names come back in lower case, as LDAP compares them; bytes that are no UTF-8 are kept as surrogates.
    """

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._names: dict[bytes, str] = {}

    def feed(self, chunk: bytes) -> Iterator[Attributes]:
        """The entries completed by ``chunk``, which must end at a line end. Raises LdifError."""
        for line in chunk.split(b"\n")[:-1]:
            if line.startswith(b" ") and self._lines:
                self._lines[-1] += line[1:]
            elif line:
                self._lines.append(line)
            elif self._lines:
                entry = self._entry()
                if entry:
                    yield entry

    def end(self) -> Iterator[Attributes]:
        """The last entry, where the text ended without an empty line. Raises LdifError."""
        entry = self._entry()
        if entry:
            yield entry

    def _entry(self) -> Attributes:
        entry: Attributes = {}
        names = self._names
        for line in self._lines:
            if line[0] == 0x23:
                continue
            raw, colon, value = line.partition(b":")
            name = names.get(raw)
            if name is None:
                if not colon:
                    raise LdifError(f"not a line of LDIF: {line[:80]!r}")
                name = names[raw] = raw.decode("ascii", "replace").lower()
            text = value[1:].decode("utf-8", "surrogateescape") if value[:1] == b" " else _value(value)
            known = entry.get(name)
            if known is None:
                entry[name] = [text]
            else:
                known.append(text)
        self._lines = []
        return entry if "dn" in entry else {}


def _value(text: bytes) -> str:
    if text.startswith(b":"):
        try:
            text = base64.b64decode(text[1:].strip(), validate=True)
        except binascii.Error as error:
            raise LdifError(f"not base64: {text[:80]!r}") from error
        return text.decode("utf-8", "surrogateescape")
    return text.lstrip(b" ").decode("utf-8", "surrogateescape")
