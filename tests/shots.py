"""The README's pictures, from the real application on the lab: ``python -m tests.shots``.

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
    with Lab.start(accounts=1200) as lab:
        asyncio.run(shoot(lab))


if __name__ == "__main__":
    main()
