"""What the DNS says of names, asked from this machine or from a host that is logged in to.

From a host, its own resolver (the ``nameserver`` lines of its /etc/resolv.conf) is asked over TCP through a tunnel, as
SMTP probes go there too. That needs no program on the host (``dig`` is missing on many, ``getent`` knows no MX), gives
time to live and the reason of a failure, and is read by the same code as answers here. Every resolver takes TCP (RFC
7766).
"""

from __future__ import annotations

import io
import ipaddress
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from splittui.model.dns import DnsAnswer, DnsView
from splittui.model.text import clean
from splittui.remote.vantage import NotConnected, Vantage

if TYPE_CHECKING:
    from dns.message import ChainingResult, Message, QueryMessage

SECONDS = 10.0
"""Limit of one look-up of any number of names."""

_ONE_ANSWER = 3.0
_AT_ONCE = 4
_PORT = 53

Exchange = Callable[[str, "QueryMessage", float], "Message"]
"""Sends a query to a name server's address and returns its answer in so many seconds.

Raises NoAnswer and RemoteError."""


class NoAnswer(Exception):
    """A name server, or all of them, gave no usable answer; the text says which, and why."""


class Resolver:
    """The name servers of one point of view, asked in their order until one has an answer."""

    def __init__(self, asked_from: str, servers: Sequence[str], exchange: Exchange) -> None:
        self.asked_from = asked_from
        self._servers, self._exchange = servers, exchange

    def ask(self, name: str, kind: str, deadline: float) -> ChainingResult | None:
        """The records of one kind, None where the name does not exist. Raises NoAnswer and RemoteError."""
        import dns.exception
        import dns.message
        import dns.rcode

        trouble = "no name server is known"
        for server in self._servers:
            left = min(_ONE_ANSWER, deadline - time.monotonic())
            if left <= 0:
                break
            try:
                query = dns.message.make_query(name, kind)
                answer = self._exchange(server, query, left)
                if answer.rcode() == dns.rcode.NXDOMAIN:
                    return None
                if answer.rcode() == dns.rcode.NOERROR and isinstance(answer, dns.message.QueryMessage):
                    return answer.resolve_chaining()
                trouble = f"the name server {server} says {dns.rcode.to_text(answer.rcode())}"
            except NoAnswer as error:
                trouble = str(error)
            except dns.exception.DNSException as error:
                trouble = f"the name server {server} answers what cannot be read ({clean(str(error))})"
        raise NoAnswer(f"{trouble} ({kind} of {name}, asked from {self.asked_from})")


def resolver_here() -> Resolver:
    """This machine's resolver. Without any name server every question ends in trouble."""
    import dns.resolver

    try:
        servers = [str(server) for server in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        servers = []
    return Resolver("this machine", servers, _by_datagram)


def resolver_of(vantage: Vantage, resolv_conf: str, port: int = _PORT) -> Resolver:
    """The resolver of a host with that /etc/resolv.conf; one that names none has it on the host itself."""
    import dns.resolver

    reader = dns.resolver.Resolver(configure=False)
    try:
        reader.read_resolv_conf(io.StringIO(resolv_conf))
        servers = [str(server) for server in reader.nameservers]
    except dns.resolver.NoResolverConfiguration:
        servers = ["127.0.0.1"]

    def by_tunnel(server: str, query: QueryMessage, seconds: float) -> Message:
        return _by_stream(vantage, server, port, query, seconds)

    return Resolver(vantage.name, servers, by_tunnel)


def lookup(resolver: Resolver, names: Iterable[str], seconds: float = SECONDS) -> DnsView:
    """Exchangers, addresses and texts of the names, and of the exchangers that are found. Raises RemoteError."""
    asked_at = time.time()
    deadline = time.monotonic() + seconds
    answers: dict[str, DnsAnswer] = {}
    wanted = {name.lower().rstrip(".") for name in names}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dns") as pool:
        for _ in ("the names", "their exchangers"):
            found = list(pool.map(lambda name: _answer(resolver, name, deadline), sorted(wanted)))
            answers |= {answer.name: answer for answer in found}
            wanted = {host for answer in found for _, host in answer.mx if host.strip(".")} - answers.keys()
    return DnsView(resolver.asked_from, asked_at, answers)


def _answer(resolver: Resolver, name: str, deadline: float) -> DnsAnswer:
    from dns.rdtypes.ANY.MX import MX
    from dns.rdtypes.ANY.TXT import TXT
    from dns.rdtypes.IN.A import A
    from dns.rdtypes.IN.AAAA import AAAA

    if _is_address(name):
        return DnsAnswer(name, (), (name,))
    try:
        found = {kind: resolver.ask(name, kind, deadline) for kind in ("MX", "A", "AAAA", "TXT")}
    except NoAnswer as error:
        return DnsAnswer(name, (), (), trouble=str(error))
    told = [result for result in found.values() if result is not None and result.answer is not None]
    records = [record for result in told for record in result.answer or ()]
    return DnsAnswer(
        name,
        mx=tuple(sorted((r.preference, r.exchange.to_text(True).lower()) for r in records if isinstance(r, MX))),
        addresses=tuple(record.address for record in records if isinstance(record, A | AAAA)),
        txt=tuple(clean(b"".join(r.strings).decode("utf-8", "replace")) for r in records if isinstance(r, TXT)),
        ttl=told[0].minimum_ttl if told else None,
    )


def _by_datagram(server: str, query: QueryMessage, seconds: float) -> Message:
    import dns.exception
    import dns.query

    try:
        return dns.query.udp_with_fallback(query, server, seconds)[0]
    except dns.exception.Timeout as error:
        raise NoAnswer(f"the name server {server} did not answer in {seconds:.3g} seconds") from error
    except OSError as error:
        raise NoAnswer(f"the name server {server} cannot be asked: {error.strerror or error}") from error


def _by_stream(vantage: Vantage, server: str, port: int, query: QueryMessage, seconds: float) -> Message:
    import dns.message

    wire = query.to_wire()
    deadline = time.monotonic() + seconds
    try:
        stream = vantage.connect(server, port, seconds)
    except NotConnected as error:
        raise NoAnswer(str(error).rstrip(".")) from error
    try:
        stream.settimeout(seconds)
        stream.sendall(len(wire).to_bytes(2, "big") + wire)
        received = b""
        while len(received) < 2 or len(received) < 2 + int.from_bytes(received[:2], "big"):
            stream.settimeout(max(0.001, deadline - time.monotonic()))
            data = stream.recv(65536)
            if not data:
                vantage.check()
                raise NoAnswer(f"the name server {server} closed the connection without an answer")
            received += data
    except TimeoutError as error:
        raise NoAnswer(f"the name server {server} did not answer in {seconds:.3g} seconds") from error
    except OSError as error:
        vantage.check()
        raise NoAnswer(f"the name server {server} broke the connection off") from error
    finally:
        stream.close()
    answer = dns.message.from_wire(received[2 : 2 + int.from_bytes(received[:2], "big")])
    if not query.is_response(answer):
        raise NoAnswer(f"the name server {server} answered another question")
    return answer


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
