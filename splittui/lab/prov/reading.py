"""Commands that look at accounts and change nothing: ga, gaa, gacr, gaaa, gam, cta."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.lab.prov.dump import dump_entry
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import UsageError
from splittui.lab.prov.store import Store, entry_name


def take_flag(args: list[str], flag: str) -> bool:
    """Whether ``args`` begins with ``flag``, which is then taken away."""
    if args[:1] == [flag]:
        del args[0]
        return True
    return False


def get_account(store: Store, args: list[str]) -> None:
    """ga [-e] {name@domain|id} [attr1 ...]."""
    own_only = take_flag(args, "-e")
    if not args:
        raise UsageError
    dump_entry(store, store.seen_account(args[0]), args[1:], expand=not own_only)


def accounts_under(store: Store, base: str) -> Iterator[Entry]:
    """The accounts below ``base`` that are no calendar resources, oldest first."""
    for entry in store.under(base):
        if entry.has_class("zimbraAccount") and not entry.has_class("zimbraCalendarResource"):
            yield entry


def get_all_accounts(store: Store, args: list[str]) -> None:
    """gaa [-v] [-e] [-s server] [{domain}]: of one domain in the directory's order, of all sorted by name."""
    verbose = own_only = False
    server = domain = ""
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "-v":
            verbose = True
        elif word == "-e":
            own_only = True
        elif word == "-s":
            if not rest:
                raise UsageError
            server = rest.pop(0)
        elif domain:
            raise UsageError(f"invalid arg: {word}, already specified domain: {domain}")
        else:
            domain = word
    if own_only and not verbose:
        raise UsageError("arg -e is invalid unless -v is also specified")
    base = f"ou=people,{store.domain_by_key(domain).dn}" if domain else ""
    host = store.server(server).get("zimbraServiceHostname") if server else ""
    found = (entry for entry in accounts_under(store, base) if not host or entry.get("zimbraMailHost") == host)
    for entry in found if domain else _by_name(store, found):
        if verbose:
            dump_entry(store, entry, expand=not own_only)
        else:
            store.console.line(entry_name(entry))


def _by_name(store: Store, entries: Iterator[Entry]) -> Iterator[Entry]:
    # Names and DNs are kept while sorting, not whole entries: there may be a hundred thousand.
    for _, dn in sorted((entry_name(entry), entry.dn) for entry in entries):
        entry = store.entry(dn)
        if entry is not None:
            yield entry


def get_all_resources(store: Store, args: list[str]) -> None:
    """gacr [-v] [-e] [{domain}]. Derived, not recorded."""
    verbose = take_flag(args, "-v")
    own_only = take_flag(args, "-e")
    if len(args) > 1:
        raise UsageError
    base = f"ou=people,{store.domain_by_key(args[0]).dn}" if args else ""
    for entry in store.under(base):
        if not entry.has_class("zimbraCalendarResource"):
            continue
        if verbose:
            dump_entry(store, entry, expand=not own_only)
        else:
            store.console.line(entry_name(entry))


def get_all_admins(store: Store, args: list[str]) -> None:
    """gaaa [-v] [-e]."""
    verbose = take_flag(args, "-v")
    own_only = take_flag(args, "-e")
    if args:
        raise UsageError
    for entry in accounts_under(store, ""):
        flags = (entry.get("zimbraIsAdminAccount"), entry.get("zimbraIsDelegatedAdminAccount"))
        if "TRUE" not in flags:
            continue
        if verbose:
            dump_entry(store, entry, expand=not own_only)
        else:
            store.console.line(entry_name(entry))


def get_membership(store: Store, args: list[str]) -> None:
    """gam {name@domain|id}: the lists the account is in, directly or (``via``) through another list."""
    account = store.account(args[0])
    addresses = [*account.attrs.get("zimbraMailDeliveryAddress", []), *account.attrs.get("zimbraMailAlias", [])]
    direct: dict[str, str] = {}
    via: dict[str, str] = {}
    queue = [(address, "") for address in addresses]
    while queue:
        address, through = queue.pop(0)
        for group in store.find("zimbraMailForwardingAddress", address):
            name = entry_name(group)
            if not group.has_class("zimbraDistributionList") or name in direct or name in via:
                continue
            (via if through else direct)[name] = through
            queue += [(alias, name) for alias in {name, *group.attrs.get("zimbraMailAlias", [])}]
    for name in direct:
        store.console.line(name)
    for name, through in via.items():
        store.console.line(f"{name} (via {through})")


def count_accounts(store: Store, args: list[str]) -> None:
    """cta {domain|id}: accounts per class of service. Columns of 20, 40 and 20."""
    domain = store.domain_by_key(args[0])
    counts: dict[tuple[str, str], int] = {}
    for entry in accounts_under(store, f"ou=people,{domain.dn}"):
        cos = store.cos_of(entry, domain)
        key = (cos.get("cn"), cos.get("zimbraId")) if cos else ("", "")
        counts[key] = counts.get(key, 0) + 1
    line = store.console.line
    line(f"{'cos name':<20} {'cos id':<40} # of accounts")
    line(f"{'-' * 20} {'-' * 40} {'-' * 20}")
    for (name, key_id), count in counts.items():
        line(f"{name:<20} {key_id:<40} {count}")
    line()
