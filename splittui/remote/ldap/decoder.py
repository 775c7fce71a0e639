"""Reading search result entries straight out of their bytes (RFC 4511, 4.5.2; BER as 5.1 restricts it).

ldap3 decodes each value twice and needs eight times as long, which is most of what reading a big directory takes. This
does nothing but entries: whatever else a server sends goes through ldap3.
"""

from __future__ import annotations

from collections.abc import Mapping

Attributes = dict[str, list[str]]
"""An entry: its values by attribute name in lower case, as LDAP compares them, and its DN as ``dn``.

Bytes that are no UTF-8 are kept as surrogates.
"""

MESSAGE = 0x30
_SEARCH_RESULT_ENTRY = b"\x64"
_SEQUENCE, _SET, _OCTETS = 0x30, 0x31, 0x04
_LONG = 0x80
_NEVER = b"\xff"
"""Bytes that no attribute begins with."""


class Garbled(ValueError):
    """The bytes are not what BER and LDAP want there; the message says what and where."""


class _Attribute:
    """An attribute as it was seen: its name, and the one that followed it the last time.

    ``heads[n]`` are all bytes before its value if it has one value alone, of n bytes; ``value`` is their number. Where
    there were several values, ``whole`` are the bytes of all of it, and ``values`` what they meant.
    """

    __slots__ = ("heads", "name", "next", "value", "values", "whole")

    def __init__(self, raw: bytes) -> None:
        self.name = raw.decode("ascii").lower()
        named = bytes((_OCTETS,)) + _length(len(raw)) + raw + bytes((_SET,))
        self.value = len(named) + 5
        short = max(0, _LONG - len(named) - 3)
        self.heads = [
            bytes((_SEQUENCE, len(named) + 3 + count)) + named + bytes((count + 2, _OCTETS, count))
            for count in range(short)
        ] + [_NEVER] * (0x100 - short)
        self.whole = _NEVER
        self.values: list[str] = []
        self.next = self


class EntryDecoder:
    """Decodes entries; keeps each attribute's name once.

    ``ranged`` is true as soon as a server has handed out an attribute in parts (``member;range=0-1499``).
    """

    def __init__(self) -> None:
        self._known: dict[bytes, _Attribute] = {}
        self._first = _Attribute(b"")
        self.ranged = False

    def take(self, data: bytes, at: int, request: int, entries: list[Attributes]) -> int:
        """Adds the entries from ``at`` on, as far as whole ones that answer ``request`` follow each other.

        Returns where the first message begins that is something else, or is not whole yet. Raises Garbled.
        """
        answers = _integer(request) + _SEARCH_RESULT_ENTRY
        while True:
            begin = at
            try:
                if data[at] != MESSAGE:
                    return begin
                at, length = size(data, at + 1)
                end = at + length
                if end > len(data) or not data.startswith(answers, at):
                    return begin
                at, length = size(data, at + len(answers))
            except IndexError:
                return begin
            if at + length != end:
                raise Garbled("something follows an entry in its message")
            entries.append(self.entry(data, at, end))
            at = end

    def entry(self, data: bytes, at: int, end: int) -> Attributes:
        """The entry whose contents lie at ``data[at:end]``. Raises Garbled."""
        try:
            if data[at] != _OCTETS:
                raise Garbled("an entry does not begin with its DN")
            at, length = size(data, at + 1)
            stop = at + length
            entry: Attributes = {"dn": [data[at:stop].decode("utf-8", "surrogateescape")]}
            at, length = size(data, stop + 1)
            if data[stop] != _SEQUENCE or at + length != end:
                raise Garbled(f"the attributes of {entry['dn'][0]} are not all there is after its DN")
            self._attributes(data, at, end, entry)
        except IndexError:
            raise Garbled("the data ends within an entry") from None
        except UnicodeDecodeError:
            raise Garbled("the name of an attribute is not in ASCII") from None
        return entry

    def _attributes(self, data: bytes, at: int, end: int, entry: Attributes) -> None:
        """Adds the attributes between ``at`` and ``end``.

        Entries of a directory are mostly alike, so each attribute is first taken for the one that followed the last
        time, with one short value, or with the very same values if there were several (objectClass): that needs half
        the time.
        """
        last = self._first
        while at < end:
            expected = last.next
            begin = at + expected.value
            if begin <= end:
                length = data[begin - 1]
                if data.startswith(expected.heads[length], at):
                    at = begin + length
                    entry[expected.name] = [data[begin:at].decode("utf-8", "surrogateescape")]
                    last = expected
                    continue
                if data.startswith(expected.whole, at):
                    at += len(expected.whole)
                    entry[expected.name] = expected.values.copy()
                    last = expected
                    continue
            at, found = self._attribute(data, at, end, entry)
            last.next, last = found, found
        if at != end:
            raise Garbled("an attribute is longer than all of them together")

    def _attribute(self, data: bytes, at: int, end: int, entry: Attributes) -> tuple[int, _Attribute]:
        """Adds the attribute at ``at``, whatever it is like. Returns where it ends."""
        begin = at
        at, end = _inside(data, at, end, _SEQUENCE)
        at, stop = _inside(data, at, end, _OCTETS)
        raw = data[at:stop]
        found = self._known.get(raw)
        if found is None:
            found = self._known[raw] = _Attribute(raw)
            self.ranged |= ";range=" in found.name
        at, stop = _inside(data, stop, end, _SET)
        if stop != end:
            raise Garbled("the values of an attribute are not all there is after its name")
        values: list[str] = []
        while at < end:
            at, stop = _inside(data, at, end, _OCTETS)
            values.append(data[at:stop].decode("utf-8", "surrogateescape"))
            at = stop
        if len(values) > 1:
            found.whole, found.values = data[begin:end], values.copy()
        entry[found.name] = values
        return end, found


def _inside(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Where the contents of the element at ``at`` begin and end. Raises Garbled, IndexError at the end of the data."""
    if data[at] != tag:
        raise Garbled(f"0x{data[at]:02x} stands where 0x{tag:02x} should")
    start, length = size(data, at + 1)
    if start + length > end:
        raise Garbled(f"an element of {length} bytes lies in {end - start}")
    return start, start + length


def size(data: bytes, at: int) -> tuple[int, int]:
    """Where what the length at ``at`` measures begins, and that length. Raises Garbled, IndexError at the end."""
    first = data[at]
    if first < _LONG:
        return at + 1, first
    count = first - _LONG
    if not 1 <= count <= 4:
        raise Garbled(f"a length of {count} bytes")
    start = at + 1 + count
    if start > len(data):
        raise IndexError
    return start, int.from_bytes(data[at + 1 : start], "big")


def _integer(number: int) -> bytes:
    """A message's number as BER writes it."""
    body = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes((0x02, len(body))) + body


def _length(count: int) -> bytes:
    """A length as BER writes it."""
    if count < _LONG:
        return bytes((count,))
    body = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes((_LONG + len(body),)) + body


def from_stock(raw_dn: bytes, raw_attributes: Mapping[str, list[bytes] | None]) -> Attributes:
    """The same entry out of what ldap3's own decoder makes of it."""
    values = {
        name.lower(): [value.decode("utf-8", "surrogateescape") for value in values or ()]
        for name, values in raw_attributes.items()
    }
    return {"dn": [raw_dn.decode("utf-8", "surrogateescape")], **values}
