"""``splittui letters``: what is new for those who were moved, written or handed to a program that sends it."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from splittui import config
from splittui.cli.again import chain_of
from splittui.cli.carry_out import print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.letter_files import begin_template, file_of, template, write_all
from splittui.cli.letter_program import HandOverError, Program, program
from splittui.cli.people import addresses
from splittui.cli.reading import read, site
from splittui.execution.history import HistoryError
from splittui.execution.moved import last_moved, moved
from splittui.execution.site import Site
from splittui.execution.waves import WavesError
from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.model.text import clean
from splittui.planning.plan_json import Json
from splittui.planning.setup.letters import Letter, as_markdown, as_text, asks_outside, letter, no_letter, web_address

_BETWEEN = "\n\n---\n\n"


@dataclass(frozen=True, slots=True)
class _Ready:
    """One letter in both forms, and its files where it is written to any."""

    letter: Letter
    text: str
    markdown: str
    files: Mapping[str, Path]

    def file(self, markdown: bool) -> str:
        file = self.files.get(".md" if markdown else ".txt")
        return "" if file is None else str(file)


def letters(options: argparse.Namespace) -> Exit:
    """Letters to those who live on Zimbra now. Exit 1 where somebody got none, or the program did not take one."""
    if options.template:
        return _begin(options)
    wanted = addresses(options.addresses)
    if [bool(wanted), options.of_run is not None, options.wave is not None, options.all].count(True) != 1:
        raise CommandError("Say to whom: either addresses, --run, --wave or --all.")
    if options.force and options.to is None:
        raise CommandError("--force is for files: say --to where they are.")
    handed_to = _program(options)
    with site(options) as opened:
        form = template(opened.profile)
        try:
            asked, when = _asked(opened, options, wanted)
        except (HistoryError, WavesError) as error:
            raise CommandError(str(error)) from error
        seen = read(opened)
    if not seen.snapshot.complete:
        raise CommandError(
            "No letter was written: what was read is not complete, so it is not certain who was moved.", Exit.REFUSED
        )
    refused = {address: _refusal(seen, address) for address in (seen.people if options.all else asked)}
    ready = [_ready(seen, form, address, when, options) for address, reason in refused.items() if not reason]
    if not options.all:
        for address, reason in refused.items():
            if reason:
                print(f"no letter: {address} {clean(reason)}", file=sys.stderr)
    if not ready:
        print("Nobody gets a letter.", file=sys.stderr)
    left_out = not options.all and len(ready) < len(refused)
    failed = _give_out(ready, handed_to, options)
    return Exit.FAILED if left_out or failed else Exit.OK


def _begin(options: argparse.Namespace) -> Exit:
    given = (options.addresses, options.wave, options.to, options.command, options.force, options.all)
    if any(given) or options.of_run is not None:
        raise CommandError("--template writes the template and no letter: say it alone.")
    print(begin_template(config.load(options.config, options.profile)))
    return Exit.OK


def _program(options: argparse.Namespace) -> Program | None:
    if options.command is None:
        return None
    found = program(options.command)
    if found.names_file and options.to is None:
        raise CommandError("--command names {file}: say --to where the files shall be.")
    return found


def _asked(opened: Site, options: argparse.Namespace, wanted: list[str]) -> tuple[Iterable[str], Mapping[str, float]]:
    """Whom the operator named, and when they moved. Raises HistoryError, WavesError and CommandError."""
    if options.of_run is not None:
        by_run = moved(chain_of(opened, options.of_run))
        if not by_run:
            raise CommandError(f"Run {options.of_run} moved nobody to {opened.split.zimbra}.")
        return by_run, by_run
    if options.wave is not None:
        wave = opened.waves.named(options.wave)
        if wave.to is not Side.ZIMBRA:
            raise CommandError(f"Wave {wave.name} goes to {opened.split.legacy}: there is no letter for that.")
        wanted = list(wave.addresses)
    return wanted, last_moved(opened.history.since(opened.profile.name, 0)) if options.when is None else {}


def _refusal(seen: Roster, address: str) -> str:
    return no_letter(seen.split, seen.snapshot, address, seen.people.get(address))


def _ready(seen: Roster, form: str, address: str, when: Mapping[str, float], options: argparse.Namespace) -> _Ready:
    split, domain = seen.split, seen.snapshot.zimbra.domain
    values = letter(
        address,
        seen.people[address].name,
        domain=split.domain,
        zimbra=split.zimbra,
        legacy=split.legacy,
        when=_day(when.get(address)) if options.when is None else options.when,
        web=web_address(domain, split.zimbra),
        outside=asks_outside(domain),
    )
    suffixes = (".md", ".txt") if options.to is not None else ()
    files = {suffix: file_of(options.to, address, suffix) for suffix in suffixes}
    return _Ready(values, as_text(form, values), as_markdown(form, values), files)


def _day(at: float | None) -> str:
    """The local date, so that it is read the same in every language of a template."""
    return "now" if at is None else datetime.fromtimestamp(at).astimezone().date().isoformat()


def _give_out(ready: Sequence[_Ready], handed_to: Program | None, options: argparse.Namespace) -> bool:
    """Writes, hands over and prints what was asked for; tells whether the program did not take some."""
    if options.to is not None:
        _write(ready, options)
    failed = _hand_over(ready, handed_to, options.markdown) if handed_to is not None else {}
    if options.json:
        print_json([_as_json(one, failed.get(one.letter.address), handed_to, options) for one in ready])
    elif options.to is None and handed_to is None:
        _print(one.markdown if options.markdown else one.text for one in ready)
    return bool(failed)


def _print(texts: Iterable[str]) -> None:
    whole = _BETWEEN.join(text.rstrip("\n") for text in texts)
    if whole:
        print(whole)


def _write(ready: Sequence[_Ready], options: argparse.Namespace) -> None:
    files: dict[Path, str] = {}
    for one in ready:
        files |= {one.files[".md"]: one.markdown, one.files[".txt"]: one.text}
    done = 0

    def progress(number: int) -> None:
        nonlocal done
        done = number
        _show(f"written {number:,} of {len(files):,} files")

    try:
        write_all(files, force=options.force, progress=progress)
    except KeyboardInterrupt:
        print(
            f"\nsplittui: {done} of {len(files)} files are written, each of them whole; the same command writes the "
            "rest.",
            file=sys.stderr,
        )
        raise
    _show("")
    print(f"Letters written into {options.to}: {len(ready)}.", file=sys.stderr)


def _hand_over(ready: Sequence[_Ready], to: Program, markdown: bool) -> dict[str, str]:
    """Hands over one letter after the other, and goes on after a failure. Returns why each failed, by address."""
    failed: dict[str, str] = {}
    for number, one in enumerate(ready):
        address = one.letter.address
        fields = {"address": address, "name": one.letter.name, "file": one.file(markdown)}
        try:
            _show(f"handing over {number + 1:,} of {len(ready):,}: {clean(address)}")
            to.hand(one.markdown if markdown else one.text, fields)
        except HandOverError as error:
            failed[address] = str(error)
            _show("")
            print(f"failed: {clean(address)}: {clean(str(error))}", file=sys.stderr)
        except KeyboardInterrupt:
            _show("")
            print(f"not known whether it was sent: {clean(address)}", file=sys.stderr)
            _tell(number - len(failed), [*failed, *(rest.letter.address for rest in ready[number + 1 :])])
            raise
    _show("")
    _tell(len(ready) - len(failed), list(failed))
    return failed


def _tell(handed: int, rest: Sequence[str]) -> None:
    print(f"Letters handed over: {handed}; not handed over: {len(rest)}.", file=sys.stderr)
    if rest:
        print(f"For these alone, with the same options: splittui letters {shlex.join(rest)}", file=sys.stderr)


def _show(text: str) -> None:
    """Where it stands, in one line that the next one takes the place of."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _as_json(one: _Ready, failed: str | None, handed_to: Program | None, options: argparse.Namespace) -> Json:
    told: dict[str, Json] = {
        "address": one.letter.address,
        "name": one.letter.name,
        "text": one.text,
        "markdown": one.markdown,
        "file": one.file(options.markdown) or None,
    }
    if handed_to is not None:
        told["error"] = failed or ""
    return told
