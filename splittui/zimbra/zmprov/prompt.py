"""Cutting zmprov's output into replies.

zmprov prints ``prov> `` before it reads each line, and nothing marks where a reply ends. A value can contain a line
break followed by ``prov> ``, so a prompt alone proves nothing. After each command a *fence* is sent: a look-up of a
domain whose name is random and new. zmprov names it in its refusal, and no value stored before can contain it; what
stands before the fence's own prompt is the reply, whole and nothing else.
"""

from __future__ import annotations

PROMPT = b"prov> "


class PromptReader:
    """Collects what zmprov writes, in any chunks, and cuts replies out of it."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    @property
    def pending(self) -> bytes:
        """What has arrived and was not taken yet."""
        return bytes(self._buffer)

    def take_to_prompt(self) -> bytes | None:
        """What stands before the next prompt at the start of a line, which is taken too; None until it is there.

        Only for output that cannot hold stored values, and for the greeting.
        """
        start = 0
        while (at := self._buffer.find(PROMPT, start)) >= 0:
            if at == 0 or self._buffer[at - 1 : at] == b"\n":
                return self._take(at, at + len(PROMPT))
            start = at + 1
        return None

    def take_line(self, mark: str) -> bytes | None:
        """The rest of the line that starts with a random ``mark``; None until it is there whole."""
        start = self._buffer.find(mark.encode() + b" ")
        end = self._buffer.find(b"\n", start)
        if start < 0 or end < 0:
            return None
        return self._take(end, end + 1)[start + len(mark) + 1 :]

    def take_to_fence(self, fence: str) -> bytes | None:
        """The reply that stands before the fence; None until the fence's answer and the prompt after it are there."""
        answer = self._buffer.find(b"(no such domain: " + fence.encode() + b")")
        if answer < 0:
            return None
        end = self._buffer.find(b"\n" + PROMPT, answer)
        prompt = self._buffer.rfind(PROMPT, 0, answer)
        if end < 0 or prompt < 0:
            return None
        return self._take(prompt, end + 1 + len(PROMPT))

    def _take(self, end: int, next_start: int) -> bytes:
        taken = bytes(self._buffer[:end])
        del self._buffer[:next_start]
        return taken
