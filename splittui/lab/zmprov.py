"""The lab's ``zmprov``: ``python -m splittui.lab.zmprov ARGS`` works on the lab in ZIMBRA_HOME.

The locale (LC_ALL, else LANG, else C) decides how arguments are read and names are printed, as in the real one.
Exit status: 0 done, 1 usage or crash, 2 an ``ERROR:``; see zmprov's documentation for batches.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from splittui.lab.directory import Directory, DirectoryDownError, DirectoryError, LdapLike
from splittui.lab.home import Home
from splittui.lab.prov.commands import lookup
from splittui.lab.prov.console import Console, Stream, is_utf8_locale
from splittui.lab.prov.down import mailboxd_down, report_ldap_down
from splittui.lab.prov.options import GENERAL_USAGE, OptionError, Options, parse_options
from splittui.lab.prov.schema import Schema
from splittui.lab.prov.session import Session
from splittui.lab.prov.store import Store
from splittui.lab.prov.surroundings import Surroundings, look_around

_NO_DIRECTORY_NEEDED = ("help", "exit")

Opening = Callable[[Home], AbstractContextManager[LdapLike]]
"""Opens the directory that a home's zmprov works on. Raises DirectoryError; DirectoryDownError where none answers."""


def lab_directory(home: Home) -> Directory:
    """The lab's own, made when missing. Raises DirectoryError, OSError."""
    home.directory_file.parent.mkdir(parents=True, exist_ok=True)
    return home.directory()


def main(arguments: list[bytes], environment: dict[str, str], opening: Opening = lab_directory) -> int:
    """Run zmprov with raw argument bytes (without the program's name) and return its exit status."""
    utf8 = is_utf8_locale(environment.get("LC_ALL") or environment.get("LANG") or "C")
    console = Console(Stream(1), Stream(2), utf8)
    home = look_around(Home(Path(environment.get("ZIMBRA_HOME", "/opt/zimbra"))))
    if home.delay > 0:
        time.sleep(home.delay)
    try:
        options = parse_options([_java_text(argument, utf8) for argument in arguments])
    except OptionError as error:
        console.error(f"error: {error}")
        console.line(GENERAL_USAGE)
        console.flush()
        return 1
    if "l" in options.flags and "s" in options.values:
        console.error("error: cannot specify -s/--server with -l/--ldap")
        return 2
    return _connect(options, home, console, opening)


def _java_text(argument: bytes, utf8: bool) -> str:
    """An argument as Java decodes it: outside UTF-8 locales every byte beyond ASCII becomes U+FFFD."""
    return argument.decode("utf-8" if utf8 else "ascii", "replace")


def _connect(options: Options, home: Surroundings, console: Console, opening: Opening) -> int:
    command = lookup(options.command[0]) if options.command else None
    needed = not options.command or (command is not None and command.name not in _NO_DIRECTORY_NEEDED)
    if "h" in options.flags:
        options.command, needed = ["--help"], False
    if needed and not options.ldap_mode and not home.mailboxd:
        console.error(mailboxd_down().line(with_cause=True))
        return 2
    if needed and options.ldap_mode and not home.ldap:
        report_ldap_down(console, home.ldap_host, batch=not options.command)
        return 1
    try:
        with opening(Home(home.path)) as directory:
            store = _store(options, home, console, directory)
            return Session(options, home, console, store, standard_input=0).run()
    except DirectoryDownError:
        report_ldap_down(console, home.ldap_host, batch=not options.command)
        return 1
    except (DirectoryError, OSError) as error:
        console.error(f"the lab cannot run: {error}")
        return 1


def _store(options: Options, home: Surroundings, console: Console, directory: LdapLike) -> Store:
    return Store(
        directory=directory,
        schema=Schema(),
        console=console,
        ldap_mode=options.ldap_mode,
        ldap_host=home.ldap_host,
        zimbra_home=str(home.path),
        local_server=home.local_server,
        safeguarded=home.safeguarded,
        confirm=lambda warning: False,
        program_frames=tuple,
        may_replace="r" in options.flags,
    )


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main([os.fsencode(argument) for argument in sys.argv[1:]], dict(os.environ)))
