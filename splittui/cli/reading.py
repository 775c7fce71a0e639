"""Reading a site for a command: a profile, both halves, progress on stderr."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from splittui import config
from splittui.cli.asking import asker
from splittui.cli.exits import CommandError, Exit
from splittui.execution.site import Progress, Site, SiteError
from splittui.mailflow.roster import Roster, roster


@contextmanager
def site(options: argparse.Namespace) -> Iterator[Site]:
    """The site that the options name, closed at the end. Its errors become messages with the fitting exit code."""
    opened = Site(config.load(options.config, options.profile))
    opened.passwords.ask = asker()
    try:
        yield opened
    except SiteError as error:
        code = Exit.UNREACHABLE if error.unreachable else Exit.REFUSED if error.refused else Exit.FAILED
        raise CommandError(f"{error.what} {error.certain} {error.next_step}", code) from error
    finally:
        opened.close()


def read(opened: Site) -> Roster:
    """Both halves, and who lives where. What is missing from a partial one is said on stderr."""
    show = sys.stderr.isatty()

    def progress(so_far: Progress) -> None:
        if show:
            host = opened.split.host_of(so_far.side)
            print(f"\rreading {host}: {so_far.entries:,} ", end="", file=sys.stderr, flush=True)

    snapshot = opened.read(progress)
    if show:
        print("\r\033[K", end="", file=sys.stderr)
    if not snapshot.complete:
        print(f"splittui: what was read is not complete: {snapshot.why_partial}", file=sys.stderr)
    if opened.advice():
        print(f"splittui: {opened.advice()}", file=sys.stderr)
    return roster(opened.split, snapshot)
