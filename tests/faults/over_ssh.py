"""The command line on a lab over SSH, its link and its processes broken at a random line; then taken up again."""

from __future__ import annotations

import array
import fcntl
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import termios
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from splittui import config
from splittui.lab.lab import Lab
from splittui.model.entries import Side
from tests.faults.ground import Far, watch
from tests.faults.play import Told
from tests.remote.conftest import Proxy
from tests.servers.ground import wait_until

DOMAIN = "example.com"
ROOT = Path(__file__).parent.parent.parent
MOST_ATTEMPTS = 8
CALM = 4
NOTICED = 15.0
"""Seconds within which a link that says nothing any more must be noticed."""

_ROOM = 6000
"""Bytes that the journal may still grow by where the disk is full: some steps' worth."""

_NOTICE = re.compile(r"was lost|no answer|gave no answer|said nothing|does not answer")
_SAID = re.compile(r"\s+\S+\s+prov> ")


class Hit(StrEnum):
    """What befalls a run over SSH."""

    CUT = "link cut"
    RESET = "link reset (RST)"
    BLACK_HOLE = "link a black hole"
    STALL = "link stalled"
    SLOW = "link slow"
    FAR_SHELL = "far end's shell killed (-9)"
    ZMPROV = "far end's zmprov killed (-9)"
    KILL = "splittui killed (-9)"
    TERM = "SIGTERM"
    HUP = "SIGHUP"
    INT = "Ctrl-C"
    TWICE = "Ctrl-C twice"
    DISK = "disk full"


