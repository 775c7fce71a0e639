"""TLS on a connection that is already there, be it a socket or a tunnel; certificates are always checked."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

from splittui.remote.vantage import Stream

_CHUNK = 65536


def context(ca_file: Path | None) -> ssl.SSLContext:
    """What a server's certificate is checked by: the file's certificates, or those that this machine trusts.

    Raises OSError where the file cannot be read or has no certificate in it. Zimbra's own CA leaves out what RFC 5280
    wants of a CA (a critical basicConstraints, keyUsage), so VERIFY_X509_STRICT, which Python 3.13 sets in
    ``ssl.create_default_context``, must not be on. A certificate in the file is trusted even where it is no root.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if ca_file is None:
        made.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        made.load_verify_locations(ca_file)
    return made


class TlsStream:
    """TLS over another stream, which it takes over."""

    def __init__(self, stream: Stream, context: ssl.SSLContext, host: str) -> None:
        """Shakes hands at once. Raises OSError (ssl.SSLError among others), ValueError where ``host`` is no name."""
        self._stream = stream
        self._from, self._to = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from, self._to, server_hostname=host)
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                # The alert that tells the server why, if it still listens.
                with contextlib.suppress(OSError):
                    self._flush()
                raise
        self._flush()

    def settimeout(self, seconds: float, /) -> None:
        self._stream.settimeout(seconds)

    def recv(self, size: int, /) -> bytes:
        while True:
            try:
                return self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLZeroReturnError:
                return b""

    def sendall(self, data: bytes, /) -> None:
        view = memoryview(data)
        while view:
            view = view[self._tls.write(view) :]
        self._flush()

    def close(self) -> None:
        self._stream.close()

    def _fill(self) -> None:
        data = self._stream.recv(_CHUNK)
        if data:
            self._from.write(data)
        else:
            self._from.write_eof()

    def _flush(self) -> None:
        if data := self._to.read():
            self._stream.sendall(data)
