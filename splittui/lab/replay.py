"""Replays recorded zmprov sessions through the lab's zmprov: ``python -m splittui.lab.replay FILE...``.

Each file starts from the recorded start state; its records run in order, each twice: with stdout and stderr apart, and
from the same state with 2>&1. What cannot be equal (new ids, hashes, times, the LDAP host, the home, and the order
of values and entries where the directory decides it) is normalised on both sides.
Exit status: 0 when nothing differs, 1 otherwise.
"""

from __future__ import annotations

import base64
import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from splittui.lab.directory import Attrs, Directory
from splittui.lab.prov.lines import Lines
from splittui.lab.prov.start import bootstrap_entries, read_entries
from splittui.model.zmprov_line import parse_line

_DATA = Path(__file__).parent / "data"
_ROOT = Path(__file__).parent.parent.parent
_PROMPT = "prov> "
_LOCALCONFIG = {"ldap_url": "ldap://127.0.0.1:3899", "zimbra_server_hostname": "zimbra.example.com"}
_DIFF_LINES = 12
_TIMEOUT_SECONDS = 60

_FIXED_ID = r"(?!11111111-|22222222-|33333333-|e00428a1-)"
_UUID = re.compile(rf"\b{_FIXED_ID}[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b")
_REPLACEMENTS = (
    (_UUID, "<id>"),
    (re.compile(r"\{SSHA[0-9]*\}[A-Za-z0-9+/=]+"), "{SSHA}<hash>"),
    (re.compile(r"(?<=zimbraPasswordModifiedTime: )[0-9.]+Z"), "<time>"),
    (re.compile(r"(?<=zimbraCreateTimestamp: )(?!20260101)[0-9.]+Z"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}(?= \[main\] )"), "<time>"),
    (re.compile(r"ExceptionId:main:[0-9]+:[0-9a-f]+"), "ExceptionId:<id>"),
    (re.compile(r"127\.0\.0\.1:[0-9]+"), "<ldap>"),
)
_VALUE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)::? ")
_REMAINING = re.compile(r"(?<=remaining entries: )(\[[^]]*\] )+")


@dataclass(frozen=True)
class Record:
    """One recorded run; ``config`` holds localconfig keys, ``merged`` the output of the run with 2>&1."""

    name: str
    form: str
    argv: tuple[str, ...]
    stdin: bytes
    files: dict[str, str]
    environment: dict[str, str]
    config: dict[str, str]
    stdout: str
    stderr: str
    merged: str
    status: int
    merged_status: int


@dataclass(frozen=True)
class Scene:
    """The records of one file. ``ldap``: whether the LDAP server runs."""

    name: str
    ldap: bool
    records: tuple[Record, ...]


@dataclass(frozen=True)
class Run:
    """What one process left: decoded output streams and the exit status."""

    stdout: str
    stderr: str
    status: int


@dataclass(frozen=True)
class Verdict:
    """``diff`` is empty when the record is the same. ``commands`` were compared, ``different`` of them differ."""

    record: str
    commands: int
    different: int
    diff: tuple[str, ...]


def load_scene(path: Path) -> Scene:
    """Read a transcript. Raises OSError, ValueError, KeyError."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Scene(
        name=str(raw["scene"]),
        ldap="slapd stopped" not in str(raw["start_state"]),
        records=tuple(_record(each) for each in raw["records"]),
    )


def _record(raw: dict[str, object]) -> Record:
    def table(key: str) -> dict[str, str]:
        found = raw.get(key)
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}

    argv = raw["argv"]
    name, _, value = str(raw.get("localconfig") or "").partition("=")
    status = int(str(raw["exit"]))
    return Record(
        name=str(raw["id"]),
        form=str(raw["form"]),
        argv=tuple(str(word) for word in argv) if isinstance(argv, list) else (),
        stdin=_bytes(raw, "stdin"),
        files=table("files"),
        environment=table("env"),
        config={name: value} if name else {},
        stdout=_bytes(raw, "stdout").decode("utf-8", "replace"),
        stderr=_bytes(raw, "stderr").decode("utf-8", "replace"),
        merged=_bytes(raw, "merged").decode("utf-8", "replace"),
        status=status,
        merged_status=int(str(raw.get("merged_exit", status))),
    )


def _bytes(raw: dict[str, object], key: str) -> bytes:
    encoded = raw.get(f"{key}_b64")
    if isinstance(encoded, str):
        return base64.b64decode(encoded)
    return str(raw.get(key) or "").encode("utf-8")


def start_entries() -> Iterator[tuple[str, Attrs]]:
    """The directory's entries in the recorded start state."""
    yield from bootstrap_entries()
    yield from read_entries(_DATA / "replay_start.json")


