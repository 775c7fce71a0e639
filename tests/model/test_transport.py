"""Transports as Postfix reads them and as Zimbra compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.model.transport import Transport, TransportError, is_lmtp_of, parse_transport, same_nexthop

HOSTS = st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True)


@given(
    st.builds(
        Transport,
        st.sampled_from(["smtp", "lmtp", "relay"]),
        HOSTS,
        st.none() | st.integers(1, 65535),
        st.booleans(),
    )
)
def test_printed_and_parsed_back(transport: Transport) -> None:
    assert parse_transport(str(transport)) == transport


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("mail.example.com", "no mailer"),
        ("", "no mailer"),
        ("SMTP:mail.example.com", "wants 'smtp'"),
        ("error:no such user", "not a mailer"),
        ("smtp:", "is not host"),
        (":", "not a mailer"),
        ("smtp:mail example.com", "is not host"),
        ("smtp:mail.example.com:99999", "not a port"),
        ("smtp:[mail.example.com", "is not host"),
    ],
)
def test_refused_with_the_reason(text: str, word: str) -> None:
    with pytest.raises(TransportError, match=word):
        parse_transport(text)


def test_a_trailing_space_is_harmless() -> None:
    assert parse_transport("smtp:mail.example.com ").host == "mail.example.com"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("smtp:mail.example.com", "smtp:[MAIL.example.com]:25", True),
        ("smtp:mail.example.com:25", "smtp:mail.example.com:2525", False),
        ("smtp:mail.example.com", "smtp:mail2.example.com", False),
    ],
)
def test_same_nexthop(one: str, other: str, same: bool) -> None:
    assert same_nexthop(parse_transport(one), parse_transport(other)) is same


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("lmtp:zimbra.example.com:7025", True),
        ("lmtp:Zimbra.example.com:7025", False),
        ("LMTP:zimbra.example.com:7025", False),
        ("lmtp:zimbra.example.com", False),
        ("lmtp:zimbra.example.com:7026", False),
        ("lmtp:zimbra.example.com:7025:1", False),
        ("smtp:zimbra.example.com:7025", False),
    ],
)
def test_zimbra_counts_only_the_exact_form_as_local(text: str, local: bool) -> None:
    assert is_lmtp_of(text, "zimbra.example.com", 7025) is local
