"""Commands that create, change and remove accounts: ca, ma, da, ra, aaa, raa, sp."""

from __future__ import annotations

from splittui.lab.directory import Attrs, EntryExistsError
from splittui.lab.prov.addresses import people_dn, split_new_address
from splittui.lab.prov.callbacks import Changes, own_addresses, remove_from_lists
from splittui.lab.prov.changes import check_changes, modify, read_changes
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import Cause, ServiceError, as_cause, failure, invalid_request, no_such
from splittui.lab.prov.passwords import hashed, password_fault
from splittui.lab.prov.rules import LdapRefusalError, check_entry, check_names, check_unique, fault_on_create
from splittui.lab.prov.store import Store, gentime, new_id

_DELETE_WARNING = (
    "-l option is specified.  Only the LDAP entry of the account will be deleted.\n"
    "DB data of the account and associated blobs will not be deleted.\n"
)
_RENAME_WARNING = (
    "-l option is specified.  Only the LDAP entry of the account will be renamed.\n"
    "DB data of the account and associated blobs will not be changed.\n"
)
_RIGHTS_NOISE = "while loading rights, ignoring none .xml file or sub folder: {}/conf/rights/{}"
_RIGHTS_FILE = "zimbra-rights-domainadmin.xml-template"


def create_account(store: Store, args: list[str]) -> None:
    """ca {name@domain} {password} [attr1 value1 ...]: prints the new id."""
    changes = read_changes(store, args[2:], creating=True)
    entry = new_account(store, args[0], args[1], changes, ["inetOrgPerson", "zimbraAccount", "amavisAccount"])
    store.console.line(entry.get("zimbraId"))


def new_account(store: Store, name: str, password: str, changes: Changes, classes: list[str]) -> Entry:
    """Create the account (or resource). Raises ServiceError."""
    wanted_id = changes.pop(next((each for each in changes if each.lower() == "zimbraid"), ""), "")
    local, domain_name = split_new_address(name)
    address = f"{local}@{domain_name}"
    check_changes(store, changes, None)
    domain = store.domain(domain_name)
    if domain is None:
        raise no_such("domain", domain_name)
    if domain.get("zimbraDomainType") == "alias":
        cause = as_cause(invalid_request("domain type must be local"))
        raise failure(f"Unable to create account: {address}", cause)
    check_account_limit(store, domain)
    entry = Entry(people_dn(local, domain_name), {"objectClass": classes, **_values(store, changes)})
    _fill_in(store, entry, domain, local, address)
    entry.attrs["zimbraId"] = [wanted_id if isinstance(wanted_id, str) and wanted_id else new_id()]
    _set_first_password(store, entry, domain, password)
    _store_new(store, entry, address, changes)
    return entry


def check_account_limit(store: Store, domain: Entry) -> None:
    """zimbraDomainMaxAccounts: raises account.TOO_MANY_ACCOUNTS. Derived; placeholders count like other accounts."""
    limit = int(domain.get("zimbraDomainMaxAccounts") or 0)
    if limit:
        inside = sum(1 for each in store.under(f"ou=people,{domain.dn}") if each.has_class("zimbraAccount"))
        if inside >= limit:
            text = f"number of accounts reached the limit: domain={domain.get('zimbraDomainName')} ({limit})"
            raise ServiceError("account.TOO_MANY_ACCOUNTS", text)


def _values(store: Store, changes: Changes) -> Attrs:
    """The changes as attributes of a new entry: signs are no signs here, and empty values are kept for the server."""
    attrs: Attrs = {}
    for name, value in changes.items():
        attrs[store.schema.canonical(name)] = [value] if isinstance(value, str) else list(value)
    return attrs


def _fill_in(store: Store, entry: Entry, domain: Entry, local: str, address: str) -> None:
    attrs = entry.attrs
    attrs.setdefault("zimbraAccountStatus", ["active"])
    if "zimbraMailTransport" not in attrs:
        server = _pick_server(store, entry, domain)
        attrs.setdefault("zimbraMailHost", [server.get("zimbraServiceHostname")])
        attrs["zimbraMailTransport"] = [store.lmtp_transport(server)]
    attrs.setdefault("zimbraMailStatus", ["enabled"])
    attrs["zimbraMailDeliveryAddress"] = [address]
    attrs["mail"] = [address]
    attrs.setdefault("cn", attrs.get("displayName", [local]))
    attrs.setdefault("sn", [local])
    attrs["uid"] = [local]
    attrs["zimbraCreateTimestamp"] = [gentime()]


