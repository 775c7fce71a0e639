"""LDIF (RFC 2849) exactly as OpenLDAP's ldapsearch prints it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence

BINARY = frozenset(
    (
        "thumbnailPhoto",
        "userCertificate",
        "userSMIMECertificate",
        "zimbraAPNSCertificate",
        "zimbraPrefMailSMIMECertificate",
        "zimbraSSLDHParam",
    )
)
"""The attributes whose values the lab's directory keeps as base64 text."""

_ENCODED = BINARY | {"userPassword"}

_WIDTH = 76
# OpenLDAP writes fewer values as they are than RFC 2849 allows: first and last character must be visible.
_PLAIN = re.compile(r"[!-9;=-~](?:[ -~]*[!-~])?")
_PLAIN_LINES = re.compile(r"(?:[A-Za-z0-9;.-]++: [!-9;=-~][ -~]*+(?<! )\n)*+")
_RDN = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)


def entry(dn: str, attributes: Iterable[tuple[str, Sequence[str]]], wrap: bool = True) -> str:
    """One entry, with the empty line behind it. Lines are folded at 78 characters unless ``wrap`` is false."""
    if not wrap:
        # One look at the whole entry is much faster than one at each value.
        text = f"dn: {dn}\n"
        count = 1
        for name, values in attributes:
            if name in _ENCODED:
                break
            for value in values:
                count += 1
                text += f"{name}: {value}\n"
        else:
            if text.count("\n") == count and _PLAIN_LINES.fullmatch(text):
                return text + "\n"
    return line("dn", dn, wrap) + "".join(line(n, value, wrap) for n, values in attributes for value in values) + "\n"


def line(name: str, value: str, wrap: bool = True) -> str:
    """One attribute's value, with its newline; ``::`` and base64 where OpenLDAP chooses so."""
    if not value:
        return f"{name}:\n"
    if name in BINARY:
        return _fold(f"{name}:: {value}", wrap)
    if _PLAIN.fullmatch(value) and name not in _ENCODED:
        return _fold(f"{name}: {value}", wrap)
    return _fold(f"{name}:: {base64.b64encode(value.encode('utf-8', 'surrogateescape')).decode()}", wrap)


def _fold(line: str, wrap: bool) -> str:
    if not wrap or len(line) <= _WIDTH + 2:
        return line + "\n"
    first, rest = line[: _WIDTH + 2], line[_WIDTH + 2 :]
    step = _WIDTH + 1
    return "\n ".join([first, *(rest[start : start + step] for start in range(0, len(rest), step))]) + "\n"


def friendly(dn: str) -> str:
    """The DN for people, as in ldapsearch's comments: values alone, domain components joined by dots."""
    parts: list[str] = []
    domain: list[str] = []
    for component in _RDN.findall(dn):
        name, _, value = component.strip().partition("=")
        (domain if name.lower() == "dc" else parts).append(_escaped(value))
    return ", ".join([*parts, ".".join(domain)] if domain else parts)


def _escaped(value: str) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:02X}" for byte in value.encode())
