"""The lab's DNS over TCP (RFC 7766): exchangers and addresses of its own hosts, and nothing else exists."""

from __future__ import annotations

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from paramiko import Channel

from splittui.mailflow.world import Names

TTL = 300

_SILENCE = 30.0
_CHUNK = 4096


def answer(names: Names, wire: bytes) -> bytes | None:
    """The answer to one query; None for what is no query."""
    try:
        query = dns.message.from_wire(wire)
        response = dns.message.make_response(query, recursion_available=True)
    except dns.exception.DNSException:
        return None
    for question in query.question:
        name = question.name.to_text(omit_final_dot=True).lower()
        exchangers, addresses = names.mx.get(name, ()), names.addresses.get(name, ())
        if not exchangers and not addresses:
            response.set_rcode(dns.rcode.NXDOMAIN)
        records = {
            dns.rdatatype.MX: [f"{rank} {host}." for rank, host in exchangers],
            dns.rdatatype.A: list(addresses),
        }.get(question.rdtype, [])
        if records:
            response.answer.append(dns.rrset.from_text_list(question.name, TTL, "IN", question.rdtype, records))
    return response.to_wire()


def serve(channel: Channel, names: Names) -> None:
    """Answers one client's queries. Raises what the channel raises when it breaks."""
    channel.settimeout(_SILENCE)
    unread = b""
    while data := channel.recv(_CHUNK):
        unread += data
        while len(unread) >= 2 and len(unread) >= (end := 2 + int.from_bytes(unread[:2], "big")):
            response = answer(names, unread[2:end])
            if response is None:
                return
            unread = unread[end:]
            channel.sendall(len(response).to_bytes(2, "big") + response)
