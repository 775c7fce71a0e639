"""Noticing that the other end of a connection is dead, which neither TCP nor paramiko's keepalive does.

A stopped sshd, or a proxy that keeps acknowledging, looks alive to TCP. Only a question that wants an answer tells.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, cast

import paramiko
from paramiko.common import cMSG_GLOBAL_REQUEST

# How long, in seconds, it may take to see that the transport was closed by someone else meanwhile.
_GLANCE = 0.1


class _SendsMessages(Protocol):
    """The part of paramiko.Transport that its stubs leave out; global_request() has no timeout."""

    def _send_user_message(self, data: paramiko.Message) -> None: ...


class Heartbeat:
    """Asks the server every ``interval`` seconds; when no answer comes for ``limit`` seconds, calls ``hang_up``.

    That closes the transport, which wakes everyone who waits on it. OpenSSH answers the unknown request with
    "failure", which is all that is wanted.
    """

    def __init__(
        self, transport: paramiko.Transport, interval: float, limit: float, hang_up: Callable[[], None]
    ) -> None:
        self._transport = transport
        self._hang_up = hang_up
        self._interval = interval
        self._limit = limit
        self._asking = threading.Lock()
        self._stopped = threading.Event()
        self.round_trip: float | None = None
        self.silent = False

    def start(self) -> None:
        """Begins asking, in a thread of its own."""
        threading.Thread(target=self._run, name="ssh heartbeat", daemon=True).start()

    def stop(self) -> None:
        """Stops asking. Returns at once."""
        self._stopped.set()

    def ask(self) -> bool:
        """Asks once and waits: whether the server answered. Hangs up when it did not."""
        with self._asking:
            answered = threading.Event()
            self._transport.completion_event = answered
            began = time.monotonic()
            # Sending is left to another thread, because it blocks when someone else is stuck sending to a dead peer.
            threading.Thread(target=self._send, name="ssh heartbeat question", daemon=True).start()
            while self._transport.is_active():
                if answered.wait(_GLANCE):
                    if not self._transport.is_active():
                        return False
                    self.round_trip = time.monotonic() - began
                    return True
                if time.monotonic() - began > self._limit:
                    self.silent = True
                    self._hang_up()
            return False

    def _send(self) -> None:
        question = paramiko.Message()
        question.add_byte(cMSG_GLOBAL_REQUEST)
        question.add_string("keepalive@openssh.com")
        question.add_boolean(True)
        try:
            cast(_SendsMessages, self._transport)._send_user_message(question)
        except (paramiko.SSHException, OSError, EOFError):
            # The transport is dead or stuck in a key exchange; either way no answer will come, which ask() sees.
            return

    def _run(self) -> None:
        while not self._stopped.wait(self._interval) and self.ask():
            pass
