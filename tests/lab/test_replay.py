"""The lab's zmprov answers as the recorded sessions of the real one do."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from splittui.lab.replay import load_scene, main, replay_scene

TRANSCRIPTS = Path(__file__).parent.parent / "data" / "transcripts"
# Scenes with a process per record run without the second, merged run, to keep the suite quick.
SPLIT_ONLY = {"23_eof_exit"}


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.json")), ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    verdicts = list(replay_scene(load_scene(path), merged_every=0 if path.stem in SPLIT_ONLY else 1))
    assert verdicts
    assert [verdict for verdict in verdicts if verdict.diff] == []


def test_a_wrong_value_an_order_a_status_and_a_stream_are_noticed() -> None:
    scene = load_scene(TRANSCRIPTS / "17_da_file.json")
    record = scene.records[0]
    sorted_names = "admin@example.com\nalice@example.com"
    assert record.stdout.count(sorted_names) == 1
    for wrong in (
        dataclasses.replace(record, stdout=record.stdout.replace("alice", "alicia", 1)),
        dataclasses.replace(record, stdout=record.stdout.replace(sorted_names, "alice@example.com\nadmin@example.com")),
        dataclasses.replace(record, stderr=record.stderr.replace("NO_SUCH_ACCOUNT", "NO_SUCH_DOMAIN")),
        dataclasses.replace(record, stderr=""),
        dataclasses.replace(record, status=0),
        dataclasses.replace(record, merged=record.merged.replace("prov> prov> ", "prov> ")),
    ):
        (verdict,) = replay_scene(dataclasses.replace(scene, records=(wrong,)))
        assert verdict.diff


def test_the_summary_counts_records_and_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(TRANSCRIPTS / "17_da_file.json")]) == 0
    assert capsys.readouterr().out == (
        "17_da_file-001: same (6 commands)\n"
        "1 records: 1 same, 0 different, 0 skipped; 6 commands: 6 same, 0 different, 0 skipped\n"
    )
