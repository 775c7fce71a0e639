"""OpenSSH's known_hosts files, read the way ssh reads them (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).

A line that cannot be used is skipped and noted, so that one bad line never makes the whole file unusable.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

from splittui.remote.public_key import BadKeyError, PublicKey


class Verdict(Enum):
    """What the known_hosts files say about a key that a host showed."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Entry:
    """One usable line: the host patterns, the key, and where it stands (``file:line``)."""

    hosts: str
    key: PublicKey
    revoked: bool
    place: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer for one key of one host: the verdict and the entries it rests on."""

    verdict: Verdict
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownHosts:
    """All entries of one or more known_hosts files. ``notes`` says which lines were skipped, and why."""

    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def load(cls, files: Iterable[Path]) -> KnownHosts:
        """Reads the files in order. A missing file is empty; one that cannot be read is noted."""
        entries: list[Entry] = []
        notes: list[str] = []
        for file in files:
            try:
                text = file.read_bytes().decode("utf-8", "replace")
            except FileNotFoundError:
                continue
            except OSError as error:
                notes.append(f"{file} cannot be read: {error.strerror}")
                continue
            part = cls.parse(text, str(file))
            entries += part.entries
            notes += part.notes
        return cls(tuple(entries), tuple(notes))

    @classmethod
    def parse(cls, text: str, name: str = "known_hosts") -> KnownHosts:
        """Reads the text of one file; ``name`` is what the notes call it. Never fails."""
        entries: list[Entry] = []
        notes: list[str] = []
        for number, line in enumerate(text.split("\n"), start=1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            place = f"{name}:{number}"
            marker = words.pop(0) if words[0].startswith("@") else ""
            if marker == "@cert-authority":
                notes.append(f"{place} skipped: host certificates are not supported")
            elif marker not in ("", "@revoked"):
                notes.append(f"{place} skipped: the marker is not known")
            elif len(words) < 3:
                notes.append(f"{place} skipped: it has no key")
            else:
                try:
                    key = PublicKey.from_text(words[1], words[2])
                except BadKeyError as error:
                    notes.append(f"{place} skipped: {error}")
                else:
                    entries.append(Entry(words[0], key, marker == "@revoked", place))
        return cls(tuple(entries), tuple(notes))

    def lookup(self, host: str, port: int, key: PublicKey) -> Lookup:
        """Judges the key that ``host`` showed on ``port``.

        As ssh does (hostfile.c, check_hostkeys_by_key_or_type): a revoked key is refused whatever else is said; any
        other key for the host means changed, also one of another type; and a host on another port than 22 is also
        known by its plain name, but only by a key that is equal.
        """
        name = host_name(host, port)
        matching = [entry for entry in self.entries if matches(entry.hosts, name)]
        plain = [entry for entry in self.entries if matches(entry.hosts, host_name(host, 22))] if port != 22 else []
        for entry in matching + plain:
            if entry.revoked and entry.key == key:
                return Lookup(Verdict.REVOKED, (entry,))
        for entry in matching + plain:
            if not entry.revoked and entry.key == key:
                return Lookup(Verdict.KNOWN, (entry,))
        others = tuple(entry for entry in matching if not entry.revoked)
        return Lookup(Verdict.CHANGED, others) if others else Lookup(Verdict.UNKNOWN)

    def key_types(self, host: str, port: int) -> tuple[str, ...]:
        """The types of the keys known for the host, so that the server can be asked for one of these first."""
        names = (host_name(host, port), host_name(host, 22))
        found = [
            [entry.key.type for entry in self.entries if not entry.revoked and matches(entry.hosts, name)]
            for name in names
        ]
        return tuple(dict.fromkeys(found[0] or found[1]))


def host_name(host: str, port: int) -> str:
    """The name under which known_hosts has a host: lower case, ``[host]:port`` unless the port is 22."""
    return host.lower() if port == 22 else f"[{host.lower()}]:{port}"


def matches(hosts: str, name: str) -> bool:
    """Whether the first field of a line (a hashed name, or a comma list of patterns) is about ``name``."""
    if hosts.startswith("|"):
        return _matches_hashed(hosts, name)
    found = False
    for pattern in hosts.lower().split(","):
        if _pattern(pattern.removeprefix("!")).fullmatch(name):
            if pattern.startswith("!"):
                return False
            found = True
    return found


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    """``*`` is any text, ``?`` any one character, all else itself; ``[`` is not special in known_hosts."""
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(char) or re.escape(char) for char in pattern), re.DOTALL)


def _matches_hashed(hosts: str, name: str) -> bool:
    try:
        _, kind, salt, digest = hosts.split("|")
        key, expected = base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)
    except (ValueError, binascii.Error):
        return False
    return kind == "1" and hmac.compare_digest(hmac.new(key, name.encode(), hashlib.sha1).digest(), expected)


def accept(host: str, port: int, key: PublicKey, file: Path) -> None:
    """Appends the key to ``file`` (mode 600, its folder 700 when made here), unless it is there already.

    To be called only after a person compared the fingerprint. Raises OSError when the file cannot be written.
    """
    if KnownHosts.load([file]).lookup(host, port, key).verdict is Verdict.KNOWN:
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with open(descriptor, "a+b") as stream:
        os.fchmod(descriptor, 0o600)
        stream.seek(0)
        before = stream.read()
        newline = b"" if not before or before.endswith(b"\n") else b"\n"
        stream.write(newline + f"{host_name(host, port)} {key.text}\n".encode())
