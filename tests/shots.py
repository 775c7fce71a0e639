"""The README's pictures, from the real application on the lab: ``python -m tests.shots``.

``guide`` or ``run`` behind it makes only those.

Writes SVG and PNG to screenshots/. The PNG needs the font Fira Code (Debian: fonts-firacode); without any font of that
name only the SVG is written.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from splittui import config
from splittui.execution.site import Site
from splittui.lab.lab import Lab
from splittui.tui.app import SplittuiApp
from splittui.tui.screens.guide import GuideScreen
from splittui.tui.screens.guided import GuidedScreen

WHERE = Path(__file__).parent.parent / "screenshots"
SIZE = (120, 36)
FONTS = Path("/usr/share/fonts/truetype/firacode")


async def until(pilot: Pilot[int], reached: Callable[[], bool]) -> None:
    """Lets the application work until ``reached``."""
    for _ in range(600):
        await pilot.pause(0.05)
        if reached():
            await pilot.pause()
            return
    raise TimeoutError("the application did not get there")


def save(app: SplittuiApp, name: str) -> None:
    svg = app.export_screenshot(title="splittui")
    (WHERE / f"{name}.svg").write_text(svg, encoding="utf-8")
    if FONTS.is_dir():
        import resvg_py

        png = resvg_py.svg_to_bytes(svg_string=svg, font_dirs=[str(FONTS)], monospace_family="Fira Code", zoom=1)
        (WHERE / f"{name}.png").write_bytes(bytes(png))
    print(f"screenshots/{name}", file=sys.stderr)


async def shoot_guide(lab: Lab, size: tuple[int, int]) -> None:
    """The undertakings, and the guide at a task with commands, in one size."""
    app = SplittuiApp(Site(config.load(lab.config)))
    name = f"{size[0]}x{size[1]}"
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.main.roster is not None)
        await pilot.press("g")
        await until(pilot, lambda: _looked(app))
        save(app, f"undertakings-{name}")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, GuideScreen) and _looked(app))
        await pilot.press("home", "down", "down", "down", "down")
        await pilot.pause(0.3)
        save(app, f"guide-{name}")


def _looked(app: SplittuiApp) -> bool:
    return isinstance(app.screen, GuidedScreen) and app.screen.stand is not None and not app.screen.progress


async def shoot(lab: Lab) -> None:
    """Main screen with something staged, the preview, and the run at its end."""
    app = SplittuiApp(Site(config.load(lab.config)))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.main.roster is not None)
        await pilot.press("slash", *"anna", "enter")
        await pilot.press("space", "space", "space", "m", "escape")
        await pilot.press("tab", "slash", *"twin", "enter", "space", "m", "escape", "tab", "home", "down", "down")
        await pilot.pause(0.3)
        save(app, "main")
        await pilot.press("p")
        await pilot.pause(0.3)
        save(app, "preview")
        await pilot.press("a")
        await until(pilot, lambda: app.job is not None and app.job.ended is not None)
        await pilot.pause(0.3)
        save(app, "run")


def main() -> None:
    WHERE.mkdir(exist_ok=True)
    wanted = sys.argv[1:] or ["run", "guide"]
    with Lab.start(accounts=1200) as lab:
        if "guide" in wanted:
            for size in ((80, 24), (160, 50)):
                asyncio.run(shoot_guide(lab, size))
        if "run" in wanted:
            asyncio.run(shoot(lab))


if __name__ == "__main__":
    main()
