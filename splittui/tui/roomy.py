"""A terminal that is too small for anything to be read in it."""

from __future__ import annotations

from textual import events
from textual.app import App

from splittui.tui.screens.error import SMALLEST, TooSmallScreen


class RoomyApp(App[int]):
    """An app that needs some room."""

    def on_resize(self, event: events.Resize) -> None:
        """Covers everything while the terminal is too small."""
        small = event.size.width < SMALLEST.width or event.size.height < SMALLEST.height
        covered = isinstance(self.screen, TooSmallScreen)
        if small and not covered:
            self.push_screen(TooSmallScreen())
        elif covered and not small:
            self.pop_screen()
