"""The findings screen, and the count of findings on the main screen."""

from __future__ import annotations

import threading
import time

import pytest

from splittui.mailflow.findings import Found, findings
from splittui.mailflow.roster import roster
from splittui.model.split import Split
from splittui.planning.plan import Severity
from splittui.tui.app import SplittuiApp
from splittui.tui.finding_lines import Findings, by_severity, counted
from splittui.tui.glyphs import ASCII, UNICODE
from splittui.tui.screens.findings import FindingsScreen, Looked, Search
from splittui.tui.widgets.fold_view import FoldView
from tests.tui.plans import HostApp

from .conftest import HOSTILE, SPLIT, Zoo, ZooSite, small_zoo
from .test_main import AnyPilot, main_of, ready, screen_text, until

SEARCHED = "splittui.tui.screens.findings.findings"
WORST_FIRST = (Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.WARNING, Severity.INFO)
HOSTILE_FINDINGS = Findings(
    tuple(
        Found(severity, f"code-{number}", name, (f"{name}@example.com",), f"is {name}", f"for {name}", (f"ma {name}",))
        for number, (severity, name) in enumerate(zip(WORST_FIRST, HOSTILE, strict=True))
    ),
    {},
)


def of_zoo() -> Findings:
    snapshot = ZooSite(small_zoo()).snapshot()
    seen = roster(SPLIT, snapshot)
    return Findings(findings(SPLIT, snapshot, seen.people, seen.tracer), seen.people)


FOUND = of_zoo()
COUNT = counted(FOUND, UNICODE)


def text(pilot: AnyPilot) -> str:
    return "\n".join(screen_text(pilot))


async def looked_through(pilot: AnyPilot) -> None:
    await ready(pilot)
    await until(pilot, lambda: "finding" in text(pilot))


