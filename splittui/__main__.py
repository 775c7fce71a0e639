"""``splittui`` and ``python -m splittui``."""

from __future__ import annotations

import sys

from splittui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
