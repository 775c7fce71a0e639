"""The door to the emulated commands: one process runs one of them, by name."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from splittui.lab.directory import DirectoryError
from splittui.lab.home import Home

_MODULES = {
    "legacy-admin": "legacy_admin",
    "legacy-route": "legacy_route",
    "ldapsearch": "ldapsearch",
    "postconf": "postconf",
    "postfix": "mta",
    "postmap": "postmap",
    "postqueue": "mta",
    "zmcontrol": "control",
    "zmhostname": "control",
    "zmlocalconfig": "localconfig",
    "zmmtactl": "mta",
}

Command = Callable[[Home, list[str]], int]
"""A command's function, named after it: home and arguments in, exit status out."""


def main(name: str) -> NoReturn:
    """Run the command with the process's arguments, and end the process with its exit status."""
    # A reader that goes away ends these programs silently, as it ends the real ones.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # A process this short is over before garbage matters, and looking for it costs a fifth of a large search.
    gc.disable()
    command: Command = getattr(importlib.import_module(f"splittui.lab.tools.{_MODULES[name]}"), name.replace("-", "_"))
    try:
        status = command(Home.current(), sys.argv[1:])
    except DirectoryError as error:
        sys.stderr.write(f"{name}: {error}\n")
        status = 1
    sys.stdout.flush()
    sys.exit(status)
