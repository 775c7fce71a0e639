"""The guide on the lab: from the undertakings to tasks that are carried out, chosen, left out and handed on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from splittui import config
from splittui.execution.guidance import Guidance, Stand
from splittui.execution.site import Site
from splittui.lab import world
from splittui.lab.lab import Lab
from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.entries import Domain, Role, Side
from splittui.model.snapshot import Snapshot
from splittui.planning.plan import Plan
from splittui.planning.setup import Check, Goal, Guide, Probed, State, Task
from splittui.tui.app import SplittuiApp
from splittui.tui.glyphs import ASCII
from splittui.tui.screens.confirm import AskScreen, ConfirmScreen, EnterGuard
from splittui.tui.screens.guide import GuideScreen
from splittui.tui.screens.help import HelpScreen
from splittui.tui.screens.main import MainScreen
from splittui.tui.screens.options import OptionsScreen
from splittui.tui.screens.preview import PreviewScreen
from splittui.tui.screens.run import RunScreen
from splittui.tui.screens.undertakings import UndertakingsScreen
from splittui.tui.widgets.fold_view import FoldView
from tests.far_end import attributes
from tests.tui.conftest import Zoo, ZooSite
from tests.tui.test_lab import console, until
from tests.tui.test_main import screen_text, toasts

SMALL, LARGE = (80, 24), (160, 50)


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab.start(accounts=40) as running:
        # So that there are tasks to be done by hand, and some that wait for them.
        world.accept_not(running.world)
        world.exchanger(running.world, world.LEGACY)
        yield running


@pytest.fixture(autouse=True)
def no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EnterGuard, "seconds", 0.0)


def opened(lab: Lab, tmp_path: Path) -> SplittuiApp:
    return SplittuiApp(Site(replace(config.load(lab.config), journal=tmp_path / "journal.db")))


@pytest.fixture(params=[SMALL, LARGE], ids=["80x24", "160x50"])
async def pilot(lab: Lab, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Pilot[int]]:
    app = opened(lab, tmp_path)
    async with app.run_test(size=request.param) as running:
        await until(running, lambda: app.main.roster is not None)
        yield running


@pytest.fixture
async def small(lab: Lab, tmp_path: Path) -> AsyncIterator[Pilot[int]]:
    app = opened(lab, tmp_path)
    async with app.run_test(size=SMALL) as running:
        await until(running, lambda: app.main.roster is not None)
        yield running


@pytest.fixture
def all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """The DNS and both MTAs answer as those of a site that is ready: people are what is left to be done."""

    def views(self: Guidance, seen, names) -> list[DnsView]:
        hosts = {seen.split.legacy: "192.0.2.12", seen.split.zimbra: "192.0.2.11"}
        answers = {name: DnsAnswer(name, (), (address,)) for name, address in hosts.items()}
        domain = DnsAnswer(seen.split.domain, ((10, seen.split.legacy),), (), ttl=300)
        return [DnsView("here", time.time(), {**answers, seen.split.domain: domain})]

    def asked(self: Guidance, asked_from, side, addresses) -> list[Probed]:
        refused = [one for one in addresses if one.startswith("nobody-") and side is Side.ZIMBRA]
        return [Probed(asked_from, side, one, 550 if one in refused else 250) for one in addresses]

    monkeypatch.setattr(Guidance, "_views", views)
    monkeypatch.setattr(Guidance, "_asked", asked)


def guide_of(pilot: Pilot[int]) -> GuideScreen:
    screen = pilot.app.screen
    assert isinstance(screen, GuideScreen)
    return screen


def looked(pilot: Pilot[int]) -> bool:
    screen = pilot.app.screen
    return isinstance(screen, (GuideScreen, UndertakingsScreen)) and screen.stand is not None and not screen.progress


async def to_guide(pilot: Pilot[int]) -> GuideScreen:
    await pilot.press("g")
    await until(pilot, lambda: looked(pilot))
    assert isinstance(pilot.app.screen, UndertakingsScreen)
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, GuideScreen) and looked(pilot))
    return guide_of(pilot)


async def go_to(pilot: Pilot[int], key: str) -> Task:
    screen = guide_of(pilot)
    assert screen.stand is not None
    await pilot.press("home", *["down"] * [task.key for task in screen.stand.guide.tasks].index(key))
    await until(pilot, lambda: screen.current is not None and screen.current.key == key)
    assert screen.current is not None
    return screen.current


def state(pilot: Pilot[int], key: str) -> State:
    stand = guide_of(pilot).stand
    assert stand is not None
    return stand.guide[key].state


def steps(pilot: Pilot[int], key: str) -> int:
    stand = guide_of(pilot).stand
    assert stand is not None
    return len(stand.guide[key].plan.steps)


def profile(lab: Lab) -> str:
    return lab.config.read_text(encoding="utf-8")


async def test_the_undertakings_say_what_is_for_now_what_is_recommended_and_how_mail_goes(pilot: Pilot[int]) -> None:
    await pilot.press("g")
    await until(pilot, lambda: looked(pilot))
    shown = "\n".join(screen_text(pilot))
    assert "▌▸ Set up Zimbra as the primary" in shown
    assert "other role" in shown
    assert "recommended" in shown
    assert "not now" in shown
    await pilot.press("tab", "end")
    assert "The MX is zimbra.example.com" in "\n".join(screen_text(pilot))
    await pilot.press("tab", "home", "down", "down", "enter")
    assert "Zimbra is the primary already." in toasts(console(pilot))
    await pilot.press("escape")
    assert isinstance(pilot.app.screen, MainScreen)


async def test_the_other_role_is_asked_for_and_written_into_the_profile(small: Pilot[int], lab: Lab) -> None:
    app = console(small)
    await small.press("g")
    await until(small, lambda: looked(small))
    await small.press("down", "enter")
    assert isinstance(app.screen, ConfirmScreen)
    await small.press("escape")
    assert app.site.split.role is Role.PRIMARY
    await small.press("enter", "right", "enter")
    await until(small, lambda: isinstance(app.screen, GuideScreen) and looked(small))
    assert 'role = "secondary"' in profile(lab)
    assert guide_of(small).goal is Goal.SECONDARY
    await small.press("escape")
    await until(small, lambda: looked(small))
    await small.press("escape")
    assert "example.com · Zimbra is SECONDARY" in screen_text(small)[0]


async def test_all_that_is_said_of_each_task_can_be_read_by_the_keyboard_alone(pilot: Pilot[int]) -> None:
    screen = await to_guide(pilot)
    assert screen.stand is not None
    for at, task in enumerate(screen.stand.guide.tasks):
        await go_to(pilot, task.key)
        assert any(line.startswith("▌") and f"{at + 1} " in line for line in screen_text(pilot))
        await pilot.press("tab", "e", "home")
        view = screen.query_one(FoldView)
        wanted = [view.render_row(row, view.size.width).text.strip() for row in range(view.line_count)]
        read: set[str] = set()
        for _ in range(view.line_count // max(1, view.page_height - 2) + 2):
            shown = "\n".join(screen_text(pilot))
            read |= {text for text in wanted if text in shown}
            await pilot.press("pagedown")
        assert read >= set(wanted)
        await pilot.press("tab")


async def test_it_begins_at_the_next_task_and_says_how_much_is_done(pilot: Pilot[int]) -> None:
    screen = await to_guide(pilot)
    assert screen.stand is not None
    assert screen.current is screen.stand.guide.next
    lines = screen_text(pilot)
    done = sum(task.state is State.DONE for task in screen.stand.guide.tasks)
    assert f"{done} of {len(screen.stand.guide.tasks)} done" in lines[0]
    assert "next is " in lines[-2]
    assert "Enter " in lines[-1]
    assert lines[-1].rstrip().endswith("? help")


async def test_what_is_blocked_or_done_says_so_and_opens_nothing(small: Pilot[int]) -> None:
    await to_guide(small)
    task = await go_to(small, "mx")
    await small.press("enter")
    assert isinstance(small.app.screen, GuideScreen)
    assert task.because in toasts(console(small))
    await go_to(small, "reading")
    await small.press("enter")
    assert "It is done: " in toasts(console(small))
    await small.press("s")
    assert "there is nothing to leave out" in toasts(console(small))
    await go_to(small, "mx")
    await small.press("s")
    assert "It cannot be left out" in toasts(console(small))


@pytest.mark.usefixtures("all_is_well")
async def test_people_are_made_known_by_the_usual_preview_and_run_and_it_goes_on(small: Pilot[int], lab: Lab) -> None:
    app = console(small)
    screen = await to_guide(small)
    assert screen.current is not None
    assert screen.current.key == "people"
    assert attributes(lab.home.path, "dave@example.com") is None
    await small.press("enter")
    preview = app.screen
    assert isinstance(preview, PreviewScreen)
    assert "Preview · people" in screen_text(small)[0]
    await small.press("a")
    if isinstance(app.screen, ConfirmScreen):
        await small.press(*str(len(preview.plan.people)), "enter")
    await until(small, lambda: isinstance(app.screen, RunScreen) and app.job is not None and app.job.ended is not None)
    await small.press("escape")
    await until(small, lambda: isinstance(app.screen, GuideScreen) and looked(small))
    await until(small, lambda: not steps(small, "people"))
    assert attributes(lab.home.path, "dave@example.com")["zimbraAccountStatus"] == ["locked"]
    assert screen.stand is not None
    await until(small, lambda: screen.current is screen.stand.guide.next)
    assert "Not seen yet: Everybody on mail.example.com is known" in toasts(app)
    # The lab has people whom no plan can make; who they are, and why, is said and nothing is opened.
    await small.press("enter")
    assert "Nothing can be run for those who are left: " in toasts(app)
    assert app.screen is screen


async def test_the_address_book_is_chosen_previewed_typed_for_and_run(small: Pilot[int], lab: Lab) -> None:
    app = console(small)
    await to_guide(small)
    await go_to(small, "address-book")
    await small.press("enter")
    assert isinstance(app.screen, OptionsScreen)
    await small.press("enter")
    await until(small, lambda: looked(small))
    assert 'mode = "internal"' in profile(lab)
    await small.press("enter")
    assert isinstance(app.screen, PreviewScreen)
    assert "1 step" in "\n".join(screen_text(small)[:2])
    await small.press("a")
    assert isinstance(app.screen, ConfirmScreen)
    for character in "example.com":
        await small.press("full_stop" if character == "." else character)
    await small.press("enter")
    await until(small, lambda: app.job is not None and app.job.ended is not None)
    await until(small, lambda: "1 of 1 step" in screen_text(small)[0])
    await small.press("escape")
    await until(small, lambda: looked(small) and state(small, "address-book") is State.DONE)
    assert app.site.runs(1)[0].finished


async def test_what_may_be_left_out_is_with_a_reason_and_taken_in_again(small: Pilot[int], lab: Lab) -> None:
    await to_guide(small)
    await go_to(small, "authentication")
    await small.press("s", *"later", "enter")
    await until(small, lambda: looked(small) and state(small, "authentication") is State.SKIPPED)
    assert 'authentication = "later"' in profile(lab)
    assert "left out: later" in "\n".join(screen_text(small))
    await small.press("s")
    await until(small, lambda: looked(small) and state(small, "authentication") is State.TO_DO)
    assert 'authentication = "later"' not in profile(lab)


async def test_a_directory_s_keys_are_told_and_an_option_is_written(small: Pilot[int], lab: Lab) -> None:
    await to_guide(small)
    await go_to(small, "address-book")
    await small.press("o", "down", "down", "enter")
    shown = "\n".join(screen_text(small))
    assert "[profile.lab.setup.address_book]" in shown
    assert str(lab.config) in shown.replace("\n", "").replace(" ", "")
    await small.press("escape")
    await go_to(small, "legacy-accepts")
    await small.press("o", "home", "down", "enter")
    await until(small, lambda: looked(small))
    assert 'system = "postfix"' in profile(lab)
    assert "postconf -e" in "\n".join(guide_of(small).current.words)


async def test_words_are_copied_and_written_and_keys_explained(
    small: Pilot[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await to_guide(small)
    task = await go_to(small, "legacy-accepts")
    await small.press("c")
    assert small.app.clipboard == "\n".join(task.words)
    await small.press("w")
    await until(small, lambda: isinstance(small.app.screen, AskScreen))
    await small.press("enter")
    written = tmp_path / "example.com-legacy-accepts.txt"
    await until(small, written.exists)
    assert "\n".join(task.words) in written.read_text(encoding="utf-8")
    await small.press("question_mark")
    assert isinstance(small.app.screen, HelpScreen)
    assert "leave an optional task out, or take it in again" in "\n".join(screen_text(small))


async def test_a_change_of_role_writes_the_profile_when_it_is_confirmed(small: Pilot[int], lab: Lab) -> None:
    app = console(small)
    await small.press("g")
    await until(small, lambda: looked(small))
    await small.press("down", "down", "down", "enter")
    await until(small, lambda: isinstance(app.screen, GuideScreen) and looked(small))
    screen = guide_of(small)
    assert screen.goal is Goal.TO_SECONDARY
    assert screen.stand is not None
    last = Task(
        "profile", "The profile says secondary", "what", "why", Check((), ("not yet",)), Plan("example.com", "", ())
    )
    screen.stand = Stand(Guide("change", (last,)), screen.stand.seen, screen.stand.found)
    screen.draw()
    await small.press("home", "enter")
    assert isinstance(app.screen, ConfirmScreen)
    await small.press("right", "enter")
    await until(small, lambda: isinstance(app.screen, GuideScreen) and looked(small))
    assert app.site.split.role is Role.SECONDARY
    assert 'role = "secondary"' in profile(lab)


async def test_looking_again_takes_what_was_written_by_hand(small: Pilot[int], lab: Lab) -> None:
    screen = await to_guide(small)
    text = profile(lab)
    lab.config.write_text(text + '\n[profile.lab.setup.skipped]\naddress-book = "theirs"\n', encoding="utf-8")
    await small.press("r")
    assert screen.progress
    await until(small, lambda: looked(small) and state(small, "address-book") is State.SKIPPED)
    lab.config.write_text("nonsense", encoding="utf-8")
    await small.press("r")
    assert "The profile: " in toasts(console(small))
    lab.config.write_text(text, encoding="utf-8")


async def test_a_look_that_breaks_off_says_why_and_can_be_left(
    small: Pilot[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Stand:
        raise OSError("the disk is full")

    monkeypatch.setattr(Guidance, "look", broken)
    await small.press("g")
    await until(small, lambda: "not seen: the disk is full" in "\n".join(screen_text(small)))
    await small.press("escape")
    assert isinstance(small.app.screen, MainScreen)


async def test_in_plain_signs_nothing_is_drawn_that_is_not_ascii(lab: Lab, tmp_path: Path) -> None:
    app = SplittuiApp(opened(lab, tmp_path).site, ascii_only=True)
    async with app.run_test(size=SMALL) as running:
        await until(running, lambda: app.main.roster is not None)
        await to_guide(running)
        await go_to(running, "reading")
        shown = "\n".join(screen_text(running))
        assert shown.isascii()
        assert f"{ASCII.cursor}{ASCII.good}  1 Both systems are read" in shown


@pytest.mark.usefixtures("all_is_well")
async def test_what_comes_about_by_itself_is_looked_at_again(
    small: Pilot[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("splittui.tui.screens.guide._LOOK_AGAIN", 0.05)
    monkeypatch.setattr(Stand, "settles", True)
    app = console(small)
    screen = await to_guide(small)
    await small.press("enter", "a")
    assert isinstance(app.screen, RunScreen)
    await until(small, lambda: app.job is not None and app.job.ended is not None)
    await small.press("escape")
    await until(small, lambda: "looked at again every few seconds" in toasts(app))
    stands = {id(screen.stand)}
    await until(small, lambda: bool(stands.add(id(screen.stand))) or len(stands) > 2)


class FreshSite(ZooSite):
    """Zimbra does not host the domain yet."""

    def snapshot(self) -> Snapshot:
        whole = super().snapshot()
        return replace(whole, zimbra=replace(whole.zimbra, domain=Domain("example.com", exists=False)))


async def test_where_nothing_is_set_up_the_main_screen_says_so() -> None:
    zoo = Zoo()
    zoo.on_legacy("ann", "Ann Adams", placeholder=False)
    app = SplittuiApp(FreshSite(zoo))
    async with app.run_test(size=SMALL) as running:
        await until(running, lambda: app.main.roster is not None)
        lines = screen_text(running)
        assert any("nothing is set up yet: press g" in line for line in lines)
        assert any("the guided set-up" in line for line in lines[:-1])
        assert "g guided set-up" in lines[-1]
