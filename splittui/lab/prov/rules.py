"""The rules that the LDAP server itself enforces on a write, with slapd's texts and how zmprov wraps them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from splittui.lab.directory import DirectoryError
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import Cause, ServiceError, failure, invalid_value
from splittui.lab.prov.store import Store

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9;-]*|[0-9]+(\.[0-9]+)+", re.ASCII)
_SDK = "com.unboundid.ldap.sdk.LDAPException"
_LDAP = "com.zimbra.cs.ldap.LdapException"
_STRUCTURAL = {
    "person": 1,
    "organizationalperson": 2,
    "inetorgperson": 3,
    "organizationalrole": 1,
    "organization": 1,
    "zimbraserver": 1,
    "zimbracos": 1,
    "zimbradistributionlist": 1,
    "zimbraalias": 1,
    "groupofurls": 1,
}
_KINDS = {
    "zimbraaccount": ("account", "mailRecipient"),
    "zimbracalendarresource": ("account", "calendarResource", "mailRecipient"),
    "zimbradomain": ("domain", "mailRecipient"),
    "zimbraserver": ("server",),
    "zimbraglobalconfig": ("globalConfig",),
    "zimbracos": ("cos",),
    "zimbradistributionlist": ("distributionList", "mailRecipient"),
    "zimbragroup": ("group",),
    "zimbraalias": ("alias",),
}
_FREE = frozenset({"objectClass", "cn"})
_IA5 = frozenset({"astring", "email", "cs_emailp"})
_UNIQUE = ("mail", "zimbraMailAlias", "zimbraMailDeliveryAddress", "zimbraId", "zimbraDomainName")


class LdapRefusalError(DirectoryError):
    """What slapd answers to a write it refuses. ``kind`` is name, value, class or other."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


_PREFIX = {
    "name": "invalid attr name - ",
    "value": "invalid attr value - ",
    "class": "object class violation - ",
    "other": "LDAP error:  - ",
}
_CODE = {
    "name": "ldap.INVALID_ATTR_NAME",
    "value": "ldap.INVALID_ATTR_VALUE",
    "class": "ldap.OBJECT_CLASS_VIOLATION",
    "other": "ldap.LDAP_ERROR",
}
_EXCEPTION = {
    "name": f"{_LDAP}$LdapInvalidAttrNameException",
    "value": f"{_LDAP}$LdapInvalidAttrValueException",
    "class": f"{_LDAP}$LdapObjectClassViolationException",
    "other": _LDAP,
}


def fault_on_create(store: Store, fault: LdapRefusalError) -> ServiceError:
    """How zmprov reports a refused add."""
    message = f"{_PREFIX[fault.kind]}unable to create entry: ldap host={store.ldap_host}: {fault.text}"
    return ServiceError(_CODE[fault.kind], message, Cause(_SDK, fault.text))


def fault_on_modify(store: Store, fault: LdapRefusalError) -> ServiceError:
    """How zmprov reports a refused modify."""
    message = f"{_PREFIX[fault.kind]}unable to modify attributes: ldap host={store.ldap_host}: {fault.text}"
    cause = Cause(_EXCEPTION[fault.kind], message)
    if fault.kind == "name":
        return ServiceError("account.INVALID_ATTR_NAME", f"invalid attr name: {message}", cause)
    if fault.kind == "value":
        return invalid_value(f"invalid attr value: {message}", cause)
    return failure(f"unable to modify attrs: {message}", cause)


def check_names(store: Store, names: Iterable[str], signs: bool = True) -> None:
    """Raises LdapRefusalError for a name the server does not know. ``signs``: a leading + or - is no part of it."""
    for name in names:
        bare = name[1:] if signs and name[0] in "+-" else name
        if not _NAME.fullmatch(bare):
            raise LdapRefusalError("name", f"{bare}: AttributeDescription contains inappropriate characters")
        if store.schema.get(bare) is None:
            raise LdapRefusalError("name", f"{bare}: attribute type undefined")


def check_entry(store: Store, entry: Entry, before: Entry | None = None) -> None:
    """Raises LdapRefusalError if the server would refuse ``entry``; only what differs from ``before`` is looked at."""
    kinds = _kinds(entry)
    old = before.attrs if before else {}
    for name, values in entry.attrs.items():
        if values == old.get(name) or (not values and not old.get(name)):
            continue
        info = store.schema.get(name)
        if info is None:
            continue
        for at, value in enumerate(values):
            if (not value and not info.may_be_empty) or (info.kind in _IA5 and not value.isascii()):
                raise LdapRefusalError("value", f"{name}: value #{at} invalid per syntax")
        if len(values) > 1 and not info.multi:
            raise LdapRefusalError("value", f"attribute '{name}' cannot have multiple values")
        if values and name not in _FREE and not info.on & kinds:
            raise LdapRefusalError("class", f"attribute '{name}' not allowed")
    if before is not None:
        _check_structure(before, entry)


def _kinds(entry: Entry) -> frozenset[str]:
    found: set[str] = set()
    for value in entry.attrs.get("objectClass", []):
        found.update(_KINDS.get(value.lower(), ()))
    return frozenset(found)


def _structural(entry: Entry) -> str:
    classes = [value for value in entry.attrs.get("objectClass", []) if value.lower() in _STRUCTURAL]
    return max(classes, key=lambda value: _STRUCTURAL[value.lower()], default="")


def _check_structure(before: Entry, after: Entry) -> None:
    old, new = _structural(before), _structural(after)
    if not new:
        raise LdapRefusalError("class", "no structural object class provided")
    if old.lower() != new.lower():
        raise LdapRefusalError("other", f"structural object class modification from '{old}' to '{new}' not allowed")


def check_unique(store: Store, entry: Entry) -> None:
    """The server's unique overlay. Raises LdapRefusalError when another entry has one of these values."""
    for name in _UNIQUE:
        for value in entry.attrs.get(name, []):
            others = store.directory.find(name, value)
            if any(dn.lower() != entry.dn.lower() for dn, _ in others):
                raise LdapRefusalError("value", f"non-unique attributes found with (|({name}={value}))")
