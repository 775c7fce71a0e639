"""A Postfix table in a folder, and a shell on this machine that reads and writes it as on any host."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from splittui.legacy.routers.postfix import PostfixTables
from splittui.planning.route_change import TableLine
from splittui.remote.process import Completed
from tests.servers.ground import unavailable

KEY = "bar@example.com"
ZIMBRA = "smtp:[zimbra.example.com]:25"
SBIN = "/usr/sbin:/sbin"


@dataclass
class LocalShell:
    """Runs scripts here. ``wrap`` are words before ``sh``; ``before`` is called before each script with its text."""

    folder: Path
    wrap: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[str], None] = lambda script: None

    def script(self, text: str, *arguments: str, stdin: bytes = b"") -> Completed:
        self.before(text)
        done = subprocess.run(
            [*self.wrap, "/bin/sh", "-c", text, "sh", *arguments],
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, "MAIL_CONFIG": str(self.folder / "etc"), **self.env},
        )
        return Completed(done.stdout, done.stderr, done.returncode)


@dataclass
class Table:
    """``FOLDER/tables/transport`` of one type, indexed by the real postmap."""

    folder: Path
    kind: str = "hash"
    heard: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if shutil.which("postmap", path=SBIN) is None:
            unavailable("there is no postmap")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        (self.folder / "etc").mkdir(exist_ok=True)
        settings = self.folder / "etc" / "main.cf"
        settings.write_text("compatibility_level = 3.6\n")
        # Postfix waits two seconds for a main.cf that was just written.
        os.utime(settings, (1, 1))

    @property
    def path(self) -> Path:
        return self.folder / "tables" / "transport"

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.path}"

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in self.path.parent.iterdir())

    def write(self, text: str | bytes) -> Table:
        """Writes it by hand, as an administrator does, and indexes it."""
        self.path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self.index()

    def index(self) -> Table:
        self.postmap(self.name)
        return self

    def postmap(self, *words: str) -> bytes:
        program = shutil.which("postmap", path=SBIN)
        words = (str(program), "-c", str(self.folder / "etc"), *words)
        return subprocess.run(words, capture_output=True, check=False).stdout

    def found(self, key: str = KEY) -> str:
        """What Postfix finds."""
        return self.postmap("-q", key, self.name).decode().strip()

    def dump(self) -> list[bytes]:
        """Everything the index has, as lines of key, tab, value."""
        return sorted(self.postmap("-s", self.name).split(b"\n")[:-1])

    def away(self, key: str = KEY, before: str = "", after: str = ZIMBRA) -> TableLine:
        return TableLine(self.name, key, before, after)

    def at_work(self, shell: LocalShell | None = None) -> PostfixTables:
        return PostfixTables(shell or LocalShell(self.folder), "mail.example.com", self.heard.append)
