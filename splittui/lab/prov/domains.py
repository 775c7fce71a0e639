"""Commands on domains: cd, cad, md, dd, gd, gad."""

from __future__ import annotations

from splittui.lab.directory import Attrs, EntryExistsError, NotALeafError
from splittui.lab.prov.addresses import check_domain_name, domain_dn, to_ascii_domain
from splittui.lab.prov.callbacks import Changes
from splittui.lab.prov.changes import check_changes, modify, read_changes
from splittui.lab.prov.dump import dump_entry
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import Cause, ServiceError, UsageError
from splittui.lab.prov.reading import take_flag
from splittui.lab.prov.rules import LdapRefusalError, check_entry, check_names, fault_on_create
from splittui.lab.prov.store import Store, entry_name, gentime, new_id

_REMAINING_SHOWN = 3


def create_domain(store: Store, args: list[str]) -> None:
    """cd {domain} [attr1 value1 ...]: prints the new id."""
    store.console.line(_new_domain(store, args[0], read_changes(store, args[1:], creating=True), {}))


def create_alias_domain(store: Store, args: list[str]) -> None:
    """cad {alias-domain} {domain|id} [attr1 value1 ...]: prints the new id."""
    target = store.domain_by_key(args[1])
    name = to_ascii_domain(args[0])
    fixed = {
        "zimbraDomainType": ["alias"],
        "zimbraDomainAliasTargetId": [target.get("zimbraId")],
        "zimbraMailCatchAllAddress": [f"@{name}"],
    }
    store.console.line(_new_domain(store, args[0], read_changes(store, args[2:], creating=True), fixed))


def _new_domain(store: Store, name: str, changes: Changes, fixed: Attrs) -> str:
    name = to_ascii_domain(name.strip())
    check_domain_name(name)
    check_changes(store, changes, None)
    if store.domain(name) is not None:
        raise ServiceError("account.DOMAIN_EXISTS", f"domain already exists: {name}")
    attrs: Attrs = {
        "objectClass": ["dcObject", "organization", "zimbraDomain", "amavisAccount"],
        "zimbraDomainStatus": ["active"],
        "zimbraDomainType": ["local"],
        "zimbraDomainName": [name],
        "zimbraMailStatus": ["enabled"],
        "zimbraId": [new_id()],
        "zimbraCreateTimestamp": [gentime()],
        "o": [f"{name} domain"],
        "dc": [name.partition(".")[0]],
        **fixed,
    }
    for attribute, value in changes.items():
        attrs[store.schema.canonical(attribute)] = [value] if isinstance(value, str) else list(value)
    entry = Entry(domain_dn(name), attrs)
    try:
        check_names(store, changes, signs=False)
        check_entry(store, entry)
    except LdapRefusalError as fault:
        raise fault_on_create(store, fault) from fault
    _store_domain(store, entry, name)
    return entry.get("zimbraId")


def _store_domain(store: Store, entry: Entry, name: str) -> None:
    store.ensure_domain_containers(name)
    kept = Entry(entry.dn, {key: [each for each in values if each] for key, values in entry.attrs.items()})
    try:
        store.add(kept.dn, {key: values for key, values in kept.attrs.items() if values})
    except EntryExistsError:
        store.replace(kept)
    store.ensure(f"ou=people,{entry.dn}", {"objectClass": ["organizationalRole"], "ou": ["people"], "cn": ["people"]})
    groups = {"objectClass": ["organizationalRole"], "cn": ["groups"], "description": ["dynamic groups base"]}
    store.ensure(f"cn=groups,{entry.dn}", groups)


def modify_domain(store: Store, args: list[str]) -> None:
    """md {domain|id} [attr1 value1 ...]: silent."""
    modify(store, store.domain_by_key(args[0]), read_changes(store, args[1:]))


def delete_domain(store: Store, args: list[str]) -> None:
    """dd {domain|id}: refused while anything lives in it."""
    domain = store.domain_by_key(args[0])
    left = _remaining(store, domain)
    if left:
        cause = Cause(
            "com.zimbra.cs.ldap.LdapException$LdapContextNotEmptyException",
            f"context not empty - unable delete: ldap host={store.ldap_host}: "
            "subordinate objects must be deleted first",
        )
        text = f"domain not empty: {domain.get('zimbraDomainName')} (remaining entries: {' '.join(left)} ...)"
        raise ServiceError("account.DOMAIN_NOT_EMPTY", text, cause)
    for base in _containers(domain):
        if store.entry(base) is not None:
            store.directory.delete(base)
    try:
        store.directory.delete(domain.dn)
    except NotALeafError:
        plain: dict[str, list[str]] = {name: list(domain.attrs[name]) for name in ("o", "dc") if name in domain.attrs}
        store.directory.replace(domain.dn, {"objectClass": ["organization", "dcObject"], **plain})


def _containers(domain: Entry) -> tuple[str, str]:
    return f"ou=people,{domain.dn}", f"cn=groups,{domain.dn}"


def _remaining(store: Store, domain: Entry) -> list[str]:
    left: list[str] = []
    for base in _containers(domain):
        for entry in store.under(base):
            if entry.dn.lower() != base.lower():
                left.append(f"[{entry.dn}]")
            if len(left) == _REMAINING_SHOWN:
                return left
    return left


def get_domain(store: Store, args: list[str]) -> None:
    """gd [-e] {domain|id} [attr1 ...]."""
    own_only = take_flag(args, "-e")
    if not args:
        raise UsageError
    dump_entry(store, store.domain_by_key(args[0]), args[1:], expand=not own_only)


def get_all_domains(store: Store, args: list[str]) -> None:
    """gad [-v] [-e] [attr1 ...]."""
    verbose = take_flag(args, "-v")
    own_only = take_flag(args, "-e")
    for entry in list(store.domains()):
        if verbose or args:
            dump_entry(store, entry, args, expand=not own_only)
        else:
            store.console.line(entry_name(entry))
