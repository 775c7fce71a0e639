"""Attribute callbacks: what setting one attribute checks and changes besides.

Rules of Zimbra's AccountStatus, DomainStatus, MailHost and MtaRelayHost classes (zimbra.md 2.2, 2.3, zmprov.md 8).
"""

from __future__ import annotations

from collections.abc import Callable

from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import invalid_request, no_such
from splittui.lab.prov.schema import Attribute
from splittui.lab.prov.store import Store

Changes = dict[str, str | list[str]]
"""Attribute name as typed (with its ``+`` or ``-``) to one value, or several."""

_HOST = "zimbraMailHost"
_TRANSPORT = "zimbraMailTransport"
_LOCKOUT = ("zimbraPasswordLockoutFailureTime", "zimbraPasswordLockoutLockedTime")
_WEB_SERVICE = frozenset({"mailbox", "service", "zimbra", "mailclient"})


def before_write(store: Store, info: Attribute, name: str, changes: Changes, entry: Entry | None) -> None:
    """Run the callback of the attribute written as ``name``; ``entry`` is None while creating. Raises ServiceError."""
    callback = _BEFORE.get(info.callback)
    if callback is not None:
        callback(store, name, changes, entry)


def after_modify(store: Store, entry: Entry, changes: Changes) -> None:
    """What happens once a change is written: closing an account takes it out of all lists."""
    if _one(changes, "zimbraAccountStatus") == "closed" and entry.has_class("zimbraAccount"):
        store.log("INFO", "removing account address and all its aliases from all distribution lists")
        remove_from_lists(store, own_addresses(entry))


def own_addresses(account: Entry) -> list[str]:
    """The account's address and its aliases."""
    return [*account.attrs.get("zimbraMailDeliveryAddress", []), *account.attrs.get("zimbraMailAlias", [])]


def remove_from_lists(store: Store, addresses: list[str]) -> None:
    """Take the addresses out of every distribution list; forwards of accounts stay as they are."""
    gone = {address.lower() for address in addresses}
    for address in addresses:
        for group in list(store.find("zimbraMailForwardingAddress", address)):
            if group.has_class("zimbraDistributionList"):
                members = group.attrs["zimbraMailForwardingAddress"]
                group.attrs["zimbraMailForwardingAddress"] = [each for each in members if each.lower() not in gone]
                store.replace(group)


def _one(changes: Changes, wanted: str) -> str:
    for name, value in changes.items():
        if name.lower() == wanted.lower():
            return value if isinstance(value, str) else value[0]
    return ""


def _has(changes: Changes, wanted: str) -> bool:
    return any(name.lower() == wanted.lower() for name in changes)


def _single(name: str, changes: Changes, canonical: str) -> str:
    value = changes[name]
    if not isinstance(value, str):
        raise invalid_request(f"{canonical} is a single-valued attribute")
    return "" if name[0] == "-" else value


def _account_status(store: Store, name: str, changes: Changes, entry: Entry | None) -> None:
    status = _single(name, changes, "zimbraAccountStatus")
    if not status:
        raise invalid_request("zimbraAccountStatus is a required attribute")
    _mail_status(changes, disabled=status in ("closed", "pending"))
    if status == "active" and entry is not None:
        changes.update({name: "" for name in _LOCKOUT if not _has(changes, name)})


def _domain_status(store: Store, name: str, changes: Changes, entry: Entry | None) -> None:
    if entry is None or entry.has_class("zimbraDomain"):
        _mail_status(changes, disabled=_single(name, changes, "zimbraDomainStatus") == "closed")


def _mail_status(changes: Changes, disabled: bool) -> None:
    if disabled:
        for name in [name for name in changes if name.lower() == "zimbramailstatus"]:
            del changes[name]
        changes["zimbraMailStatus"] = "disabled"
    elif not _has(changes, "zimbraMailStatus"):
        changes["zimbraMailStatus"] = "enabled"


def _mail_host(store: Store, name: str, changes: Changes, entry: Entry | None) -> None:
    host = _single(name, changes, _HOST)
    if not host:
        return
    if _one(changes, _TRANSPORT):
        raise invalid_request(f"setting both {_HOST} and {_TRANSPORT} in the same request is not allowed")
    server = store.server_by_hostname(host)
    if server is None:
        if not store.ldap_mode:
            raise no_such("server", host)
        raise invalid_request(f"specified {_HOST} does not correspond to a valid server service hostname: {host}")
    if not _WEB_SERVICE & set(server.attrs.get("zimbraServiceEnabled", [])):
        text = "does not correspond to a mailclient server with service webapp enabled"
        raise invalid_request(f"specified {_HOST} {text}: {host}")
    if entry is not None:
        _check_host_matches(store, entry)
    changes[_TRANSPORT] = store.lmtp_transport(server)


def _check_host_matches(store: Store, entry: Entry) -> None:
    host, transport = entry.get(_HOST), entry.get(_TRANSPORT)
    server = store.server_by_hostname(host) if host and transport else None
    if server is None:
        return
    computed = store.lmtp_transport(server)
    if transport != computed:
        raise invalid_request(
            f"current value of {_HOST} does not match {_TRANSPORT}, computed mail transport from "
            f"current {_HOST}={computed}, current {_TRANSPORT}={transport}"
        )


def _relay_host(store: Store, name: str, changes: Changes, entry: Entry | None) -> None:
    if not isinstance(changes[name], str):
        raise invalid_request("zimbraMtaRelayHost can only have one value")


_BEFORE: dict[str, Callable[[Store, str, Changes, Entry | None], None]] = {
    "AccountStatus": _account_status,
    "DomainStatus": _domain_status,
    "MailHost": _mail_host,
    "MtaRelayHost": _relay_host,
}
