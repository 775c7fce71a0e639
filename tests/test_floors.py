"""The house's floors: imports go downwards only, and the lower three know no screen, no socket and no clock."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import splittui

ROOT = Path(splittui.__file__).parent
FLOORS = [
    {"model"},
    {"planning"},
    {"mailflow"},
    {"config"},
    {"remote"},
    {"legacy", "zimbra"},
    {"execution"},
    {"lab"},
    {"tui"},
    {"cli"},
    {"__main__"},
]
PURE = {"model", "planning", "mailflow"}
WORLDLY = {
    "textual",
    "paramiko",
    "ldap3",
    "socket",
    "ssl",
    "subprocess",
    "time",
    "threading",
    "asyncio",
    "sqlite3",
    "os",
}


def imports(file: Path) -> set[str]:
    """The dotted names a module imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def floor(package: str) -> int:
    return next(number for number, packages in enumerate(FLOORS) if package in packages)


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=lambda f: str(f.relative_to(ROOT)))
def test_imports_go_downwards(file: Path) -> None:
    package = file.relative_to(ROOT).parts[0].removesuffix(".py")
    if package == "__init__":
        return
    used = imports(file)
    inside = {name.split(".")[1] for name in used if name.startswith("splittui.") and name != "splittui.__version__"}
    assert not {other for other in inside if floor(other) > floor(package)}
    assert not {other for other in inside - {package} if floor(other) == floor(package)}
    if package in PURE:
        assert not {name.split(".")[0] for name in used} & WORLDLY
    if package != "tui":
        assert "textual" not in {name.split(".")[0] for name in used}


def test_the_console_appears_before_what_speaks_to_servers_is_loaded() -> None:
    code = "import sys, splittui.tui.app; print(sorted({'paramiko', 'ldap3', 'dns'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"


def test_the_door_opens_fast() -> None:
    code = "import sys, splittui.cli.main as m; m.parser(); print(sorted({n.split('.')[0] for n in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"textual", "paramiko", "ldap3"} & set(ast.literal_eval(loaded))
