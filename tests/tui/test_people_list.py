"""The virtual list: what it draws, that it draws little, and that nothing from outside reaches the terminal raw."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.strip import Strip

from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.tui.glyphs import ASCII, UNICODE, Glyphs
from splittui.tui.roster_view import sheet
from splittui.tui.widgets.line_view import LineView, fit
from splittui.tui.widgets.people_list import PeopleList

from .conftest import SPLIT, Zoo, ZooSite, big_zoo, hostile_zoo, small_zoo


class ListApp(App[None]):
    """Only the list."""

    def __init__(self, zoo: Zoo, side: Side = Side.LEGACY, glyphs: Glyphs = UNICODE) -> None:
        super().__init__()
        self.staged: dict[str, Side] = {}
        self.sheet = sheet(roster(SPLIT, ZooSite(zoo).snapshot()))
        self.people = PeopleList(side, SPLIT, self.staged.get, glyphs)
        self.drawn = 0

    def compose(self) -> ComposeResult:
        yield self.people

    def on_mount(self) -> None:
        self.people.show(lambda: self.people.view.load(self.people.side, self.sheet))
        self.people.measure()
        self.people.focus()

    def lines(self) -> list[str]:
        return [self.people.render_line(y).text.rstrip() for y in range(self.people.size.height)]


def test_fit_counts_cells() -> None:
    assert fit("abc", 5) == "abc  "
    assert fit("abcdef", 4) == "abc…"
    assert fit("名前名前", 5) == "名前…"
    assert fit("名前名前", 4) == "名 …"
    assert fit("abcdef", 4, "~") == "abc~"
    assert fit("abc", 0) == fit("名前", 0) == ""


async def test_rows_show_mark_state_arrow_and_guests() -> None:
    app = ListApp(small_zoo())
    async with app.run_test(size=(38, 20)) as pilot:
        people = app.people
        app.staged["carol.chen@example.com"] = Side.ZIMBRA
        people.mark({"bo.bell@example.com"})
        people.show_incoming([app.sheet.roster.people["admin@example.com"]])
        await pilot.pause()
        lines = app.lines()
        assert lines[0].startswith("   admin@example.com")
        assert lines[1].startswith("▌  ann.adams@example.com")
        assert lines[0].endswith("← coming")
        assert any(line.startswith(" * bo.bell@example.com") for line in lines)
        assert any("carol.chen@example.com" in line and line.endswith("→ Z") for line in lines)
        assert any("dave.diaz@" in line and line.endswith("! not on Zimbra") for line in lines)
        assert all(line.isprintable() for line in lines)


async def test_columns_stand_in_line_where_there_is_room() -> None:
    app = ListApp(small_zoo())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.staged["dave.diaz@example.com"] = Side.ZIMBRA
        app.people.lines_changed()
        lines = app.lines()
        at = lines[0].index("Ann Adams")
        assert [line[at:].split("  ")[0] for line in lines[:3]] == ["Ann Adams", "Bo Bell", "Carol Chen"]
        assert {line.index("! not") for line in lines if "! not" in line} == {lines[3].index("! not")}
        assert lines[3].endswith("→ Z")


async def test_ascii_signs_are_ascii() -> None:
    app = ListApp(small_zoo(), Side.ZIMBRA, ASCII)
    async with app.run_test(size=(30, 20)) as pilot:
        app.staged["hugo.larsson@example.com"] = Side.LEGACY
        app.people.mark({"nohost@example.com"})
        await pilot.pause()
        assert all(line.isascii() for line in app.lines())
        assert any(line.endswith("<- L") for line in app.lines())


async def test_hostile_names_are_shown_as_what_they_are() -> None:
    for side in Side:
        app = ListApp(hostile_zoo(), side)
        async with app.run_test(size=(100, 12)) as pilot:
            await pilot.pause()
            text = "\n".join(app.lines())
            assert "[/b]" in text
            assert "[@click=app.quit]x" in text
            assert "<U+202E>" in text
            assert all(char == "\n" or char.isprintable() for char in text)
            for y in range(app.people.size.height):
                for segment in app.people.render_line(y):
                    assert segment.style is not None
                    assert not segment.style.meta


async def test_only_visible_rows_are_drawn_and_once() -> None:
    app = ListApp(big_zoo(5_000))
    drawn: list[int] = []
    render = app.people.render_row

    def counted(index: int, width: int) -> Strip:
        drawn.append(index)
        return render(index, width)

    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        app.people.render_row = counted
        app.people.lines_changed()
        await pilot.pause()
        assert len(drawn) <= 20
        drawn.clear()
        for _ in range(5):
            app.people.action_step(1)
        await pilot.pause()
        assert drawn == []
        app.people.action_edge(1)
        await pilot.pause()
        assert app.people.cursor == 4_999
        assert len(drawn) <= 21


async def test_other_lines_need_no_layout_of_the_screen() -> None:
    app = ListApp(big_zoo(900))
    async with app.run_test(size=(80, 20)) as pilot:
        people = app.people
        people.show(lambda: people.view.set_filter("a"), otherwise=0)
        await pilot.pause()
        await pilot.pause()
        layouts = 0
        arrange = app.screen._compositor.reflow

        def counted(*args: object) -> object:
            nonlocal layouts
            layouts += 1
            return arrange(*args)

        app.screen._compositor.reflow = counted
        for text in ("an", "ann", "an"):
            people.show(lambda text=text: people.view.set_filter(text), otherwise=0)
            await pilot.pause()
        assert layouts == 0
        assert people.virtual_size.height == len(people.view) > people.size.height
        assert people.vertical_scrollbar.window_virtual_size == len(people.view)
        people.action_edge(1)
        people.show(lambda: people.view.set_filter("ann !1 !2 !3 !4"), otherwise=0)
        await pilot.pause()
        assert people.scroll_offset.y == 0
        assert people.max_scroll_y == max(0, len(people.view) - people.size.height)


async def test_cursor_stays_on_its_person() -> None:
    app = ListApp(small_zoo())
    async with app.run_test(size=(80, 8)) as pilot:
        people = app.people
        people.cursor = 7
        address = people.current.address if people.current else ""
        people.show(lambda: people.view.set_sort(people.view.sort.next, True))
        await pilot.pause()
        assert people.current is not None
        assert people.current.address == address
        people.show(lambda: people.view.set_filter(address), otherwise=0)
        assert people.current.address == address
        people.show(lambda: people.view.set_filter("nobody at all"), otherwise=0)
        assert people.current is None
        people.action_step(1)
        people.toggle_mark()
        assert people.cursor == 0


async def test_a_view_without_cursor_scrolls() -> None:
    class Numbers(LineView):
        @property
        def line_count(self) -> int:
            return 100

        @property
        def content_width(self) -> int:
            return 120

        def render_row(self, index: int, width: int) -> Strip:
            return Strip([])

    class NumbersApp(App[None]):
        def compose(self) -> ComposeResult:
            yield Numbers()

    app = NumbersApp()
    async with app.run_test(size=(40, 10)) as pilot:
        view = app.query_one(Numbers)
        view.lines_changed()
        view.focus()
        await pilot.press("down", "right", "pagedown")
        assert view.scroll_offset == (8, 10)
        view.action_edge(1)
        assert view.scroll_offset.y == 90
