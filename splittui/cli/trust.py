"""``splittui trust``."""

from __future__ import annotations

import argparse
import sys

from splittui.cli.exits import Exit
from splittui.cli.reading import site


def trust(options: argparse.Namespace) -> Exit:
    """Accepts a host's key if it has the fingerprint that the operator names."""
    with site(options) as opened:
        accepted = opened.trust(options.fingerprint)
    print("Accepted." if accepted else "The keys of the hosts are known already; nothing was changed.", file=sys.stderr)
    return Exit.OK
