"""Commands on the global config, servers and classes of service: mcf, gcf, gacf, cs, ms, gs, gas, gc, gac, mc."""

from __future__ import annotations

from splittui.lab.directory import Attrs, EntryExistsError
from splittui.lab.prov.changes import check_changes, modify, read_changes
from splittui.lab.prov.dump import dump_attrs, dump_entry
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import ServiceError, UsageError, no_such
from splittui.lab.prov.reading import take_flag
from splittui.lab.prov.rules import LdapRefusalError, check_entry, check_names, fault_on_create
from splittui.lab.prov.store import COS_BASE, SERVER_BASE, Store, entry_name, gentime, new_id


def modify_config(store: Store, args: list[str]) -> None:
    """mcf attr1 value1 [attr2 value2 ...]: silent."""
    changes = read_changes(store, args)
    modify(store, store.config(), changes)


def get_config(store: Store, args: list[str]) -> None:
    """gcf {name}: its values without a header; nothing for an unset or unknown name."""
    name = store.schema.canonical(args[0])
    values = store.config().attrs.get(name)
    if values:
        dump_attrs(store, {name: values})


def get_all_config(store: Store, args: list[str]) -> None:
    """gacf [attr1 ...]."""
    dump_attrs(store, store.config().attrs, args)


def create_server(store: Store, args: list[str]) -> None:
    """cs {name} [attr1 value1 ...]: prints the new id."""
    changes = read_changes(store, args[1:], creating=True)
    check_changes(store, changes, None)
    name = args[0].lower().strip()
    attrs: Attrs = {
        "objectClass": ["zimbraServer"],
        "cn": [name],
        "zimbraServiceHostname": [name],
        "zimbraId": [new_id()],
        "zimbraCreateTimestamp": [gentime()],
    }
    for attribute, value in changes.items():
        attrs[store.schema.canonical(attribute)] = [value] if isinstance(value, str) else list(value)
    entry = Entry(f"cn={name},{SERVER_BASE}", attrs)
    try:
        check_names(store, changes, signs=False)
        check_entry(store, entry)
    except LdapRefusalError as fault:
        raise fault_on_create(store, fault) from fault
    try:
        store.add(entry.dn, attrs)
    except EntryExistsError as error:
        raise ServiceError("account.SERVER_EXISTS", f"server already exists: {name}") from error
    store.console.line(entry.get("zimbraId"))


def modify_server(store: Store, args: list[str]) -> None:
    """ms {name|id} [attr1 value1 ...]: silent."""
    modify(store, store.server(args[0]), read_changes(store, args[1:]))


def get_server(store: Store, args: list[str]) -> None:
    """gs [-e] {name|id} [attr1 ...]."""
    own_only = take_flag(args, "-e")
    if not args:
        raise UsageError
    dump_entry(store, store.server(args[0]), args[1:], expand=not own_only)


def get_all_servers(store: Store, args: list[str]) -> None:
    """gas [-v] [-e] [service]: only servers where the service is enabled."""
    verbose = take_flag(args, "-v")
    own_only = take_flag(args, "-e")
    if own_only and not verbose:
        raise UsageError("arg -e is invalid unless -v is also specified")
    service = args[0] if args else ""
    for entry in store.servers():
        if service and service not in entry.attrs.get("zimbraServiceEnabled", []):
            continue
        if verbose:
            dump_entry(store, entry, expand=not own_only)
        else:
            store.console.line(entry_name(entry))


def get_all_cos(store: Store, args: list[str]) -> None:
    """gac [-v]: by name."""
    verbose = take_flag(args, "-v")
    found = (entry for entry in store.under(COS_BASE) if entry.has_class("zimbraCOS"))
    for entry in sorted(found, key=lambda entry: entry.get("cn")):
        if verbose:
            dump_entry(store, entry)
        else:
            store.console.line(entry_name(entry))


def get_cos(store: Store, args: list[str]) -> None:
    """gc {name|id} [attr1 ...]."""
    dump_entry(store, _cos(store, args[0]), args[1:])


def modify_cos(store: Store, args: list[str]) -> None:
    """mc {name|id} [attr1 value1 ...]: silent."""
    modify(store, _cos(store, args[0]), read_changes(store, args[1:]))


def _cos(store: Store, key: str) -> Entry:
    found = store.cos(key)
    if found is None:
        raise no_such("cos", key)
    return found