_SIGNALS = {
    Hit.KILL: (signal.SIGKILL,),
    Hit.TERM: (signal.SIGTERM,),
    Hit.HUP: (signal.SIGHUP,),
    Hit.INT: (signal.SIGINT,),
    Hit.TWICE: (signal.SIGINT, signal.SIGINT),
}
_SILENT = (Hit.BLACK_HOLE, Hit.STALL)
_RARE = {Hit.BLACK_HOLE: 1, Hit.STALL: 1}
"""A silent link takes its time to be noticed, so it comes a third as often."""


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code (minus the signal), what it said, and whether something struck it."""

    code: int
    out: str
    err: str
    struck: bool


class Field:
    """One lab behind a proxy, and the command line on it."""

    def __init__(self, lab: Lab, proxy: Proxy, folder: Path) -> None:
        self.lab, self.proxy, self.folder = lab, proxy, folder
        self.far = Far(lab.home.path)
        self.slowest = 0.0
        watch(self.far.file)
        self._straight = lab.config
        self.config = folder / "through.toml"
        known = config.load(lab.config).zimbra.ssh
        hosts = folder / "known_hosts"
        hosts.write_text(known.known_hosts.read_text().replace(f":{known.port}", f":{proxy.port}"))
        text = lab.config.read_text().replace(f"port = {known.port}", f"port = {proxy.port}")
        self.config.write_text(text.replace(str(known.known_hosts), str(hosts)))

    def ask(self, *arguments: str) -> list[dict[str, object]]:
        """A command that only looks, straight to the lab."""
        done = subprocess.run(self._words(self._straight, arguments), capture_output=True, text=True, cwd=ROOT)
        return json.loads(done.stdout or "[]")

    def plan(self, addresses: list[str], to: Side, file: Path) -> list[str]:
        """Writes a plan for those of them who can be moved, and returns them."""
        while addresses:
            file.unlink(missing_ok=True)
            words = self._words(self._straight, ("plan", "move", *addresses, "--to", to.value, "--out", str(file)))
            done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
            refused = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("x ")}
            if not refused:
                assert done.returncode == 2, f"{done.returncode} {done.stdout} {done.stderr}"
                break
            addresses = [address for address in addresses if address not in refused]
        return addresses

    def run(self, arguments: tuple[str, ...], hit: Hit | None, line: int) -> Ended:
        """A command through the proxy; what hits it does so at the given line that zmprov was sent."""
        limit = self._journal_size() + _ROOM if hit is Hit.DISK else None
        process = subprocess.Popen(
            self._words(self.config, arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
        )
        assert process.stderr is not None
        assert process.stdout is not None
        heard, sent, struck, noticed = [], 0, None, None
        for said in process.stderr:
            heard.append(said)
            if noticed is None and struck is not None and _NOTICE.search(said):
                noticed = time.monotonic() - struck
            sent += bool(_SAID.match(said))
            if hit is not None and struck is None and sent > line:
                struck = time.monotonic()
                self._strike(hit, process)
        out = process.stdout.read()
        code = process.wait()
        process.stderr.close()
        process.stdout.close()
        if hit in _SILENT and struck is not None:
            self.slowest = max(self.slowest, noticed if noticed is not None else time.monotonic() - struck)
        self.proxy.mode = "pass"
        if hit in _SILENT:
            self.proxy.reset()
        return Ended(code, out, "".join(heard), struck is not None)

    def _strike(self, hit: Hit, process: subprocess.Popen[str]) -> None:
        if hit in _SIGNALS:
            for number in _SIGNALS[hit]:
                process.send_signal(number)
        elif hit is Hit.CUT:
            self.proxy.cut()
        elif hit is Hit.RESET:
            self.proxy.reset()
        elif hit in (Hit.FAR_SHELL, Hit.ZMPROV):
            wanted = b"splittui.lab.zmprov" if hit is Hit.ZMPROV else b"splittui-$domain.lock"
            for pid in children_with(wanted):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            modes = {Hit.BLACK_HOLE: "swallow", Hit.STALL: "stall", Hit.SLOW: "slow"}
            self.proxy.mode = modes.get(hit, "pass")

    def _journal_size(self) -> int:
        files = (self.lab.directory / name for name in ("journal.db", "journal.db-wal"))
        return max((file.stat().st_size for file in files if file.exists()), default=0)

    def _words(self, file: Path, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "splittui", "--config", str(file), *arguments]

    def await_free_lock(self) -> bool:
        """Whether nobody holds the lock on the Zimbra host; a zmprov that was just left behind may need a moment."""
        files = list(self.far.home.rglob("splittui-*.lock"))
        with suppress(AssertionError):
            wait_until(lambda: all(map(_is_free, files)), "the lock is free", 10)
        return all(map(_is_free, files))


def _is_free(file: Path) -> bool:
    with open(file) as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def waiting_input(pid: int) -> int:
    """How many bytes wait in the input of a process, which is a pipe; none where it is gone."""
    count = array.array("i", [0])
    with suppress(OSError), open(f"/proc/{pid}/fd/0", "rb") as pipe:
        fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def children_with(words: bytes) -> list[int]:
    """The processes that the lab's server in this process has started, and theirs, whose command line has the words."""
    parents: dict[int, int] = {}
    lines: dict[int, bytes] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                lines[int(entry.name)] = (entry / "cmdline").read_bytes()
    found = []
    for pid, line in lines.items():
        ancestor = pid
        while ancestor in parents and ancestor != os.getpid():
            ancestor = parents[ancestor]
        # The command line of a run has the same words, where it was started with the lab's files; it is no zmprov.
        if ancestor == os.getpid() and words in line and b"--config" not in line:
            found.append(pid)
    return found


