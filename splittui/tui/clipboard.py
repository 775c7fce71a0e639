"""Copying through the terminal (OSC 52), and what is said about it: whether it took it, no terminal tells."""

from __future__ import annotations

from textual.widget import Widget

_COMMON_LIMIT = 74_000


def copy(widget: Widget, text: str, what: str, caution: str = "") -> None:
    """Sends ``text`` to the terminal's clipboard; ``what`` names it in the notice, ``caution`` follows there."""
    widget.app.copy_to_clipboard(text)
    notice = f"{what}: sent to the terminal's clipboard."
    if len(text.encode()) > _COMMON_LIMIT:
        caution = f"{caution} It is long: many terminals take no more than {_COMMON_LIMIT // 1000} kB."
    widget.notify(f"{notice} {caution}".strip(), markup=False)
