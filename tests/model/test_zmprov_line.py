"""The batch line grammar: what is written is what zmprov reads, and what it cannot carry is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.zmprov_line import UnquotableError, parse_line, quote_line, quote_token

CARRIED = st.text(
    st.characters(
        blacklist_categories=("Cs",),
        blacklist_characters=[
            chr(c) for c in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029) if chr(c) not in "\n\r\t"
        ],
    )
)


@given(st.lists(CARRIED, min_size=1))
def test_what_is_quoted_is_parsed_back(tokens: list[str]) -> None:
    line = quote_line(tokens)
    assert parse_line(line) == tokens
    assert "\n" not in line
    assert "\r" not in line
    assert not line.endswith("\\")


@given(
    st.text(),
    st.sampled_from([*(chr(c) for c in range(0x20) if chr(c) not in "\n\r\t"), "\x7f", "\x9b", "\ud800"]),
    st.text(),
)
def test_what_no_line_can_carry_is_refused(before: str, char: str, after: str) -> None:
    with pytest.raises(UnquotableError):
        quote_token(before + char + after)


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ('ma a@b.c displayName "Ann  \\"A\\" Adams"', ["ma", "a@b.c", "displayName", 'Ann  "A" Adams']),
        ("x 'it\\'s' O'Brien a\"b\"c", ["x", "it's", "O'Brien", 'a"b"c']),
        ('"a""b"', ["a", "b"]),
        ("back\\slash two\\ words t\\tab", ["backslash", "two words", "t\tab"]),
        ("\"\" ''", ["", ""]),
        ('x "', ["x"]),
        ('"runs to the end', ["runs to the end"]),
        ("# no comment", ["#", "no", "comment"]),
    ],
)
def test_recorded_rules(line: str, tokens: list[str]) -> None:
    assert parse_line(line) == tokens


def test_plain_words_stay_readable() -> None:
    tokens = ["ma", "bar@example.com", "zimbraMailTransport", "smtp:[mail.example.com]:25"]
    assert quote_line(tokens) == "ma bar@example.com zimbraMailTransport smtp:[mail.example.com]:25"
