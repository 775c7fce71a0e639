"""Commands that only mailboxd can do. The lab has no mailboxd: they answer for mailboxes that hold nothing. Derived."""

from __future__ import annotations

from splittui.lab.prov.reading import accounts_under
from splittui.lab.prov.store import Store, entry_name


def flush_cache(store: Store, args: list[str]) -> None:
    """fc [-a] {type} [name ...]: silent."""


def get_mailbox_info(store: Store, args: list[str]) -> None:
    """gmi {account}. Raises account.NO_SUCH_ACCOUNT."""
    store.account(args[0])
    store.console.line("mailboxId: 1")
    store.console.line("quotaUsed: 0")


def get_quota_usage(store: Store, args: list[str]) -> None:
    """gqu {server}: NAME LIMIT USED for each account on it. Raises account.NO_SUCH_SERVER."""
    host = store.server(args[0]).get("zimbraServiceHostname")
    for entry in accounts_under(store, ""):
        if entry.get("zimbraMailHost") == host:
            store.console.line(f"{entry_name(entry)} {entry.get('zimbraMailQuota') or 0} 0")
