"""The recorded truth table, played against real servers: what relies on the recordings relies on what is true.

A part of the rows, one or two for each rule, is played always; all rows of both files with SPLITTUI_ALL_ROWS=1, or by
``python -m tests.servers.truth_table``.
"""

from __future__ import annotations

import os

import pytest

from tests.servers.lab import Lab
from tests.servers.situation import Row, play, rows
from tests.servers.truth_table import MORE_ROWS, TRUTH_TABLE

EACH_RULE = (
    *("P01", "P02", "P05", "P07", "P10", "P12", "P16", "P20", "P22", "P26", "P30", "P32", "P40", "P42", "P46"),
    *("P56", "P57", "P61", "S01", "S03", "S06", "S08", "S13", "S18", "S23", "S32", "S37"),
)


def chosen() -> list[Row]:
    if os.environ.get("SPLITTUI_ALL_ROWS") == "1":
        return [*rows(TRUTH_TABLE), *rows(MORE_ROWS)]
    return [row for row in rows(TRUTH_TABLE) if row.id in EACH_RULE]


@pytest.mark.servers
@pytest.mark.parametrize("row", chosen(), ids=lambda row: row.id)
def test_real_servers_do_what_was_recorded(lab: Lab, row: Row) -> None:
    seen = play(lab, row)
    assert not row.differences(seen), seen
