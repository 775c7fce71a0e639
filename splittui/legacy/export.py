"""The existing mail system's half of a snapshot, out of an export in CSV.

For systems without a directory that could be asked. One row a mailbox, with the columns ``address`` (the only one that
must be there), ``name``, ``given_name``, ``surname``, ``aliases`` (separated by ``;``), ``kind`` (person, list,
resource, system), ``enabled`` (yes or no) and ``forwards_to`` (empty where the mailbox is final).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from sys import intern

from splittui.model.address import AddressError, domain_of, parse_address
from splittui.model.entries import Kind, LegacyAccount
from splittui.model.snapshot import LegacyHalf, Reading

COLUMNS = ("address", "name", "given_name", "surname", "aliases", "kind", "enabled", "forwards_to")
_NO = ("no", "false", "0", "n")


class ExportError(Exception):
    """The export cannot be used at all; the text names the file and what is wrong."""


def read_export(path: Path, domain: str, read_at: float, progress: Callable[[int], None]) -> LegacyHalf:
    """Everybody of ``domain`` in the export. Raises ExportError.

    A row that cannot be read makes the half partial, with file and line in the reason: a person left out must never
    look like a person who is not there.
    """
    accounts: dict[str, LegacyAccount] = {}
    bad: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            if "address" not in (rows.fieldnames or ()):
                raise ExportError(f"{path}: has no column 'address'; the columns are: {', '.join(COLUMNS)}")
            for number, row in enumerate(rows, start=1):
                try:
                    account = _account(row)
                except ValueError as error:
                    bad.append(f"{path}, line {rows.line_num}: {error}")
                    continue
                if domain_of(account.address) == domain:
                    if account.address in accounts:
                        bad.append(f"{path}, line {rows.line_num}: {account.address} stands there twice")
                    accounts[account.address] = account
                if number % 1000 == 0:
                    progress(number)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ExportError(f"{path}: cannot be read: {error}") from error
    progress(len(accounts))
    why = "" if not bad else bad[0] + (f" (and {len(bad) - 1} more lines)" if len(bad) > 1 else "")
    return LegacyHalf(Reading(not bad, read_at, why), accounts)


def _account(row: dict[str | None, str | None]) -> LegacyAccount:
    def text(column: str) -> str:
        return (row.get(column) or "").strip()

    if None in row:
        raise ValueError("has more fields than there are columns")
    kind = text("kind") or "person"
    if kind not in tuple(Kind):
        raise ValueError(f"{kind!r} is no kind; there are: {', '.join(Kind)}")
    return LegacyAccount(
        address=intern(parse_address(text("address"))),
        name=intern(row.get("name") or ""),
        given_name=intern(row.get("given_name") or ""),
        surname=intern(row.get("surname") or ""),
        kind=Kind(kind),
        aliases=tuple(_alias(part) for part in text("aliases").split(";") if part.strip()),
        enabled=text("enabled").lower() not in _NO,
        forwards_to=intern(text("forwards_to")),
    )


def _alias(text: str) -> str:
    try:
        return parse_address(text)
    except AddressError as error:
        raise ValueError(f"alias: {error}") from error
