"""A fresh Zimbra: what the directory holds before the first command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from splittui.lab.directory import Attrs

_BOOTSTRAP = Path(__file__).parent.parent / "data" / "bootstrap.json"


def bootstrap_entries() -> Iterator[tuple[str, Attrs]]:
    """The global config and the classes of service with Zimbra's defaults; no server and no domain yet."""
    yield from read_entries(_BOOTSTRAP)


def read_entries(path: Path) -> Iterator[tuple[str, Attrs]]:
    """Entries from a JSON list of [dn, attributes]. Raises OSError, ValueError."""
    for dn, attrs in json.loads(path.read_text(encoding="utf-8")):
        yield str(dn), {str(name): [str(value) for value in values] for name, values in attrs.items()}
