"""``splittui connect``: writes a profile, with what is asked for or said by options, and tries every way it names."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

from splittui import config
from splittui.cli.carry_out import print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.reading import read, site
from splittui.config.load import parse
from splittui.config.write import Value, current, names_of, with_settings, write
from splittui.execution.first_look import Looked, first_look
from splittui.model.entries import Role
from splittui.model.text import clean

_OPTIONS = {
    "domain": "domain",
    "role": "role",
    "zimbra": "zimbra.host",
    "zimbra_user": "zimbra.user",
    "become": "zimbra.become",
    "legacy": "legacy.name",
    "transport": "legacy.transport",
    "legacy_ssh": "legacy.ssh.host",
    "legacy_user": "legacy.ssh.user",
    "legacy_become": "legacy.ssh.become",
}
"""The options that say a setting each, and its name in the profile."""

_ASKED = {
    "domain": "Mail domain, such as example.com",
    "zimbra.host": "Zimbra's host, as ssh knows it",
    "zimbra.become": "How to become zimbra there: direct, sudo, runuser or su",
    "legacy.name": "Host of the existing mail system",
    "legacy.transport": "Transport to it",
    "legacy.directory.path": "Its people, exported to a file (CSV or LDIF)",
    "role": "What Zimbra is to be, primary or secondary",
}
"""What a profile cannot do without, in the order in which it is asked for."""


def connect(options: argparse.Namespace) -> Exit:
    """Writes what is new, after showing it, then tries the profile; with nothing new it only tries."""
    path: Path = options.config or config.default_file()
    options.config = path
    before = current(path)
    options.profile = options.profile or _named_there(path, before) or _name_of(options.domain)
    settings = _said(options)
    missing = _missing(path, before, options.profile, settings)
    if missing:
        settings |= _asked(missing, settings)
        options.profile = options.profile or _name_of(str(settings["domain"]))
    text = with_settings(path, before, options.profile, settings) if settings else before
    parse(path, text, options.profile)
    if text != before:
        _write(path, before, text, options)
    return _try(options)


def _said(options: argparse.Namespace) -> dict[str, Value]:
    """The settings that the options say."""
    said: dict[str, Value] = {
        name: value for option, name in _OPTIONS.items() if (value := getattr(options, option)) is not None
    }
    if options.people is not None:
        said |= _people(str(options.people.absolute()))
    for one in options.set:
        name, equals, value = one.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"--set {one}: write it as NAME=VALUE, such as limits.people=20")
        said[name.strip()] = typed(value.strip())
    return said


def typed(value: str) -> Value:
    """A setting as it is typed in a command line: a truth value, a whole number, or text."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdecimal() else value


def _people(file: str) -> dict[str, Value]:
    return {
        "legacy.directory.kind": "ldif" if file.lower().endswith(".ldif") else "csv",
        "legacy.directory.path": file,
    }


def _named_there(path: Path, text: str) -> str:
    """The profile that the file has as its default, or as its only one; empty where it has none."""
    try:
        return parse(path, text).name if text.strip() else ""
    except config.ConfigError:
        return ""


def _name_of(domain: str | None) -> str:
    return domain.partition(".")[0] if domain else ""


def _missing(path: Path, text: str, profile: str, settings: Mapping[str, Value]) -> list[str]:
    """What is needed and neither in the file nor said."""
    there = with_settings(path, text, profile or "new", settings)
    have = names_of(there, profile or "new")
    return [name for name in _ASKED if name not in have and not _needless(name, have)]


def _needless(name: str, have: Collection[str]) -> bool:
    """A directory needs no file. How to become zimbra is only asked for together with the host."""
    return (name == "legacy.directory.path" and "legacy.directory.kind" in have) or (
        name == "zimbra.become" and "zimbra.host" in have
    )


def _asked(missing: list[str], settings: Mapping[str, Value]) -> dict[str, Value]:
    """Asks for what is missing, with a default where there is a usual answer. Raises CommandError."""
    if not sys.stdin.isatty():
        if missing == ["legacy.transport"]:
            return {name: _usual(name, settings) for name in missing}
        named = {name: option for option, name in _OPTIONS.items()} | {"legacy.directory.path": "people"}
        raise CommandError(
            f"A profile needs more: {', '.join('--' + named[name].replace('_', '-') for name in missing)}. "
            "Nothing was written.",
            Exit.REFUSED,
        )
    answers: dict[str, Value] = {}
    for name in missing:
        default = _usual(name, {**settings, **answers})
        answer = _ask(f"{_ASKED[name]}{f' [{default}]' if default else ''}: ") or default
        while not answer:
            answer = _ask(f"{_ASKED[name]}: ")
        answers |= _people(str(Path(answer).expanduser().absolute())) if name.endswith("path") else {name: answer}
    return answers


def _usual(name: str, known: Mapping[str, Value]) -> str:
    return {
        "zimbra.become": "sudo",
        "legacy.transport": f"smtp:{known.get('legacy.name', '')}:25",
        "role": Role.PRIMARY.value,
    }.get(name, "")


def _ask(question: str) -> str:
    print(question, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        print(file=sys.stderr)
        raise CommandError("Nothing was written.", Exit.REFUSED)
    return line.strip()


def _write(path: Path, before: str, text: str, options: argparse.Namespace) -> None:
    changed = difflib.unified_diff(before.splitlines(), text.splitlines(), str(path), str(path), lineterm="", n=1)
    print("\n".join(map(clean, changed)), file=sys.stderr)
    if not options.yes:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was written: say --yes, or answer at a terminal.", Exit.REFUSED)
        if _ask("Write this? Type yes: ") != "yes":
            raise CommandError("Nothing was written.", Exit.REFUSED)
    write(path, before, text)
    print(f"Written: {path}", file=sys.stderr)


def _try(options: argparse.Namespace) -> Exit:
    """Tries every way that the profile names, and tells of each."""
    looked: list[Looked] = []
    with site(options) as opened:
        for one in first_look(opened, lambda: read(opened).snapshot):
            looked.append(one)
            if not options.json:
                print(f"{'ok' if one.good else 'NOT':3}  {one.what}: {one.seen}", flush=True)
                if one.next_step:
                    print(f"     {one.next_step}", flush=True)
    if options.json:
        print_json([asdict(one) for one in looked])
    if all(one.good for one in looked):
        print("All of it can be reached. Next: splittui check, or splittui setup.", file=sys.stderr)
        return Exit.OK
    return Exit.UNREACHABLE if any(one.unreachable for one in looked) else Exit.FAILED
