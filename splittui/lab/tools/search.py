"""Searches in the lab's directory: what ldapsearch prints and what Postfix's maps find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from splittui.lab.directory import Attrs, Directory, dn_path
from splittui.lab.tools.ldap_filter import Filter, parse_filter

Found = tuple[str, Attrs]


class _LowerCase(dict[str, str]):
    """Lower-case forms of attribute names, each computed once."""

    def __missing__(self, name: str) -> str:
        self[name] = lower = name.lower()
        return lower


def entries(directory: Directory, base: str, scope: str, query: Filter) -> Iterator[Found]:
    """What a search finds, in the directory's own order."""
    path = dn_path(base) if base else ""
    lower = _LowerCase()
    found = _candidates(directory, base, scope, query)
    if scope != "sub" or query.keys is not None:
        found = ((dn, attrs) for dn, attrs in found if _within(path, scope, dn))
    for dn, attrs in found:
        if query.matches({lower[name]: values for name, values in attrs.items()}):
            yield dn, with_members(directory, attrs) if "memberURL" in attrs else attrs


def _candidates(directory: Directory, base: str, scope: str, query: Filter) -> Iterable[Found]:
    if scope == "base":
        attrs = directory.entry(base)
        return [] if attrs is None else [(base, attrs)]
    if query.keys is None:
        return directory.under(base)
    found: dict[str, Attrs] = {}
    for name, value in sorted(query.keys, key=str):
        found.update(directory.having(name) if value is None else directory.find(name, value))
    return found.items()


def _within(path: str, scope: str, dn: str) -> bool:
    if not path and scope == "sub":
        return True
    own = dn_path(dn)
    if own == path:
        return scope in ("base", "sub")
    if path and not own.startswith(path + "\x01"):
        return False
    return scope != "one" or "\x01" not in own[len(path) + bool(path) :]


def with_members(directory: Directory, attrs: Attrs) -> Attrs:
    """A dynamic group with its ``member`` values, the DNs of what its memberURL finds (slapo-dynlist(5))."""
    members: list[str] = []
    for url in attrs.get("memberURL", ()):
        base, _, scope, query = url.removeprefix("ldap:///").split("?", 3)
        members += (dn for dn, _ in entries(directory, base, scope or "sub", parse_filter(query)))
    return {**attrs, "member": members} if members else attrs
