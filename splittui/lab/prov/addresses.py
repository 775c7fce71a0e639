"""Mail addresses as JavaMail's strict parser judges them, in the texts of its AddressException."""

from __future__ import annotations

import re

from splittui.lab.prov.errors import SERVICE_EXCEPTION, Cause, ServiceError, invalid_request

_EXCEPTION = "javax.mail.internet.AddressException"
_LOCAL_SPECIALS = '()<>,;:\\"[]@'
_DOMAIN_CHAR = re.compile(r"[A-Za-z0-9.-]", re.ASCII)
_UUID = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+){4}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether zmprov takes ``text`` for a zimbraId instead of a name."""
    return len(text) == 36 and _UUID.fullmatch(text) is not None


def address_fault(address: str) -> str | None:
    """What JavaMail says is wrong with ``address``, or None."""
    at = address.rfind("@")
    local, domain = (address[:at], address[at + 1 :]) if at >= 0 else (address, "")
    if at == 0 or not local:
        return "Missing local name"
    if not domain:
        return "Missing domain"
    return _local_fault(local) or _domain_fault(domain)


def _local_fault(local: str) -> str | None:
    if local.startswith('"') and local.endswith('"') and len(local) > 1:
        return None
    if local.startswith("."):
        return "Local address starts with dot"
    for char in local:
        if ord(char) <= 0x20 or ord(char) == 0x7F:
            return "Local address contains control or whitespace"
        if char in _LOCAL_SPECIALS:
            return "Local address contains illegal character"
    if ".." in local:
        return "Local address contains dot-dot"
    return "Local address ends with dot" if local.endswith(".") else None


def _domain_fault(domain: str) -> str | None:
    if domain.startswith("["):
        return None
    if domain.startswith("."):
        return "Domain starts with dot"
    for char in domain:
        if ord(char) <= 0x20 or ord(char) == 0x7F:
            return "Domain contains control or whitespace"
        if not _DOMAIN_CHAR.fullmatch(char):
            return "Domain contains illegal character"
    if ".." in domain:
        return "Domain contains dot-dot"
    return "Domain ends with dot" if domain.endswith(".") else None


def check_address(address: str) -> None:
    """Raises the ServiceError of a name that is no valid address."""
    fault = address_fault(address)
    if fault is not None:
        raise invalid_request("invalid email address", Cause(_EXCEPTION, fault))


def check_domain_name(name: str) -> None:
    """Raises the ServiceError of a domain name that no address could carry."""
    try:
        check_address(f"test@{name}")
    except ServiceError as error:
        cause = Cause(SERVICE_EXCEPTION, error.message)
        raise invalid_request(f"invalid domain name {name}", cause) from error


def to_ascii_domain(domain: str) -> str:
    """An internationalised domain in its xn-- form; others, and what has no such form, in lower case."""
    if domain.isascii():
        return domain.lower()
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain.lower()


def split_new_address(name: str) -> tuple[str, str]:
    """``name`` of an entry to be created as (local part, domain), lower-cased, checked. Raises ServiceError."""
    name = name.lower().strip()
    parts = name.split("@")
    while parts and not parts[-1]:
        parts.pop()
    if len(parts) != 2:
        raise invalid_request(f"must be valid email address: {name}")
    local, domain = parts[0], to_ascii_domain(parts[1])
    check_address(f"{local}@{domain}")
    return local, domain


def domain_dn(name: str) -> str:
    """example.com -> dc=example,dc=com."""
    return ",".join(f"dc={part}" for part in name.split("."))


def people_dn(local: str, domain: str) -> str:
    """Where Zimbra keeps the account, alias or list ``local@domain``."""
    return f"uid={escape_rdn(local)},ou=people,{domain_dn(domain)}"


def escape_rdn(value: str) -> str:
    """A value as it must be written in a DN (RFC 4514)."""
    escaped = "".join("\\" + char if char in ',+"\\<>;=' else char for char in value)
    return "\\" + escaped if escaped.startswith("#") else escaped
