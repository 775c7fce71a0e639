"""How the existing mail system is told where a person lives: commands of its own, as templates."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


class TemplateError(ValueError):
    """The template cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Router:
    """Commands that are run on the existing mail system's host.

    ``show`` prints where the address is sent to, or nothing where its mailbox is there; ``away`` sends it to
    ``{nexthop}``; ``here`` makes it local again; ``reload`` (may be empty) makes its MTA forget old routes. In each,
    ``{address}`` and ``{nexthop}`` stand for whole words or parts of one and never reach a shell unquoted.
    """

    show: str
    away: str
    here: str
    reload: str = ""


def words(template: str, *, address: str = "", nexthop: str = "") -> tuple[str, ...]:
    """The template as an argument vector. Raises TemplateError."""
    try:
        parts = shlex.split(template)
    except ValueError as error:
        raise TemplateError(f"{template!r}: {error}") from error
    if not parts:
        raise TemplateError("a command is missing")
    return tuple(part.replace("{address}", address).replace("{nexthop}", nexthop) for part in parts)
