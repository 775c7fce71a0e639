"""Postfix's mail log, read for what became of single messages."""

from __future__ import annotations

import re
import socket
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ground import wait_until

_LINE = re.compile(r" postfix/[\w/-]+\[\d+\]: (?P<queue_id>[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,}): (?P<rest>.*)$")
_MESSAGE_ID = re.compile(r"message-id=<(?P<id>[^>]*)>")
_ATTEMPT = re.compile(r"to=<(?P<to>[^>]*)>, .*?relay=(?P<relay>[^,]*), .*?dsn=(?P<dsn>[^,]*), status=(?P<status>\w+)")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver a message to one recipient. ``status`` is sent, bounced or deferred; ``why`` is its text."""

    to: str
    relay: str
    dsn: str
    status: str
    why: str


class MailLog:
    """Reads on from where it stopped. ``entrance`` is the socket by which Postfix's programs hand in their lines."""

    def __init__(self, file: Path, entrance: Path) -> None:
        self._file, self._entrance = file, entrance
        self._offset = 0
        self._queue_ids: dict[str, list[str]] = defaultdict(list)
        self._attempts: dict[str, list[Attempt]] = defaultdict(list)

    def catch_up(self) -> None:
        """Reads all that Postfix has said until now: postlogd(8) writes a little later than the others speak."""
        last = f"read until here {uuid.uuid4().hex}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.sendto(last.encode(), str(self._entrance))
        wait_until(lambda: self._read(last), f"{self._file.name} is written")

    def attempts(self, message_id: str) -> list[Attempt]:
        """All tries for a message so far, oldest first."""
        return [attempt for queue_id in self.queue_ids(message_id) for attempt in self._attempts[queue_id]]

    def queue_ids(self, message_id: str) -> Sequence[str]:
        """Each pass of a message through this Postfix has one of its own."""
        return self._queue_ids[message_id]

    def _read(self, last: str) -> bool:
        with self._file.open("rb") as file:
            file.seek(self._offset)
            data = file.read()
        # The last line may not be written to its end yet.
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.decode(errors="replace").splitlines():
            found = _LINE.search(line)
            if found:
                self._note(found["queue_id"], found["rest"])
        return last.encode() in whole

    def _note(self, queue_id: str, rest: str) -> None:
        if found := _MESSAGE_ID.match(rest):
            self._queue_ids[found["id"]].append(queue_id)
        elif found := _ATTEMPT.match(rest):
            _, _, why = rest.partition(" (")
            self._attempts[queue_id].append(
                Attempt(found["to"], found["relay"], found["dsn"], found["status"], why.removesuffix(")"))
            )
