"""Reading replies: attributes out of ``ga``, ``gd``, ``gs`` and ``gcf`` output, and errors in every form they take."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from splittui.zimbra.zmprov.errors import NotACommand, ZmprovError, command_failed

_LOG = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[[^\]]*\] ?(TRACE|DEBUG|INFO|WARN|ERROR|FATAL) ?:")
_ERROR = re.compile(
    r"ERROR: (?P<code>[A-Za-z]+\.[A-Z_]+) \((?P<message>.*?)\)(?: \(cause: (?P<cause>.*)\))?", re.DOTALL
)


class UnreadableReply(ZmprovError):
    """A reply that could be read in more than one way, because a value in it looks like structure."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What ``ga`` and its like print: the name in the header and the attributes that were asked for and are set."""

    name: str
    attributes: Mapping[str, tuple[str, ...]]


def without_noise(text: str) -> str:
    """The reply without log4j lines and deprecation notices, which zmprov writes on success too."""
    kept: list[str] = []
    lines = iter(text.split("\n"))
    for line in lines:
        if _LOG.match(line):
            continue
        if line.startswith("Warn: attribute "):
            next(lines, "")
            continue
        kept.append(line)
    return "\n".join(kept)


def raise_for_error(text: str) -> None:
    """Raises the error a reply to a changing command holds; returns where it holds none.

    Forms: ``ERROR: CODE (MESSAGE) (cause: ...)``, ``error: ...``, usage text, ``Unknown command``.
    """
    rest = without_noise(text).strip()
    match = _ERROR.search(rest) if rest.startswith("ERROR: ") or "\nERROR: " in rest else None
    if match is not None:
        whole = _ERROR.fullmatch(rest, match.start()) or match
        raise command_failed(whole["code"], _one_line(whole["message"]), _one_line(whole["cause"] or ""))
    if rest.startswith(("ERROR:", "error:", "usage:", "Unknown command", "invalid arg", "Exception in thread")):
        raise NotACommand(_one_line(rest.partition("\n")[0]))


def parse_entry(text: str, attributes: Collection[str]) -> Entry:
    """Reads ``# name NAME`` with its attribute lines. Raises what ``raise_for_error`` raises, and UnreadableReply.

    zmprov prints values with line breaks as they are, so a value can imitate a line. zmprov also prints only what was
    asked for, sorted by attribute name: whatever breaks this is refused rather than believed.
    """
    name, body = _headed(text, "# name ")
    if body != "\n" and not body.endswith("\n\n"):
        raise UnreadableReply("zmprov's answer has no end")
    return Entry(name, _attributes(body[:-1], attributes))


def parse_list(text: str, attributes: Collection[str]) -> tuple[Entry, tuple[str, ...]]:
    """Reads what ``gdl`` prints of a list or a dynamic group: its attributes, then its members.

    Raises what ``parse_entry`` raises.
    """
    header, body = _headed(text, "# distributionList ")
    name, counted, count = header.rpartition(" memberCount=")
    shown, divided, members = f"\n{body}".partition("\n\nmembers\n")
    names = tuple(members.split("\n")[:-1])
    if not counted or not divided or str(len(names)) != count:
        raise UnreadableReply(f"zmprov's answer on the list {header} has another number of members than it says")
    return Entry(name, _attributes(f"{shown}\n"[1:], attributes)), names


def _headed(text: str, mark: str) -> tuple[str, str]:
    """The name behind ``mark``, with which the answer begins, and the lines that follow."""
    rest = without_noise(text)
    if not rest.startswith(mark):
        raise_for_error(text)
        raise UnreadableReply(f"zmprov's answer has no header: {_one_line(rest[:200])!r}")
    header, _, body = rest.partition("\n")
    return header.removeprefix(mark).rstrip("\r"), body


def parse_values(text: str, attribute: str) -> tuple[str, ...]:
    """Reads ``gcf ATTRIBUTE``: one ``attribute: value`` line for each value, nothing where it is unset."""
    rest = without_noise(text)
    if not rest.startswith(f"{attribute}: "):
        raise_for_error(text)
    return _attributes(rest, (attribute,)).get(attribute, ())


def parse_names(text: str) -> tuple[str, ...]:
    """Reads ``gaa`` and ``gas``: one name a line."""
    raise_for_error(text)
    return tuple(line for line in without_noise(text).split("\n") if line)


def _attributes(body: str, asked: Collection[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    last = ""
    for line in body.split("\n")[:-1]:
        attribute, colon, value = line.partition(": ")
        if not colon and line.endswith(":"):
            attribute, colon, value = line[:-1], ":", ""
        if not colon or attribute not in asked:
            raise UnreadableReply(
                f"a value of {last or 'the entry'} continues on a line of its own: {_one_line(line)!r}"
            )
        if attribute < last:
            raise UnreadableReply(f"{attribute} stands after {last}, so one of them is part of another value")
        last = attribute
        found[attribute] = (*found.get(attribute, ()), value)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())
