"""ProvUtil's main program: one command from the arguments, or a batch of lines."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from splittui.lab.prov.commands import Command, lookup, only_in, show_help
from splittui.lab.prov.console import Console
from splittui.lab.prov.errors import SERVICE_EXCEPTION, JavaCrashError, ProgramEndError, ServiceError, UsageError
from splittui.lab.prov.jline import Editor, History
from splittui.lab.prov.lines import Lines, descriptor_reader
from splittui.lab.prov.options import GENERAL_USAGE, Options
from splittui.lab.prov.store import Store
from splittui.lab.prov.surroundings import Surroundings
from splittui.model.zmprov_line import parse_line

PROMPT = "prov> "
_CONFIRM = "Continue? [Y]es, [N]o: "
_UNKNOWN = "Unknown command. Type: 'help commands' for a list"
_ACCOUNT_EXCEPTION = "com.zimbra.cs.account.AccountServiceException"
_INTERACTIVE_FRAMES = (
    "com.zimbra.cs.account.ProvUtil.interactive(ProvUtil.java:3936)",
    "com.zimbra.cs.account.ProvUtil.main(ProvUtil.java:4186)",
)
_ARGUMENT_FRAMES = ("com.zimbra.cs.account.ProvUtil.main(ProvUtil.java:4203)",)


class Session:
    """One run of zmprov. ``standard_input``: the file descriptor it reads commands or answers from."""

    def __init__(
        self, options: Options, home: Surroundings, console: Console, store: Store, standard_input: int
    ) -> None:
        self._options = options
        self._home = home
        self._console = console
        self._store = store
        self._input = standard_input
        self._batch = False
        self._interactive = False
        self._failed = False
        self._command: Command | None = None
        self._typed: Callable[[], bytes] | None = None
        store.confirm = self._confirm
        store.program_frames = self._frames

    def run(self) -> int:
        """The exit status."""
        try:
            return self._arguments(self._options.command) if self._options.command else self._open_batch()
        except ProgramEndError as end:
            if end.line:
                self._console.error(end.line)
            return end.status
        except JavaCrashError as crash:
            frames = "".join(f"\n\tat {frame}" for frame in (*crash.frames, *self._frames()))
            self._console.error(f'Exception in thread "main" {crash.exception}{frames}')
            return 1
        finally:
            self._console.flush()

    def _frames(self) -> tuple[str, ...]:
        main = _INTERACTIVE_FRAMES if self._interactive else _ARGUMENT_FRAMES
        if self._command is None:
            return main
        return (f"com.zimbra.cs.account.ProvUtil.execute(ProvUtil.java:{self._command.source_line})", *main)

    def _arguments(self, args: list[str]) -> int:
        try:
            if self._execute(args):
                return 0
        except ServiceError as error:
            self._report(error)
            return 2
        self._general_usage()
        return 1

    def _general_usage(self) -> None:
        self._console.line(GENERAL_USAGE)
        show_help(self._store, "")

    def _report(self, error: ServiceError) -> None:
        self._failed = True
        self._console.error(error.line(with_cause=self._store.ldap_mode))
        if "v" in self._options.flags:
            name = _ACCOUNT_EXCEPTION if error.code.startswith("account.") else SERVICE_EXCEPTION
            self._console.error(f"{name}: {error.message}")
            self._console.error(f"ExceptionId:main:{time.time_ns() // 1_000_000}:{os.urandom(8).hex()}")
            self._console.error(f"Code:{error.code}")
            for frame in self._frames():
                self._console.error(f"\tat {frame}")

    def _execute(self, args: list[str]) -> bool:
        """Whether there is such a command. Raises ServiceError, ProgramEndError, JavaCrashError."""
        command = self._command = lookup(args[0])
        if command is None:
            return False
        if command.via and command.via != ("ldap" if self._store.ldap_mode else "soap"):
            self._usage(only_in(command))
            return True
        if not command.least <= len(args) - 1 <= command.most:
            self._usage(command.usage)
            return True
        if command.name == "exit":
            raise ProgramEndError(2 if self._failed else 0)
        # A batch keeps the directory to itself only while it writes; commands that may ask a question take no lock.
        scope: AbstractContextManager[None] = self._store.directory.transaction() if command.writes else nullcontext()
        try:
            with scope:
                command.run(self._store, list(args[1:]))
        except UsageError as error:
            if error.hint and error.hint != "not enough arguments":
                self._console.line(error.hint)
            self._usage(command.usage)
        return True

    def _usage(self, text: str) -> None:
        self._console.line(text)
        if not self._interactive:
            self._console.line("For general help, type : zmprov --help")
            raise ProgramEndError(1)

    def _open_batch(self) -> int:
        path = self._options.values.get("f")
        if path is not None:
            self._batch = True
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except OSError as error:
                text = f"java.io.FileNotFoundException: {path} ({error.strerror})"
                raise JavaCrashError(text, ("java.base/java.io.FileInputStream.open0(Native Method)",)) from error
            try:
                return self._dialogue(Lines(descriptor_reader(descriptor)))
            finally:
                os.close(descriptor)
        read = descriptor_reader(self._input)
        if self._home.line_editing:
            try:
                read = Editor(read, self._console, History(self._home.history)).next_line
            except OSError as error:
                text = f"java.io.FileNotFoundException: {self._home.history} ({error.strerror})"
                self._console.error(f"Command line editing will be disabled: {text}")
        self._typed = read
        return self._dialogue(Lines(read))

    def _dialogue(self, lines: Lines) -> int:
        self._interactive = True
        while True:
            self._console.put(PROMPT)
            self._console.flush()
            line = lines.line()
            if line is None:
                return 0
            if "v" in self._options.flags:
                self._console.line(line)
            args = parse_line(line)
            if not args:
                continue
            try:
                if not self._execute(args):
                    self._console.line(_UNKNOWN)
            except ServiceError as error:
                self._report(error)

    def _confirm(self, warning: str) -> bool:
        """Ask on stdout, take the next line of stdin as the answer. -f never asks.

        The answer is read through a reader of its own, which swallows what it takes beyond the line.
        """
        if self._batch:
            return True
        self._console.line(warning)
        self._console.put(_CONFIRM)
        self._console.flush()
        answer = Lines(self._typed or descriptor_reader(self._input)).line()
        return (answer or "").lower() in ("y", "yes")
