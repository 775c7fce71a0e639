"""What to know before a plan of moves is run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from splittui.model.entries import Role, Side
from splittui.model.home import Home, Person
from splittui.model.snapshot import Snapshot
from splittui.model.split import Split
from splittui.planning.plan import Act, Finding, Severity, Step


def findings(
    split: Split, snapshot: Snapshot, people: Mapping[str, Person], steps: Sequence[Step]
) -> Iterable[Finding]:
    """All of it, for the people whom the steps concern."""
    to_zimbra = tuple(s.address for s in steps if s.side is Side.ZIMBRA and s.act is Act.MODIFY)
    to_legacy = tuple(s.address for s in steps if s.side is Side.LEGACY and s.act is Act.MODIFY)
    if split.role is Role.PRIMARY and snapshot.zimbra.domain.catches_all:
        yield Finding(
            Severity.ERROR,
            "catch-all-on-primary",
            f"{split.domain} has the catch-all pair although Zimbra is the primary: mail for unknown addresses loops "
            f"as soon as {split.legacy} forwards what it does not know. Clear it first.",
        )
    yield from _about_legacy(split, people, to_zimbra, to_legacy)
    created = [people[s.address] for s in steps if s.act is Act.CREATE]
    strays = tuple(alias for row in created if row.legacy is not None for alias in row.legacy.aliases)
    if strays and split.role is Role.PRIMARY:
        yield Finding(
            Severity.WARNING,
            "aliases-not-carried",
            f"{split.legacy} knows these aliases of people new to {split.zimbra}, which rejects mail for them until "
            "they are added there (zmprov aaa).",
            strays,
        )
    lost = tuple(a for a in (*to_zimbra, *to_legacy) if people[a].zimbra and _loses(people[a]))
    if lost:
        text = "Not all mail for them arrives now; the plan mends it."
        yield Finding(Severity.INFO, "was-unreachable", text, lost)
    others = [s.service_hostname for s in snapshot.zimbra.servers if "mta" in s.services and s.name != split.zimbra]
    if others and (to_zimbra or to_legacy):
        yield Finding(
            Severity.WARNING,
            "other-mtas",
            "These MTAs keep an old route for up to 30 seconds, as only one is reloaded: " + ", ".join(others),
        )


def _loses(person: Person) -> bool:
    return person.home in (Home.NOWHERE, Home.ODD) or not person.arrives


def _about_legacy(
    split: Split, people: Mapping[str, Person], to_zimbra: tuple[str, ...], to_legacy: tuple[str, ...]
) -> Iterable[Finding]:
    still_there = tuple(a for a in to_zimbra if people[a].legacy is not None)
    if still_there and split.router is None:
        yield Finding(
            Severity.WARNING,
            "old-mailbox",
            f"{split.legacy} still has a mailbox for them: what its own users send stays there until {split.legacy} "
            f"sends it to {split.zimbra}. Afterwards copy once more what arrived there.",
            still_there,
        )
    elif still_there:
        yield Finding(
            Severity.INFO,
            "final-copy",
            f"Mail that arrived on {split.legacy} after the last copy stays there: copy once more after the run.",
            still_there,
        )
    if to_legacy and split.router is None:
        yield Finding(
            Severity.WARNING,
            "legacy-first",
            f"{split.legacy} must already keep their mail and not send it to {split.zimbra}: otherwise it loops.",
            to_legacy,
        )
