"""A Postfix on a host that is logged in to, asked with its own programs; nothing here changes anything.

Zimbra's and an existing system's differ only in where the programs and logs lie, so both sides use this.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from splittui.remote.command import Become, Command
from splittui.remote.errors import readable
from splittui.remote.login import Login
from splittui.remote.postfix_queue import Queued, queued

if TYPE_CHECKING:
    from splittui.remote.process import Completed

Run = Callable[[Sequence[str], bytes], "Completed"]
"""Runs a program on the host with that input. Raises RemoteError."""

# A login that is not root's has no sbin in its path on most systems.
_WITH_SBIN = 'PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH; exec "$@"'
_QUEUE = 'p=$1; shift; for w; do set -- "$@" -e "$w"; shift; done; "$p" -j | grep -aF "$@"; exit 0'
_SIZES = 'for f; do s=$(wc -c 2>/dev/null <"$f") && { echo "$s" $f; exit 0; }; done; exit 1'
# A log that is shorter than it was has been begun anew.
_GREP = (
    'f=$1; n=$2; shift 2; s=$(wc -c <"$f") || exit 3; [ "$s" -lt "$n" ] && n=0; '
    'for w; do set -- "$@" -e "$w"; shift; done; tail -c "+$((n + 1))" "$f" | grep -aF "$@"'
)

# The log and those it was rotated into, packed or not, oldest first. A message counts, a mere question does not: what
# comes in has a line of the queue manager too, what goes out was sent (and not only found deliverable).
_MAIL = (
    'for f; do s=$(wc -c 2>/dev/null <"$f") && [ "$s" -ge 0 ] && break; f=; done; [ -n "$f" ] || exit 3; '
    'date "+%Y-%m-%dT%H:%M:%S"; for one in $(ls -1tr "$f" "$f".* "$f"-* 2>/dev/null); do '
    'case $one in *.bz2) bzcat "$one" ;; *.xz) xzcat "$one" ;; *) zcat -f "$one" ;; esac; done 2>/dev/null | '
    'awk -v words="$WORDS" \'BEGIN { n = split(words, w, " ") } '
    "function named(text,  i) { for (i = 1; i <= n; i++) if (index(text, w[i])) return 1; return 0 } "
    'NR == 1 { print } { split($0, p, "]: "); split(p[2], q, ":") } '
    "/: client=/ && named($0) { came[q[1]] = 1 } / status=sent / && named($0) { last = $0 } "
    "/\\(queue active\\)/ && (q[1] in came) { last = $0 } END { print last }'"
)

_KEYS_AT_ONCE = 5000


class PostfixError(Exception):
    """Postfix cannot be asked; the text names the host and holds its own words."""


@dataclass(frozen=True, slots=True)
class LogMark:
    """A place in a mail log: what is logged from now on stands behind it."""

    file: str
    size: int


@dataclass(frozen=True, slots=True)
class LastMail:
    """How far a mail log goes back, and its newest line about mail of some host; ``now`` by the same clock (ISO 8601).

    Lines are empty where there are none.
    """

    now: str
    oldest: str
    newest: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a list of maps says of a key: the value, and the map that had it; both empty where none did."""

    value: str = ""
    map: str = ""


