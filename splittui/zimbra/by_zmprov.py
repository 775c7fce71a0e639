"""Zimbra's half of a snapshot through zmprov alone, for sites where sudo allows nothing else.

Slower than ldapsearch (one look-up for each account), and without a view of calendar resources that ``gaa`` leaves out.
"""

from __future__ import annotations

from collections.abc import Callable

from splittui.model.entries import Kind, ZimbraAccount
from splittui.model.snapshot import Reading, ZimbraHalf
from splittui.zimbra import entries
from splittui.zimbra.ldif import Attributes
from splittui.zimbra.zmprov.errors import NoSuchEntry
from splittui.zimbra.zmprov.reply import Entry, UnreadableReply
from splittui.zimbra.zmprov.session import ZmprovSession

_NAMES = ("cn", "displayName", "givenName", "sn")
_ROUTING = tuple(a for a in entries.ACCOUNT_ATTRIBUTES if a not in (*_NAMES, "objectClass", "uid"))


def read_half_by_zmprov(
    session: ZmprovSession, domain: str, read_at: float, progress: Callable[[int], None]
) -> ZimbraHalf:
    """Reads servers, configuration, the domain and each of its accounts. Raises ZmprovError and the link's errors."""
    config = {name: values for name in entries.CONFIG_ATTRIBUTES if (values := session.values(name))}
    port = config.get("zimbraLmtpBindPort", ("",))[0]
    servers = tuple(
        entries.server(
            _attributes(session.entry("gs", name, entries.SERVER_ATTRIBUTES, own_only=True)),
            int(port) if port.isdigit() else 7025,
        )
        for name in session.names(("gas",))
    )
    try:
        found = entries.domain(domain, _attributes(session.entry("gd", domain, entries.DOMAIN_ATTRIBUTES)))
    except NoSuchEntry:
        return ZimbraHalf(Reading(True, read_at), {}, entries.domain(domain, None), servers, config)
    people: dict[str, ZimbraAccount] = {}
    archives: set[str] = set()
    for number, name in enumerate(session.names(("gaa", domain)), start=1):
        entry = _read(session, name)
        if entry is not None:
            archives.update(entry.get("amavisarchivequarantineto", ()))
            account = entries.account({**entry, "objectclass": ["zimbraAccount"]})
            if account is not None:
                people[account.address] = account
        if number % 100 == 0:
            progress(number)
    progress(len(people))
    entries.mark_referenced(people, config, found, archives)
    lists = {name: ZimbraAccount(name, name, kind=Kind.LIST) for name in session.names(("gadl", domain))}
    return ZimbraHalf(Reading(True, read_at), {**people, **lists}, found, servers, config)


def _read(session: ZmprovSession, name: str) -> Attributes | None:
    """One account; its names are left out where one of them breaks zmprov's output. None where it is gone by now."""
    try:
        try:
            return _attributes(session.entry("ga", name, (*_ROUTING, *_NAMES)))
        except UnreadableReply:
            return _attributes(session.entry("ga", name, _ROUTING))
    except NoSuchEntry:
        return None


def _attributes(entry: Entry) -> Attributes:
    return {name.lower(): list(values) for name, values in entry.attributes.items()}
