"""The public half of a host key, as plain data."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass


class BadKeyError(ValueError):
    """The text is not the base64 of an SSH public key of the stated type."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its type, for example ``ssh-ed25519``, and its blob in the wire format of RFC 4253, 6.6."""

    type: str
    blob: bytes

    @classmethod
    def from_text(cls, key_type: str, text: str) -> PublicKey:
        """Reads the two words of a known_hosts or authorized_keys line. Raises BadKeyError.

        The blob repeats the type as its first string; the two have to agree.
        """
        try:
            blob = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise BadKeyError("the key is not base64") from None
        size = int.from_bytes(blob[:4], "big")
        if len(blob) <= 4 + size or blob[4 : 4 + size] != key_type.encode():
            raise BadKeyError(f"the key is not of the type {key_type}")
        return cls(key_type, blob)

    @property
    def fingerprint(self) -> str:
        """The SHA256 fingerprint as OpenSSH prints it."""
        digest = base64.b64encode(hashlib.sha256(self.blob).digest()).decode()
        return "SHA256:" + digest.rstrip("=")

    @property
    def text(self) -> str:
        """Type and base64, as a known_hosts line holds them."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"
