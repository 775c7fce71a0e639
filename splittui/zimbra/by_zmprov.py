"""Zimbra's half of a snapshot through zmprov alone, for sites where sudo allows nothing else.

Slower than ldapsearch (one look-up for each account, list and domain), and without a view of entries of other domains
that own an address in this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from splittui.model.entries import Domain, Rare, ZimbraAccount
from splittui.model.snapshot import Reading, ZimbraHalf
from splittui.remote.ldap.decoder import Attributes
from splittui.zimbra import entries
from splittui.zimbra.neighbours import with_neighbours
from splittui.zimbra.zmprov.errors import NoSuchEntry
from splittui.zimbra.zmprov.reply import Entry, UnreadableReply
from splittui.zimbra.zmprov.session import ZmprovSession

_NAMES = ("cn", "displayName", "givenName", "sn")
_ROUTING = tuple(a for a in entries.PERSON_ATTRIBUTES if a not in _NAMES)
_OF_LISTS = ("memberURL", "zimbraId", "zimbraMailAlias", "zimbraMailStatus")


def read_half_by_zmprov(
    session: ZmprovSession, domain: str, read_at: float, progress: Callable[[int], None]
) -> ZimbraHalf:
    """Reads servers, configuration, the domains and everybody in this one. Raises ZmprovError and the link's errors."""
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
        found = entries.domain(
            domain, _attributes(session.entry("gd", domain, entries.DOMAIN_ATTRIBUTES, own_only=True))
        )
    except NoSuchEntry:
        return ZimbraHalf(Reading(True, read_at), {}, entries.domain(domain, None), servers, config)
    people: dict[str, ZimbraAccount] = {}
    archives: set[str] = set()
    for command, kinds in (("gaa", ()), ("gacr", ("zimbracalendarresource",))):
        for name in session.names((command, domain)):
            entry = _account(session, name)
            if entry is not None:
                archives.update(entry.get("amavisarchivequarantineto", ()))
                account = entries.account(entry, kinds)
                people[account.address] = account
            if len(people) % 100 == 0:
                progress(len(people))
    progress(len(people))
    entries.mark_referenced(people, config, found, archives)
    lists = (_list(session, name) for name in session.names(("gadl", domain)))
    people |= {entry.address: entry for entry in lists if entry is not None}
    half = ZimbraHalf(Reading(True, read_at), people, found, servers, config, _other_domains(session, domain))
    return with_neighbours(half, lambda named: ([e for name in named if (e := _anybody(session, name))], ""))


def _other_domains(session: ZmprovSession, domain: str) -> tuple[Domain, ...]:
    names = [name for name in session.names(("gad",)) if name.lower() != domain.lower()]
    return tuple(
        entries.other_domain(_attributes(session.entry("gd", name, entries.ROUTING_ATTRIBUTES))) for name in names
    )


def _anybody(session: ZmprovSession, name: str) -> ZimbraAccount | None:
    entry = _account(session, name)
    return _list(session, name) if entry is None else entries.account(entry)


def _account(session: ZmprovSession, name: str) -> Attributes | None:
    """One account; its names are left out where one of them breaks zmprov's output. None where it is gone by now."""
    try:
        try:
            return _attributes(session.entry("ga", name, (*_ROUTING, *_NAMES)))
        except UnreadableReply:
            return _attributes(session.entry("ga", name, _ROUTING))
    except NoSuchEntry:
        return None


def _list(session: ZmprovSession, name: str) -> ZimbraAccount | None:
    """One list or dynamic group, without the name that is shown for it. None where it is gone by now."""
    try:
        entry, members = session.distribution_list(name, _OF_LISTS)
    except NoSuchEntry:
        return None
    attributes = _attributes(entry)
    found = entries.distribution_list({**attributes, "mail": [entry.name]})
    if "memberurl" in attributes:
        return replace(found, rare=Rare(dynamic=True, members=members))
    return replace(found, forwards=members)


def _attributes(entry: Entry) -> Attributes:
    return {name.lower(): list(values) for name, values in entry.attributes.items()}
