"""Colours. Blue and orange are the pair that tells things apart; nothing is told by colour alone."""

from __future__ import annotations

from typing import ClassVar

from textual.scrollbar import ScrollBarRender
from textual.theme import Theme

DARK = Theme(
    name="splittui-dark",
    primary="#6cb0f0",
    secondary="#8fa3bf",
    accent="#f0a860",
    warning="#e8c15a",
    error="#f2796b",
    success="#62bda8",
    foreground="#cfd6df",
    background="#14171c",
    surface="#191d24",
    panel="#222832",
    dark=True,
    variables={
        "block-cursor-background": "#2f4a68",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "border-blurred": "#3a424f",
        "scrollbar": "#3a424f",
        "scrollbar-background": "#191d24",
        "input-cursor-background": "#f0a860",
    },
)

LIGHT = Theme(
    name="splittui-light",
    primary="#0b5cad",
    secondary="#55627a",
    accent="#a34f00",
    warning="#8a6500",
    error="#b3261e",
    success="#0c6b58",
    foreground="#23272e",
    background="#fbfbf8",
    surface="#f4f4ef",
    panel="#e6e6df",
    dark=False,
    variables={
        "block-cursor-background": "#cfe2f7",
        "block-cursor-foreground": "#10141a",
        "block-cursor-text-style": "none",
        "border-blurred": "#b9b9b0",
    },
)

CONTRAST = Theme(
    name="splittui-contrast",
    primary="#7cc4ff",
    secondary="#ffffff",
    accent="#ffb000",
    warning="#ffe100",
    error="#ff8a7a",
    success="#6ff0d0",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#101010",
    dark=True,
    text_alpha=1.0,
    variables={
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "border-blurred": "#8a8a8a",
    },
)

THEMES = (DARK, LIGHT, CONTRAST)


class PlainScrollBar(ScrollBarRender):
    """A scroll bar of background colours only, for terminals that draw no block characters."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8
