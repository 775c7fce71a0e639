"""Asking the operator for a password."""

from __future__ import annotations

import getpass
import sys

from splittui.cli.exits import CommandError
from splittui.remote.password import Ask


def asker() -> Ask | None:
    """How a password is asked for: unseen, on the terminal; None where there is nobody at it."""
    return _ask if sys.stdin.isatty() else None


def _ask(question: str) -> str:
    try:
        return getpass.getpass(f"{question}: ")
    except EOFError:
        raise CommandError("No password was given.") from None
