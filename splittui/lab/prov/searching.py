"""sa: accounts, aliases, lists and resources that match an LDAP filter."""

from __future__ import annotations

import re

from splittui.lab.prov.dump import dump_entry
from splittui.lab.prov.entry import Entry
from splittui.lab.prov.errors import Cause, JavaCrashError, ServiceError, UsageError
from splittui.lab.prov.filters import FilterError, Test, compile_filter
from splittui.lab.prov.reading import take_flag
from splittui.lab.prov.store import Store, entry_name

_CLASSES = (
    "zimbraAccount",
    "zimbraAlias",
    "zimbraDistributionList",
    "zimbraGroup",
    "zimbraCalendarResource",
    "zimbraHabGroup",
)
_TYPES = "".join(f"(objectclass={name})" for name in _CLASSES)
_PARSER_FRAMES = (
    "com.zimbra.common.service.ServiceException.PARSE_ERROR(ServiceException.java:351)",
    "com.zimbra.cs.account.ldap.LdapFilterParser.parse(LdapFilterParser.java:63)",
    "com.zimbra.cs.account.ldap.LdapFilterParser.parse(LdapFilterParser.java:47)",
    "com.zimbra.cs.account.ldap.LdapEntrySearchFilter.toLdapIDNFilter(LdapEntrySearchFilter.java:196)",
    "com.zimbra.cs.account.ldap.LdapProvisioning.searchDirectoryInternal(LdapProvisioning.java:2002)",
    "com.zimbra.cs.account.ldap.LdapProvisioning.searchDirectory(LdapProvisioning.java:1842)",
    "com.zimbra.cs.account.ProvUtil.doSearchAccounts(ProvUtil.java:2571)",
)


def search_accounts(store: Store, args: list[str]) -> None:
    """sa [-v] {ldap-query} [limit, offset, sortBy, sortAscending, domain, each with a value]: others are ignored."""
    verbose = take_flag(args, "-v")
    if not args or len(args) % 2 == 0:
        raise UsageError
    options = dict(zip(args[1::2], args[2::2], strict=True))
    limit, offset = _whole(options.get("limit", "0")), _whole(options.get("offset", "0"))
    domain = options.get("domain", "")
    base = f"ou=people,{store.domain_by_key(domain).dn}" if domain else ""
    test = _test(store, args[0])
    found = [entry for entry in store.under(base) if test(entry)]
    attribute = store.schema.canonical(options.get("sortBy", "name"))
    found.sort(key=lambda entry: _sort_key(entry, attribute), reverse=options.get("sortAscending", "1") == "0")
    for entry in found[offset : offset + limit if limit else None]:
        if not verbose:
            store.console.line(entry_name(entry))
        elif entry.has_class("zimbraAccount"):
            dump_entry(store, entry)


def _sort_key(entry: Entry, attribute: str) -> str:
    return (entry_name(entry) if attribute == "name" else entry.get(attribute)).lower()


def _whole(text: str) -> int:
    if re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    raise JavaCrashError(
        f'java.lang.NumberFormatException: For input string: "{text}"',
        (
            "java.base/java.lang.NumberFormatException.forInputString(NumberFormatException.java:67)",
            "java.base/java.lang.Integer.parseInt(Integer.java:668)",
            "java.base/java.lang.Integer.parseInt(Integer.java:784)",
            "com.zimbra.cs.account.ProvUtil.doSearchAccounts(ProvUtil.java:2546)",
        ),
    )


def _test(store: Store, query: str) -> Test:
    whole = query.startswith("(") and query.endswith(")")
    if not whole and store.ldap_mode:
        store.console.log("WARN", f"unable to convert query to ascii, using original query: {query}")
        fault = f"parse error: mising parentheses: filter={query}, startPos=0, endPos={len(query)}"
        store.console.error(f"com.zimbra.common.service.ServiceException: {fault}")
        for frame in (*_PARSER_FRAMES, *store.program_frames()):
            store.console.error(f"\tat {frame} ~[zimbra-all.jar:?]")
    text = f"(&(|{_TYPES}){query if whole else f'({query})'})"
    try:
        return compile_filter(text)
    except FilterError as error:
        fault = (
            "Mismatched number of parentheses encountered in the provided search filter string "
            f"between positions 2 and {len(text) - 2}."
        )
        cause = Cause("com.unboundid.ldap.sdk.LDAPException", fault)
        raise ServiceError("ldap.INVALID_SEARCH_FILTER", f"invalid search filter - {text}: {fault}", cause) from error
