"""The zoo: every kind of account that a split domain can hold, under addresses that do not depend on the seed.

======================== =============================================================================================
address (@example.com)   what it is
======================== =============================================================================================
foo                      lives on Zimbra ("Foo Fighter"); archived to foo.archive
bar                      lives on legacy; a host-less placeholder on Zimbra ("Bar Bell")
bell                     lives on legacy; a hosted placeholder (zimbraMailHost kept), bracketed transport
dave                     lives on legacy only; alias david
admin                    lives on Zimbra; the last administrator
alice                    lives on Zimbra; alias ally
bob                      lives on legacy; placeholder with the alias bobby on both systems
mona                     has moved to Zimbra; legacy has a leftover row that routes her there
twin                     on Zimbra, and legacy still keeps what it receives for her
locked, lockout,         on Zimbra, in that account status (closed and pending: with zimbraMailStatus disabled)
maintenance, closed,
pending
mute                     on Zimbra, active, but zimbraMailStatus is disabled
fred                     on Zimbra, with an administrator's forward and one of his own
hugo                     lmtp transport, but no zimbraMailHost
lost                     lmtp transport to a server that does not exist
shout                    transport in upper case: ``SMTP:``
bare                     transport without ``smtp:`` in front
blank                    no transport at all
other                    smtp transport to a third host
loop                     placeholder, but legacy sends its mail to Zimbra
ghost                    placeholder, but legacy has no such mailbox
asa, nihon, arabic       names outside ASCII
markup, escape, long,    names with console markup, terminal escapes and invisible characters, too long, with quotes
quote                    and backslashes
room                     a calendar resource on Zimbra
spam.lab, ham.lab,       system accounts, flagged
virus-quarantine.lab,
galsync.lab
quarantine               a system account without a flag: the global configuration refers to it
guest.partner.example    an external virtual account (zimbraIsExternalVirtualAccount)
foo.archive              an archive account (foo's amavisArchiveQuarantineTo)
vera                     on Zimbra; was vera.maiden, which she still receives (zimbraOldMailAddress)
otto                     on Zimbra; forwards everything to alice and keeps no copy (local delivery disabled)
team                     a distribution list with members on both systems
crew                     a dynamic group: foo, alice, bar and crew@partner.example
======================== =============================================================================================

On legacy alone are also: the list everyone, the resource projector, the system mailbox postmaster, and pat, disabled.
The domain example.org is an alias of example.com.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from splittui.lab.people_entries import (
    AT_ZIMBRA,
    BACK_TO_ZIMBRA,
    DOMAIN,
    HOSTED,
    HOSTLESS,
    LEGACY,
    ON_LEGACY,
    ON_ZIMBRA,
    SERVER,
    Inhabitant,
    LegacyRow,
    Name,
    Registry,
    Routing,
    account,
    distribution_list,
    dynamic_group,
)

ACCOUNTS = 42
"""How many accounts the zoo has on either system, without its lists, its projector and postmaster."""

LISTS = ("team", "everyone", "crew")
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 7
ESCAPES = "\x1b]0;owned\x07\x1b[31mEve\x1b[0m \x9b2J \u202eevE\u200b"


def zoo(registry: Registry, role: str) -> Iterator[Inhabitant]:
    """All of it. In the secondary role legacy knows everybody whose mail it has to send on to Zimbra."""
    registry.taken.update(LISTS)
    crew = registry.new_id()
    yield from _people(registry, role, {"zimbraMemberOf": [crew]})
    yield from _statuses(registry, role)
    yield from _odd_routing(registry)
    yield from _names(registry, role)
    yield from _machines(registry, role)
    yield from _rare(registry, role)
    group = dynamic_group(registry, _at("crew"), crew, "Crew", ["crew@partner.example"])
    yield Inhabitant(_at("crew"), group, list_row(role, _at("crew"), "Crew"))
    members = [_at(local) for local in ("foo", "bar", "bell", "alice", "fred", "dave")]
    team = distribution_list(registry, _at("team"), "Team", members)
    yield Inhabitant(_at("team"), [team], list_row(role, _at("team"), "Team"))
    for local, display, kind in (
        ("everyone", "Everyone on the old system", "list"),
        ("projector", "Projector 3", "resource"),
        ("postmaster", "Postmaster", "system"),
    ):
        registry.taken.add(local)
        yield Inhabitant(_at(local), [], LegacyRow(_at(local), Name(display), kind=kind))


def list_row(role: str, address: str, display: str) -> LegacyRow | None:
    """A list lives on Zimbra; where legacy is the primary, it knows so."""
    return LegacyRow(address, Name(display), kind="list", forwards_to=BACK_TO_ZIMBRA) if role == "secondary" else None


def _people(registry: Registry, role: str, in_crew: Mapping[str, Sequence[str]]) -> Iterator[Inhabitant]:
    archive = {"amavisArchiveQuarantineTo": [_at("foo.archive")], **in_crew}
    yield _zimbra(registry, role, "foo", Name("Foo Fighter", "Foo", "Fighter"), extra=archive)
    yield _legacy(registry, "bar", Name("Bar Bell", "Bar", "Bell"), HOSTLESS, extra=in_crew)
    yield _legacy(registry, "bell", Name("Bell Hop", "Bell", "Hop"), Routing(f"smtp:[{LEGACY}]:25", SERVER, "locked"))
    yield _legacy(registry, "dave", Name("Dave Null", "Dave", "Null"), None, aliases=("david",))
    yield _legacy(registry, "pat", Name("Pat Leaver", "Pat", "Leaver"), None, enabled=False)
    admin = {"zimbraIsAdminAccount": ["TRUE"]}
    yield _zimbra(registry, role, "admin", Name("Administrator", "", "Administrator"), extra=admin)
    yield _zimbra(registry, role, "alice", Name("Alice Adams", "Alice", "Adams"), aliases=("ally",), extra=in_crew)
    yield _legacy(registry, "bob", Name("Bob Baker", "Bob", "Baker"), HOSTLESS, aliases=("bobby",))
    yield _zimbra(registry, role, "mona", Name("Mona Moved", "Mona", "Moved"), legacy=BACK_TO_ZIMBRA)
    yield _zimbra(registry, role, "twin", Name("Tina Twin", "Tina", "Twin"), legacy="")
    forwards = {
        "zimbraMailForwardingAddress": [_at("alice"), "fred@elsewhere.example"],
        "zimbraPrefMailForwardingAddress": ["fred@home.example"],
    }
    yield _zimbra(registry, role, "fred", Name("Fred Forward", "Fred", "Forward"), extra=forwards)


def _statuses(registry: Registry, role: str) -> Iterator[Inhabitant]:
    for status in ("locked", "lockout", "maintenance", "closed", "pending"):
        # closed and pending switch the mail off as well (zm-mailbox, AccountStatus callback).
        mail = "disabled" if status in ("closed", "pending") else "enabled"
        routing = Routing(status=status, mail_status=mail)
        yield _zimbra(registry, role, status, Name(f"Stan {status.title()}", "Stan", status.title()), routing)
    yield _zimbra(registry, role, "mute", Name("Mute Swan", "Mute", "Swan"), Routing(mail_status="disabled"))


def _odd_routing(registry: Registry) -> Iterator[Inhabitant]:
    for local, display, routing in (
        ("hugo", "Hugo Nohost", Routing(ON_ZIMBRA, "")),
        ("lost", "Lost Server", Routing("lmtp:mbox9.example.com:7025", SERVER)),
        ("shout", "Shout Loud", Routing(ON_LEGACY.replace("smtp:", "SMTP:"), "", "locked")),
        ("bare", "Bare Host", Routing(f"{LEGACY}:25", "", "locked")),
        ("blank", "Blank Route", Routing("", SERVER)),
        ("other", "Other Host", Routing("smtp:old.example.com:25", "", "locked")),
    ):
        yield _legacy(registry, local, _name(display), routing)
    row = LegacyRow(_at("loop"), _name("Loop Circle"), forwards_to=BACK_TO_ZIMBRA)
    yield Inhabitant(_at("loop"), _entries(registry, "loop", _name("Loop Circle"), HOSTLESS), row)
    yield Inhabitant(_at("ghost"), _entries(registry, "ghost", _name("Ghost Gone"), HOSTLESS))


def _rare(registry: Registry, role: str) -> Iterator[Inhabitant]:
    was = {"zimbraOldMailAddress": [_at("vera.maiden")]}
    yield _zimbra(registry, role, "vera", Name("Vera Married", "Vera", "Married"), extra=was)
    onward = {"zimbraPrefMailLocalDeliveryDisabled": ["TRUE"], "zimbraPrefMailForwardingAddress": [_at("alice")]}
    yield _zimbra(registry, role, "otto", Name("Otto Onward", "Otto", "Onward"), extra=onward)


def _names(registry: Registry, role: str) -> Iterator[Inhabitant]:
    yield _zimbra(registry, role, "asa", Name("Åsa Öberg", "Åsa", "Öberg"))
    yield _legacy(registry, "nihon", Name("日本 太郎", "太郎", "日本"), HOSTLESS)
    yield _legacy(registry, "arabic", Name("محمد الأحمد", "محمد", "الأحمد"), HOSTED)
    yield _legacy(registry, "markup", Name("[/b] [@click=app.quit]x[/]", "[/b]", "[@click=app.quit]x[/]"), HOSTLESS)
    yield _legacy(registry, "escape", Name(ESCAPES, "\x1b[2J", "Eve\x07"), HOSTLESS)
    yield _legacy(registry, "long", Name(LONG.strip(), LONG[:120].strip(), LONG[:80].strip()), HOSTED)
    yield _zimbra(registry, role, "quote", Name('O\'Brien "Bob" \\ back\\slash\\', '"Bob"', "O'Brien\\"))


def _machines(registry: Registry, role: str) -> Iterator[Inhabitant]:
    room = {
        "zimbraCalResType": ["Location"],
        "zimbraAccountCalendarUserType": ["RESOURCE"],
        "zimbraCalResAutoAcceptDecline": ["TRUE"],
    }
    yield _zimbra(registry, role, "room", Name("Room 1"), extra=room, resource=True)
    flags = {"zimbraIsSystemAccount": ["TRUE"], "zimbraIsSystemResource": ["TRUE"], "zimbraHideInGal": ["TRUE"]}
    for local in ("spam.lab", "ham.lab", "virus-quarantine.lab", "galsync.lab"):
        yield _zimbra(registry, "", local, Name(""), extra=flags)
    yield _zimbra(registry, "", "quarantine", Name(""), extra={"zimbraHideInGal": ["TRUE"]})
    guest = {"zimbraIsExternalVirtualAccount": ["TRUE"], "zimbraExternalUserMailAddress": ["guest@partner.example"]}
    yield _zimbra(registry, "", "guest.partner.example", Name("Guest of a share"), extra=guest)
    yield _zimbra(registry, "", "foo.archive", Name("Foo Fighter (archive)"), extra={"zimbraHideInGal": ["TRUE"]})


def _zimbra(
    registry: Registry,
    role: str,
    local: str,
    name: Name,
    routing: Routing = AT_ZIMBRA,
    aliases: Sequence[str] = (),
    extra: Mapping[str, Sequence[str]] | None = None,
    legacy: str | None = None,
    resource: bool = False,
) -> Inhabitant:
    """``legacy``: where the legacy system sends the mail; None where it knows the address as little as needed."""
    route = BACK_TO_ZIMBRA if legacy is None and role == "secondary" else legacy
    others = [_at(alias) for alias in aliases]
    row = None if route is None else LegacyRow(_at(local), name, others, forwards_to=route)
    return Inhabitant(_at(local), _entries(registry, local, name, routing, aliases, extra, resource), row)


def _legacy(
    registry: Registry,
    local: str,
    name: Name,
    routing: Routing | None,
    aliases: Sequence[str] = (),
    enabled: bool = True,
    extra: Mapping[str, Sequence[str]] | None = None,
) -> Inhabitant:
    row = LegacyRow(_at(local), name, [_at(alias) for alias in aliases], enabled=enabled)
    if routing is None:
        registry.taken.update((local, *aliases))
        return Inhabitant(_at(local), [], row)
    return Inhabitant(_at(local), _entries(registry, local, name, routing, aliases, extra), row)


def _entries(
    registry: Registry,
    local: str,
    name: Name,
    routing: Routing,
    aliases: Sequence[str] = (),
    extra: Mapping[str, Sequence[str]] | None = None,
    resource: bool = False,
) -> list[tuple[str, dict[str, list[str]]]]:
    registry.taken.update((local, *aliases))
    return account(registry, _at(local), name, routing, [_at(alias) for alias in aliases], extra, resource)


def _name(display: str) -> Name:
    given, _, surname = display.partition(" ")
    return Name(display, given, surname)


def _at(local: str) -> str:
    return f"{local}@{DOMAIN}"
