"""What the lab's DNS and MTAs say, word by word."""

import dns.message
import dns.rcode
import pytest

from splittui.lab.name_server import answer
from splittui.lab.smtp import Dialogue
from splittui.mailflow.route import OK, Reply
from splittui.mailflow.world import Names

NAMES = Names(mx={"example.com": ((10, "mail.example.com"),)}, addresses={"mail.example.com": ("192.0.2.20",)})


def dialogue() -> Dialogue:
    return Dialogue("mail.example.com", lambda a: OK if a == "foo@example.com" else Reply(550, "5.1.1 no"))


def test_a_dialogue() -> None:
    talk = dialogue()
    assert talk.banner() == "220 mail.example.com ESMTP Postfix"
    said = [
        ("EHLO zimbra.example.com", "250-mail.example.com"),
        ("RCPT TO:<foo@example.com>", "503"),
        ("MAIL FROM:<>", "250"),
        ("MAIL FROM:<foo@example.com> SIZE=10", "503"),
        ("rcpt to:<bar@example.com>", "550 5.1.1 no"),
        ("DATA", "503"),
        ("RCPT TO: <@relay.example:foo@example.com>", "250 2.1.5 Ok"),
        ("RCPT TO:foo@example.com", "501"),
        ("RCPT TO:<>", "501"),
        ("DATA", "554 5.3.2"),
        ("NOOP", "250"),
        ("VRFY foo", "252"),
        ("RSET", "250"),
        ("RCPT TO:<foo@example.com>", "503"),
        ("HELO x", "250 mail.example.com"),
        ("XYZZY", "500"),
        ("QUIT", "221"),
    ]
    for line, start in said:
        assert talk.answer(line).startswith(start), line
    assert talk.ended


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "records"),
    [
        ("Example.COM", "MX", dns.rcode.NOERROR, ["10 mail.example.com."]),
        ("example.com", "A", dns.rcode.NOERROR, []),
        ("mail.example.com", "A", dns.rcode.NOERROR, ["192.0.2.20"]),
        ("mail.example.com", "AAAA", dns.rcode.NOERROR, []),
        ("imap.example.com", "A", dns.rcode.NXDOMAIN, []),
    ],
)
def test_names(name: str, kind: str, rcode: dns.rcode.Rcode, records: list[str]) -> None:
    query = dns.message.make_query(name, kind)
    wire = answer(NAMES, query.to_wire())
    assert wire is not None
    response = dns.message.from_wire(wire)
    assert query.is_response(response)
    assert response.rcode() == rcode
    assert [record.to_text().lower() for found in response.answer for record in found] == records


def test_what_is_no_query_gets_no_answer() -> None:
    assert answer(NAMES, b"GET / HTTP/1.0") is None