def _pick_server(store: Store, entry: Entry, domain: Entry) -> Entry:
    cos = store.cos_of(entry, domain)
    pool = cos.attrs.get("zimbraMailHostPool", []) if cos else []
    servers = store.servers()
    for server in servers:
        if server.get("zimbraId") in pool:
            return server
    for server in servers:
        if server.get("zimbraServiceHostname").lower() == store.local_server.lower():
            return server
    if not servers:
        raise invalid_request("missing zimbraMailHost or zimbraMailTransport for CreateAccount")
    return servers[0]


def _set_first_password(store: Store, entry: Entry, domain: Entry, password: str) -> None:
    given = entry.attrs.get("userPassword", [""])[0]
    if given:
        entry.attrs["userPassword"] = [hashed(given)]
    elif password:
        fault = password_fault(password, store.cos_of(entry, domain))
        if fault is not None:
            raise fault
        entry.attrs["userPassword"] = [hashed(password)]
    else:
        return
    entry.attrs["zimbraPasswordModifiedTime"] = [gentime()]


def _store_new(store: Store, entry: Entry, address: str, changes: Changes) -> None:
    try:
        check_names(store, changes, signs=False)
        check_entry(store, entry)
        if store.entry(entry.dn) is None:
            check_unique(store, entry)
    except LdapRefusalError as fault:
        raise fault_on_create(store, fault) from fault
    attrs = {name: [value for value in values if value] for name, values in entry.attrs.items()}
    try:
        store.add(entry.dn, {name: values for name, values in attrs.items() if values})
    except EntryExistsError as error:
        raise account_exists(store, address, entry.dn) from error
    except LdapRefusalError as fault:
        raise fault_on_create(store, fault) from fault


def account_exists(store: Store, address: str, dn: str = "") -> ServiceError:
    """account.ACCOUNT_EXISTS, with the place in the directory when the server found it."""
    if not dn:
        return ServiceError("account.ACCOUNT_EXISTS", f"email address already exists: {address}")
    cause = Cause(
        "com.zimbra.cs.ldap.LdapException$LdapEntryAlreadyExistException",
        f"entry already exist - unable to create entry: ldap host={store.ldap_host}: entry already exists",
    )
    return ServiceError("account.ACCOUNT_EXISTS", f"email address already exists: {address}, at DN: {dn}", cause)


def modify_account(store: Store, args: list[str]) -> None:
    """ma {name@domain|id} [attr1 value1 ...]: silent."""
    account = store.account(args[0])
    changes = read_changes(store, args[1:])
    for name, value in changes.items():
        if name.lower() == "userpassword" and isinstance(value, str) and value:
            changes[name] = hashed(value)
    modify(store, account, changes)


def set_password(store: Store, args: list[str]) -> None:
    """sp {name@domain|id} {password}: a weak one is reported, and set all the same."""
    account = store.account(args[0])
    fault = password_fault(args[1], store.cos_of(account, store.domain_of(account)))
    account.attrs["userPassword"] = [hashed(args[1])]
    account.attrs["zimbraPasswordModifiedTime"] = [gentime()]
    store.replace(account)
    name = account.get("zimbraMailDeliveryAddress")
    store.log("INFO", f"password changed for {name}")
    if fault is not None:
        text = f"Password violation: account={name}, violation={fault.message}.  Password is set successfully."
        store.console.line(text)


