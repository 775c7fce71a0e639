"""Work aside: what it returns and what it raises, and that it never keeps a program from ending."""

import subprocess
import sys
import threading

import pytest

from splittui.remote.aside import aside


def test_what_it_returns_and_raises() -> None:
    assert aside("sum", lambda: 1 + 1).result(5) == 2
    with pytest.raises(ZeroDivisionError):
        aside("fault", lambda: 1 // 0).result(5)
    assert aside("name", lambda: threading.current_thread().name).result(5) == "name"


def test_the_program_ends_without_it() -> None:
    code = "import threading; from splittui.remote.aside import aside; aside('stuck', threading.Event().wait)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
