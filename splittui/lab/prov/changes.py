"""``[attr1 value1 ...]`` arguments: read into a map as ProvUtil does, checked, and applied to an entry."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from splittui.lab.prov.callbacks import Changes, after_modify, before_write
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import (
    Cause,
    JavaCrashError,
    ProgramEndError,
    UsageError,
    as_cause,
    failure,
    invalid_request,
)
from splittui.lab.prov.rules import LdapRefusalError, check_entry, check_names, fault_on_modify
from splittui.lab.prov.store import Store

_EMPTY_NAME = "java.lang.StringIndexOutOfBoundsException: String index out of range: 0"
_EMPTY_NAME_FRAMES = (
    "java.base/java.lang.StringLatin1.charAt(StringLatin1.java:48)",
    "java.base/java.lang.String.charAt(String.java:1517)",
    "com.zimbra.cs.account.ProvUtil.keyValueArrayToMultiMap(ProvUtil.java:3862)",
    "com.zimbra.cs.account.ProvUtil.getAttrMap(ProvUtil.java:3892)",
    "com.zimbra.cs.account.ProvUtil.getMapAndCheck(ProvUtil.java:3827)",
)
_MIXED = "can't mix +attrName/-attrName with attrName"
_UNSAFE = "error: cannot replace multi-valued attr value unless -r is specified"


def read_changes(store: Store, args: Sequence[str], creating: bool = False) -> Changes:
    """The map of ``args`` (name, value, name, value, ...).

    Values of binary attributes are read from the file they name. Raises UsageError for a missing value, ServiceError
    for a missing file, JavaCrashError for an empty name, ProgramEndError for a safeguarded attribute.
    """
    changes: Changes = {}
    guarded: dict[str, int] = {}
    for at in range(0, len(args), 2):
        if at + 1 >= len(args):
            raise UsageError("not enough arguments")
        name, value = args[at], args[at + 1]
        if not name:
            raise JavaCrashError(_EMPTY_NAME, _EMPTY_NAME_FRAMES)
        bare = name[1:] if name[0] in "+-" else name
        info = store.schema.get(bare)
        if bare is name and name.lower() in store.safeguarded and info is not None and info.multi:
            guarded[name.lower()] = guarded.get(name.lower(), 0) + 1
        if info is not None and info.binary and value:
            value = _file_as_base64(value)
        _put(changes, name, value)
    if not creating and not store.may_replace and 1 in guarded.values():
        raise ProgramEndError(2, _UNSAFE)
    _warn_deprecated(store, changes)
    return changes


def _file_as_base64(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return base64.b64encode(file.read()).decode("ascii")
    except OSError as error:
        cause = Cause("java.io.FileNotFoundException", f"{path} ({error.strerror})")
        raise invalid_request("unable to process arguments", cause) from error


def _put(changes: Changes, name: str, value: str) -> None:
    now = changes.get(name)
    if now is None:
        changes[name] = value
    else:
        changes[name] = [now, value] if isinstance(now, str) else [*now, value]


def _warn_deprecated(store: Store, changes: Changes) -> None:
    found = [(name, info) for name in changes if (info := store.schema.get(name)) is not None and info.deprecated]
    for name, info in found:
        store.console.line(f"Warn: attribute {name} has been deprecated since {info.deprecated}")
    if found:
        store.console.line()


def check_changes(store: Store, changes: Changes, entry: Entry | None) -> None:
    """AttributeManager.preModify: checks every value and lets callbacks add to ``changes``. Raises ServiceError."""
    for name in list(changes):
        bare = name[1:] if name[0] in "+-" else name
        info = store.schema.get(bare)
        if info is None:
            store.log("WARN", f"checkValue: no attribute info for: {bare}")
            continue
        if info.deprecated:
            store.log("WARN", f"Attempt to modify a deprecated attribute: {bare}")
        info.check(changes[name])
        before_write(store, info, name, changes, entry)


def modify(store: Store, entry: Entry, changes: Changes) -> None:
    """Check ``changes`` and write them to ``entry``. Raises ServiceError; then nothing was changed."""
    check_changes(store, changes, entry)
    after = Entry(entry.dn, {name: list(values) for name, values in entry.attrs.items()})
    try:
        for name in changes:
            if name[0] in "+-" and name[1:] in changes:
                error = invalid_request(_MIXED)
                raise failure(f"unable to modify attrs: {error.message}", as_cause(error))
        check_names(store, changes)
        for name, value in changes.items():
            _apply(store, after, name, [value] if isinstance(value, str) else value)
        check_entry(store, after, entry)
        store.replace(after)
    except LdapRefusalError as fault:
        raise fault_on_modify(store, fault) from fault
    after_modify(store, after, changes)


def _apply(store: Store, entry: Entry, name: str, values: Sequence[str]) -> None:
    sign = name[0] if name[0] in "+-" else ""
    info = store.schema.get(name[1:] if sign else name)
    canonical = info.name if info else name.removeprefix(sign)
    now = entry.attrs.get(canonical, [])
    if sign == "-":
        entry.attrs[canonical] = [value for value in now if value not in values]
        return
    wanted = [value for value in dict.fromkeys(values) if value]
    if sign == "+":
        new = [value for value in wanted if value not in now]
        if new and now and info is not None and info.binary:
            raise LdapRefusalError("other", f"modify/add: {canonical}: no equality matching rule")
        wanted = now + new
    entry.attrs[canonical] = wanted
