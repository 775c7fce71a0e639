"""Settings written into a configuration: what is not named stays as it is, to the letter."""

from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from splittui.config import ConfigError
from splittui.config.write import current, names_of, with_settings, write

FILE = Path("splittui.toml")
TWO = """\
# mine
default_profile = "b"   # keep

[profile.b]
domain = "b.example" # its domain

[profile.b.legacy]
name = "x"

[other]
a = 1

[profile.c.zimbra]
host = "h"
"""


def test_lines_are_added_and_none_is_lost() -> None:
    text = with_settings(FILE, TWO, "b", {"role": "secondary", "legacy.directory.kind": "csv", "zimbra.host": "q"})
    assert set(TWO.splitlines()) <= set(text.splitlines())
    assert names_of(text, "b") == {"domain", "role", "legacy.name", "legacy.directory.kind", "zimbra.host"}
    assert names_of(text, "c") == {"zimbra.host"}


def test_a_value_is_changed_in_its_place_and_its_comment_stays() -> None:
    assert 'domain = "c.example" # its domain\n' in with_settings(FILE, TWO, "b", {"domain": "c.example"})


def test_a_name_is_taken_out_and_nothing_else() -> None:
    settings = {"setup.skipped.quiet": "why", "setup.skipped.mx": "no"}
    text = with_settings(FILE, TWO, "b", settings)
    text = with_settings(FILE, text, "b", {"setup.skipped.quiet": None, "setup.never": None})
    assert names_of(text, "b") == {"domain", "legacy.name", "setup.skipped.mx"}
    assert set(TWO.splitlines()) <= set(text.splitlines())


def test_the_first_profile_becomes_the_default_one() -> None:
    text = with_settings(FILE, "# nothing yet\n", "new", {"domain": "example.com"})
    assert tomlkit.parse(text)["default_profile"] == "new"
    assert text.startswith("# nothing yet\n")
    assert tomlkit.parse(with_settings(FILE, text, "two", {"domain": "example.org"}))["default_profile"] == "new"


@pytest.mark.parametrize("text", ["profile = 1\n", "[profile]\nb = 2\n", "[profile.b]\nlegacy = 3\n"])
def test_what_is_no_table_is_left_alone(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a table"):
        with_settings(FILE, text, "b", {"legacy.name": "x"})


def test_what_is_no_toml_is_left_alone() -> None:
    with pytest.raises(ConfigError, match="is not TOML"):
        with_settings(FILE, "[profile", "b", {"domain": "x"})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back(value: str) -> None:
    text = with_settings(FILE, TWO, "b", {"legacy.name": value})
    assert tomlkit.parse(text).unwrap()["profile"]["b"]["legacy"]["name"] == value


def test_the_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "splittui.toml"
    file.write_text(TWO)
    file.chmod(0o640)
    write(file, TWO, "# new\n")
    assert file.read_text() == "# new\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_what_somebody_else_wrote_meanwhile_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "splittui.toml"
    file.write_text("# theirs\n")
    with pytest.raises(ConfigError, match="changed by somebody else"):
        write(file, TWO, "# new\n")
    assert current(file) == "# theirs\n"


def test_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "real.toml", tmp_path / "link.toml"
    file.write_text("# old\n")
    link.symlink_to(file)
    write(link, "# old\n", "# new\n")
    assert link.is_symlink()
    assert file.read_text() == "# new\n"
