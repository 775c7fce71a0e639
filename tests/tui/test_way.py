"""The way of mail in one line, and how it stands below the panes."""

import pytest
from textual.app import App, ComposeResult

from splittui.mailflow.roster import Roster, roster
from splittui.model.entries import Domain, Kind, ZimbraAccount
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.way import Way, others, way, ways_to
from splittui.tui.widgets.status import PersonLines
from tests.mailflow.snapshots import AWAY, THREE
from tests.sites import SECONDARY, SPLIT, on_legacy, on_zimbra, placeholder, snapshot
from tests.tui.plans import HOSTILE


def listing(local: str, *members: str) -> ZimbraAccount:
    forwards = tuple(f"{member}@example.com" for member in members)
    return on_zimbra(local, kind=Kind.LIST, transport="", host="", forwards=forwards)


SEEN = snapshot(
    on_zimbra("foo", aliases=("f.oo@example.com",)),
    placeholder("bar"),
    on_legacy("bar"),
    on_zimbra("carol"),
    on_legacy("carol"),
    on_legacy("dave"),
    placeholder("lost"),
    on_zimbra("nohost", host=""),
    on_zimbra("other", transport="smtp:old.example.net:25"),
    on_zimbra("gone", transport="error:5.1.6 moved"),
    on_zimbra("void", transport="discard:"),
    on_legacy("third", forwards_to="smtp:[third.example.net]"),
    placeholder("third"),
    listing("pair", "foo", "bar"),
    listing("part", "foo", "lost"),
    listing("many", *(f"p{number}" for number in range(300))),
)
KNOWN = roster(SPLIT, SEEN)
HOST, FAR = "zimbra.example.com", "mail.example.com"


def first(local: str, known: Roster = KNOWN) -> Way:
    return ways_to(known, known.people[f"{local}@example.com"])[0]


@pytest.mark.parametrize(
    ("local", "hops", "end", "brief", "arrives"),
    [
        ("foo", (HOST, f"lmtp:{HOST}:7025"), f"mailbox on {HOST}", "mailbox there", True),
        ("bar", (HOST, f"smtp:{FAR}:25"), f"mailbox on {FAR}", "mailbox there", True),
        ("dave", (HOST,), f"refused by {HOST}: 550", "refused: 550", False),
        ("lost", (HOST, f"smtp:{FAR}:25", HOST), "loops", "loops", False),
        ("nohost", (HOST, f"lmtp:{HOST}:7025"), f"waits on {HOST}", "waits", False),
        ("gone", (HOST, "error:5.1.6 moved"), f"bounced by {HOST}", "bounced", False),
        ("void", (HOST, "discard:"), f"thrown away by {HOST}", "thrown away", False),
        ("third", (HOST, f"smtp:{FAR}:25"), f"what {FAR} does then is not known", "not known further", False),
        ("pair", (HOST,), "2 copies, all delivered", "2 copies, all delivered", True),
        ("part", (HOST,), "1 of 2 copies delivered", "1 of 2 copies delivered", False),
        ("many", (HOST,), "300 members", "300 members", True),
    ],
)
def test_the_hops_and_the_end(local: str, hops: tuple[str, ...], end: str, brief: str, arrives: bool) -> None:
    found = first(local)
    assert (found.hops, found.end, found.brief, found.arrives) == (("internet", *hops), end, brief, arrives)


def test_an_alias_ends_in_its_owner_s_mailbox_and_a_third_host_outside() -> None:
    alias = way(KNOWN.tracer.routes("f.oo@example.com")[0])
    assert alias.end == f"mailbox of foo@example.com on {HOST}"
    outside = first("other")
    assert (outside.hosts[-1], outside.end) == ("old.example.net", "old.example.net, outside both systems")


def test_a_secondary_is_reached_by_the_other_system() -> None:
    seen = snapshot(
        on_zimbra("foo"), on_legacy("foo", forwards_to=AWAY), domain=Domain("example.com", True, dict(THREE))
    )
    known = roster(SECONDARY, seen)
    ways = ways_to(known, known.people["foo@example.com"])
    assert [one.hosts for one in ways] == [
        ("internet", FAR, HOST),
        ("a Zimbra user", HOST),
        ("a legacy user", FAR, HOST),
    ]
    assert others(ways) == []


def test_only_who_ends_elsewhere_differs() -> None:
    assert [one.origin for one in others(ways_to(KNOWN, KNOWN.people["carol@example.com"]))] == ["legacy"]
    assert others(ways_to(KNOWN, KNOWN.people["bar@example.com"])) == []


class Below(App[None]):
    CSS = "#person { height: 4; padding: 0 1; }"

    def __init__(self, local: str, known: Roster = KNOWN, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self._person, self._known, self._glyphs = known.people[f"{local}@example.com"], known, glyphs

    def compose(self) -> ComposeResult:
        yield PersonLines(self._glyphs)

    async def lines(self, width: int) -> list[str]:
        async with self.run_test(size=(width, 6)) as pilot:
            self.query_one(PersonLines).show(self._person, ways_to(self._known, self._person))
            await pilot.pause()
            strips = self.screen._compositor.render_strips()
            return ["".join(segment.text for segment in strip).strip() for strip in strips][:4]


@pytest.mark.parametrize(
    ("local", "width", "line"),
    [
        ("bar", 100, f"✓ internet → {HOST} → smtp:{FAR}:25 → mailbox on {FAR}"),
        ("bar", 80, f"✓ internet → {HOST} → smtp:{FAR}:25 → mailbox there"),
        ("bar", 70, f"✓ internet → {HOST} → {FAR} → mailbox there"),
        ("bar", 60, f"✓ {HOST} → {FAR} → mailbox there"),
        ("carol", 140, f"! internet → {HOST} → lmtp:{HOST}:7025 → mailbox on {HOST}; a legacy user → {FAR}"),
        ("carol", 100, f"! internet → {HOST} → mailbox there; a legacy user → {FAR}"),
        ("carol", 80, f"! {HOST} → mailbox there; a legacy user → {FAR}"),
        ("dave", 140, f"! internet → {HOST} → refused by {HOST}: 550; a Zimbra user → bounced; a legacy user → {FAR}"),
        ("lost", 90, f"✗ internet → {HOST} → smtp:{FAR}:25 → {HOST} → loops"),
        ("part", 80, f"! internet → {HOST} → 1 of 2 copies delivered"),
    ],
)  # fmt: skip
async def test_the_line_below_the_panes(local: str, width: int, line: str) -> None:
    assert (await Below(local).lines(width))[1] == line


async def test_home_and_reason_stand_with_it() -> None:
    lines = await Below("carol").lines(80)
    assert lines[0] == "carol@example.com  ! old box"
    assert " ".join(lines[2:]) == (
        f"both: internet and Zimbra users' mail arrives on {HOST}; legacy users' mail arrives on {FAR}"
    )


async def test_hostile_values_are_only_text() -> None:
    known = roster(SPLIT, snapshot(on_zimbra("evil", transport=f"smtp:{HOSTILE}", name=HOSTILE)))
    for width in (60, 80, 300):
        for line in await Below("evil", known, ASCII).lines(width):
            assert line.isprintable()
