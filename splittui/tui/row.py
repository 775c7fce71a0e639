"""A row of a short list of things to do: a sign, a text, and a word for how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.tui.lines import Span


@dataclass(frozen=True, slots=True)
class Row:
    """``brief`` is shown where there is no room for ``text``; ``quiet``: it is not for now."""

    sign: Span
    text: str
    brief: str
    word: Span
    quiet: bool = False
