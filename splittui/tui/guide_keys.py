"""Every key of the guide's screens, once: their bindings and their help are made from this table."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from splittui.tui.glyphs import Glyphs
from splittui.tui.keymap import MOVEMENT, Area, Key
from splittui.tui.task_lines import signs

GUIDE_KEYS: tuple[Key, ...] = (
    Key("enter", ("enter",), "carry out", "carry the task out; its plan is shown first", Area.MOVE),
    Key("other", ("tab",), "list / details", "go to the details, and back to the list", Area.LOOK),
    Key("look_again", ("r", "ctrl+r"), "look again", "read both systems, look at every task again", Area.LOOK),
    Key("options", ("o",), "options", "what can be chosen here; it goes into the profile", Area.MOVE),
    Key("leave_out", ("s",), "leave out", "leave an optional task out, or take it in again", Area.MOVE),
    Key("copy", ("c",), "copy", "copy the words to hand on, or the commands", Area.CONSOLE),
    Key("write", ("w",), "write", "write those words into a file", Area.CONSOLE),
    Key("help", ("question_mark", "f1"), "help", "this help", Area.CONSOLE),
    Key("back", ("escape", "q", "g"), "back", "back; nothing is changed by leaving", Area.CONSOLE),
)


def guide_bindings(*actions: str) -> list[BindingType]:
    """The keys of these actions, or of all."""
    return [
        Binding(",".join(key.keys), key.action, key.label, tooltip=key.help, show=False)
        for key in GUIDE_KEYS
        if not actions or key.action in actions
    ]


def guide_help(glyphs: Glyphs) -> list[tuple[str, str]]:
    """Key and sentence of each line; a heading has no sentence, an empty line neither."""
    keys = [(key.all_shown, key.help) for key in GUIDE_KEYS]
    fold = [("Space", "in the details: unfold or fold")]
    return [("The guide", ""), *MOVEMENT, *keys, *fold, ("", ""), ("Signs", ""), *signs(glyphs)]
