"""A TCP connection that a host makes for us, used like a socket."""

from __future__ import annotations

import time
from contextlib import suppress

import paramiko

from splittui.remote.errors import ChannelRefused, RemoteTimeout
from splittui.remote.link import Link
from splittui.remote.sending import await_room, send_some
from splittui.remote.vantage import NotConnected

_PROHIBITED = 1
"""SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, 5.1)."""

_CHUNK = 1 << 15


def tunnel(link: Link, name: str, host: str, port: int) -> Tunnel:
    """A connection from the link's host, called ``name``, to a server. Raises NotConnected and LinkLost."""
    try:
        return Tunnel(link.open_tunnel(host, port))
    except RemoteTimeout as error:
        waited = link.timeouts.channel
        raise NotConnected(f"From {name}, {host}:{port} did not answer in {waited:.0f} seconds.") from error
    except ChannelRefused as error:
        if isinstance(error.__cause__, paramiko.ChannelException) and error.__cause__.code == _PROHIBITED:
            text = (
                f"The sshd of {name} does not let this login connect on to {host}:{port}: it needs "
                "AllowTcpForwarding there, and a key without no-port-forwarding."
            )
            raise NotConnected(text) from error
        text = f"From {name}, {host}:{port} cannot be connected to: nothing listens there, or there is no such name."
        raise NotConnected(text) from error


class Tunnel:
    """The connection. Its errors are OSErrors, as a socket's are."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel
        self._seconds = 0.0

    def settimeout(self, seconds: float, /) -> None:
        self._seconds = seconds
        self._channel.settimeout(seconds)

    def recv(self, size: int, /) -> bytes:
        try:
            return self._channel.recv(size)
        except (paramiko.SSHException, EOFError) as error:
            raise ConnectionError(str(error)) from error

    def sendall(self, data: bytes, /) -> None:
        deadline = time.monotonic() + self._seconds
        view = memoryview(data)
        try:
            while view:
                if sent := send_some(self._channel, bytes(view[:_CHUNK])):
                    view = view[sent:]
                elif time.monotonic() > deadline:
                    raise TimeoutError
                else:
                    await_room(self._channel)
        except (paramiko.SSHException, EOFError) as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        # Where the link is closed at the same time, saying goodbye fails.
        with suppress(paramiko.SSHException, OSError, EOFError):
            self._channel.close()
