"""Writing to a channel without ending the whole connection, and without waiting while others want to write."""

from __future__ import annotations

import paramiko

SLICE = 0.5
"""Seconds of one wait for room; whoever waits longer waits again."""


def send_some(channel: paramiko.Channel, data: bytes) -> int:
    """Sends what there is room for and returns how much, 0 for none. Raises OSError where the channel is closed.

    The lock keeps a "close" from overtaking the data: sshd ends the whole connection when it gets data for a channel
    that is closed. It is never held while waiting for the far end to read, or for new session keys.
    """
    transport = channel.get_transport()
    with transport.clear_to_send_lock:
        if channel.send_ready() and (transport.clear_to_send.is_set() or not transport.is_active()):
            return channel.send(data)
    return 0


def await_room(channel: paramiko.Channel) -> None:
    """Waits until there may be room to send again, for at most two slices."""
    with channel.out_buffer_cv:
        if channel.out_window_size == 0 and not channel.closed:
            channel.out_buffer_cv.wait(SLICE)
    channel.get_transport().clear_to_send.wait(SLICE)
