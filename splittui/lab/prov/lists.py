"""Commands on distribution lists and dynamic groups: cdl, mdl, ddl, gdl, gadl, adlm, rdlm, adla, rdla.

Derived, not recorded.
"""

from __future__ import annotations

from splittui.lab.directory import Attrs
from splittui.lab.prov import groups
from splittui.lab.prov.accounts import account_exists, attach_alias, detach_alias
from splittui.lab.prov.addresses import people_dn, split_new_address
from splittui.lab.prov.callbacks import remove_from_lists
from splittui.lab.prov.changes import check_changes, modify, read_changes
from splittui.lab.prov.dump import dump_attrs
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import ServiceError, UsageError, no_such
from splittui.lab.prov.reading import take_flag
from splittui.lab.prov.rules import LdapRefusalError, check_entry, check_names, fault_on_create
from splittui.lab.prov.store import Store, entry_name, gentime, new_id

_MEMBERS = "zimbraMailForwardingAddress"
_GROUP = "zimbraGroup"


def create_list(store: Store, args: list[str]) -> None:
    """cdl {list@domain} [attr1 value1 ...]: prints the new id."""
    changes = read_changes(store, args[1:], creating=True)
    local, domain_name = split_new_address(args[0])
    check_changes(store, changes, None)
    address, dn = f"{local}@{domain_name}", people_dn(local, domain_name)
    if store.domain(domain_name) is None:
        raise no_such("domain", domain_name)
    if store.entry(dn) is not None:
        error = account_exists(store, address, dn)
        raise ServiceError("account.DISTRIBUTION_LIST_EXISTS", f"email address already exists: {address}", error.cause)
    attrs: Attrs = {
        "objectClass": ["zimbraDistributionList", "zimbraMailRecipient"],
        "uid": [local],
        "mail": [address],
        "zimbraMailAlias": [address],
        "zimbraMailStatus": ["enabled"],
        "zimbraId": [new_id()],
        "zimbraCreateTimestamp": [gentime()],
    }
    for name, value in changes.items():
        attrs[store.schema.canonical(name)] = [value] if isinstance(value, str) else list(value)
    attrs.setdefault("cn", attrs.get("displayName", [local]))
    entry = Entry(dn, attrs)
    try:
        check_names(store, changes, signs=False)
        check_entry(store, entry)
    except LdapRefusalError as fault:
        raise fault_on_create(store, fault) from fault
    store.add(dn, attrs)
    store.console.line(entry.get("zimbraId"))


def modify_list(store: Store, args: list[str]) -> None:
    """mdl {list@domain|id} [attr1 value1 ...]: silent."""
    modify(store, store.group(args[0]), read_changes(store, args[1:]))


def delete_list(store: Store, args: list[str]) -> None:
    """ddl {list@domain|id}: it leaves the lists it is in."""
    group = store.group(args[0])
    remove_from_lists(store, group.attrs.get("zimbraMailAlias", []))
    for alias in group.attrs.get("zimbraMailAlias", []):
        local, _, domain_name = alias.partition("@")
        entry = store.entry(people_dn(local, domain_name))
        if entry is not None and entry.has_class("zimbraAlias"):
            store.directory.delete(entry.dn)
    if group.has_class(_GROUP):
        groups.delete_group(store, group)
    else:
        store.directory.delete(group.dn)


def get_list(store: Store, args: list[str]) -> None:
    """gdl {list@domain|id} [attr1 ...]."""
    _dump(store, store.group(args[0]), args[1:])


def _dump(store: Store, group: Entry, wanted: list[str]) -> None:
    members = sorted(groups.members(store, group) if group.has_class(_GROUP) else group.attrs.get(_MEMBERS, []))
    store.console.line(f"# distributionList {entry_name(group)} memberCount={len(members)}")
    dump_attrs(store, group.attrs, wanted)
    store.console.line()
    store.console.line("members")
    for member in members:
        store.console.line(member)


def get_all_lists(store: Store, args: list[str]) -> None:
    """gadl [-v] [{domain}]."""
    verbose = take_flag(args, "-v")
    if len(args) > 1:
        raise UsageError
    bases = [store.domain_by_key(args[0]).dn] if args else [domain.dn for domain in list(store.domains())]
    for base in bases:
        found = (entry for branch in ("ou=people", "cn=groups") for entry in store.under(f"{branch},{base}"))
        for entry in found:
            if not entry.has_class("zimbraDistributionList") and not entry.has_class(_GROUP):
                continue
            if verbose:
                _dump(store, entry, [])
            else:
                store.console.line(entry_name(entry))


def add_members(store: Store, args: list[str]) -> None:
    """adlm {list@domain|id} {member@domain}+: members need not exist; those already there are left alone."""
    group = store.group(args[0])
    if group.has_class(_GROUP):
        groups.add_members(store, group, [store.real_address(member) for member in args[1:]])
        return
    now = group.attrs.get(_MEMBERS, [])
    new = [store.real_address(member) for member in args[1:]]
    group.attrs[_MEMBERS] = list(dict.fromkeys([*now, *new]))
    store.replace(group)


def remove_members(store: Store, args: list[str]) -> None:
    """rdlm {list@domain|id} {member@domain}+. Raises NO_SUCH_MEMBER for one that is not in the list."""
    group = store.group(args[0])
    if group.has_class(_GROUP):
        groups.remove_members(store, group, [store.real_address(member) for member in args[1:]])
        return
    gone = {store.real_address(member) for member in args[1:]}
    now = group.attrs.get(_MEMBERS, [])
    missing = gone - {member.lower() for member in now}
    if missing:
        text = f"no such member: {', '.join(sorted(missing))} in: {entry_name(group)}"
        raise ServiceError("account.NO_SUCH_MEMBER", text)
    group.attrs[_MEMBERS] = [member for member in now if member.lower() not in gone]
    store.replace(group)


def add_list_alias(store: Store, args: list[str]) -> None:
    """adla {list@domain|id} {alias@domain}: silent."""
    attach_alias(store, store.group(args[0]), args[1])


def remove_list_alias(store: Store, args: list[str]) -> None:
    """rdla {list@domain|id} {alias@domain}: silent."""
    detach_alias(store, store.group(args[0]), args[0], args[1])
