"""``python -m splittui.mailflow --scenarios FILE``: what the tracer says of recorded situations, one JSON line each."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from splittui.mailflow.scenarios import ScenarioError, answer, rows


def main(arguments: list[str] | None = None) -> int:
    """Prints one JSON object per row; returns the exit code (1: the file cannot be read)."""
    parser = argparse.ArgumentParser(prog="python -m splittui.mailflow", description=__doc__)
    parser.add_argument("--scenarios", metavar="FILE", type=Path, required=True, help="rows with state and message")
    parser.add_argument("--json", action="store_true", help="JSON, which is what is always printed")
    given = parser.parse_args(arguments)
    try:
        found = rows(json.loads(given.scenarios.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, ScenarioError) as error:
        print(f"{given.scenarios}: {error}", file=sys.stderr)
        return 1
    for row in found:
        print(json.dumps(answer(row)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
