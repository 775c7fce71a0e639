"""Mail addresses as both systems compare them.

Zimbra stores addresses in lower case and looks them up without regard to case, so an address here is always the
lower-case text ``local@domain``. The domain of an internationalised name is carried in its ASCII form (RFC 5891).
"""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


class AddressError(ValueError):
    """The text is not an address that both systems can carry; the message says why."""


def parse_domain(text: str) -> str:
    """A domain name in lower-case ASCII form; an international one becomes ``xn--``. Raises AddressError."""
    name = text.strip().rstrip(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise AddressError(f"{text!r} is not a domain name: it has no ASCII (xn--) form") from error
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise AddressError(f"{text!r} is not a domain name")
    return name


def parse_address(text: str) -> str:
    """The canonical form of one address: lower case, domain in ASCII. Raises AddressError with the reason.

    Local parts outside ASCII are refused: Zimbra's directory does not take them (``zimbraMailDeliveryAddress:
    value #0 invalid per syntax``). Quoted local parts are refused too: no routing map is keyed by them.
    """
    stripped = text.strip()
    local, at, domain = stripped.rpartition("@")
    if not at or not local:
        raise AddressError(f"{stripped!r} is not an address: it must look like name@domain")
    if not local.isascii():
        raise AddressError(f"{stripped!r} has characters before the @ that Zimbra's directory cannot store")
    if not _LOCAL.fullmatch(local):
        raise AddressError(f"{stripped!r} has characters before the @ that a mail route cannot carry")
    if local.startswith(".") or local.endswith(".") or ".." in local or len(local) > 64:
        raise AddressError(f"{stripped!r} is not an address: the part before the @ is malformed")
    return f"{local.lower()}@{parse_domain(domain)}"


def domain_of(address: str) -> str:
    """What stands behind the last ``@``; empty when there is none."""
    return address.rpartition("@")[2]
