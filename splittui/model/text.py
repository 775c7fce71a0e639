"""Making text from directories and remote hosts safe to look at.

The raw value stays in the data and goes into commands; what is shown goes through ``clean`` first, so that a display
name can neither move the cursor, nor write the clipboard, nor turn the line around.
"""

from __future__ import annotations

_TABLE: dict[int, str] = {code: chr(0x2400 + code) for code in range(0x20)}
_TABLE[0x7F] = "\u2421"
_TABLE[ord("\t")] = "    "
_TABLE.update(dict.fromkeys(range(0x80, 0xA0), "\ufffd"))
_TABLE.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
_INVISIBLE = (
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x00AD,
    0x061C,
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
)
_TABLE.update({code: f"<U+{code:04X}>" for code in _INVISIBLE})


def clean(text: str) -> str:
    """``text`` on one line without control, bidirectional or invisible characters: a visible sign replaces each.

    What is left then and cannot be printed is another kind of space, or a character that nobody has defined.
    """
    if text.isprintable():
        return text
    shown = text.translate(_TABLE)
    return shown if shown.isprintable() else "".join(map(_visible, shown))


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else "\ufffd"
