"""Zimbra's half of a snapshot out of its directory's entries, whichever way they come."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from splittui.model.entries import Server, ZimbraAccount
from splittui.model.snapshot import Reading, ZimbraHalf
from splittui.remote.ldap.decoder import Attributes
from splittui.zimbra import entries

_TELL_EVERY = 1000
_UNITS = "(objectClass=zimbraGroupStaticUnit)"
_RECIPIENTS = "(|(objectClass=zimbraAccount)(objectClass=zimbraDistributionList)(objectClass=zimbraGroup))"

Progress = Callable[[int], None]
Why = Callable[[bool], str]
"""Why what came is not all; empty where it is. Asked when nothing more comes, and told whether the domain is there."""


class DirectoryError(Exception):
    """Zimbra's directory could not be read at all; the text says why, in one clause without a full stop."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to ask of the directory: below which entry, for which entries, for what of them."""

    base: str
    filter: str
    attributes: tuple[str, ...]


def searches(domain: str) -> tuple[Search, Search, Search]:
    """What the half is read by: first servers, configuration and domains, then the domain's accounts, then whatever
    else has an address in it.
    """
    topology = "(|(objectClass=zimbraServer)(objectClass=zimbraGlobalConfig)(objectClass=zimbraDomain))"
    settings = {"objectClass", *entries.SERVER_ATTRIBUTES, *entries.CONFIG_ATTRIBUTES, *entries.DOMAIN_ATTRIBUTES}
    base = "ou=people," + ",".join(f"dc={label}" for label in domain.split("."))
    people = "(&(objectClass=zimbraAccount)(!(objectClass=zimbraCalendarResource)))"
    at = f"@{_filter_value(domain)}"
    others = (
        f"(|{_UNITS}(&(objectClass=zimbraCalendarResource)(zimbraMailDeliveryAddress=*{at}))"
        f"(&{_RECIPIENTS}(!(zimbraMailDeliveryAddress=*{at}))"
        f"(|(zimbraMailAlias=*{at})(zimbraOldMailAddress=*{at})(zimbraMailCatchAllAddress={at}))))"
    )
    return (
        Search("", topology, tuple(sorted(settings))),
        Search(base, people, entries.PERSON_ATTRIBUTES),
        Search("", others, entries.ENTRY_ATTRIBUTES),
    )


def neighbour_search(addresses: Iterable[str]) -> Search:
    """What finds whoever has one of these addresses, or catches all mail of its domain."""
    named = [_filter_value(address) for address in addresses]
    match = "".join(
        f"({attribute}={value})"
        for value in named
        for attribute in ("zimbraMailDeliveryAddress", "zimbraMailAlias", "zimbraOldMailAddress")
    )
    domains = sorted({value.rpartition("@")[2] for value in named})
    match += "".join(f"(zimbraMailCatchAllAddress=@{name})" for name in domains)
    return Search("", f"(|{_UNITS}(&{_RECIPIENTS}(|{match})))", entries.ENTRY_ATTRIBUTES)


def _filter_value(text: str) -> str:
    """RFC 4515: what would be read as structure becomes ``\\xx``."""
    return re.sub(r"[\\*()\x00]", lambda match: f"\\{ord(match[0]):02x}", text)


def gather(
    found: Iterable[tuple[int, Attributes]], domain: str, read_at: float, progress: Progress, why_partial: Why
) -> ZimbraHalf:
    """Zimbra's half. ``found`` are entries with the number of the search (of ``searches``) that brought them.

    Raises DirectoryError where not even the domain and the servers were found.
    """
    topology: list[Attributes] = []
    others: list[Attributes] = []
    people: dict[str, ZimbraAccount] = {}
    neighbours: dict[str, ZimbraAccount] = {}
    archives: set[str] = set()
    at, hidden, seen = f"@{domain}", 0, 0
    for section, entry in found:
        if section != 1:
            (others if section else topology).append(entry)
            continue
        account = entries.account(entry)
        if "amavisarchivequarantineto" in entry:
            archives.update(entry["amavisarchivequarantineto"])
        if not account.address or not account.id or not account.status:
            hidden += 1
            continue
        if account.address.endswith(at):
            people[account.address] = account
        seen += 1
        if seen % _TELL_EVERY == 0:
            progress(seen)
    if not topology:
        raise DirectoryError(why_partial(False) or "Zimbra's directory shows no server, no configuration and no domain")
    for account in recipients(others):
        if not account.address or not account.id or not account.status:
            hidden += 1
        else:
            (people if account.address.endswith(at) else neighbours)[account.address] = account
    progress(len(people))
    hosted = any(entries.one(entry, "zimbraDomainName").lower() == domain for entry in topology)
    why = why_partial(hosted) or (f"{hidden} accounts hide their attributes from the bind" if hidden else "")
    archives.update(name for entry in others for name in entry.get("amavisarchivequarantineto", ()))
    return _half(Reading(not why, read_at, why), people, neighbours, topology, domain, archives)


def recipients(found: Iterable[Attributes]) -> Iterator[ZimbraAccount]:
    """The accounts, resources, lists and dynamic groups among entries of any kind."""
    known = [(entries.classes(entry), entry) for entry in found]
    units = {
        entries.one(entry, "dn").lower(): tuple(entry.get("zimbramailforwardingaddress", ()))
        for kinds, entry in known
        if "zimbragroupstaticunit" in kinds
    }
    for kinds, entry in known:
        if "zimbraaccount" in kinds:
            yield entries.account(entry, kinds)
        elif "zimbradistributionlist" in kinds:
            yield entries.distribution_list(entry)
        elif "zimbragroup" in kinds:
            names = entry.get("member", ())
            members = (units.get(dn.lower()) or (entries.address_of_dn(dn),) for dn in names)
            yield entries.dynamic_group(entry, tuple(address for some in members for address in some if address))


def _half(
    reading: Reading,
    people: dict[str, ZimbraAccount],
    neighbours: dict[str, ZimbraAccount],
    topology: list[Attributes],
    domain: str,
    archives: set[str],
) -> ZimbraHalf:
    config = next((e for e in topology if "zimbraglobalconfig" in entries.classes(e)), {})
    port = entries.one(config, "zimbraLmtpBindPort")
    servers: tuple[Server, ...] = tuple(
        entries.server(e, int(port) if port.isdigit() else 7025)
        for e in topology
        if "zimbraserver" in entries.classes(e)
    )
    domains = [e for e in topology if "zimbradomain" in entries.classes(e)]
    own = next((e for e in domains if entries.one(e, "zimbraDomainName").lower() == domain.lower()), None)
    found = entries.domain(domain, own)
    settings = entries.chosen(config, entries.CONFIG_ATTRIBUTES)
    entries.mark_referenced(people, settings, found, archives)
    other_domains = tuple(entries.other_domain(e) for e in domains if e is not own)
    return ZimbraHalf(reading, people, found, servers, settings, other_domains, neighbours)
