"""Nothing that a directory holds may reach the terminal as more than text."""

from hypothesis import given
from hypothesis import strategies as st

from splittui.model.text import clean


@given(st.text())
def test_no_control_and_no_direction_survives(text: str) -> None:
    shown = clean(text)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in shown)
    assert not any(0x202A <= ord(c) <= 0x202E or 0x2066 <= ord(c) <= 0x2069 or 0xD800 <= ord(c) < 0xE000 for c in shown)


@given(st.text(st.characters(whitelist_categories=("L", "N", "P"))))
def test_plain_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


def test_what_was_replaced_is_visible() -> None:
    assert clean("a\x1b]0;x\x07b") == "a␛]0;x␇b"
    assert clean("a\u202eb") == "a<U+202E>b"
