"""Passwords: the length rules of the class of service, and the salted hash that is stored."""

from __future__ import annotations

import base64
import hashlib
import os

from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import ServiceError


def password_fault(password: str, cos: Entry | None) -> ServiceError | None:
    """What the password policy says against ``password``, or None."""
    if cos is None:
        return None
    least, most = int(cos.get("zimbraPasswordMinLength") or 0), int(cos.get("zimbraPasswordMaxLength") or 0)
    fault = "too short" if len(password) < least else "too long" if 0 < most < len(password) else ""
    return ServiceError("account.INVALID_PASSWORD", f"invalid password: {fault}") if fault else None


def hashed(password: str) -> str:
    """The value of userPassword: salted SHA-1; a value that is a hash already stays."""
    if password.startswith("{"):
        return password
    salt = os.urandom(8)
    digest = hashlib.sha1(password.encode("utf-8", "replace") + salt, usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode("ascii")
