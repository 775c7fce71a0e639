"""The grammar of one zmprov batch line: how tokens are quoted into it and read back out of it.

The rules are those of Zimbra's ``StringUtil.parseLine``, as recorded from the real program: tokens are split on
white space; ``"`` and ``'`` quote only at the start of a token, and the closing quote ends the token; a backslash
escapes everywhere, inside single quotes too; a line that ends in a backslash is joined with the next one; there are no
comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_WRITTEN = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BARE = re.compile(r"[A-Za-z0-9@%+,./:=_*\[\]-]+")


class UnquotableError(ValueError):
    """The text holds a character that no zmprov line can carry safely."""


def quote_token(token: str) -> str:
    """One token as zmprov must read it, quoted only where it has to be.

    Raises UnquotableError for control characters other than newline, carriage return and tab, and for lone surrogates:
    the line has no escape for them, and in a line editor they are editing keys.
    """
    if _BARE.fullmatch(token):
        return token
    for char in token:
        if (ord(char) < 0x20 and char not in "\n\r\t") or 0x7F <= ord(char) <= 0x9F or char in "\u2028\u2029":
            raise UnquotableError(f"U+{ord(char):04X} cannot be written on a zmprov line")
        if 0xD800 <= ord(char) <= 0xDFFF:
            raise UnquotableError("the text is not valid Unicode (a lone surrogate)")
    return '"' + "".join(_WRITTEN.get(char, char) for char in token) + '"'


def quote_line(tokens: Sequence[str]) -> str:
    """A whole command as one line, without the newline that ends it. Raises UnquotableError."""
    return " ".join(quote_token(token) for token in tokens)


def parse_line(line: str) -> list[str]:
    """The tokens zmprov sees in ``line`` (continuation lines already joined, no line end).

    Never fails: an unterminated quote runs to the end of the line, and a lone quote there gives nothing, as in zmprov.
    """
    tokens: list[str] = []
    i, end = 0, len(line)
    while i < end:
        if _is_white(line[i]):
            i += 1
            continue
        quote = line[i] if line[i] in "\"'" else ""
        if quote:
            i += 1
            if i >= end:
                break
        token: list[str] = []
        while i < end:
            char = line[i]
            if char == "\\" and i + 1 < end:
                token.append(_ESCAPES.get(line[i + 1], line[i + 1]))
                i += 2
                continue
            i += 1
            if quote:
                if char == quote:
                    break
            elif _is_white(char):
                break
            token.append(char)
        tokens.append("".join(token))
    return tokens


def _is_white(char: str) -> bool:
    """White space as Java's Character.isWhitespace has it: no-break spaces and NEL do not count."""
    return char.isspace() and char not in "\x85\xa0\u2007\u202f"
