"""Waves as the panes know them: marks that are kept, who of a wave is still to be marked, who is there already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from splittui.execution.waves import Waves, WavesError
from splittui.model.entries import Side
from splittui.model.home import Person
from splittui.model.text import clean
from splittui.planning.wave import Wave, WaveError, wave_name

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Members:
    """The people of a wave: who stands in the pane they shall leave, and how many stand in the other or in none."""

    wave: Wave
    here: frozenset[str]
    there: int
    unknown: int

    @property
    def words(self) -> str:
        """For the status line."""
        told = [f"wave {clean(self.wave.name)}: {len(self.here):,} marked"]
        if self.there:
            told.append(f"{self.there:,} there already")
        if self.unknown:
            told.append(f"{self.unknown:,} unknown")
        return ", ".join(told)


def keep(waves: Waves, name: str, to: Side, marked: tuple[str, ...]) -> str:
    """Keeps what is marked as a new wave and says so. Raises WavesError, also where the name is none."""
    try:
        wave = Wave(wave_name(name), to, marked, time.time())
    except WaveError as error:
        raise WavesError(str(error)) from error
    waves.save(wave)
    return f"kept as wave {wave.name}: {wave.size}"


def members(wave: Wave, people: Mapping[str, Person]) -> Members:
    """Who of a wave is where."""
    known = [people[address] for address in wave.addresses if address in people]
    here = frozenset(person.address for person in known if person.side is not wave.to)
    return Members(wave, here, len(known) - len(here), len(wave.addresses) - len(known))


def names(waves: Iterable[Wave]) -> str:
    """The newest waves by name, the newest one first."""
    found = [clean(wave.name) for wave in waves][::-1]
    return ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED:,} older" if len(found) > _NAMED else "")
