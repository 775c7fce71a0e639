"""The assertion control (RFC 4528): the server carries an operation out only where a filter holds for the entry."""

from __future__ import annotations

from ldap3.operation.search import compile_filter, parse_filter
from ldap3.protocol.controls import build_control
from pyasn1.codec.ber.encoder import encode

_OID = "1.3.6.1.1.12"


def assertion(filter_: str) -> object:
    """The control for ldap3. It is not critical: a server that does not know it leaves it out."""
    parsed = parse_filter(filter_, None, True, False, None, False)  # type: ignore[no-untyped-call]
    value = encode(compile_filter(parsed.elements[0]))  # type: ignore[no-untyped-call]
    return build_control(_OID, False, value, encode_control_value=False)
