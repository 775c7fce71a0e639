"""``postmap -q`` on Zimbra's LDAP maps: the query filter and the result's attributes are those of the map's file."""

from __future__ import annotations

import getopt
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from splittui.lab.directory import Attrs, Directory
from splittui.lab.home import Home
from splittui.lab.tools.ldap_filter import FilterError, escape, parse_filter
from splittui.lab.tools.search import entries

_EXPANSION = re.compile(r"%([sudSUD%])")


class _MapError(Exception):
    """The map cannot be used, as Postfix would say it."""


def postmap(home: Home, arguments: list[str]) -> int:
    """``postmap -q KEY|- ldap:FILE``: status 0 and the value, or 1 and nothing; ``-`` reads keys from the input."""
    try:
        options, maps = getopt.gnu_getopt(arguments, "q:c:vhfimnNopru")
    except getopt.GetoptError as error:
        sys.stderr.write(f"postmap: fatal: usage: postmap -q key map_type:map_name ({error})\n")
        return 1
    key = dict(options).get("-q")
    if key is None or len(maps) != 1:
        sys.stderr.write("postmap: fatal: usage: postmap -q key map_type:map_name\n")
        return 1
    try:
        table = _read(maps[0])
        if not home.settings().ldap:
            raise _MapError(f"table {maps[0]}: query error: Can't contact LDAP server")
        with home.directory() as directory:
            if key != "-":
                return _one(directory, table, key)
            return _many(directory, table, (line.rstrip("\r\n") for line in sys.stdin))
    except (_MapError, FilterError) as error:
        sys.stderr.write(f"postmap: fatal: {error}\n")
        return 1


def _one(directory: Directory, table: dict[str, str], key: str) -> int:
    value = look_up(directory, table, key)
    sys.stdout.write(f"{value}\n" if value else "")
    return 0 if value else 1


def _many(directory: Directory, table: dict[str, str], keys: Iterable[str]) -> int:
    status = 1
    for key in keys:
        if value := look_up(directory, table, key):
            sys.stdout.write(f"{key}\t{value}\n")
            status = 0
    return status


def look_up(directory: Directory, table: dict[str, str], key: str) -> str:
    """All values that the map has for ``key``, comma-joined as in Postfix; empty for none (ldap_table(5))."""
    query = _expanded(table["query_filter"], key.lower(), quote=True)
    if query is None:
        return ""
    wanted = {name.strip().lower() for name in table["result_attribute"].split(",")}
    special = table.get("special_result_attribute", "").lower()
    form = table.get("result_format") or table.get("result_filter") or "%s"
    found: list[str] = []
    for _, attrs in entries(directory, table.get("search_base", ""), "sub", parse_filter(query)):
        for value in _values(directory, attrs, wanted, special):
            if (text := _expanded(form, value, quote=False)) is not None:
                found.append(text)
    return ",".join(found)


def _values(directory: Directory, attrs: Attrs, wanted: set[str], special: str) -> Iterator[str]:
    for name, values in attrs.items():
        if name.lower() in wanted:
            yield from values
        elif name.lower() == special:
            for dn in values:
                yield from _values(directory, directory.entry(dn) or {}, wanted, "")


def _expanded(form: str, text: str, quote: bool) -> str | None:
    """``%s`` is the text, ``%u`` and ``%d`` the parts of an address; None where a part is asked for that is missing."""
    local, at, domain = text.rpartition("@")
    parts = {"s": text, "u": local if at else text, "d": domain if at else None, "%": "%"}
    if parts["d"] is None and re.search(r"%[dD]", form):
        return None
    return _EXPANSION.sub(lambda match: _quoted(parts[match[1].lower()] or "", quote), form)


def _quoted(text: str, quote: bool) -> str:
    return escape(text) if quote else text


def _read(name: str) -> dict[str, str]:
    kind, _, path = name.removeprefix("proxy:").partition(":")
    if kind != "ldap":
        raise _MapError(f"unsupported dictionary type: {kind}")
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise _MapError(f"open {path}: {error.strerror}") from error
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}
