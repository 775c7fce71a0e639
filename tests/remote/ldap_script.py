"""LDAP in the words of a scripted server: requests are waited for, answers are made by ldap3's own encoder."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ldap3.protocol.rfc2696 import paged_search_control
from ldap3.protocol.rfc4511 import (
    LDAPDN,
    URI,
    AttributeDescription,
    AttributeValue,
    BindResponse,
    ExtendedResponse,
    LDAPMessage,
    LDAPString,
    MessageID,
    PartialAttribute,
    PartialAttributeList,
    ProtocolOp,
    ResultCode,
    SearchResultDone,
    SearchResultEntry,
    SearchResultReference,
    Vals,
)
from ldap3.utils.asn1 import decode_message_fast, encode

from tests.remote.scripted import Part

Values = Mapping[str, Sequence[bytes]]


def message(number: int, kind: str, operation: object, cookie: bytes | None = None) -> bytes:
    made = LDAPMessage()
    made["messageID"] = MessageID(number)
    made["protocolOp"] = ProtocolOp().setComponentByName(kind, operation)
    if cookie is not None:
        made["controls"].setComponentByPosition(0, paged_search_control(False, 0, cookie))
    return encode(made)


def entry_message(number: int, dn: bytes, values: Values) -> bytes:
    """One search result entry, whatever its bytes."""
    attributes = PartialAttributeList()
    for position, (name, found) in enumerate(values.items()):
        attribute, vals = PartialAttribute(), Vals()
        for place, value in enumerate(found):
            vals.setComponentByPosition(place, AttributeValue(value))
        attribute["type"] = AttributeDescription(name)
        attribute["vals"] = vals
        attributes.setComponentByPosition(position, attribute)
    made = SearchResultEntry()
    made["object"] = LDAPDN(dn)
    made["attributes"] = attributes
    return message(number, "searchResEntry", made)


@dataclass
class Ldap:
    """Parts for a script; ``asked`` are the requests that came, as ldap3 decodes them."""

    asked: list[bytes] = field(default_factory=list)
    number: int = 0

    def request(self, client: socket.socket) -> None:
        """Waits for a request."""
        data = b""
        while len(data) < 2 or len(data) < 2 + (data[1] if data[1] < 0x80 else 0x7FFF):
            chunk = client.recv(65536)
            if not chunk:
                raise ConnectionError
            data += chunk
            if data[1] >= 0x80 and len(data) >= 4:
                length = int.from_bytes(data[2 : 2 + data[1] - 0x80], "big")
                if len(data) >= 2 + data[1] - 0x80 + length:
                    break
        self.asked.append(data)
        at = 2 + (data[1] - 0x80 if data[1] >= 0x80 else 0)
        self.number = int.from_bytes(data[at + 2 : at + 2 + data[at + 1]], "big")

    def bound(self, code: int = 0, text: str = "") -> Part:
        """Answers a bind."""
        return lambda client: client.sendall(
            message(self.number, "bindResponse", self._result(BindResponse(), code, text))
        )

    def agreed(self, times: int = 1) -> Part:
        """Answers an extended request, in one piece even where it does so more than once."""
        made = self._result(ExtendedResponse(), 0, "")
        return lambda client: client.sendall(message(self.number, "extendedResp", made) * times)

    def entry(self, dn: str, **values: Sequence[str] | str) -> Part:
        """An entry; underscores in names stand for hyphens."""
        found = {
            name: [one.encode() for one in ([value] if isinstance(value, str) else value)]
            for name, value in values.items()
        }
        return lambda client: client.sendall(entry_message(self.number, dn.encode(), found))

    def ranged(self, dn: str, name: str, values: Sequence[str]) -> Part:
        """An entry with one attribute of any name."""
        return lambda client: client.sendall(
            entry_message(self.number, dn.encode(), {name: [value.encode() for value in values]})
        )

    def reference(self, url: str) -> Part:
        """A part of the tree that is elsewhere."""
        made = SearchResultReference()
        made.setComponentByPosition(0, URI(url))
        return lambda client: client.sendall(message(self.number, "searchResRef", made))

    def done(self, code: int = 0, text: str = "", cookie: bytes | None = b"") -> Part:
        """The end of a search; with ``cookie`` None it has no control for pages."""
        return lambda client: client.sendall(
            message(self.number, "searchResDone", self._result(SearchResultDone(), code, text), cookie)
        )

    @staticmethod
    def _result(made: BindResponse, code: int, text: str) -> BindResponse:
        made["resultCode"] = ResultCode(code)
        made["matchedDN"] = LDAPDN("")
        made["diagnosticMessage"] = LDAPString(text)
        return made


def decoded(data: bytes) -> object:
    """A message as ldap3 reads it."""
    return decode_message_fast(data)
