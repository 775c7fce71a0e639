"""Exit codes of every command, and the error that ends one."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What a script learns from the exit status."""

    OK = 0
    FAILED = 1
    PENDING = 2
    REFUSED = 3
    UNREACHABLE = 4


class CommandError(Exception):
    """Ends the command with a message on stderr and an exit code."""

    def __init__(self, message: str, code: Exit = Exit.FAILED) -> None:
        super().__init__(message)
        self.code = code
