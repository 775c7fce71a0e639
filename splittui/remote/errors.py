"""What can go wrong between this machine and a remote one, told in words an operator can act on."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from splittui.remote.public_key import PublicKey


def readable(text: bytes | str, limit: int = 300) -> str:
    """Text from a remote machine made safe to show: one line, no control characters, at most ``limit`` characters."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    shown = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class RemoteError(Exception):
    """The base of every error of this package; the command line ends with exit code 4 for each.

    ``str()`` is one sentence that names the host. ``certain`` says what is known to be true now, ``next_step`` what a
    person can do about it; both are whole sentences and may be shown below the first one.
    """

    def __init__(self, host: str, what: str, *, certain: str, next_step: str) -> None:
        super().__init__(what)
        self.host = host
        self.what = what
        self.certain = certain
        self.next_step = next_step


class ConfigRefused(RemoteError):
    """The SSH configuration of the host cannot be read, or asks for something that is not supported."""

    def __init__(self, host: str, what: str, *, next_step: str) -> None:
        super().__init__(host, what, certain="Nothing was sent to it.", next_step=next_step)


class Unreachable(RemoteError):
    """No SSH session could be set up: no address, no route, refused, silent, or not speaking a usable SSH."""

    def __init__(self, host: str, reason: str, *, next_step: str = "") -> None:
        super().__init__(
            host,
            f"{host} cannot be reached: {reason}",
            certain="Nothing was run there.",
            next_step=next_step
            or "Check the host name, the port, the network and that sshd is running, then try again.",
        )


class HostKeyRefused(RemoteError):
    """The server's host key is not one that is trusted. The base of the three ways in which that happens.

    ``name`` and ``port`` are what known_hosts is asked for (they differ from ``host`` when an alias is configured),
    ``key`` is the key that the server showed.
    """

    def __init__(
        self, host: str, what: str, *, certain: str, next_step: str, name: str, port: int, key: PublicKey
    ) -> None:
        super().__init__(host, what, certain=certain, next_step=next_step)
        self.name = name
        self.port = port
        self.key = key


class HostKeyUnknown(HostKeyRefused):
    """No known_hosts file has a key for this host. ``notes`` tells of lines there that could not be used."""

    def __init__(self, host: str, *, name: str, port: int, key: PublicKey, notes: Sequence[str] = ()) -> None:
        super().__init__(
            host,
            f"the host key of {host} is not known: {key.type} {key.fingerprint}",
            certain="The connection was closed before anything was sent.",
            next_step="Compare the fingerprint with the server's own (ssh-keygen -lf on its host key), then accept it.",
            name=name,
            port=port,
            key=key,
        )
        self.notes = tuple(notes)


class HostKeyChanged(HostKeyRefused):
    """known_hosts has other keys for this host than the one it showed. ``known`` lists them, ``places`` where."""

    def __init__(
        self, host: str, *, name: str, port: int, key: PublicKey, known: Sequence[PublicKey], places: Sequence[str]
    ) -> None:
        super().__init__(
            host,
            f"the host key of {host} has changed: it showed {key.type} {key.fingerprint}, "
            f"but {', '.join(places) or 'known_hosts'} has another one",
            certain="The connection was closed before anything was sent; someone may be in between.",
            next_step="Find out why the key changed; only then remove the old line from the known_hosts file.",
            name=name,
            port=port,
            key=key,
        )
        self.known = tuple(known)
        self.places = tuple(places)


class HostKeyRevoked(HostKeyRefused):
    """known_hosts marks the key that the host showed as @revoked."""

    def __init__(self, host: str, *, name: str, port: int, key: PublicKey, place: str) -> None:
        super().__init__(
            host,
            f"the host key of {host} is revoked ({place}): {key.type} {key.fingerprint}",
            certain="The connection was closed before anything was sent.",
            next_step="Do not connect; ask whoever marked this key as revoked.",
            name=name,
            port=port,
            key=key,
        )


class AuthenticationFailed(RemoteError):
    """The server did not let the user in. Never retried by itself: repeated failures lock accounts.

    ``tried`` lists what was offered, in order, without any secret.
    """

    def __init__(self, host: str, user: str, reason: str, *, tried: Sequence[str] = (), next_step: str = "") -> None:
        super().__init__(
            host,
            f"{host} does not let {user} in: {reason}",
            certain="Nothing was run there" + (f"; tried {', '.join(tried)}." if tried else "."),
            next_step=next_step
            or f"Check the user name, and that one of your keys is in {user}'s authorized_keys there.",
        )
        self.user = user
        self.tried = tuple(tried)


class LinkLost(RemoteError):
    """The connection ended while something was under way."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(
            host,
            f"the connection to {host} was lost: {reason}",
            certain="What was running there may still be running, and what was sent last may have taken effect or not.",
            next_step="Connect again and read back what was being changed.",
        )


class ChannelRefused(RemoteError):
    """The connection stands, but the server opens no further session or tunnel on it."""

    def __init__(self, host: str, reason: str, *, next_step: str = "") -> None:
        super().__init__(
            host,
            f"{host} refuses a further session on this connection: {reason}",
            certain="What already runs there goes on; the new command was not started.",
            next_step=next_step or "Wait for something to end there, or raise MaxSessions in its sshd_config.",
        )


class BecomeRefused(RemoteError):
    """The login works, but it may not act as the other user. ``said`` is what the remote program said."""

    def __init__(self, host: str, user: str, reason: str, *, next_step: str, said: str = "") -> None:
        super().__init__(
            host,
            f"on {host} the login may not act as {user}: {reason}",
            certain="Nothing was run.",
            next_step=next_step,
        )
        self.user = user
        self.reason = reason
        self.said = said


class RemoteTimeout(RemoteError):
    """Something took longer than it may, while the connection stands."""

    def __init__(self, host: str, what: str, *, certain: str = "", next_step: str = "") -> None:
        super().__init__(
            host,
            what,
            certain=certain or "The connection still stands; the remote program may still be running.",
            next_step=next_step or "Look at what is running there before trying again.",
        )


class SentinelMissing(RemoteError):
    """The remote shell ended, or stayed silent, without ever starting the program. ``noise`` is what it said first."""

    def __init__(self, host: str, reason: str, noise: Sequence[str]) -> None:
        heard = f", it said: {' | '.join(noise)}" if noise else ""
        super().__init__(
            host,
            f"the login on {host} did not start the program: {reason}{heard}",
            certain="The program was not started.",
            next_step="Log in there by hand; look at the login shell, its start-up files and forced commands.",
        )
        self.noise = tuple(noise)


class ProcessEnded(RemoteError):
    """The remote program has ended, so it takes no more input."""

    def __init__(self, host: str) -> None:
        super().__init__(
            host,
            f"the program on {host} has ended and takes no more input",
            certain="What was written last was not read by it for certain.",
            next_step="Read what it said last.",
        )
