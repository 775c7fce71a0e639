"""Points of view: from where a server is asked. It trusts some and not others, so its answer depends on that."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from splittui.remote.link import Link

_FULL_NAME = re.compile(r"(?=.{1,253}\Z)([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*")


class NotConnected(Exception):
    """No connection to a server from this point of view; the text is one sentence that says from where, and why."""


class Stream(Protocol):
    """A TCP connection, as far as it is needed: a socket, or a tunnel through a host."""

    def settimeout(self, seconds: float, /) -> None:
        """Limits each of the following calls; when it is over they raise TimeoutError."""
        ...

    def recv(self, size: int, /) -> bytes:
        """What has come, ``b""`` at the end. Raises OSError."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Raises OSError."""
        ...

    def close(self) -> None: ...


class Vantage(Protocol):
    """A point of view. ``name`` is what it is called on screen, ``greeting`` how it calls itself in EHLO."""

    @property
    def name(self) -> str: ...

    @property
    def greeting(self) -> str: ...

    def connect(self, host: str, port: int, seconds: float) -> Stream:
        """A connection to a server. Raises NotConnected, and RemoteError where the point of view itself is lost."""
        ...

    def check(self) -> None:
        """Raises RemoteError where the point of view itself is lost: what looked like the server's end was not."""
        ...


class Here:
    """This machine."""

    name = "this machine"

    @property
    def greeting(self) -> str:
        return greeting(socket.gethostname())

    def connect(self, host: str, port: int, seconds: float) -> Stream:
        try:
            return socket.create_connection((host, port), timeout=seconds)
        except socket.gaierror as error:
            raise NotConnected(f"From {self.name}, the address of {host} is not known.") from error
        except TimeoutError as error:
            raise NotConnected(f"From {self.name}, {host}:{port} did not answer in {seconds:.3g} seconds.") from error
        except (OSError, UnicodeError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise NotConnected(f"From {self.name}, {host}:{port} cannot be connected to: {reason}.") from error

    def check(self) -> None:
        """This machine is always there."""


class Through:
    """A host that is logged in to, by tunnels through its sshd. Names are looked up there.

    ``name`` is the host as it is called on screen; ``link`` makes or finds the link and raises RemoteError.
    """

    def __init__(self, name: str, link: Callable[[], Link]) -> None:
        self.name = name
        self.greeting = greeting(name)
        self._link = link
        self._used: Link | None = None

    def connect(self, host: str, port: int, seconds: float) -> Stream:
        from splittui.remote.tunnel import tunnel

        self._used = self._link()
        return tunnel(self._used, self.name, host, port)

    def check(self) -> None:
        if self._used is not None and not self._used.check():
            raise self._used.lost()


def greeting(host: str) -> str:
    """A name for EHLO: the host's own where it is a full one, otherwise an address literal (RFC 5321, 4.1.4)."""
    return host if _FULL_NAME.fullmatch(host) else "[127.0.0.1]"