async def test_the_count_appears_and_gives_way_to_what_is_said(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        assert COUNT in screen_text(pilot)[22]
        await pilot.press("p")
        await pilot.pause()
        assert "nothing is staged" in screen_text(pilot)[22]
        assert "finding" not in screen_text(pilot)[22]
        await pilot.press("space", "m")
        await pilot.pause()
        assert f"1 → Zimbra · {COUNT}" in screen_text(pilot)[22]


async def test_nothing_is_counted_where_nothing_is_found() -> None:
    zoo = Zoo()
    zoo.on_legacy("ann", host="zimbra.example.com")
    app = SplittuiApp(ZooSite(zoo))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await until(pilot, lambda: app._findings is not None)
        assert "nothing staged" in screen_text(pilot)[22]
        await pilot.press("f")
        await pilot.pause()
        assert "Nothing was found in what was read." in text(pilot)
        await pilot.press("y", "enter", "e", "E")
        assert [one.message for one in app._notifications] == ["The cursor is on no finding."]


async def test_f_opens_the_screen_and_findings_unfold(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        await pilot.press("f")
        await pilot.pause()
        lines = screen_text(pilot)
        assert lines[0].startswith(" Findings · example.com")
        assert lines[0].rstrip().endswith(by_severity(FOUND))
        assert "errors" in lines[1]
        assert "▸ People on the existing system whom Zimbra does not know · 3 people" in lines[2]
        assert "List without members · 1 address" in text(pilot)
        assert "zimbraMailTransport" not in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        shown = text(pilot)
        assert "who       dave.diaz@example.com, ivan.ito@example.com," in shown
        for part in ("evidence  mail.example.com keeps", "mail      Mail for <dave.diaz", "fix       ca dave.diaz"):
            assert part in shown
        await pilot.press("left")
        await pilot.pause()
        assert "evidence" not in text(pilot)
        await pilot.press("right", "E", "e")
        await pilot.pause()
        await pilot.resize_terminal(80, 60)
        await pilot.pause()
        assert text(pilot).count("evidence  ") == len(FOUND.found)
        for key in ("f", "q", "escape"):
            await pilot.press(key)
            await pilot.pause()
            assert pilot.app.screen is main_of(pilot)
            await pilot.press("f")
            await pilot.pause()
            assert isinstance(pilot.app.screen, FindingsScreen)


async def test_y_copies_the_fix_of_the_finding_under_the_cursor(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        await pilot.press("f", "down", "y")
        assert app.clipboard == "ma nohost@example.com zimbraMailHost zimbra.example.com"
        await pilot.press("up", "enter", "down", "down", "y")
        assert [line.split()[:2] for line in app.clipboard.splitlines()] == [
            ["ca", f"{name}@example.com"] for name in ("dave.diaz", "ivan.ito", "nils.novak")
        ]


async def test_a_partial_reading_says_so(app: SplittuiApp, site: ZooSite) -> None:
    site.partial = "the [/b] answer broke off"
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        await pilot.press("f")
        await pilot.pause()
        lines = screen_text(pilot)
        assert lines[0].rstrip().endswith("from a partial reading")
        assert "! From a partial reading (the [/b] answer broke off): there may be more." in lines[1]
        await pilot.press("y")
        assert app.clipboard


async def test_until_it_is_known_it_says_so_and_no_pane_waits(
    app: SplittuiApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    monkeypatch.setattr(SEARCHED, lambda *of: gate.wait(10) and findings(*of))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("down", "f")
        await pilot.pause()
        assert "looking…" in screen_text(pilot)[0]
        assert "looking…" in screen_text(pilot)[1]
        await pilot.press("y", "e", "enter")
        gate.set()
        await until(pilot, lambda: by_severity(FOUND) in screen_text(pilot)[0])
        assert "People on the existing system" in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert COUNT in screen_text(pilot)[22]


async def test_another_reading_keeps_what_is_unfolded(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        await pilot.press("f", "down", "enter")
        site.zoo.on_legacy("zora", placeholder=False)
        app.read()
        await until(pilot, lambda: "4 people" in text(pilot))
        assert "450 4.2.0" in text(pilot)
        assert "dave.diaz" not in text(pilot)
        await pilot.press("y")
        assert app.clipboard.startswith("ma nohost@")


async def test_a_fault_in_a_check_is_told_and_ends_nothing(app: SplittuiApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> tuple[Found, ...]:
        raise KeyError("[/b]")

    monkeypatch.setattr(SEARCHED, fails)
    async with app.run_test(size=(80, 24)) as pilot:
        await looked_through(pilot)
        assert "! findings not known (f)" in screen_text(pilot)[22]
        await pilot.press("f")
        await pilot.pause()
        assert "could not be worked out: KeyError: '[/b]'" in text(pilot)


async def test_before_anything_is_read_f_says_so(app: SplittuiApp, site: ZooSite) -> None:
    site.gate = threading.Event()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f")
        await pilot.pause()
        assert "nothing is read yet" in screen_text(pilot)[22]
        site.gate.set()
        await ready(pilot)
        await pilot.press("down")
        await looked_through(pilot)


@pytest.mark.parametrize("signs", [UNICODE, ASCII])
async def test_hostile_names_stay_text(signs: object) -> None:
    app = HostApp(FindingsScreen(SPLIT, HOSTILE_FINDINGS), ASCII if signs is ASCII else UNICODE)
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("e")
        await pilot.pause()
        lines = app.shown().splitlines()
        assert all(line.isprintable() for line in lines)
        shown = "\n".join(lines)
        assert "[/b]@example.com" in shown
        assert "for [@click=app.quit]x" in shown
        assert "<U+202E>gnp.exe" in shown
        await pilot.press("home")
        for _ in range(lines.index(next(line for line in lines if "is <U+202E>" in line)) - 1):
            await pilot.press("down")
        await pilot.press("y")
        assert app.clipboard == "ma <U+202E>gnp.exe"
        assert any("Signs stand for" in str(one.message) for one in app._notifications)


async def test_no_size_hides_the_keys_or_the_lines() -> None:
    app = HostApp(FindingsScreen(SPLIT, HOSTILE_FINDINGS), UNICODE)
    async with app.run_test(size=(80, 24)) as pilot:
        for size in ((60, 16), (200, 50), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "Esc back" in app.shown().splitlines()[-1]
            assert app.screen.query_one(FoldView).line_count == 8


def test_of_readings_that_wait_only_the_last_is_looked_through(monkeypatch: pytest.MonkeyPatch, site: ZooSite) -> None:
    gate, done = threading.Event(), threading.Event()
    told: list[object] = []
    rosters = [roster(SPLIT, site.snapshot()) for _ in range(3)]

    def waits(split: Split, *_: object) -> tuple[Found, ...]:
        gate.wait(10)
        return ()

    def tell(message: object) -> None:
        assert isinstance(message, Looked)
        told.append(message.roster)
        if message.roster is rosters[-1]:
            done.set()
            raise RuntimeError("Event loop is closed")

    monkeypatch.setattr(SEARCHED, waits)
    search = Search(tell)
    search.start(rosters[0])
    while search._waiting is not None:
        time.sleep(0.001)
    for later in rosters[1:]:
        search.start(later)
    gate.set()
    assert done.wait(10)
    assert [id(one) for one in told] == [id(rosters[0]), id(rosters[2])]
