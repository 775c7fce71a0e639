"""Plays recorded rows against real servers: ``python -m tests.servers.truth_table [--more] [ROW...]``."""

from __future__ import annotations

import sys
import time

from tests.servers.lab import Lab
from tests.servers.situation import play, rows

TRUTH_TABLE = "truth_table.json"
MORE_ROWS = "more_rows.json"


def main(arguments: list[str]) -> int:
    """All rows of the truth table, or those named; --more takes the larger file. Status 1 where one differs."""
    wanted = {word for word in arguments if word != "--more"}
    found = [row for row in rows(MORE_ROWS if "--more" in arguments else TRUTH_TABLE) if not wanted or row.id in wanted]
    different = 0
    began = time.monotonic()
    with Lab() as lab:
        for row in found:
            seen = play(lab, row)
            differences = row.differences(seen)
            different += bool(differences)
            print(f"{row.id:6} {'differs' if differences else 'same':8} {seen.verdict:22} {row.what}", flush=True)
            for line in differences:
                print(f"       {line}\n       {seen}", flush=True)
    print(f"{len(found)} rows, {different} different, {time.monotonic() - began:.0f} s")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
