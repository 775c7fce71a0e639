"""Addresses: one canonical form, and a clear word for what cannot be one."""

import pytest

from splittui.model.address import AddressError, parse_address, parse_domain


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Bar@Example.COM", "bar@example.com"),
        (" o'brien+tag@example.com ", "o'brien+tag@example.com"),
        ("bar@büro.example", "bar@xn--bro-hoa.example"),
        ("bar@example.com.", "bar@example.com"),
    ],
)
def test_canonical_form(text: str, address: str) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("bar", "name@domain"),
        ("@example.com", "name@domain"),
        ("bär@example.com", "cannot store"),
        ("da ve@example.com", "cannot carry"),
        ('"q"@example.com', "cannot carry"),
        ("a..b@example.com", "malformed"),
        ("bar@exa mple.com", "not a domain"),
        ("bar@-x.com", "not a domain"),
        ("bar@" + "ü" * 64 + ".com", "ASCII"),
        ("bar@x\x1b]0;.com", "not a domain"),
    ],
)
def test_refused_with_the_reason(text: str, word: str) -> None:
    with pytest.raises(AddressError, match=word):
        parse_address(text)


def test_domain() -> None:
    assert parse_domain("EXAMPLE.com.") == "example.com"
