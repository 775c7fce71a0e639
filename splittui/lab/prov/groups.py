"""Dynamic groups, as LdapProvisioning keeps them: the group, and below it a unit for members inside and one for others.

Who is inside carries the group's id (zimbraMemberOf), and the directory finds its members by it; addresses that are
nobody's account stand in the static unit. Derived, not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from splittui.lab.directory import Attrs
from splittui.lab.home import ADMIN_DN
from splittui.lab.prov.addresses import domain_dn, escape_rdn, split_new_address
from splittui.lab.prov.changes import check_changes, read_changes
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import ServiceError, no_such
from splittui.lab.prov.store import Store, entry_name, gentime, new_id

Found = tuple[str, Attrs]

_OUTSIDE = "zimbraMailForwardingAddress"
_MEMBER_OF = "zimbraMemberOf"


def group_entries(address: str, group: str, units: tuple[str, str], outside: Iterable[str] = ()) -> Iterator[Found]:
    """The three entries of a group: itself (with this id) and its units, as ``cddl`` leaves them."""
    local, _, domain_name = address.partition("@")
    dn = f"cn={escape_rdn(local)},cn=groups,{domain_dn(domain_name)}"
    internal, external = units
    classes = ["groupOfURLs", "dgIdentityAux"]
    enabled: Attrs = {"zimbraMailStatus": ["enabled"], "dgIdentity": [ADMIN_DN]}
    yield (
        dn,
        {
            "objectClass": [*classes, "zimbraGroup"],
            "cn": [local],
            "mail": [address],
            "zimbraMailAlias": [address],
            "zimbraId": [group],
            "zimbraIsACLGroup": ["TRUE"],
            "memberURL": [f"ldap:///??sub?(|(zimbraMemberOf={group})(zimbraId={external}))"],
            **enabled,
        },
    )
    unit = f"{local}.__internal__@{domain_name}"
    yield (
        f"cn=internal,{dn}",
        {
            "objectClass": [*classes, "zimbraGroupDynamicUnit"],
            "cn": ["internal"],
            "mail": [unit],
            "zimbraMailAlias": [unit],
            "zimbraId": [internal],
            "zimbraGroupId": [group],
            "memberURL": [f"ldap:///??sub?(zimbraMemberOf={group})"],
            **enabled,
        },
    )
    static: Attrs = {"objectClass": ["zimbraGroupStaticUnit"], "cn": ["external"], "zimbraId": [external]}
    static |= {"zimbraGroupId": [group]}
    others = list(outside)
    yield f"cn=external,{dn}", {**static, _OUTSIDE: others} if others else static


def create_group(store: Store, args: list[str]) -> None:
    """cddl {list@domain} [attr1 value1 ...]: prints the new id."""
    changes = read_changes(store, args[1:], creating=True)
    local, domain_name = split_new_address(args[0])
    check_changes(store, changes, None)
    if store.domain(domain_name) is None:
        raise no_such("domain", domain_name)
    address, group = f"{local}@{domain_name}", new_id()
    if any(True for _ in store.find("mail", address)):
        raise ServiceError("account.DISTRIBUTION_LIST_EXISTS", f"email address already exists: {address}")
    given = {store.schema.canonical(n): [v] if isinstance(v, str) else list(v) for n, v in changes.items()}
    for number, (dn, attrs) in enumerate(group_entries(address, group, (new_id(), new_id()))):
        store.add(dn, {**attrs, "zimbraCreateTimestamp": [gentime()], **({} if number else given)})
    store.console.line(group)


def members(store: Store, group: Entry) -> list[str]:
    """Everybody in the group, the accounts under their own addresses."""
    inside = [entry_name(entry) for entry in store.find(_MEMBER_OF, group.get("zimbraId"))]
    unit = _outside(store, group)
    return [*inside, *(unit.attrs.get(_OUTSIDE, []) if unit else [])]


def add_members(store: Store, group: Entry, addresses: Iterable[str]) -> None:
    """Accounts join by the group's id, other addresses in the unit for them."""
    unit = _outside(store, group)
    for address in addresses:
        account = store.account_or_none(address)
        entry, attribute, value = (account, _MEMBER_OF, group.get("zimbraId")) if account else (unit, _OUTSIDE, address)
        if entry is not None:
            entry.attrs[attribute] = list(dict.fromkeys([*entry.attrs.get(attribute, []), value]))
            store.replace(entry)


def remove_members(store: Store, group: Entry, addresses: Iterable[str]) -> None:
    """The reverse. Raises NO_SUCH_MEMBER for one that is not in the group."""
    unit = _outside(store, group)
    for address in addresses:
        account = store.account_or_none(address)
        entry, attribute, value = (account, _MEMBER_OF, group.get("zimbraId")) if account else (unit, _OUTSIDE, address)
        now = entry.attrs.get(attribute, []) if entry else []
        if entry is None or value not in now:
            raise ServiceError("account.NO_SUCH_MEMBER", f"no such member: {address} in: {entry_name(group)}")
        entry.attrs[attribute] = [each for each in now if each != value]
        store.replace(entry)


def delete_group(store: Store, group: Entry) -> None:
    """The group, its units, and its id wherever a member carries it."""
    for entry in list(store.find(_MEMBER_OF, group.get("zimbraId"))):
        entry.attrs[_MEMBER_OF] = [each for each in entry.attrs[_MEMBER_OF] if each != group.get("zimbraId")]
        store.replace(entry)
    for unit in ("internal", "external"):
        if store.entry(f"cn={unit},{group.dn}") is not None:
            store.directory.delete(f"cn={unit},{group.dn}")
    store.directory.delete(group.dn)


def _outside(store: Store, group: Entry) -> Entry | None:
    return store.entry(f"cn=external,{group.dn}")
