"""The main screen as the operator has it under his hands."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from splittui.model.entries import Role, Side
from splittui.model.split import Split
from splittui.tui.app import SplittuiApp
from splittui.tui.glyphs import ASCII
from splittui.tui.screens.confirm import ConfirmScreen
from splittui.tui.screens.details import DetailsScreen
from splittui.tui.screens.error import ErrorScreen, TooSmallScreen
from splittui.tui.screens.help import HelpScreen
from splittui.tui.screens.log import LogScreen
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.pattern import PatternScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from splittui.tui.widgets.header import age

from .conftest import LEGACY, ZIMBRA, ZooSite, hostile_zoo, small_zoo

AnyPilot = Pilot[int]


async def until(pilot: AnyPilot, happened: Callable[[], object]) -> None:
    """Waits for something that another thread has a hand in."""
    for _ in range(200):
        if happened():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("did not happen")


def main_of(pilot: AnyPilot) -> MainScreen:
    app = pilot.app
    assert isinstance(app, SplittuiApp)
    return app.main


async def ready(pilot: AnyPilot) -> None:
    await until(pilot, lambda: main_of(pilot).roster is not None)


def screen_text(pilot: AnyPilot) -> list[str]:
    """The screen as lines of text."""
    width = pilot.app.size.width
    lines = pilot.app.screen._compositor.render_strips()
    texts = ["".join(segment.text for segment in line) for line in lines]
    assert all(len(text) <= width for text in texts)
    return texts


def toasts(app: SplittuiApp) -> str:
    return "\n".join(f"{one.title}: {one.message}" for one in app._notifications)


async def test_both_panes_the_person_and_the_keys_are_there_at_80x24(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await until(pilot, lambda: "findings" in screen_text(pilot)[22])
        lines = screen_text(pilot)
        assert "example.com · Zimbra is PRIMARY" in lines[0]
        assert "legacy ●" in lines[0]
        assert "Zimbra ●" in lines[0]
        assert "1 mail.example.com · 18 of 18" in lines[1]
        assert "2 zimbra.example.com · 12 of 12" in lines[1]
        assert "▌  ann.adams@example.com" in lines[3]
        assert lines[18].startswith(" ann.adams@example.com  Ann Adams")
        way = "✓ internet → zimbra.example.com → smtp:mail.example.com:25 → mailbox"
        assert way in lines[19]
        assert "legacy, by the placeholder's transport smtp:mail.example.com:25" in lines[20]
        assert lines[22].rstrip().endswith(" findings, worst: error (f)")
        assert lines[23].rstrip().endswith("? help")
        assert not any("…" in line for line in lines[18:])


async def test_marks_survive_filter_and_sort_and_esc_steps_back(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        main = app.main
        await pilot.press("space", "insert", "slash", "b", "o", ".", "enter")
        assert [row.address for row in main.people.view.rows()] == ["bo.bell@example.com"]
        assert "2 marked (1 hidden by filter)" in screen_text(pilot)[22]
        await pilot.press("s", "S", "v")
        assert main.people.in_range
        await pilot.press("escape")
        assert not main.pane.filtering
        assert len(main.people.view.marked) == 2
        await pilot.press("v", "down", "escape")
        assert not main.people.in_range
        assert len(main.people.view.marked) == 2
        await pilot.press("escape")
        assert main.people.view.marked == set()
        assert "by name ↓" in screen_text(pilot)[17]


async def test_ranges_by_v_and_by_shift(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        people = app.main.people
        await pilot.press("shift+down", "shift+down")
        assert people.mark_count == 3
        await pilot.press("down")
        assert len(people.view.marked) == 3
        await pilot.press("v", "down", "v")
        assert len(people.view.marked) == 5
        app.main.pane.action_invert()
        assert len(people.view.marked) == 13
        app.main.pane.action_mark_all()
        assert len(people.view.marked) == 18
        app.main.pane.action_mark_all()
        assert people.view.marked == set()


async def test_marking_by_pattern(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("plus")
        assert isinstance(app.screen, PatternScreen)
        await pilot.press(*"*.bell", "enter")
        assert app.main.people.view.marked == {"bo.bell@example.com", "rosa.bell@example.com"}
        assert "2 match *.bell" in screen_text(pilot)[22]
        await pilot.press("minus", *"bo", "enter")
        assert app.main.people.view.marked == {"rosa.bell@example.com"}


async def test_staged_people_stand_in_both_panes(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        main = app.main
        await pilot.press("space", "space", "m")
        assert main.people.view.marked == set()
        lines = screen_text(pilot)
        left, right = lines[3][:40], next(line[40:] for line in lines[3:] if "ann.adams" in line[40:])
        assert "→ Z" in left
        assert "→ coming" in right
        assert "2 → Zimbra" in lines[22]
        assert "p preview (2)" in lines[23]
        await pilot.press("home", "x")
        assert len(main.staging) == 1
        await pilot.press("u")
        assert len(main.staging) == 0
        assert not any("coming" in line for line in screen_text(pilot))


async def test_what_cannot_be_moved_says_why_and_stays_marked(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("2", "down", "m")
        assert "all-staff@example.com is a distribution list" in toasts(app)
        assert app.screen is app.main
        app.main.people.mark({"all-staff@example.com", "grace.klein@example.com"})
        app.main.action_move()
        assert app.main.people.view.marked == {"all-staff@example.com"}
        assert [move.address for move in app.main.staging] == ["grace.klein@example.com"]
        await pilot.press("1", "home", "down", "down")
        await until(pilot, lambda: app.main.people.current is not None)


async def test_quick_move_from_key_to_the_other_pane(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await pilot.press("m")
        assert isinstance(app.screen, PreviewScreen)
        assert "ann.adams@example.com" in "\n".join(screen_text(pilot))
        await pilot.press("a")
        await until(pilot, lambda: isinstance(app.screen, RunScreen))
        view = app.main.panes[Side.ZIMBRA].people.view
        await until(pilot, lambda: view.find("ann.adams@example.com") is not None)
        assert app.main.panes[Side.LEGACY].people.view.find("ann.adams@example.com") is None
        await pilot.press("escape")
        assert app.screen is app.main
        await pilot.press("at")
        assert isinstance(app.screen, LogScreen)
        await pilot.press("escape", "w")
        assert isinstance(app.screen, RunScreen)
    assert site.closed


async def test_preview_of_everything_staged_can_be_left(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("p")
        assert "nothing is staged" in screen_text(pilot)[22]
        await pilot.press("space", "space", "f6", "f4")
        assert isinstance(app.screen, PreviewScreen)
        await pilot.press("escape")
        assert len(app.main.staging) == 2
        assert site.reads == 1


async def test_other_screens_open_and_close(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for keys, screen in ((("enter",), DetailsScreen), (("f3",), DetailsScreen), (("question_mark",), HelpScreen)):
            await pilot.press(*keys)
            assert isinstance(app.screen, screen)
            await pilot.press("escape")
            assert app.screen is app.main
        await pilot.press("z")
        assert not app.main.panes[Side.ZIMBRA].display
        assert "Ann Adams" in screen_text(pilot)[3]
        await pilot.press("tab")
        assert app.main.panes[Side.ZIMBRA].display
        assert app.main.pane.side is Side.ZIMBRA
        await pilot.press("z")
        assert app.main.panes[Side.LEGACY].display


async def test_quitting_asks_when_something_is_staged(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("space", "m", "q", "ctrl+q")
        assert isinstance(app.screen, ConfirmScreen)
        assert len(app.screen_stack) == 2
        await pilot.press("escape")
        assert app.screen is app.main
        await pilot.press("u", "f10")
        assert app._exit


async def test_a_refresh_keeps_cursor_filter_marks_and_staging(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        main = app.main
        await pilot.press("space", "space", "m", "down", "space")
        before = main.people.current
        assert before is not None
        del site.zoo.legacy["ann.adams@example.com"], site.zoo.zimbra["ann.adams@example.com"]
        await pilot.press("r")
        await until(pilot, lambda: main.people.view.total == 17)
        assert main.people.current is not None
        assert main.people.current.address == before.address
        assert len(main.people.view.marked) == 1
        assert [move.address for move in main.staging] == ["bo.bell@example.com"]
        assert "1 no longer staged: ann.adams@example.com is not known" in toasts(app)


async def test_progress_is_shown_before_anything_is_read(site: ZooSite) -> None:
    site.gate = threading.Event()
    app = SplittuiApp(site)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "12,000" in "\n".join(screen_text(pilot)))
        assert any("reading zimbra.example.com… 12,000" in line for line in screen_text(pilot))
        await pilot.press("m", "p", "x", "enter", "a", "space", "v", "escape")
        assert app.screen is app.main
        site.gate.set()
        await ready(pilot)


async def test_what_cannot_be_read_is_said_in_three_parts(site: ZooSite) -> None:
    site.fails = "mail.example.com does not answer"
    app = SplittuiApp(site)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ErrorScreen))
        text = "\n".join(screen_text(pilot))
        for part in ("What happened", "What is certain", "What to do next", "mail.example.com does not answer"):
            assert part in text
        site.fails = ""
        await pilot.press("r")
        await ready(pilot)
        assert not app.main.query_one("#banner").display
        site.fails = "the link was cut"
        await pilot.press("ctrl+r")
        await until(pilot, lambda: app.main.query_one("#banner").display)
        assert app.screen is app.main
        assert "not read: the link was cut" in "\n".join(screen_text(pilot))
        assert len(app.main.people.view) == 18


async def test_no_plan_is_made_from_a_part(site: ZooSite) -> None:
    site.partial = "the answer broke off"
    app = SplittuiApp(site)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        assert "partial: the answer broke off. No plan can be made" in "\n".join(screen_text(pilot))
        await pilot.press("m")
        assert "no plan is made" in toasts(app)
        assert app.screen is app.main


async def test_moves_of_a_secondary_without_a_router_are_refused_in_words(site: ZooSite) -> None:
    site.split = Split("example.com", Role.SECONDARY, ZIMBRA, LEGACY, "smtp:mail.example.com:25")
    app = SplittuiApp(site)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        await pilot.press("m")
        assert "legacy.router" in toasts(app)


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (100, 30), (200, 60)])
async def test_hostile_names_stay_text(size: tuple[int, int]) -> None:
    app = SplittuiApp(ZooSite(hostile_zoo()))
    async with app.run_test(size=size, notifications=True) as pilot:
        await ready(pilot)
        for index in range(len(app.main.people.view)):
            app.main.people.cursor = index
            app.main.warn("[/b]", "[@click=app.quit]x[/b]")
            await pilot.pause()
            assert all(line.isprintable() for line in screen_text(pilot))
        app.clear_notifications()
        app.main.action_zoom()
        await pilot.pause()
        assert "[@click=app.quit]x" in "\n".join(screen_text(pilot))


async def test_any_size_is_survived(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        for size in ((40, 10), (60, 16), (59, 40), (200, 60), (100, 15), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            small = size[0] < 60 or size[1] < 16
            assert isinstance(app.screen, TooSmallScreen) is small
            if small:
                assert "terminal too small" in "\n".join(screen_text(pilot))
        assert app.screen is app.main
        assert len(app.screen_stack) == 1


async def test_ascii_mode_draws_only_ascii(site: ZooSite) -> None:
    app = SplittuiApp(site, ascii_only=True, theme_name="ansi-dark")
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        assert app.glyphs is ASCII
        await pilot.press("space", "m", "shift+down")
        assert all(line.isascii() for line in screen_text(pilot)), screen_text(pilot)
        await pilot.press("question_mark")
        assert all(line.isascii() for line in screen_text(pilot))


async def test_mouse_goes_there_marks_and_presses_keys(app: SplittuiApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        people = app.main.panes[Side.ZIMBRA].people
        await pilot.click(people, offset=(5, 3))
        assert app.main.pane.side is Side.ZIMBRA
        assert people.cursor == 3
        await pilot.click(people, offset=(5, 2), control=True)
        assert people.view.marked == {people.view[2].address}
        keys = app.main.query_one("#keys", Static)
        at = screen_text(pilot)[23].index("/ filter")
        await pilot.click(keys, offset=(at, 0))
        assert app.main.pane.filter_input.has_focus


def test_zoo_has_both_sides() -> None:
    zoo = small_zoo()
    assert len(zoo.legacy) > 10 < len(zoo.zimbra)


def test_ages_are_said_as_people_say_them() -> None:
    assert [age(s) for s in (3, 42, 200, 7300, 260_000)] == ["now", "40 s", "3 min", "2 h", "3 days"]


async def test_what_was_not_done_is_planned_again_from_a_new_reading(app: SplittuiApp, site: ZooSite) -> None:
    site.refuses = {"bo.bell@example.com"}
    async with app.run_test(size=(100, 30)) as pilot:
        await ready(pilot)
        await pilot.press("space", "space", "m", "p", "a")
        await until(pilot, lambda: app.job is not None and app.job.ended is not None)
        site.refuses = set()
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, PreviewScreen))
        assert "bo.bell@example.com" in "\n".join(screen_text(pilot))
        assert "ann.adams@example.com" not in "\n".join(screen_text(pilot))
        assert len(app.main.staging) == 0


async def test_a_part_of_a_reading_drops_nobody(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("space", "m", "space")
        marked = set(app.main.people.view.marked)
        site.zoo.legacy.clear()
        site.zoo.zimbra.clear()
        site.partial = "the answer broke off"
        await pilot.press("r")
        await until(pilot, lambda: len(app.main.people.view) == 0)
        assert len(app.main.staging) == 1
        assert app.main.people.view.marked == marked
