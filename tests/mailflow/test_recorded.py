"""The tracer says what a real Zimbra-configured Postfix and a real legacy Postfix did, row by row."""

import json
from pathlib import Path

import pytest

from splittui.mailflow.__main__ import main
from splittui.mailflow.scenarios import ScenarioError, answer, rows
from splittui.mailflow.tracer import Tracer

DATA = Path(__file__).parents[1] / "data" / "mailflow"


def recorded(name: str) -> list[dict]:
    return json.loads((DATA / name).read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("row", recorded("truth_table.json"), ids=lambda row: row["id"])
def test_the_truth_table(row: dict) -> None:
    check(row)


@pytest.mark.parametrize("row", recorded("more_rows.json"), ids=lambda row: row["id"])
def test_more_recorded_rows(row: dict) -> None:
    check(row)


def check(row: dict) -> None:
    result = row["result"]
    said = answer(rows([row])[0])
    assert (said["verdict"], said["rcpt_code"]) == (result["verdict"], result["rcpt_code"])
    if result["verdict"] == "looped":
        # Each round of a loop may leave one more copy; the tracer goes round once.
        assert set(said["delivered"]) == set(result["delivered"])
    else:
        assert said["delivered"] == result["delivered"]


def test_the_rcpt_texts_are_postfix_s_own() -> None:
    for row in recorded("truth_table.json"):
        text = row["result"]["rcpt_text"]
        if text:
            asked = rows([row])[0]
            assert Tracer(asked.world).route(asked.rcpt, asked.origin, asked.to).text == text


def test_the_command_prints_one_object_per_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenarios", str(DATA / "truth_table.json"), "--json"]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["id"] for row in printed] == [row["id"] for row in recorded("truth_table.json")]
    assert printed[0] == {
        "id": "P01",
        "verdict": "delivered",
        "rcpt_code": 250,
        "delivered": ["zimbra:foo@example.com"],
    }


@pytest.mark.parametrize(
    "text", ["{}", "[1]", "not json", '[{"id": "x", "client": "nobody", "to": "MX", "state": {}}]']
)
def test_a_file_of_another_kind_is_refused_in_words(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rows.json"
    file.write_text(text)
    assert main(["--scenarios", str(file)]) == 1
    assert "rows.json: " in capsys.readouterr().err


def test_a_route_of_the_other_side_must_be_known() -> None:
    row = dict(recorded("truth_table.json")[0])
    row["state"] = {**row["state"], "legacy": {"routes": {"bar": "elsewhere"}, "everything_else": None}}
    with pytest.raises(ScenarioError, match="no route"):
        rows([row])
