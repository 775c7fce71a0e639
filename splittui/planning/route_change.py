"""One change of the existing mail system's routing, as data: what is done, what takes it back, and how it reads.

What a person reads in the preview (``lines``), in the journal (``command``) and what is done come from the same values.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace

from splittui.model.router import System
from splittui.model.zmprov_line import quote_line

_PLAIN_LDIF = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*")
"""RFC 2849, SAFE-STRING: anything else is written in base64."""


@dataclass(frozen=True, slots=True)
class RouteCommand:
    """A program on the existing system's host; ``back`` undoes it, ``show`` prints the route, or nothing."""

    do: tuple[str, ...]
    back: tuple[str, ...]
    show: tuple[str, ...]

    @property
    def command(self) -> str:
        return quote_line(self.do)

    @property
    def lines(self) -> tuple[str, ...]:
        return (self.command,)

    @property
    def inverse(self) -> RouteCommand:
        return replace(self, do=self.back, back=self.do)


@dataclass(frozen=True, slots=True)
class TableLine:
    """The line of ``key`` in a Postfix table such as ``hash:/etc/postfix/transport``; empty text stands for no line."""

    table: str
    key: str
    before: str
    after: str

    @property
    def path(self) -> str:
        return self.table.partition(":")[2]

    @property
    def kind(self) -> str:
        """The type of the table, as Postfix calls it."""
        return self.table.partition(":")[0]

    @property
    def command(self) -> str:
        line = f"{self.key} {self.after}" if self.after else f"no line of {self.key}"
        return f"{self.path}: {line}; postmap {self.table}"

    @property
    def lines(self) -> tuple[str, ...]:
        """The difference, and the commands with which it takes effect and is looked at."""
        diff = [f"{sign} {self.key}  {value}" for sign, value in (("-", self.before), ("+", self.after)) if value]
        asked = f"postmap -q {self.key} {self.table}"
        made = f"postmap {self.table}   (a new table and index beside them, proved, then renamed over the old ones)"
        return (f"edit {self.path}:", *diff, made, asked)

    @property
    def inverse(self) -> TableLine:
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """All values of one attribute, before and after."""

    attribute: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryChange:
    """Attributes of the one entry below ``base`` in which ``attribute`` has the value ``value``.

    ``changes`` holds those that stay as well: the route is what all of them say together.
    """

    base: str
    attribute: str
    value: str
    changes: tuple[AttributeChange, ...]

    @property
    def command(self) -> str:
        said = [f"{change.attribute}: {', '.join(change.after) or 'removed'}" for change in self._differing]
        return f"ldapmodify {self.attribute}={self.value}: {'; '.join(said)}"

    @property
    def lines(self) -> tuple[str, ...]:
        """As LDIF (RFC 2849), except that the entry is named by how it is found."""
        lines = [f"dn: (the one entry with {self.attribute}={self.value} below {self.base})", "changetype: modify"]
        for change in self._differing:
            for word, values in (("delete", change.before), ("add", change.after)):
                if values:
                    lines += [f"{word}: {change.attribute}", *(_ldif(change.attribute, v) for v in values), "-"]
        return tuple(lines)

    @property
    def _differing(self) -> tuple[AttributeChange, ...]:
        return tuple(change for change in self.changes if change.before != change.after)

    @property
    def inverse(self) -> EntryChange:
        return replace(
            self, changes=tuple(AttributeChange(c.attribute, c.after, c.before) for c in reversed(self.changes))
        )


@dataclass(frozen=True, slots=True)
class HandWork:
    """What the operator does by hand, word by word; ``show`` (may be empty) is a program that prints the route."""

    system: System
    do: tuple[str, ...]
    back: tuple[str, ...]
    show: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        return f"by hand: {self.do[0]}"

    @property
    def lines(self) -> tuple[str, ...]:
        return ("by hand:", *self.do)

    @property
    def inverse(self) -> HandWork:
        return replace(self, do=self.back, back=self.do)


RouteChange = RouteCommand | TableLine | EntryChange | HandWork


def _ldif(attribute: str, value: str) -> str:
    if _PLAIN_LDIF.fullmatch(value) and not value.endswith(" "):
        return f"{attribute}: {value}"
    return f"{attribute}:: {base64.b64encode(value.encode()).decode()}"
