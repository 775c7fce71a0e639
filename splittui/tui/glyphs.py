"""The signs on screen: one set for terminals that draw Unicode, one in plain ASCII. None is wide or an emoji."""

from __future__ import annotations

import locale
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Each sign goes with a word or a place of its own, so that none of them carries a meaning alone."""

    cursor: str
    mark: str
    good: str
    warning: str
    bad: str
    info: str
    up: str
    down: str
    arrow: str
    back: str
    rising: str
    falling: str
    more: str
    dot: str
    fold: str
    unfold: str

    def of(self, kind: str) -> str:
        """The sign for ``bad``, ``warning``, or anything else."""
        return {"bad": self.bad, "warning": self.warning}.get(kind, self.info)

    def plain(self, text: str) -> str:
        """The program's own sentences in these signs."""
        if self is not ASCII:
            return text
        return text.replace(" · ", " - ").replace("…", "...").replace("→", "->").replace("←", "<-")


UNICODE = Glyphs(
    cursor="▌",
    mark="*",
    good="✓",
    warning="!",
    bad="✗",
    info="·",
    up="●",
    down="○",
    arrow="→",
    back="←",
    rising="↑",
    falling="↓",
    more="…",
    dot=" · ",
    fold="▾",
    unfold="▸",
)

ASCII = Glyphs(
    cursor=">",
    mark="*",
    good="+",
    warning="!",
    bad="x",
    info="-",
    up="*",
    down="o",
    arrow="->",
    back="<-",
    rising="^",
    falling="v",
    more="~",
    dot=" - ",
    fold="v",
    unfold=">",
)


def glyphs(ascii_only: bool) -> Glyphs:
    """The set to draw with."""
    return ASCII if ascii_only else UNICODE


def terminal_is_ascii() -> bool:
    """Whether the locale's characters do not go beyond ASCII or an 8-bit set."""
    # nl_langinfo tells what the locale says; Python itself coerces the C locale to UTF-8 and would hide it.
    locale_now = locale.setlocale(locale.LC_CTYPE)
    return locale_now in ("C", "POSIX") or "utf" not in locale.nl_langinfo(locale.CODESET).lower()