class Postfix:
    """One Postfix. ``sbin`` is where its programs lie (empty: in the path), ``logs`` where its log may lie."""

    def __init__(self, host: str, run: Run, sbin: str, logs: Sequence[str]) -> None:
        self.host = host
        self._run, self._sbin, self._logs = run, sbin, tuple(logs)

    def settings(self, *names: str) -> dict[str, str]:
        """The values in force, ``$name`` expanded; unknown names are left out. Raises PostfixError and RemoteError."""
        done = self._call("postconf", "-x", *names)
        if done.status != 0:
            raise self._failed("postconf", done)
        pairs = (line.partition(" =") for line in _text(done.stdout).splitlines())
        return {name.strip(): value.strip() for name, _, value in pairs}

    def look_up(self, maps: str, keys: Sequence[str]) -> dict[str, Found]:
        """What a setting that lists maps says of each key: the first map that knows it. Keys are lower case.

        A ``proxy:`` is left out: what it stands for is asked directly. Raises PostfixError and RemoteError.
        """
        found: dict[str, Found] = {}
        for name in split_maps(maps):
            missing = [key for key in keys if key not in found]
            if not missing:
                break
            table = name.removeprefix("proxy:")
            for begin in range(0, len(missing), _KEYS_AT_ONCE):
                answers = self._query(table, missing[begin : begin + _KEYS_AT_ONCE])
                found |= {key: Found(value, table) for key, value in answers.items()}
        return {key: found.get(key, Found()) for key in keys}

    def _query(self, table: str, keys: Sequence[str]) -> Mapping[str, str]:
        done = self._call("postmap", "-q", "-", table, stdin="".join(f"{key}\n" for key in keys).encode())
        # 1 is "nothing found" as well as "failed": only the words tell them apart.
        if done.status > 1 or re.search(rb"(?:fatal|error):", done.stderr):
            raise self._failed(f"postmap -q - {table}", done)
        pairs = (line.partition("\t") for line in _text(done.stdout).splitlines())
        return {key: value for key, _, value in pairs}

    def queue(self, words: Iterable[str]) -> tuple[Queued, ...]:
        """The messages in the queue that have one of the words in them. Raises PostfixError and RemoteError."""
        done = self._script(_QUEUE, self._program("postqueue"), *words)
        if done.stderr.strip():
            raise self._failed("postqueue -j", done)
        try:
            return queued(_text(done.stdout))
        except ValueError as error:
            raise PostfixError(f"postqueue -j on {self.host} said what cannot be read: {error}") from error

    def log_mark(self) -> LogMark:
        """The end of the mail log as it is now. Raises PostfixError and RemoteError."""
        done = self._script(_SIZES, *self._logs)
        size, _, file = _text(done.stdout).strip().partition(" ")
        if done.status != 0 or not size.isdigit():
            raise PostfixError(f"No mail log can be read on {self.host}: looked for {' and '.join(self._logs)}.")
        return LogMark(file, int(size))

    def log_lines(self, since: LogMark, words: Iterable[str]) -> list[str]:
        """The lines behind the mark that have one of the words in them. Raises PostfixError and RemoteError."""
        done = self._script(_GREP, since.file, str(since.size), *words)
        if done.status > 1:
            raise self._failed(f"reading {since.file}", done)
        return _text(done.stdout).splitlines()

    def last_mail(self, words: Iterable[str]) -> LastMail:
        """The newest line of the logs, rotated ones too, about a message from or to whom the words name.

        Raises PostfixError and RemoteError.
        """
        done = self._script(f"WORDS=$1; shift; {_MAIL}", " ".join(words), *self._logs)
        lines = _text(done.stdout).splitlines()
        if done.status != 0 or not lines:
            raise PostfixError(f"No mail log can be read on {self.host}: looked for {' and '.join(self._logs)}.")
        now, oldest, newest = (*lines, "", "")[:3]
        return LastMail(now, oldest, newest)

    def _call(self, program: str, *arguments: str, stdin: bytes = b"") -> Completed:
        return self._script('exec "$@"', self._program(program), *arguments, stdin=stdin)

    def _script(self, script: str, *arguments: str, stdin: bytes = b"") -> Completed:
        inner = ("/bin/sh", "-c", script, "sh", *arguments)
        return self._run(("/bin/sh", "-c", _WITH_SBIN, "sh", *inner), stdin)

    def _program(self, name: str) -> str:
        return f"{self._sbin}/{name}" if self._sbin else name

    def _failed(self, what: str, done: Completed) -> PostfixError:
        said = readable(done.stderr) or f"it ended with status {done.status} and said nothing"
        return PostfixError(f"{what} on {self.host}: {said}")


def runner(login: Login) -> Run:
    """Runs programs by a login. Where sudo allows it one single program only, they run as the login itself."""

    def run(argv: Sequence[str], stdin: bytes) -> Completed:
        link, become = login.connected()
        return link.run(Command(tuple(argv), Become() if become.limited else become), stdin=stdin)

    return run


def split_maps(setting: str) -> Iterator[str]:
    """The maps in a setting such as ``transport_maps``; what stands in braces is one (inline maps, Postfix 3.0)."""
    return (found[0] for found in re.finditer(r"(?:\{[^{}]*\}|[^\s,{}])+", setting))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
