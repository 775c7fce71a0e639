"""``splittui wave``: people who are moved together, by a list, in parts."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from splittui.cli.carry_out import carry_out, print_json
from splittui.cli.exits import CommandError, Exit
from splittui.cli.moves import planned
from splittui.cli.plan_file import tell_plan
from splittui.cli.reading import read, site
from splittui.execution.history import HistoryError
from splittui.execution.site import Site
from splittui.execution.waves import WavesError
from splittui.mailflow.roster import Roster
from splittui.model.entries import Side
from splittui.model.text import clean
from splittui.planning.plan import Plan
from splittui.planning.plan_json import Json
from splittui.planning.wave import WAITING, Standing, State, Wave, WaveError, as_it_is, listed, next_part, wave_name


def save(options: argparse.Namespace) -> Exit:
    """Keeps a list under a name. With anything wrong in it nothing is kept, and every line that is wrong is named."""
    text = _text(options.file)
    with _wave_site(options) as opened:
        try:
            name = wave_name(options.name)
            members = listed(text, opened.split.domain)
        except WaveError as error:
            lines = "\n".join(f"  {clean(line)}" for line in str(error).splitlines())
            raise CommandError(f"{options.file}: no wave was kept:\n{lines}") from error
        wave = Wave(name, Side(options.to), members.addresses, time.time())
        opened.waves.save(wave)
    for doubled in members.doubled:
        print(f"counted once: {doubled}", file=sys.stderr)
    print(f"Wave {wave.name}: {wave.size}, to {wave.to.value}.", file=sys.stderr)
    return Exit.OK


def list_waves(options: argparse.Namespace) -> Exit:
    """The waves, the first one first, as far as the journal knows of them."""
    with _wave_site(options) as opened:
        waves = [(wave, opened.standings(wave)) for wave in opened.waves.all()]
    if options.json:
        print_json([_brief(wave, standings) for wave, standings in waves])
        return Exit.OK
    for wave, standings in waves:
        print(f"{wave.name}  {wave.size} to {wave.to.value}: {_counted(standings)}")
    if not waves:
        print("No wave is kept yet: splittui wave save.", file=sys.stderr)
    return Exit.OK


def show(options: argparse.Namespace) -> Exit:
    """Everybody in a wave. Exit 1 where what was read is not complete, so that only the journal was asked."""
    with _wave_site(options) as opened:
        wave = opened.waves.named(options.name)
        standings = opened.standings(wave)
        seen = read(opened)
    whole = seen.snapshot.complete
    if whole:
        split = opened.split
        standings = tuple(as_it_is(split, seen.snapshot, seen.people, wave, one) for one in standings)
    if options.json:
        people: list[Json] = [_as_json(standing, seen) for standing in standings]
        print_json({**_brief(wave, standings), "people": people})
    else:
        _show(wave, standings)
    return Exit.OK if whole else Exit.FAILED


def plan(options: argparse.Namespace) -> Exit:
    """A plan for whose turn it is; exit 2 where there is something to do, 3 where nobody who is left can be moved."""
    with _wave_site(options) as opened:
        _, made = _part(opened, options, WAITING)
    tell_plan(made, options)
    if made.steps:
        return Exit.PENDING
    return Exit.REFUSED if made.refusals else Exit.OK


def apply(options: argparse.Namespace) -> Exit:
    """Moves those whose turn it is."""
    return _carry_out(options, WAITING)


def retry(options: argparse.Namespace) -> Exit:
    """Moves those who failed, as they stand now."""
    return _carry_out(options, (State.FAILED,))


def remove(options: argparse.Namespace) -> Exit:
    """Forgets a wave."""
    with _wave_site(options) as opened:
        opened.waves.remove(options.name)
    return Exit.OK


def _carry_out(options: argparse.Namespace, states: Collection[State]) -> Exit:
    with _wave_site(options) as opened:
        seen, made = _part(opened, options, states)
        for refusal in made.refusals:
            print(f"left out: {refusal.address} {clean(refusal.reason)}", file=sys.stderr)
        code = carry_out(opened, replace(made, refusals=()), seen.people, options)
        _tell_rest(opened, options.name)
    return Exit.REFUSED if made.refusals and not made.steps else code


def _part(opened: Site, options: argparse.Namespace, states: Collection[State]) -> tuple[Roster, Plan]:
    """What was read, and the plan for the next part of the wave, with everybody named who cannot be moved."""
    wave = opened.waves.named(options.name)
    standings = opened.standings(wave)
    seen = read(opened)
    part = next_part(opened.split, seen.snapshot, seen.people, wave, standings, states, options.first)
    made = planned(opened, seen, part.moves)
    return seen, replace(made, refusals=(*made.refusals, *part.refusals))


def _tell_rest(opened: Site, name: str) -> None:
    standings = opened.standings(opened.waves.named(name))
    print(f"Wave {name}: {_counted(standings)}.", file=sys.stderr)
    states = Counter(standing.state for standing in standings)
    if states[State.FAILED]:
        print(f"To try again who failed: splittui wave retry {name}", file=sys.stderr)
    if states[State.ROLLED_BACK]:
        print("Who was rolled back is left alone; splittui move moves them all the same.", file=sys.stderr)


def _text(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: cannot be read as a list of addresses: {error}") from error


@contextmanager
def _wave_site(options: argparse.Namespace) -> Iterator[Site]:
    try:
        with site(options) as opened:
            yield opened
    except (WavesError, HistoryError) as error:
        raise CommandError(str(error)) from error


def _counted(standings: Iterable[Standing]) -> str:
    counts = Counter(standing.state for standing in standings)
    return ", ".join(f"{counts[state]:,} {state.value}" for state in State if counts[state])


def _brief(wave: Wave, standings: Iterable[Standing]) -> dict[str, Json]:
    counts = Counter(standing.state for standing in standings)
    return {
        "name": wave.name,
        "to": wave.to.value,
        "saved_at": wave.saved_at,
        "counts": {state.value: counts[state] for state in State},
    }


def _as_json(standing: Standing, seen: Roster) -> dict[str, Json]:
    person = seen.people.get(standing.address)
    return {
        "address": standing.address,
        "state": standing.state.value,
        "run": standing.run,
        "home": None if person is None else person.home.value,
        "note": standing.note,
    }


def _show(wave: Wave, standings: Iterable[Standing]) -> None:
    rows = list(standings)
    print(f"Wave {wave.name}, {wave.size} to {wave.to.value}: {_counted(rows)}")
    width = max(len(row.address) for row in rows)
    for row in rows:
        run = f"run {row.run}" if row.run is not None else ""
        print(f"{row.address:{width}}  {row.state.value:11}  {run:8}  {clean(row.note)}".rstrip())
