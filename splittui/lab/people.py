"""Sample people for the lab: the same for the same seed, any number of them, on both systems.

The domain is example.com, Zimbra's server zimbra.example.com, the legacy host mail.example.com. About a quarter lives
on Zimbra. In the primary role most of the others have a placeholder there (four of five host-less) and a few exist on
legacy only; in the secondary role it is the other way round. The first ones are always those of ``people_zoo``.
In an empty sample all are on legacy.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from splittui.lab.directory import Directory
from splittui.lab.people_base import alias_domain, base_entries
from splittui.lab.people_before import fresh_zimbra, rows_before
from splittui.lab.people_entries import (
    AT_ZIMBRA,
    BACK_TO_ZIMBRA,
    DOMAIN,
    HOSTED,
    HOSTLESS,
    LEGACY_HEADER,
    Found,
    Inhabitant,
    LegacyRow,
    Name,
    Registry,
    account,
    distribution_list,
)
from splittui.lab.people_names import GIVEN, GIVEN_ASCII, SURNAMES, SURNAMES_ASCII
from splittui.lab.people_zoo import ACCOUNTS, list_row, zoo

_ON_ZIMBRA = 0.25
_HAS_ALIAS = 0.08
_LEFT_A_ROW = 0.04
_PEOPLE_PER_LIST = 250
_MEMBERS = 12


@dataclass(frozen=True, slots=True)
class Sample:
    """What decides the sample. ``accounts`` counts people and machines, not lists; below 40 the zoo is cut short.

    ``empty``: nobody is on Zimbra yet, which does not host the domain; it is to take the role.
    """

    accounts: int = 1200
    seed: int = 7
    role: str = "primary"
    empty: bool = False


def people(sample: Sample) -> Iterator[Inhabitant]:
    """Everybody in the sample, the zoo first."""
    yield from _people(sample, Registry(Random(sample.seed)))


def fill(directory: Directory, legacy_csv: Path, sample: Sample, home: Path) -> None:
    """Put the sample into an empty directory and into the legacy system's export. Raises DirectoryError, OSError."""
    registry = Registry(Random(sample.seed))
    with legacy_csv.open("w", encoding="utf-8", newline="") as file:
        export = csv.writer(file)
        export.writerow(LEGACY_HEADER)

        def entries() -> Iterator[Found]:
            if sample.empty:
                export.writerows(row.cells() for row in rows_before(_people(sample, registry)))
                yield from fresh_zimbra(registry, str(home))
                return
            target = ""
            for dn, attrs in base_entries(registry, sample.role, str(home)):
                target = attrs["zimbraId"][0] if attrs.get("zimbraDomainName") == [DOMAIN] else target
                yield dn, attrs
            yield from alias_domain(registry, target)
            for person in _people(sample, registry):
                if person.row is not None:
                    export.writerow(person.row.cells())
                yield from person.entries

        directory.add_many(entries())


def _people(sample: Sample, registry: Registry) -> Iterator[Inhabitant]:
    yield from islice(zoo(registry, sample.role), None if sample.accounts >= ACCOUNTS else sample.accounts)
    recent: list[str] = []
    for number in range(1, sample.accounts - ACCOUNTS + 1):
        person = _somebody(registry, sample.role)
        yield person
        recent = [*recent[-_MEMBERS + 1 :], person.address]
        if number % _PEOPLE_PER_LIST == 0:
            address = f"{registry.free(f'group{number // _PEOPLE_PER_LIST}')}@{DOMAIN}"
            name = f"Group {number // _PEOPLE_PER_LIST}"
            entry = distribution_list(registry, address, name, recent)
            yield Inhabitant(address, [entry], list_row(sample.role, address, name))


def _somebody(registry: Registry, role: str) -> Inhabitant:
    random = registry.random.random
    first, last = int(random() * len(GIVEN)), int(random() * len(SURNAMES))
    name = Name(f"{GIVEN[first]} {SURNAMES[last]}", GIVEN[first], SURNAMES[last])
    local = registry.free(f"{GIVEN_ASCII[first]}.{SURNAMES_ASCII[last]}")
    address = f"{local}@{DOMAIN}"
    aliases = [f"{registry.free(local[0] + SURNAMES_ASCII[last])}@{DOMAIN}"] if random() < _HAS_ALIAS else []
    if random() < _ON_ZIMBRA:
        leaves_row = role == "secondary" or random() < _LEFT_A_ROW
        row = LegacyRow(address, name, aliases, forwards_to=BACK_TO_ZIMBRA) if leaves_row else None
        return Inhabitant(address, account(registry, address, name, AT_ZIMBRA, aliases), row)
    row = LegacyRow(address, name, aliases)
    if random() >= (0.9 if role == "primary" else 0.05):
        return Inhabitant(address, [], row)
    routing = HOSTLESS if random() < 0.8 else HOSTED
    return Inhabitant(address, account(registry, address, name, routing, aliases), row)
