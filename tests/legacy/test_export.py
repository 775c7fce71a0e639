"""CSV exports: a row that cannot be read must never look like a person who is not there."""

from pathlib import Path

import pytest

from splittui.legacy.export import ExportError, read_export
from splittui.model.entries import Kind, LegacyAccount

HEADER = "address,name,given_name,surname,aliases,kind,enabled,forwards_to\n"


def read(tmp_path: Path, text: str | bytes):
    file = tmp_path / "people.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_export(file, "example.com", 1.0, lambda n: None)


def test_people(tmp_path: Path) -> None:
    half = read(
        tmp_path,
        "\ufeff" + HEADER + 'Bar@Example.com,"Bell, Bär",Bär,Bell,b@example.com; c@example.com,,,\n'
        "list@example.com,,,,,list,no,smtp:[zimbra.example.com]:25\nelse@other.org,,,,,,,\n",
    )
    assert half.reading.complete
    assert half.accounts == {
        "bar@example.com": LegacyAccount(
            "bar@example.com", "Bell, Bär", "Bär", "Bell", aliases=("b@example.com", "c@example.com")
        ),
        "list@example.com": LegacyAccount(
            "list@example.com", kind=Kind.LIST, enabled=False, forwards_to="smtp:[zimbra.example.com]:25"
        ),
    }


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("not an address,,,,,,,\n", "line 2"),
        ("a@example.com,,,,,boss,,\n", "no kind"),
        ("a@example.com,,,,x y,,,\n", "alias"),
        ("a@example.com,,,,,,,,,\n", "more fields"),
        ("a@example.com\na@example.com\n", "twice"),
    ],
)
def test_a_bad_row_makes_the_half_partial(tmp_path: Path, row: str, why: str) -> None:
    half = read(tmp_path, HEADER + row + "ok@example.com,,,,,,,\n")
    assert not half.reading.complete
    assert why in half.reading.why_partial
    assert "ok@example.com" in half.accounts


@pytest.mark.parametrize("text", ["", "name,mail\nx,y\n", b"address\n\xff\xfe\n", 'address\n"unterminated\n'])
def test_what_is_no_export_is_an_error(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(ExportError, match=r"people\.csv"):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"nowhere\.csv"):
        read_export(tmp_path / "nowhere.csv", "example.com", 1.0, lambda n: None)
