"""Reading Postfix's mail log: lines in every form of date, of every service, and what is said of each message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splittui.mailflow.postfix_log import messages

ID = "<splittui.1@internet.test>"
PLAIN = """\
Nov 22 22:31:01 zimbra postfix/smtpd[1]: 4jXkLg1469z2L: client=unknown[127.0.0.99]
Nov 22 22:31:01 zimbra postfix/cleanup[2]: 4jXkLg1469z2L: message-id=<splittui.1@internet.test>
Nov 22 22:31:01 zimbra postfix/qmgr[3]: 4jXkLg1469z2L: from=<postmaster@internet.test>, size=762, nrcpt=1 (queue active)
Nov 22 22:31:01 zimbra postfix/smtp[4]: 4jXkLg1469z2L: to=<bar@example.com>, relay=mail.example.com[127.0.0.12]:25, \
delay=0.08, delays=0.02/0.02/0.02/0.02, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jXkLg1Ky7zn)
Nov 22 22:31:01 zimbra postfix/qmgr[3]: 4jXkLg1469z2L: removed
"""


def one(text: str):
    [message] = messages(text.splitlines()).values()
    return message


def test_a_message_from_its_beginning_to_its_end() -> None:
    message = one(PLAIN)
    assert (message.id, message.message_id, message.recipients) == ("4jXkLg1469z2L", ID, 1)
    assert (message.removed, message.settled) == (True, True)
    [delivery] = message.deliveries.values()
    assert (delivery.agent, delivery.to, delivery.status, delivery.dsn) == ("smtp", "bar@example.com", "sent", "2.0.0")
    assert delivery.relay == "mail.example.com[127.0.0.12]:25"
    assert delivery.next_id == "4jXkLg1Ky7zn"


@pytest.mark.parametrize(
    "front",
    [
        "Nov  2 22:31:01 zimbra postfix/",
        "2026-11-22T22:31:01.123456+01:00 zimbra postfix/",
        "2026-11-22T22:31:01Z zimbra.example.com postfix/relay/",
        "Nov 22 22:31:01 zimbra postfix/amavisd/",
        "Nov 22 22:31:01 zimbra legacy/",
    ],
)
def test_the_front_of_a_line_does_not_matter(front: str) -> None:
    said = "connect to mail.example.com[192.0.2.1]:25: Connection refused"
    text = f"{front}smtp[4]: ABCDEF0123: to=<bar@example.com>, relay=none, delay=1, dsn=4.4.1, status=deferred ({said})"
    [delivery] = one(text).deliveries.values()
    assert delivery.status == "deferred"
    assert delivery.said == said
    assert (delivery.agent, delivery.next_id) == ("smtp", "")


def test_the_last_attempt_counts() -> None:
    attempt = "Nov 22 22:31:0{} z postfix/smtp[4]: ABCDEF: to=<bar@example.com>, relay=none, delay=1, delays=1/0/0/0, "
    lines = [attempt.format(1) + "dsn=4.4.1, status=deferred (no)", attempt.format(2) + "dsn=2.0.0, status=sent (ok)"]
    assert [d.status for d in messages(lines)["ABCDEF"].deliveries.values()] == ["sent"]


def test_who_it_was_before_aliases_were_expanded() -> None:
    line = "x z postfix/lmtp[4]: ABCDEF: to=<Foo@example.com>, orig_to=<Boss@example.com>, relay=z[1.2.3.4]:7025, "
    [delivery] = one(
        line + "delay=1, delays=1/0/0/0, dsn=2.1.5, status=sent (250 2.1.5 Delivery OK)"
    ).deliveries.values()
    assert (delivery.to, delivery.original) == ("foo@example.com", "boss@example.com")


def test_a_message_is_settled_when_something_is_known_of_everybody() -> None:
    active = "x z postfix/qmgr[3]: ABCDEF: from=<a@b>, size=762, nrcpt=2 (queue active)"
    attempt = "x z postfix/lmtp[4]: ABCDEF: to=<{}@example.com>, relay=none, delay=1, dsn=4.0.0, status=deferred (x)"
    assert not messages([active])["ABCDEF"].settled
    assert not messages([active, attempt.format("a")])["ABCDEF"].settled
    assert messages([active, attempt.format("a"), attempt.format("b")])["ABCDEF"].settled


def test_refused_by_a_filter_before_it_was_queued() -> None:
    line = "x z postfix/cleanup[2]: ABCDEF: milter-reject: END-OF-MESSAGE from unknown[1.2.3.4]: 5.7.1 no; from=<a@b>"
    assert one(line).refused.startswith("milter-reject: END-OF-MESSAGE")


def test_other_lines_are_left_aside() -> None:
    others = [
        "",
        "Nov 22 22:31:01 zimbra postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[127.0.0.99]: 550 5.1.1 <x@y>",
        "Nov 22 22:31:01 zimbra amavis[77]: (00077-01) Passed CLEAN, Message-ID: <splittui.1@internet.test>",
        "Nov 22 22:31:01 zimbra postfix/smtpd[1]: connect from unknown[127.0.0.99]",
        "\x1b[31m postfix/\xff",
    ]
    assert messages(others) == {}


@given(st.lists(st.one_of(st.text(), st.sampled_from(PLAIN.splitlines()).map(lambda line: line[:-7]))))
def test_no_line_is_too_odd(lines: list[str]) -> None:
    assert all(message.id for message in messages(lines).values())
