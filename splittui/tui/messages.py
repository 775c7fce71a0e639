"""What the main screen asks of the app: everything that reaches a system, or another screen."""

from __future__ import annotations

from textual.message import Message

from splittui.planning.moves import Move


class RefreshWanted(Message):
    """Both systems shall be read again."""


class PreviewWanted(Message):
    """These moves shall be planned and shown."""

    def __init__(self, moves: tuple[Move, ...]) -> None:
        super().__init__()
        self.moves = moves


class DetailsWanted(Message):
    """Everything known about an address shall be shown."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


class RunWanted(Message):
    """The run that is going on, or the last one, shall be shown."""


class LogWanted(Message):
    """The command log shall be shown."""
