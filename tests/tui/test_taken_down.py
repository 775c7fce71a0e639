"""A reading, a link or a finding may be told while the console is taken down, or after it."""

from splittui.execution.site import LinkState
from splittui.mailflow.roster import roster
from splittui.model.entries import Side
from splittui.tui.app import SplittuiApp
from splittui.tui.roster_view import sheet

from .conftest import SPLIT, ZooSite
from .test_main import main_of, ready


async def test_whatever_is_told_then_raises_nothing(app: SplittuiApp, site: ZooSite) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        main = main_of(pilot)
        await main.query("*").remove()
        main.progress(Side.ZIMBRA, 7)
        main.take(sheet(roster(SPLIT, site.snapshot())))
        main.show_findings("2 findings")
        main.show_links({Side.ZIMBRA: LinkState(Side.ZIMBRA, False, trouble="gone")}, "run 1/2")
        main.reading_failed("cut off")
        main.forget(["ann.adams@example.com"])
    main.say("after it")
