"""How things stand on the main screen, in the few words of its status line and the keys that matter then. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import Hint, hint

_ALWAYS = (
    "filter",
    "details",
    "guide",
    "other_pane",
    "sort",
    "zoom",
    "refresh",
    "findings",
    "history",
    "command_log",
    "app.quit",
    "help",
)


@dataclass(frozen=True, slots=True)
class Situation:
    """``marked`` counts both panes, ``marked_here`` the one that keys go to; ``run`` and ``findings`` may be empty.

    ``fresh``: Zimbra does not host the domain yet.
    """

    in_range: bool = False
    marked: int = 0
    marked_here: int = 0
    hidden_marks: int = 0
    to_zimbra: int = 0
    to_legacy: int = 0
    typing: bool = False
    filtering: bool = False
    run: str = ""
    findings: str = ""
    fresh: bool = False

    def counts(self, glyphs: Glyphs) -> list[str]:
        """What is marked and staged, and what was found."""
        parts = ["range"] if self.in_range else []
        if self.marked:
            hidden = f" ({self.hidden_marks:,} hidden by filter)" if self.hidden_marks else ""
            parts.append(f"{self.marked:,} marked{hidden}")
        for count, name in ((self.to_zimbra, "Zimbra"), (self.to_legacy, "legacy")):
            if count:
                parts.append(f"{count:,} {glyphs.arrow} {name}")
        return [*parts, self.findings] if self.findings else parts

    def hints(self) -> list[Hint]:
        """The keys, the most wanted first, help always last."""
        if self.typing:
            return [Hint("Enter", "to the list"), Hint("space", "AND"), Hint("!word", "without"), Hint("Esc", "clear")]
        staged = self.to_zimbra + self.to_legacy
        hints = [hint("watch_run", self.run)] if self.run else []
        if self.fresh:
            hints.append(hint("guide", "guided set-up"))
        if staged:
            hints.append(hint("preview", f"preview ({staged:,})"))
        hints += [hint("move", f"stage {self.marked_here:,}" if self.marked_here else "move"), hint("mark")]
        if staged:
            hints.append(hint("unstage"))
        if self.in_range or self.marked_here or self.filtering:
            hints.append(hint("back"))
        return hints + [hint(name) for name in _ALWAYS if not (self.fresh and name == "guide")]
