"""What real Postfix did with a state is what the tracer says of it after the state was read from a directory."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from splittui.mailflow.scenarios import answer, rows
from tests.mailflow.through_reading import read_again

DATA = Path(__file__).parents[1] / "data" / "mailflow"
ROWS = [
    row
    for name in ("truth_table.json", "more_rows.json")
    for row in json.loads((DATA / name).read_text(encoding="utf-8"))["rows"]
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_recorded_rows_through_the_reading(row: dict) -> None:
    asked = rows([row])[0]
    said = answer(replace(asked, world=read_again(asked.world)))
    result = row["result"]
    assert (said["verdict"], said["rcpt_code"]) == (result["verdict"], result["rcpt_code"])
    assert {*said["delivered"]} == {*result["delivered"]}
