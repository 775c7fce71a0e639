"""Distribution lists: members that nobody has, no members at all, and what the split-domain filter makes of them."""

from __future__ import annotations

from collections.abc import Iterator

from splittui.mailflow.findings.found import Found
from splittui.mailflow.findings.scene import Scene, addresses, fate, read_whole
from splittui.mailflow.world import FORWARD
from splittui.model.entries import Kind, ZimbraAccount
from splittui.model.zmprov_line import quote_line
from splittui.planning.plan import Severity


def unknown_members(scene: Scene) -> Iterator[Found]:
    """A list expands on Zimbra; a member whom nobody has bounces to the author."""
    if not scene.knows_every_name:
        return
    having: list[str] = []
    told: list[str] = []
    gone: set[str] = set()
    for entry in scene.lists:
        unknown = [member for member in entry.members if scene.nobody_has(member)] if entry.receives else []
        if unknown:
            having.append(entry.address)
            gone.update(unknown)
            told.append(quote_line(("rdlm", entry.address, *unknown)))
    if having:
        some = ", ".join(sorted(gone)[:5]) + (f" and {len(gone) - 5} more" if len(gone) > 5 else "")
        yield Found(
            Severity.WARNING,
            "unknown-member",
            "List with members whom nobody has",
            tuple(having),
            f"{FORWARD} of the list names {some}; neither system has an account, list or alias of that name",
            "Whoever writes to the list gets a bounce for each of them; the other members get their copies.",
            tuple(told),
        )


def empty(scene: Scene) -> Iterator[Found]:
    """ldap-vam has no answer for a list without members, so to Postfix it does not exist."""
    found = addresses(entry for entry in scene.lists if entry.receives and not entry.members and read_whole(entry))
    if found:
        yield Found(
            Severity.WARNING,
            "empty-list",
            "List without members",
            found,
            f"{FORWARD} of the list is not set, and a dynamic group finds nobody",
            fate(scene.tracer, found[0]),
            tuple(f"{quote_line(('adlm', name))} MEMBER..., or {quote_line(('ddl', name))}" for name in found),
        )


def on_both(scene: Scene) -> Iterator[Found]:
    """A list belongs on one system; on the other it should be a forward."""
    both = addresses(entry for entry in scene.lists if entry.receives and scene.has_live_box(entry.address))
    if both:
        yield Found(
            Severity.WARNING,
            "list-on-both",
            "List on Zimbra whose address the existing system keeps as well",
            both,
            f"{FORWARD} on Zimbra holds members, and {scene.split.legacy} does not send the address to Zimbra",
            "Who gets a message depends on who writes it: each system uses its own members.",
            (f"On {scene.split.legacy}: route the list to {scene.split.zimbra}; or delete it on Zimbra (ddl).",),
        )


def unknown_to_primary(scene: Scene) -> Iterator[Found]:
    """With Zimbra as the secondary, the existing system refuses a list that it does not have."""
    if scene.primary or not scene.knows_all_of_legacy:
        return
    missing = addresses(e for e in scene.lists if e.receives and e.members and scene.keeps(e.address) is None)
    if missing:
        yield Found(
            Severity.WARNING,
            "list-only-on-zimbra",
            "List that only Zimbra has",
            missing,
            f"{scene.split.legacy}, the primary, does not know the address",
            fate(scene.tracer, missing[0]),
            (f"On {scene.split.legacy}: route each list to {scene.split.zimbra}.",),
        )


def two_values(scene: Scene) -> Iterator[Found]:
    """ldap-splitdomain turns each value into OK: two give ``OK,OK``, which smtpd takes for a restriction's name."""
    if not scene.tracer.settings.split_filter:
        return
    entries = (*scene.lists, *scene.machines, *(a for found in scene.by_transport.values() for a in found))
    several = addresses(entry for entry in entries if entry.receives and _values(entry) > 1)
    if several:
        values = scene.tracer.world.setting("zimbraMtaRestriction")
        value = next(value for value in values if "ldap-splitdomain.cf" in value)
        yield Found(
            Severity.ERROR,
            "split-filter-two-values",
            "Lists and forwards that the split-domain filter cannot handle",
            several,
            f"zimbraMtaRestriction has {value!r}, and the entry has two or more addresses, members or forwards",
            "Outside mynetworks their mail is answered 451 4.3.5 (Server configuration error) until it expires.",
            (quote_line(("mcf", "-zimbraMtaRestriction", value)),),
        )


def _values(entry: ZimbraAccount) -> int:
    delivery = entry.kind is not Kind.LIST
    return delivery + len(entry.forwards) + bool(entry.user_forwards)


CHECKS = (unknown_members, empty, on_both, unknown_to_primary, two_values)
