"""The preview screen: what is seen first, what the keys do, and that nothing is applied by accident."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from splittui.config import Limits
from splittui.planning.plan import Change, Finding, Plan, Severity
from splittui.planning.plan_json import fingerprint, plan_from_json
from splittui.tui.glyphs import ASCII
from splittui.tui.plan_file import write_plan
from splittui.tui.screens.confirm import AskScreen, ConfirmScreen, EnterGuard
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.widgets.fold_view import FoldView
from tests.tui.plans import HOSTILE, HostApp, mixed_plan, move_plan, numbered


@pytest.fixture(autouse=True)
def _no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 0.0)


def preview_of(*names: str, limits: Limits | None = None) -> PreviewScreen:
    plan, known = move_plan(names)
    return PreviewScreen(plan, known, limits=limits)


async def test_one_person_fits_a_small_terminal_whole() -> None:
    plan, _ = move_plan(["bar"])
    app = HostApp(preview_of("bar"))
    async with app.run_test(size=(80, 24)):
        shown = app.shown()
    assert "nothing is changed yet" in shown
    assert "-".join(fingerprint(plan).split("-")[:2]) in shown
    assert "+ lmtp:zimbra.example.com:7025" in shown
    assert "after  zimbra.example.com                      mailbox there" in shown
    assert "a apply to 1 person" in shown
    assert "Esc back" in shown


async def test_a_applies_at_once_and_escape_does_not() -> None:
    for key, answer in (("a", True), ("escape", False)):
        app = HostApp(preview_of("bar"))
        async with app.run_test() as pilot:
            await pilot.press(key)
        assert app.answers == [answer]


async def test_folds_open_and_close_by_keys() -> None:
    app = HostApp(preview_of(*numbered(20)))
    async with app.run_test(size=(100, 30)) as pilot:
        view = app.screen.query_one(FoldView)
        before = view.line_count
        group = next(i for i in range(before) if "20 people to Zimbra: transport" in row(view, i))
        view.cursor = group
        await pilot.press("enter")
        assert view.line_count == before + 20
        await pilot.press("right", "right")
        assert "zimbraAccountStatus" not in row(view, view.cursor)
        assert "- locked" in row(view, view.cursor + 1)
        await pilot.press("left", "left", "left")
        assert view.cursor == group
        assert view.line_count == before
        await pilot.press("e")
        assert view.line_count > before + 150
        await pilot.press("end", "E")
        assert view.line_count < before + 3
        assert "mail to these 20 people" in row(view, view.cursor)


def row(view: FoldView, index: int) -> str:
    return view.render_row(index, 100).text


async def test_the_cursor_stays_on_its_line_when_the_terminal_changes() -> None:
    plan, known = mixed_plan()
    app = HostApp(PreviewScreen(plan, known))
    async with app.run_test(size=(160, 40)) as pilot:
        view = app.screen.query_one(FoldView)
        await pilot.press("e", "end")
        line = view.current
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert view.current == line


async def test_of_thousands_of_people_only_what_is_seen_is_drawn() -> None:
    plan, known = move_plan(numbered(600))
    app = HostApp(PreviewScreen(plan, known))
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.screen.query_one(FoldView)
        await pilot.press("e", "end", "pageup", "home")
        assert view.line_count > 5_400
        assert len(view._strips) < 200


async def test_a_large_plan_asks_for_the_number() -> None:
    app = HostApp(preview_of(*numbered(12), limits=Limits(people=10, percent=100)))
    async with app.run_test() as pilot:
        await pilot.press("a")
        assert isinstance(app.screen, ConfirmScreen)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await pilot.press("enter")
        assert app.answers == []
        await pilot.press("a", "1", "2", "enter")
        assert app.answers == [True]


async def test_nothing_to_run_has_no_apply() -> None:
    plan, known = mixed_plan()
    empty = Plan(plan.domain, plan.role, plan.made_at, refusals=plan.refusals)
    app = HostApp(PreviewScreen(empty, known))
    async with app.run_test() as pilot:
        shown = app.shown()
        await pilot.press("a", "w", "c")
        assert app.answers == []
    assert "nobody is moved: 2 refused" in shown
    assert "apply" not in shown


async def test_an_error_asks_for_the_domains_name() -> None:
    plan, known = move_plan(["bar"])
    wrong = replace(plan, findings=(Finding(Severity.ERROR, "x", "The MX is wrong."),))
    app = HostApp(PreviewScreen(wrong, known))
    async with app.run_test() as pilot:
        await pilot.press("a")
        assert isinstance(app.screen, ConfirmScreen)
        assert "The MX is wrong." in app.shown()
        await pilot.press(*"example.org", "enter")
        assert app.answers == []
        await pilot.press(*["backspace"] * 11, *"example.com", "enter")
        await pilot.pause()
        assert app.answers == [True]


async def test_the_commands_go_to_the_clipboard() -> None:
    plan, known = mixed_plan()
    app = HostApp(PreviewScreen(plan, known))
    async with app.run_test() as pilot:
        await pilot.press("c")
        assert app.clipboard.splitlines() == [step.command for step in plan.steps]
        told = [notice.message for notice in app._notifications]
    assert told == [
        "6 command lines: sent to the terminal's clipboard. The passwords in it are masked: it is to be read, not to "
        "be pasted."
    ]


def test_a_plan_file_is_its_owners_and_replaces_none_unasked(tmp_path: Path) -> None:
    plan, _ = mixed_plan()
    path = tmp_path / "plan.json"
    write_plan(path, plan)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert plan_from_json(json.loads(path.read_text())) == plan
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        write_plan(path, plan)
    assert path.read_text() == "mine"
    write_plan(path, plan, replace=True)
    assert plan_from_json(json.loads(path.read_text())) == plan
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


async def test_a_file_that_exists_is_asked_about(tmp_path: Path) -> None:
    plan, known = mixed_plan()
    path = tmp_path / "plan.json"
    app = HostApp(PreviewScreen(plan, known))
    async with app.run_test() as pilot:
        path.write_text("mine")
        await write(app, pilot, path)
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("enter")
        assert path.read_text() == "mine"
        await write(app, pilot, path)
        await pilot.press("right", "enter")
        assert plan_from_json(json.loads(path.read_text())) == plan
        await write(app, pilot, tmp_path / "no" / "such")
        assert "Not written" in [notice.message for notice in app._notifications][-1]


async def write(app: HostApp, pilot: Pilot[None], path: Path) -> None:
    await pilot.press("w")
    assert isinstance(app.screen, AskScreen)
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (200, 60)])
async def test_hostile_values_are_only_text(size: tuple[int, int]) -> None:
    plan, known = move_plan(["bar"])
    change = Change("bar@example.com", HOSTILE, (HOSTILE * 20,), (HOSTILE,))
    hostile = replace(plan, steps=(replace(plan.steps[0], changes=(change,), host=HOSTILE, summary=HOSTILE),))
    app = HostApp(PreviewScreen(hostile, known, title=HOSTILE), ASCII)
    async with app.run_test(size=size) as pilot:
        await pilot.press("e", "end", "home")
        shown = app.shown()
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "[@click=app.quit]" in shown
