"""Looking names up: at a real dnsmasq over TCP and UDP, through a host, and at servers that are broken."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from splittui.model.dns import DnsAnswer, DnsView
from splittui.remote.dns import lookup, resolver_of
from splittui.remote.vantage import Here, Through
from tests.remote.scripted import Scripted
from tests.servers.capsule import Capsule
from tests.servers.ground import free_port, unavailable, wait_until

RECORDS = (
    "--mx-host=example.com,zimbra.example.com,20",
    "--mx-host=example.com,mail.example.com,10",
    "--host-record=zimbra.example.com,192.0.2.20,2001:db8::20",
    "--host-record=mail.example.com,192.0.2.10",
    "--cname=imap.example.com,mail.example.com",
    "--txt-record=example.com,v=spf1 mx -all",
    f"--txt-record=long.example.com,{'x' * 250},{'y' * 250},{'z' * 250}",
)


def dnsmasq(address: str, port: int) -> list[str]:
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        unavailable("there is no dnsmasq")
    fixed = "--keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --user=root --group=root --pid-file="
    where = (f"--listen-address={address}", f"--port={port}", "--bind-interfaces", "--local=/#/", "--local-ttl=77")
    return [program, *fixed.split(), *where, *RECORDS]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(dnsmasq("127.0.0.1", port), stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: process.poll() is not None or _listens(port), "dnsmasq answers")
        assert process.poll() is None
        yield port
    finally:
        process.terminate()
        process.wait(5)


def _listens(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def asked(port: int, *names: str, seconds: float = 10.0) -> DnsView:
    return lookup(resolver_of(Here(), "nameserver 127.0.0.1\n", port), names, seconds)


def test_exchangers_addresses_texts_and_the_exchangers_own_addresses(port: int) -> None:
    view = asked(port, "Example.com.")
    assert view.asked_from == "this machine"
    assert set(view.answers) == {"example.com", "mail.example.com", "zimbra.example.com"}
    domain = view.answers["example.com"]
    assert domain.mx == ((10, "mail.example.com"), (20, "zimbra.example.com"))
    assert (domain.txt, domain.trouble) == (("v=spf1 mx -all",), "")
    assert view.answers["zimbra.example.com"].addresses == ("192.0.2.20", "2001:db8::20")
    assert view.answers["mail.example.com"] == DnsAnswer("mail.example.com", (), ("192.0.2.10",), ttl=77)


def test_an_alias_has_the_addresses_of_its_name(port: int) -> None:
    assert asked(port, "imap.example.com").answers["imap.example.com"].addresses == ("192.0.2.10",)


def test_a_name_that_is_not_there_is_no_trouble(port: int) -> None:
    assert asked(port, "nowhere.example.net").answers["nowhere.example.net"] == DnsAnswer("nowhere.example.net", (), ())


def test_an_address_stands_for_itself(port: int) -> None:
    assert asked(port, "192.0.2.7").answers["192.0.2.7"].addresses == ("192.0.2.7",)


def test_what_is_no_name_is_trouble(port: int) -> None:
    assert asked(port, "a" * 70 + ".example.com").answers["a" * 70 + ".example.com"].trouble


def test_through_a_host(port: int, server) -> None:
    with server.connect() as link:
        vantage = Through("zimbra.example.com", lambda: link)
        view = lookup(resolver_of(vantage, "# none\nnameserver 127.0.0.1\n", port), ["example.com"])
    assert view.asked_from == "zimbra.example.com"
    assert view.answers["example.com"].mx[0] == (10, "mail.example.com")


def test_a_host_without_a_name_server_line_is_asked_itself(port: int) -> None:
    assert lookup(resolver_of(Here(), "search example.com\n", port), ["example.com"]).answers["example.com"].mx


def test_the_next_name_server_is_asked(port: int) -> None:
    """Nobody listens on that port of 127.0.0.2."""
    resolver = resolver_of(Here(), "nameserver 127.0.0.2\nnameserver 127.0.0.1\n", port)
    assert lookup(resolver, ["example.com"]).answers["example.com"].mx


def read(client: socket.socket) -> bytes:
    """One question over TCP."""
    return client.recv(int.from_bytes(client.recv(2, socket.MSG_WAITALL), "big"), socket.MSG_WAITALL)


def reply(client: socket.socket, rcode: dns.rcode.Rcode, *records: str, other: bool = False) -> None:
    """Answers one question over TCP."""
    question = dns.message.from_wire(read(client))
    if other:
        question = dns.message.make_query("other.example.com", "MX", id=question.id)
    answer = dns.message.make_response(question)
    answer.set_rcode(rcode)
    if records and question.question[0].rdtype == dns.rdatatype.MX:
        answer.answer.append(dns.rrset.from_text(question.question[0].name, 60, "IN", "MX", *records))
    wire = answer.to_wire()
    client.sendall(len(wire).to_bytes(2, "big") + wire)


def test_a_domain_that_takes_no_mail() -> None:
    """RFC 7505: a null MX."""
    with Scripted([lambda client: reply(client, dns.rcode.NOERROR, "0 .")]) as there:
        assert asked(there.port, "example.com").answers["example.com"].mx == ((0, "."),)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([lambda client: reply(client, dns.rcode.SERVFAIL)], "says SERVFAIL"),
        ([lambda client: reply(client, dns.rcode.REFUSED)], "says REFUSED"),
        ([lambda client: reply(client, dns.rcode.NOERROR, other=True)], "answered another question"),
        ([read, b"\x00\x05hello"], "answers what cannot be read"),
        ([read, b"\x00\xffab"], "closed the connection without an answer"),
        ([read], "closed the connection without an answer"),
    ],
)
def test_broken_name_servers(script, words: str) -> None:
    with Scripted(script) as there:
        answer = asked(there.port, "example.com").answers["example.com"]
    assert words in answer.trouble
    assert "MX of example.com, asked from this machine" in answer.trouble
    assert (answer.mx, answer.addresses, answer.txt, answer.ttl) == ((), (), (), None)


def test_a_silent_name_server_costs_no_more_than_the_limit() -> None:
    with Scripted() as there:
        there.scripts = ([there.silence],)
        view = asked(there.port, "a.example.com", "b.example.com", seconds=0.3)
    assert all("did not answer in" in answer.trouble for answer in view.answers.values())


def test_nobody_listens() -> None:
    assert "Connection refused" in asked(free_port(), "example.com").answers["example.com"].trouble


INSIDE = """
import json
from splittui.remote.dns import lookup, resolver_here
view = lookup(resolver_here(), ["example.com", "long.example.com"])
print(json.dumps({name: [answer.mx, answer.txt, answer.trouble] for name, answer in view.answers.items()}))
"""


def test_this_machines_resolver_by_datagram_and_by_stream_where_that_is_too_small() -> None:
    with Capsule() as capsule:
        capsule.path("/etc/resolv.conf").write_text("nameserver 127.0.0.53\n")
        server = capsule.start("dnsmasq", dnsmasq("127.0.0.53", 53))
        wait_until(lambda: not server.running or capsule.listens("127.0.0.53", 53), "dnsmasq answers")
        found = json.loads(capsule.run(sys.executable, "-c", INSIDE).stdout)
    assert found["example.com"] == [[[10, "mail.example.com"], [20, "zimbra.example.com"]], ["v=spf1 mx -all"], ""]
    assert found["long.example.com"] == [[], ["x" * 250 + "y" * 250 + "z" * 250], ""]
