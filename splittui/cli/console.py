"""Opening the console."""

from __future__ import annotations

import argparse
import os
import sys

from splittui import config
from splittui.cli.asking import asker
from splittui.cli.exits import CommandError, Exit
from splittui.config import Profile


def console(options: argparse.Namespace) -> Exit:
    """The console on the profile that the options name."""
    return open_console(config.load(options.config, options.profile), options)


def open_console(profile: Profile, options: argparse.Namespace) -> Exit:
    """Runs the console until the operator leaves it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError("The console needs a terminal; headless, use list, plan, apply and move (splittui --help).")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise CommandError("This terminal (TERM=dumb) cannot show the console; use list, plan, apply and move instead.")
    # Textual reads it when it is imported; half of the latency of a key is waiting for the next frame.
    os.environ.setdefault("TEXTUAL_FPS", "120")
    from splittui.execution.site import Site, SiteError
    from splittui.tui.app import SplittuiApp

    site = Site(profile)
    site.passwords.ask = asker()
    try:
        site.unlock()
    except SiteError as error:
        raise CommandError(f"{error.what} {error.certain} {error.next_step}", Exit.UNREACHABLE) from error
    # From now on the terminal is the console's.
    site.passwords.ask = None
    app = SplittuiApp(site, ascii_only=options.ascii, theme_name=options.theme)
    app.run()
    return Exit.OK if not app.return_code else Exit.FAILED
