"""A TCP server that says what a test tells it to say: for servers that are broken, slow or hostile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence

Part = bytes | Callable[[socket.socket], None]


class Scripted:
    """Plays ``scripts``, one for each connection, the last one for all further ones.

    A script is a list: bytes are said; a callable gets the socket; ``line`` waits for a line and keeps it in ``heard``.
    At its end the connection is closed.
    """

    def __init__(self, *scripts: Sequence[Part]) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self.scripts = scripts
        self._let_go = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def line(self, client: socket.socket) -> None:
        """Waits for one line of the client."""
        received = b""
        while not received.endswith(b"\n") and (data := client.recv(1)):
            received += data
        if received:
            self.heard.append(received.rstrip(b"\r\n"))

    def message(self, client: socket.socket) -> None:
        """Waits for a message and its end."""
        while not self.heard or self.heard[-1] != b".":
            self.line(client)

    def silence(self, client: socket.socket) -> None:
        """Says nothing more, and keeps the connection open."""
        self._let_go.wait()

    def close(self) -> None:
        self._let_go.set()
        # Closing a socket does not wake the thread that accepts on it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        try:
            while True:
                client, _ = self._listener.accept()
                script = self.scripts[min(self.connections, len(self.scripts) - 1)]
                self.connections += 1
                thread = threading.Thread(target=self._play, args=(client, script), daemon=True)
                self._threads.append(thread)
                thread.start()
        except OSError:
            return

    def _play(self, client: socket.socket, script: Sequence[Part]) -> None:
        with client:
            try:
                for part in script:
                    if isinstance(part, bytes):
                        client.sendall(part)
                    else:
                        part(client)
            except OSError:
                # The client went away first, as it may.
                return

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
