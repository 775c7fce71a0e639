"""The text of a Postfix table: it is read as postmap reads it, and one line changes while all else stays."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from splittui.legacy.routers.table_text import TableError, changed, everything, values
from tests.legacy.tables import Table

PIECES = st.sampled_from(
    [
        b"bar@example.com",
        b"BAR@Example.com",
        b"foo@example.com",
        b"#",
        b'"',
        b"\\",
        b"smtp:[x]:25",
        b"x\xc3\xa9",
        b" ",
        b"\t",
        b"\r",
        b"\v",
        b"\f",
        b"\n",
        b"\n\n",
        b"\n ",
        b"\n# ",
        b"\n#\n ",
    ]
)
TEXTS = st.lists(PIECES, max_size=40).map(b"".join)
KEY = "bar@example.com"
VALUES = st.sampled_from(["", "smtp:[zimbra.example.com]:25", "virtual:", ":", "# no comment"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
@example(b"  bar@example.com x\nfoo@example.com y")
@example(b"bar@example.com\n# between\n\n  x\n  y\n")
@example(b'bar@example.com x\nBAR@EXAMPLE.COM y\n"bar@example.com" z\n')
def test_it_is_read_as_postmap_reads_it(text: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Table(Path(folder)).write(text)
        assert sorted(f"{key}\t{found[0]}".encode() for key, found in everything(text).items()) == table.dump()


@given(TEXTS, VALUES)
def test_one_key_changes_and_nothing_else(text: bytes, value: str) -> None:
    before = everything(text)
    if len(before.get(KEY, ())) > 1:
        with pytest.raises(TableError, match="different values"):
            changed(text, KEY, value)
        return
    new = changed(text, KEY, value)
    assert values(new, KEY) == ((value,) if value else ())
    assert {key: found for key, found in everything(new).items() if key != KEY} == {
        key: found for key, found in before.items() if key != KEY
    }


@given(TEXTS)
def test_a_key_that_is_looked_for_is_found_as_in_everything(text: bytes) -> None:
    assert values(text, KEY) == everything(text).get(KEY, ())


@given(TEXTS, VALUES)
def test_and_back(text: bytes, value: str) -> None:
    before = everything(text)
    if len(before.get(KEY, ())) < 2:
        [was] = before.get(KEY, ("",))
        if was.isascii() and was.isprintable():
            assert everything(changed(changed(text, KEY, value), KEY, was)) == before


@pytest.mark.parametrize(
    ("text", "value", "new"),
    [
        ("", "smtp:a", "bar@example.com\tsmtp:a\n"),
        ("x y", "smtp:a", "x y\nbar@example.com\tsmtp:a\n"),
        ("# all\nBar@Example.com   old  \nx y\n", "smtp:a", "# all\nBar@Example.com   smtp:a\nx y\n"),
        ("bar@example.com old\n  more\n# why\n  end\nx y\n", "smtp:a", "bar@example.com smtp:a\n# why\nx y\n"),
        ("bar@example.com\n  old\nx y\n", "smtp:a", "bar@example.com\tsmtp:a\nx y\n"),
        ("x y\nbar@example.com old\n# why\n\n  more\nz z\n", "", "x y\n# why\n\nz z\n"),
        ("bar@example.com a\nx y\nBAR@example.com a\n", "", "x y\n"),
        ("bar@example.com a\nx y\nBAR@example.com a\n", "b", "bar@example.com b\nx y\n"),
        ("x y\r\n", "smtp:a", "x y\r\nbar@example.com\tsmtp:a\r\n"),
        ("#bar@example.com old\nx y\n", "", "#bar@example.com old\nx y\n"),
    ],
)
def test_the_text_afterwards(text: str, value: str, new: str) -> None:
    assert changed(text.encode(), KEY, value).decode() == new


@pytest.mark.parametrize(
    ("key", "value"),
    [("#a@example.com", "x"), ("", "x"), ("a b", "x"), ('"a"', "x"), (KEY, "two\nlines"), (KEY, " x"), (KEY, "é")],
)
def test_what_no_table_can_carry_is_refused(key: str, value: str) -> None:
    with pytest.raises(TableError, match="cannot stand"):
        changed(b"x y\n", key, value)


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(TableError, match="NUL"):
        values(b"x\0y z\n", KEY)
