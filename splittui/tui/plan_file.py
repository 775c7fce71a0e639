"""Writing a plan, or words to be handed on, to a file that is readable by its owner alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

from splittui.planning.plan import Plan
from splittui.planning.plan_json import plan_to_json


def write_plan(path: Path, plan: Plan, *, replace: bool = False) -> None:
    """Writes the plan as JSON, mode 0600. Raises FileExistsError where there is a file and ``replace`` is not set."""
    write_text(path, json.dumps(plan_to_json(plan), indent=2, ensure_ascii=False) + "\n", replace=replace)


def write_text(path: Path, text: str, *, replace: bool = False) -> None:
    """Writes the text, mode 0600. Raises FileExistsError where there is a file and ``replace`` is not set."""
    # A file that is replaced is written beside the old one first: a full disk then costs neither of them.
    target = path.with_name(path.name + ".new") if replace else path
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        os.replace(target, path)
