"""Every key of the main screen, once: bindings, footer, help, palette and README are made from this table.

Every function key has a letter beside it, and no key stands here that terminals or tmux swallow. Nothing is bound with
priority: keys typed ahead must not open a screen several times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding, BindingType


class Area(StrEnum):
    """The headings of the help."""

    LOOK = "Look around"
    MARK = "Mark people"
    MOVE = "Move people"
    CONSOLE = "The console"


@dataclass(frozen=True, slots=True)
class Key:
    """One action: its keys (the first is the one shown), a word for the footer, a sentence for help and palette.

    ``of_pane``: the pane that has the focus acts, not the screen.
    """

    action: str
    keys: tuple[str, ...]
    label: str
    help: str
    area: Area
    of_pane: bool = False

    @property
    def shown(self) -> str:
        """The first key as people write it."""
        return key_name(self.keys[0])

    @property
    def all_shown(self) -> str:
        return " ".join(key_name(key) for key in self.keys)


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "at": "@",
    "plus": "+",
    "minus": "-",
    "asterisk": "*",
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "insert": "Ins",
    "tab": "Tab",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "Up",
    "down": "Down",
}


def key_name(key: str) -> str:
    """A key as people write it: ``ctrl+r`` is Ctrl+R, ``question_mark`` is ?."""
    *modifiers, last = key.split("+")
    name = _NAMES.get(last, last.upper() if modifiers or (len(last) > 1 and last[0] == "f") else last)
    return "+".join([modifier.capitalize() for modifier in modifiers] + [name])


KEYS: tuple[Key, ...] = (
    Key("other_pane", ("tab",), "other side", "go to the other pane", Area.LOOK),
    Key("pane(1)", ("1",), "left", "go to the left pane", Area.LOOK),
    Key("pane(2)", ("2",), "right", "go to the right pane", Area.LOOK),
    Key("filter", ("slash",), "filter", "filter as you type: space is AND, !word leaves out", Area.LOOK, True),
    Key("sort", ("s",), "sort", "sort by address, name or state", Area.LOOK, True),
    Key("reverse", ("S",), "reverse", "reverse the order", Area.LOOK, True),
    Key("zoom", ("z",), "zoom", "show this pane alone, or both again", Area.LOOK),
    Key("details", ("enter", "f3"), "details", "everything known about this person", Area.LOOK),
    Key("trace", ("t",), "trace", "where this person's mail goes, and why", Area.LOOK),
    Key("findings", ("f",), "findings", "what is wrong with the split, and what mends it", Area.LOOK),
    Key("refresh", ("r", "ctrl+r"), "refresh", "read both systems again; reading changes nothing", Area.LOOK),
    Key("mark", ("space", "insert"), "mark", "mark this person and step down", Area.MARK, True),
    Key("range", ("v",), "range", "begin a range, and end it", Area.MARK, True),
    Key("extend(-1)", ("shift+up",), "range up", "mark a range upwards", Area.MARK, True),
    Key("extend(1)", ("shift+down",), "range down", "mark a range downwards", Area.MARK, True),
    Key("mark_all", ("a",), "all", "mark everybody the filter shows, or nobody", Area.MARK, True),
    Key("mark_pattern", ("plus",), "mark by pattern", "mark by pattern (*smith*, or words)", Area.MARK, True),
    Key("unmark_pattern", ("minus",), "unmark by pattern", "unmark by pattern", Area.MARK, True),
    Key("invert", ("asterisk",), "invert", "invert the marks of those shown", Area.MARK, True),
    Key("keep_wave", ("K",), "keep as wave", "keep the marks of this pane as a wave, under a name", Area.MARK),
    Key("mark_wave", ("W",), "mark a wave", "mark the people of a wave who are still to move", Area.MARK),
    Key("back", ("escape",), "back", "step back: leave the filter, then the range, then the marks", Area.MARK, True),
    Key("move", ("m", "f6"), "move", "this person: preview at once; several marked: stage them", Area.MOVE),
    Key("provision", ("n",), "make known", "a placeholder on Zimbra for people it does not know", Area.MOVE),
    Key("preview", ("p", "f4"), "preview", "preview everything that is staged", Area.MOVE),
    Key("unstage", ("x", "f8"), "unstage", "take this person back, or the marked ones", Area.MOVE),
    Key("unstage_all", ("u",), "unstage all", "take back everything that is staged", Area.MOVE),
    Key("watch_run", ("w",), "watch run", "go back to the run that is going on, or to the last one", Area.MOVE),
    Key("guide", ("g",), "guide", "the guided set-up: role, tasks, gate before the MX, and the way out", Area.CONSOLE),
    Key("history", ("h",), "history", "earlier runs: finish one, take one back, write a report", Area.CONSOLE),
    Key("command_log", ("at",), "command log", "every command sent from this console", Area.CONSOLE),
    Key("help", ("question_mark", "f1"), "help", "this help", Area.CONSOLE),
    Key("app.command_palette", ("colon", "ctrl+p", "f9"), "palette", "find an action by its name", Area.CONSOLE),
    Key("app.quit", ("q", "f10", "ctrl+q"), "quit", "leave; asks when something is staged or running", Area.CONSOLE),
)

MOVEMENT: tuple[tuple[str, str], ...] = (
    ("Up Down", "one line"),
    ("PgUp PgDn", "one page"),
    ("Home End", "first and last line"),
)


def bindings(of_pane: bool) -> list[BindingType]:
    """The table as Textual binds it; the action is the binding's id, for keymaps of the operator's own."""
    return [
        Binding(",".join(key.keys), key.action, key.label, tooltip=key.help, id=key.action, show=False)
        for key in KEYS
        if key.of_pane is of_pane
    ]


def key_for(action: str) -> Key:
    """The entry of an action."""
    return next(key for key in KEYS if key.action == action)


@dataclass(frozen=True, slots=True)
class Hint:
    """A key in the footer with what it does now; ``action`` is run when it is clicked."""

    key: str
    label: str
    action: str = ""

    @property
    def width(self) -> int:
        return len(self.key) + 1 + len(self.label)


def hint(action: str, label: str = "") -> Hint:
    """The footer entry of an action, with another word where the situation calls for one."""
    key = key_for(action)
    return Hint(key.shown, label or key.label, key.action)


def fitting(hints: Sequence[Hint], width: int, most: int = 8, gap: int = 2) -> tuple[Hint, ...]:
    """The hints there is room for; the last one always stays, those before it go from behind."""
    *others, last = hints
    chosen: list[Hint] = []
    room = width - last.width
    for candidate in others[: most - 1] if width < 100 else others:
        if candidate.width + gap > room:
            break
        chosen.append(candidate)
        room -= candidate.width + gap
    return (*chosen, last)
