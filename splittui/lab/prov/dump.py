"""Printing entries: ``# name NAME``, then sorted ``attr: value`` lines, then an empty line."""

from __future__ import annotations

from collections.abc import Sequence

from splittui.lab.directory import Attrs
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import invalid_request
from splittui.lab.prov.store import Store, entry_name

_BASE64_LINE = 76
_SECRETS = ("userPassword", "BindPassword", "AuthPassword")


def dump_entry(store: Store, entry: Entry, wanted: Sequence[str] = (), expand: bool = True) -> None:
    """One entry as ga, gd, gs and gc print it.

    ``wanted``: attribute names, or ``name=value`` for one value only; none means all. ``expand``: with the defaults of
    the class of service and the global config. Raises ServiceError for ``name=``, after the header was printed.
    """
    store.console.line(f"# name {entry_name(entry)}")
    dump_attrs(store, expanded(store, entry) if expand and _may_inherit(store, wanted) else entry.attrs, wanted)
    store.console.line()


def _may_inherit(store: Store, wanted: Sequence[str]) -> bool:
    # Routing attributes are never inherited, and the config and the COS are big: reading them for nothing is slow.
    names = [store.schema.canonical(word.partition("=")[0]) for word in wanted]
    kinds = [store.schema.inherited_by(kind) for kind in ("account", "domain", "server")]
    return not names or any(name == "zimbraCOSId" or any(name in kind for kind in kinds) for name in names)


def dump_attrs(store: Store, attrs: Attrs, wanted: Sequence[str] = ()) -> None:
    """The attribute lines alone. Values are printed raw, newlines and all; SOAP mode hides secrets."""
    filters = _filters(wanted)
    lines: list[str] = []
    for name in sorted(attrs):
        allowed = filters.get(name.lower()) if filters else None
        if filters and allowed is None:
            continue
        info = store.schema.get(name)
        blocked = not store.ldap_mode and name.endswith(_SECRETS)
        for value in attrs[name]:
            if allowed and value not in allowed:
                continue
            if blocked:
                value = "VALUE-BLOCKED"
            lines.append(_binary(name, value) if info is not None and info.binary else f"{name}: {value}\n")
    store.console.values("".join(lines))


def _filters(wanted: Sequence[str]) -> dict[str, set[str]]:
    filters: dict[str, set[str]] = {}
    for word in wanted:
        name, equals, value = word.partition("=")
        if equals and not value:
            raise invalid_request(f"missing value for {word}")
        values = filters.setdefault(name.lower(), set())
        if equals:
            values.add(value)
    return filters


def _binary(name: str, text: str) -> str:
    parts = [text[at : at + _BASE64_LINE] for at in range(0, len(text), _BASE64_LINE)]
    return f"{name}:: " + "".join(f"{part}\r\n" for part in parts)


def expanded(store: Store, entry: Entry) -> Attrs:
    """The entry's attributes and what it inherits: an account from COS, domain and config, others from the config."""
    if entry.has_class("zimbraAccount"):
        return _expanded_account(store, entry)
    for object_class, kind in (("zimbraDomain", "domain"), ("zimbraServer", "server")):
        if entry.has_class(object_class):
            return {**_inherited(store, store.config(), kind), **entry.attrs}
    return entry.attrs


def _expanded_account(store: Store, account: Entry) -> Attrs:
    domain = store.domain_of(account)
    cos = store.cos_of(account, domain)
    attrs: Attrs = dict(_inherited(store, store.config(), "account"))
    if domain is not None:
        attrs.update(_inherited(store, domain, "account"))
    if cos is not None:
        attrs["zimbraCOSId"] = cos.attrs.get("zimbraId", [])
        attrs.update(_inherited(store, cos, "account"))
    return {**attrs, **account.attrs}


def _inherited(store: Store, source: Entry, kind: str) -> Attrs:
    names = store.schema.inherited_by(kind)
    return {name: values for name, values in source.attrs.items() if name in names}
