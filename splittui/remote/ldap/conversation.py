"""ldap3's synchronous strategy on a stream that is there already, with entries decoded on the short way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ldap3 import Connection
from ldap3.core.exceptions import LDAPException
from ldap3.strategy.base import RESPONSE_COMPLETE
from ldap3.strategy.sync import SyncStrategy
from ldap3.utils.asn1 import decode_message_fast
from pyasn1.error import PyAsn1Error

from splittui.remote.ldap.decoder import MESSAGE, Attributes, EntryDecoder, Garbled, from_stock, size
from splittui.remote.vantage import Stream

_CHUNK = 65536
_LONGEST = 1 << 26
"""Bytes of one message; nothing that a directory says about a person or a list comes near it."""
_DISCONNECTED = "1.3.6.1.4.1.1466.20036"


class Ended(OSError):
    """The server ended the connection; the message says how, as far as it told."""


class Conversation(SyncStrategy):
    """Sends requests as ldap3 does, and collects what a search brings in ``entries`` and ``references``.

    Its errors are OSErrors and Garbled. Made for one connection of ldap3, which must be made without ``auto_range``,
    ``auto_referrals`` and ``return_empty_attributes``: these want ldap3's own form of entries.
    """

    def __init__(self, connection: Connection, stream: Stream, stock: bool) -> None:
        super().__init__(connection)
        self.entries: list[Attributes] = []
        self.references: list[str] = []
        self._stock = stock
        self._decoder = EntryDecoder()
        self._data, self._at = b"", 0
        self.speak_over(stream)
        self._outstanding: dict[int, Mapping[str, object]] = {}
        connection.strategy = self
        connection.send = self.send
        connection.open = self.open
        connection.get_response = self.get_response
        connection.post_send_single_response = self.post_send_single_response
        connection.post_send_search = self.post_send_search
        connection.closed = False
        connection.listening = True

    @property
    def ranged(self) -> bool:
        """Whether an attribute may have come in parts."""
        return self._stock or self._decoder.ranged

    def await_encryption(self) -> None:
        """Raises Garbled where something came in clear behind the agreement to encrypt: anybody could have said it."""
        if self._at < len(self._data):
            raise Garbled("something was added in clear where encryption was to begin")

    def speak_over(self, stream: Stream) -> None:
        """Goes on over this stream."""
        self._stream = stream
        self.connection.socket = stream

    def open(self, reset_usage: bool = True, read_server_info: bool = True) -> None:
        """ldap3 would connect again by itself."""
        raise Ended("it is closed")

    def _get_response(self, message_id: int, timeout: object) -> list[object]:
        """Overrides ldap3: everything up to the message that ends the operation; of a search only that message."""
        self.entries, self.references = [], []
        while True:
            if not self._stock:
                self._at = self._decoder.take(self._data, self._at, message_id, self.entries)
            message = self._message()
            if message is None:
                continue
            number, found = self._by_ldap3(message)
            kind = found["type"]
            if not number:
                raise Ended(_notice(found))
            if number != message_id:
                raise Garbled(f"it answers request {number}, which was not asked")
            if kind == "searchResEntry":
                raw_dn, raw = found["raw_dn"], found["raw_attributes"]
                self.entries.append(from_stock(cast(bytes, raw_dn), cast(Mapping[str, list[bytes] | None], raw)))
            elif kind == "searchResRef":
                self.references += cast(list[str], found["uri"])
            elif kind != "intermediateResponse":
                return [found, RESPONSE_COMPLETE]

    def _by_ldap3(self, message: bytes) -> tuple[int, Mapping[str, object]]:
        """Which request the message answers, and what it says."""
        try:
            decoded = decode_message_fast(message)  # type: ignore[no-untyped-call]
            found = self.decode_response_fast(decoded)  # type: ignore[no-untyped-call]
            return cast(int, decoded["messageID"]), cast(Mapping[str, object], found)
        except (LDAPException, PyAsn1Error, LookupError, ValueError, TypeError, AttributeError) as error:
            raise Garbled(f"not a message of LDAP: {type(error).__name__} {error}") from error

    def _message(self) -> bytes | None:
        """The next message; None where it had to be waited for, so that it may be looked at again."""
        begin, have = self._at, len(self._data) - self._at
        if have and self._data[begin] != MESSAGE:
            raise Garbled(f"it begins with 0x{self._data[begin]:02x}, which is not LDAP")
        try:
            start, length = size(self._data, begin + 1)
        except IndexError:
            self._receive(have + 1)
            return None
        if length > _LONGEST:
            raise Garbled(f"a message of {length:,} bytes")
        if start + length > len(self._data):
            self._receive(start + length - begin)
            return None
        self._at = start + length
        return self._data[begin : self._at]

    def _receive(self, needed: int) -> None:
        """Lets ``_data`` begin at the next message, with at least so many bytes of it."""
        parts = [self._data[self._at :]]
        have = len(parts[0])
        while have < needed:
            chunk = self._stream.recv(_CHUNK)
            if not chunk:
                raise Ended("the server, or something in between, closed it")
            parts.append(chunk)
            have += len(chunk)
        self._data, self._at = b"".join(parts), 0


def _notice(found: Mapping[str, object]) -> str:
    """Notice of disconnection (RFC 4511, 4.4.1), in the server's own words."""
    said = str(found.get("message") or found.get("description") or "")
    told = "the server ends it" if found.get("responseName") == _DISCONNECTED else "the server says what nobody asked"
    return f"{told} ({said})" if said else told