class SshPlay:
    """The run of one seed: some people moved to where they do not live."""

    def __init__(self, field: Field, seed: int) -> None:
        self._field, self._dice = field, random.Random(seed)
        self.told = Told(seed)

    def run(self) -> Told:
        field = self._field
        people = [p for p in field.ask("list", "--json") if _can_move(p)]
        sides = [side for side in Side if any(p["home"] in _homes(side) for p in people)]
        away_from = self._dice.choice(sides)
        to = Side.LEGACY if away_from is Side.ZIMBRA else Side.ZIMBRA
        there = sorted(str(p["address"]) for p in people if p["home"] in _homes(away_from))
        chosen = self._dice.sample(there, min(len(there), self._dice.randint(1, 6)))
        before = field.far.writes()
        file = field.folder / "plan.json"
        chosen = field.plan(chosen, to, file)
        self.told.people = len(chosen)
        if not chosen:
            return self.told
        self._until_through(file, len(chosen))
        self._compare(chosen, to, before)
        if not field.await_free_lock():
            self.told.wrong.append("the lock on the host is still held")
        return self.told

    def _until_through(self, file: Path, people: int) -> None:
        known = {run["run"] for run in self._field.ask("history", "--json")}
        # In a lab of odd people some plans are dangerous anyway; the dangers are not what is tried here.
        sure = ("--yes", "--confirm", str(people), "--override", DOMAIN)
        arguments: tuple[str, ...] = ("apply", str(file), *sure)
        for attempt in range(MOST_ATTEMPTS):
            hit = None if attempt >= CALM or (attempt and self._dice.random() < 0.5) else _drawn(self._dice)
            ended = self._field.run(arguments, hit, self._dice.randrange(3 * people))
            self.told.attempts += 1
            if hit is not None and (ended.struck or hit is Hit.DISK):
                self.told.faults[hit.value] += 1
            self._look_at(ended, hit)
            if ended.code == 0 or self.told.wrong:
                return
            new = [run for run in self._field.ask("history", "--json") if run["run"] not in known]
            if new:
                latest = max(int(str(run["run"])) for run in new)
                arguments = ("resume", str(latest), *sure)
        self.told.wrong.append(f"not through after {MOST_ATTEMPTS} attempts: {ended.err[-400:]}")

    def _look_at(self, ended: Ended, hit: Hit | None) -> None:
        """Whatever happened, it ended in words, and in time."""
        if "Traceback" in ended.err:
            self.told.wrong.append(f"{hit}: a traceback: {ended.err[-600:]}")
        if ended.code != -signal.SIGKILL and ended.code not in (0, 1, 3, 4):
            self.told.wrong.append(f"{hit}: exit code {ended.code}: {ended.err[-300:]}")
        if ended.code not in (0, -signal.SIGKILL) and not ended.err.strip():
            self.told.wrong.append(f"{hit}: not a word")
        self.told.unknown += "not known" in ended.err

    def _compare(self, chosen: list[str], to: Side, before: Counter[str]) -> None:
        homes = {str(person["address"]): person["home"] for person in self._field.ask("list", "--json")}
        for address in chosen:
            if homes.get(address) not in _homes(to):
                self.told.wrong.append(f"{address} lives on {homes.get(address)}, not on {to.value}")
        for dn, count in (self._field.far.writes() - before).items():
            if count > 1:
                self.told.wrong.append(f"{dn} was written {count} times")


def _can_move(person: dict[str, object]) -> bool:
    return person["kind"] == "person" and person["state"] in ("", "old box")


def _homes(to: Side) -> tuple[str, ...]:
    """Where those who were moved there are: without a router the existing system keeps an old box of theirs."""
    return ("zimbra", "both") if to is Side.ZIMBRA else ("legacy",)


def _drawn(dice: random.Random) -> Hit:
    return dice.choices(list(Hit), [_RARE.get(hit, 3) for hit in Hit])[0]


@contextmanager
def field(role: str, accounts: int = 60) -> Iterator[Field]:
    """A lab of this role behind a proxy, gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="splittui-faults-") as folder,
        Lab.start(accounts=accounts, role=role) as lab,
        closed(Proxy(lab.address.port)) as proxy,
    ):
        yield Field(lab, proxy, Path(folder))


@contextmanager
def closed(proxy: Proxy) -> Iterator[Proxy]:
    try:
        yield proxy
    finally:
        proxy.close()
