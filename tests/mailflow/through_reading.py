"""A world taken apart into a directory, read from it as Zimbra's half is, and put together again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from splittui.lab.directory import Attrs, Directory
from splittui.lab.prov.addresses import domain_dn, people_dn
from splittui.lab.prov.groups import group_entries
from splittui.lab.tools import ldif
from splittui.lab.tools.ldap_filter import parse_filter
from splittui.lab.tools.search import entries as search
from splittui.mailflow.from_snapshot import world
from splittui.mailflow.world import ALIAS, DELIVERY, DOMAIN_NAME, Entry, EntryKind, World
from splittui.model.entries import Role, ZimbraAccount
from splittui.model.snapshot import LegacyHalf, Reading, Snapshot, ZimbraHalf
from splittui.model.split import Split
from splittui.zimbra.directory import neighbour_arguments, read_half, read_neighbours, script_arguments
from splittui.zimbra.neighbours import with_neighbours

MARK = "splittui-0011223344556677"
_KINDS = {
    EntryKind.DOMAIN: "zimbraDomain",
    EntryKind.ACCOUNT: "zimbraAccount",
    EntryKind.LIST: "zimbraDistributionList",
}


def read_again(given: World) -> World:
    """What is left of a world after a directory that holds it was read. The other system stays as it was."""
    with Directory(Path(":memory:")) as directory:
        directory.add_many(_entries(given))
        half = read_all(directory, given.domain)
    split = Split(given.domain, Role.PRIMARY, given.zimbra, given.legacy.host, f"smtp:{given.legacy.host}:25")
    made = world(split, Snapshot(half, LegacyHalf(Reading(True, 0.0), {})), given.names)
    return replace(
        made, legacy=given.legacy, mx=given.mx, zimbra_addresses=given.zimbra_addresses, outsider=given.outsider
    )


def read_all(directory: Directory, domain: str) -> ZimbraHalf:
    """The half that the searches of the reader find in a directory."""

    def neighbours(addresses: list[str]) -> tuple[list[ZimbraAccount], str]:
        found = _printed(directory, neighbour_arguments("", MARK, addresses))
        return read_neighbours([found], MARK)

    text = _printed(directory, script_arguments("", MARK, domain))
    half = with_neighbours(read_half([text], MARK, domain, 0.0, lambda number: None), neighbours)
    assert half.reading.complete, half.reading.why_partial
    return half


def _printed(directory: Directory, arguments: tuple[str, ...]) -> bytes:
    """What the script prints: each search's entries with the attributes that it asks for, and its mark."""
    text = ""
    for at in range(3, len(arguments), 3):
        base, query, wanted = arguments[at : at + 3]
        names = {name.lower() for name in wanted.split()}
        for dn, attrs in search(directory, base, "sub", parse_filter(query)):
            shown = [pair for pair in attrs.items() if pair[0].lower() in names]
            text += ldif.entry(dn, shown, wrap=False)
        text += f"\n# {MARK} 0\n"
    return text.encode()


def _entries(given: World) -> Iterator[tuple[str, Attrs]]:
    config = {name: list(values) for name, values in given.config.items()}
    yield "cn=config,cn=zimbra", {"objectClass": ["zimbraGlobalConfig"], "cn": ["config"], **config}
    for server in given.servers:
        yield (
            f"cn={server.name},cn=servers,cn=zimbra",
            {
                "objectClass": ["zimbraServer"],
                "cn": [server.name],
                "zimbraServiceHostname": [server.service_hostname],
                "zimbraServiceEnabled": sorted(server.services),
                "zimbraLmtpBindPort": [str(server.lmtp_port)],
                **{name: list(values) for name, values in given.server_config.items()},
            },
        )
    for number, entry in enumerate(given.entries.values()):
        if entry.kind is EntryKind.GROUP:
            yield from group_entries(entry.name, f"id-{number}", (f"in-{number}", f"out-{number}"))
        else:
            yield _entry(entry, f"id-{number}")


def _entry(entry: Entry, identity: str) -> tuple[str, Attrs]:
    local, _, domain = entry.name.lower().rpartition("@")
    attrs: Attrs = {name: list(values) for name, values in entry.attributes.items() if values}
    attrs |= {"objectClass": [_KINDS[entry.kind]], "zimbraId": [identity]}
    if entry.kind is EntryKind.DOMAIN:
        return domain_dn(domain), {**attrs, DOMAIN_NAME: list(entry.all(DOMAIN_NAME))}
    attrs["uid"] = [local]
    attrs["mail"] = [*entry.all(DELIVERY), *entry.all(ALIAS)]
    if entry.kind is EntryKind.ACCOUNT:
        attrs.setdefault("zimbraAccountStatus", ["active"])
    return people_dn(local, domain), attrs