def make_home(home: Path, ldap: bool) -> None:
    """A ZIMBRA_HOME in the recorded start state."""
    (home / "lab").mkdir(parents=True)
    (home / "conf").mkdir()
    (home / "lab" / "settings.json").write_text(json.dumps({"ldap": ldap}), encoding="utf-8")
    with Directory(home / "lab" / "directory.db") as directory:
        directory.add_many(start_entries())


@dataclass(frozen=True)
class Rig:
    """What scenes are replayed on: the program, its localconfig keys, and what puts a home into the start state."""

    program: tuple[str, ...] = ("-m", "splittui.lab.zmprov")
    config: Mapping[str, str] = field(default_factory=lambda: _LOCALCONFIG)
    prepare: Callable[[Path, bool], None] = make_home


def replay_scene(scene: Scene, merged_every: int = 1, rig: Rig | None = None) -> Iterator[Verdict]:
    """Run the records in order. Every ``merged_every``-th one also runs with 2>&1 on a copy of the home; 0: none."""
    rig = rig or Rig()
    with tempfile.TemporaryDirectory(prefix="replay-") as scratch:
        home = Path(scratch) / "home"
        rig.prepare(home, scene.ldap)
        for index, record in enumerate(scene.records):
            work = Path(scratch) / f"work{index}"
            _write_files(record, work, home, rig.config)
            copy = Path(scratch) / f"home{index}"
            merging = merged_every > 0 and index % merged_every == 0
            if merging:
                shutil.copytree(home, copy)
            running = [_start(rig.program, record, work, home, merged=False)]
            if merging:
                running.append(_start(rig.program, record, work, copy, merged=True))
            runs = [_finish(process, record) for process in running]
            yield _judge(record, runs, (home, copy), work)
            shutil.rmtree(copy, ignore_errors=True)


def _write_files(record: Record, work: Path, home: Path, config: Mapping[str, str]) -> None:
    work.mkdir()
    for name, content in record.files.items():
        (work / name).write_bytes(content.encode("utf-8"))
    for name, encoded in json.loads((_DATA / "replay_files.json").read_text(encoding="utf-8")).items():
        (work / Path(name).name).write_bytes(base64.b64decode(encoded))
    keys = "".join(
        f'  <key name="{name}">\n    <value>{escape(value)}</value>\n  </key>\n'
        for name, value in {**config, **record.config}.items()
    )
    (home / "conf" / "localconfig.xml").write_text(f"<localconfig>\n{keys}</localconfig>\n", encoding="utf-8")