def delete_account(store: Store, args: list[str]) -> None:
    """da {name@domain|id}: asks in LDAP mode unless -f; aliases and list memberships go with it."""
    if store.ldap_mode and not store.confirm(_DELETE_WARNING):
        store.console.line("aborted")
        return
    account = store.account(args[0])
    name = account.get("zimbraMailDeliveryAddress")
    if args[0].lower() not in (account.get("zimbraId").lower(), name, name.partition("@")[0]):
        raise invalid_request("argument to deleteAccount must be an account id or the account's primary name")
    if not store.warned_about_rights:
        store.log("WARN", _RIGHTS_NOISE.format(store.zimbra_home, _RIGHTS_FILE))
        store.warned_about_rights = True
    with store.directory.transaction():
        remove_from_lists(store, own_addresses(account))
        for alias in account.attrs.get("zimbraMailAlias", []):
            _drop_alias_entry(store, alias)
        store.delete(account)


def rename_account(store: Store, args: list[str]) -> None:
    """ra {name@domain|id} {newName@domain}: transport, host, status and aliases stay; lists follow the new name."""
    if store.ldap_mode and not store.confirm(_RENAME_WARNING):
        store.console.line("aborted")
        return
    account = store.account(args[0])
    local, domain_name = split_new_address(args[1])
    if store.domain(domain_name) is None:
        raise no_such("domain", domain_name)
    new, dn = f"{local}@{domain_name}", people_dn(local, domain_name)
    old = account.get("zimbraMailDeliveryAddress")
    if new == old:
        return
    if store.entry(dn) is not None:
        raise account_exists(store, new)
    attrs = {**account.attrs, "uid": [local], "zimbraMailDeliveryAddress": [new]}
    attrs["mail"] = [new, *(value for value in account.attrs.get("mail", []) if value.lower() != old.lower())]
    if account.attrs.get("cn") == [account.get("uid")]:
        attrs["cn"] = [local]
    with store.directory.transaction():
        store.delete(account)
        store.add(dn, attrs)
        for group in list(store.find("zimbraMailForwardingAddress", old)):
            if group.has_class("zimbraDistributionList"):
                members = group.attrs["zimbraMailForwardingAddress"]
                group.attrs["zimbraMailForwardingAddress"] = [new if each.lower() == old else each for each in members]
                store.replace(group)


def add_alias(store: Store, args: list[str]) -> None:
    """aaa {name@domain|id} {alias@domain}: silent."""
    attach_alias(store, store.account(args[0]), args[1])


def attach_alias(store: Store, entry: Entry, name: str) -> None:
    """Give an account or a list one more address. Raises ServiceError."""
    local, domain_name = split_new_address(name)
    alias, dn = f"{local}@{domain_name}", people_dn(local, domain_name)
    if store.domain(domain_name) is None:
        raise no_such("domain", domain_name)
    if store.entry(dn) is not None or any(store.find("zimbraMailAlias", alias)):
        raise account_exists(store, alias)
    attrs = {"objectClass": ["zimbraAlias"], "uid": [local], "zimbraId": [new_id()]}
    store.add(dn, {**attrs, "zimbraAliasTargetId": [entry.get("zimbraId")], "zimbraCreateTimestamp": [gentime()]})
    for attribute in ("zimbraMailAlias", "mail"):
        entry.attrs.setdefault(attribute, []).append(alias)
    store.replace(entry)


def remove_alias(store: Store, args: list[str]) -> None:
    """raa {name@domain|id} {alias@domain}: the alias leaves the lists too."""
    detach_alias(store, store.account_or_none(args[0]), args[0], args[1])


def detach_alias(store: Store, entry: Entry | None, key: str, name: str) -> None:
    """Take an alias from an account or a list. Raises account.NO_SUCH_ACCOUNT or NO_SUCH_ALIAS."""
    alias = store.real_address(name)
    if entry is None:
        raise no_such("account", key)
    if alias not in (value.lower() for value in entry.attrs.get("zimbraMailAlias", [])):
        raise no_such("alias", alias)
    for attribute in ("zimbraMailAlias", "mail"):
        entry.attrs[attribute] = [value for value in entry.attrs.get(attribute, []) if value.lower() != alias]
    store.replace(entry)
    remove_from_lists(store, [alias])
    _drop_alias_entry(store, alias)


def _drop_alias_entry(store: Store, alias: str) -> None:
    local, _, domain_name = alias.partition("@")
    entry = store.entry(people_dn(local, domain_name))
    if entry is not None and entry.has_class("zimbraAlias"):
        store.directory.delete(entry.dn)