def _start(program: Sequence[str], record: Record, work: Path, home: Path, merged: bool) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "ZIMBRA_HOME": str(home)}
    # The recording machine kept its sample binary files in a folder of its own.
    argv = [word.replace("/rig/", f"{work}/") for word in record.argv]
    return subprocess.Popen(
        [sys.executable, *program, *argv],
        cwd=work,
        env={**environment, **record.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
    )


def _finish(process: subprocess.Popen[bytes], record: Record) -> Run:
    try:
        out, err = process.communicate(record.stdin, timeout=_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    return Run(out.decode("utf-8", "replace"), (err or b"").decode("utf-8", "replace"), process.returncode)


def _judge(record: Record, runs: Sequence[Run], homes: Sequence[Path], work: Path) -> Verdict:
    normal = Normaliser(record, (*(str(home) for home in homes), str(work)))
    pairs = [("stdout", record.stdout, runs[0].stdout), ("stderr", record.stderr, runs[0].stderr)]
    statuses = [("exit", record.status, runs[0].status)]
    if len(runs) > 1:
        pairs.append(("2>&1", record.merged, runs[1].stdout))
        statuses.append(("exit with 2>&1", record.merged_status, runs[1].status))
    diff = [f"{name}: recorded {old}, now {new}" for name, old, new in statuses if old != new]
    wrong: set[int] = set()
    commands = 1
    for name, old, new in pairs:
        before, after = normal.segments(old), normal.segments(new)
        if name == "stdout":
            commands = normal.command_count(before)
        length = max(len(before), len(after))
        bad = [at for at in range(length) if before[at : at + 1] != after[at : at + 1]]
        wrong.update(bad)
        for at in bad[:2]:
            diff.append(f"{name}, command {at}: {normal.line(at)}")
            diff += _diff_lines("".join(before[at : at + 1]), "".join(after[at : at + 1]))
    return Verdict(record.name, commands, min(commands, len(wrong) or 1) if diff else 0, tuple(diff))


def _diff_lines(old: str, new: str) -> list[str]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "recorded", "now", n=0, lineterm="")
    return [ascii(line)[1:-1] for line in lines][:_DIFF_LINES]


class Normaliser:
    """Makes what may differ between two runs of a record equal, and cuts output into commands at the prompts."""

    def __init__(self, record: Record, paths: Iterable[str]) -> None:
        self._paths = sorted(paths, key=len, reverse=True)
        self._argument_command = list(record.argv[1:]) if record.form == "argv" else None
        self._lines = [] if record.form == "argv" else _batch_lines(record)

    def segments(self, output: str) -> list[str]:
        """The normalised output of each command; for a batch the first one is what came before the first prompt."""
        for path in self._paths:
            output = output.replace(path, "/opt/zimbra")
        for pattern, text in _REPLACEMENTS:
            output = pattern.sub(text, output)
        output = _REMAINING.sub(lambda found: " ".join(sorted(found[0].split())) + " ", output)
        if self._argument_command is not None:
            return [_ordered(output, self._argument_command)]
        parts = output.split(_PROMPT)
        return [_ordered(part, parse_line(self._command(at, part))) for at, part in enumerate(parts)]

    def command_count(self, segments: Sequence[str]) -> int:
        """How many commands ran: prompts that a line was read at; one for a program that died before its prompt."""
        return 1 if self._argument_command is not None else max(1, min(len(segments) - 1, len(self._lines)))

    def line(self, at: int) -> str:
        """The command line of segment ``at``."""
        if self._argument_command is not None:
            return " ".join(self._argument_command)
        return self._lines[at - 1] if 0 < at <= len(self._lines) else "(end)"

    def _command(self, at: int, part: str) -> str:
        echo = part.partition("\n")[0]
        return echo if echo in self._lines else self.line(at)


def _batch_lines(record: Record) -> list[str]:
    name = next(iter(record.files), "")
    data = iter([record.files[name].encode("utf-8") if name else record.stdin])
    lines = Lines(lambda: next(data, b""))
    return list(iter(lines.line, None))


def _ordered(text: str, command: Sequence[str]) -> str:
    text = _sorted_values(text)
    if command[:1] == ["gad"] or (command[:1] == ["gaa"] and _names_a_domain(command)):
        blocks = re.split(r"^(?=# name )", text, flags=re.MULTILINE)
        if len(blocks) > 1:
            return "".join(sorted(blocks))
        return "".join(sorted(text.splitlines(keepends=True)))
    return text


def _names_a_domain(command: Sequence[str]) -> bool:
    return any(not word.startswith("-") for word in command[1:]) and "-s" not in command


def _sorted_values(text: str) -> str:
    """The values of each multi-valued attribute in sorted order; a value may span lines."""
    runs: list[tuple[str, list[str]]] = []
    for line in text.splitlines(keepends=True):
        found = _VALUE.match(line)
        if found and runs and runs[-1][0] == found[1]:
            runs[-1][1].append(line)
        elif found:
            runs.append((found[1], [line]))
        elif runs and runs[-1][0] and line.strip():
            runs[-1][1][-1] += line
        else:
            runs.append(("", [line]))
    return "".join("".join(sorted(values) if name else values) for name, values in runs)


def main(paths: Sequence[str]) -> int:
    """Replay the files and print a line per record, and a summary. Returns the exit status."""
    records = same = commands = same_commands = 0
    for path in paths:
        if "records" not in json.loads(Path(path).read_text(encoding="utf-8")):
            print(f"{Path(path).name}: skipped: holds no records")
            continue
        for verdict in replay_scene(load_scene(Path(path))):
            records += 1
            commands += verdict.commands
            same += not verdict.diff
            same_commands += verdict.commands - verdict.different
            print(f"{verdict.record}: {'different' if verdict.diff else 'same'} ({verdict.commands} commands)")
            for line in verdict.diff:
                print(f"    {line}")
            sys.stdout.flush()
    print(
        f"{records} records: {same} same, {records - same} different, 0 skipped; "
        f"{commands} commands: {same_commands} same, {commands - same_commands} different, 0 skipped"
    )
    return 0 if same == records else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
