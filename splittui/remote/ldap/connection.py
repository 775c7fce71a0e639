"""One conversation with one directory server: connect, encrypt, bind, search, modify."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, cast

from ldap3 import Connection, Server
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import search_operation
from ldap3.protocol.rfc2696 import paged_search_control

from splittui.config.directory import Encryption, LdapServer
from splittui.remote.errors import readable
from splittui.remote.ldap import errors
from splittui.remote.ldap.assertion import assertion
from splittui.remote.ldap.conversation import Conversation
from splittui.remote.ldap.decoder import Attributes, Garbled
from splittui.remote.ldap.errors import LdapFault
from splittui.remote.ldap.tls import TlsStream, context
from splittui.remote.vantage import Here, NotConnected, Stream, Vantage

_START_TLS = "1.3.6.1.4.1.1466.20037"
_PAGED_RESULTS = "1.2.840.113556.1.4.319"

Scope = Literal["BASE", "LEVEL", "SUBTREE"]
Operation = Literal["MODIFY_ADD", "MODIFY_DELETE", "MODIFY_REPLACE"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for the connection to come about, and for any sign of life while an answer is awaited.

    ``search`` is for what a server may have to look through everything for before it finds the first entry.
    """

    connect: float = 10.0
    answer: float = 15.0
    search: float = 60.0


@dataclass(frozen=True, slots=True)
class Query:
    """A search, ready to be sent: below which entry, and ldap3's form of it."""

    base: str
    request: object


@dataclass(frozen=True, slots=True)
class Answer:
    """What one search brought. ``fault`` is what the server says is wrong with it; the entries may be good even so.

    ``references`` are parts of the tree that other servers hold; ``ranged``: values of some entry may be missing, which
    are handed out in parts. ``cookie`` asks for the next page: empty at the last
    one, None where the server ignores that pages were asked for.
    """

    entries: list[Attributes]
    references: list[str]
    ranged: bool
    cookie: bytes | None
    fault: LdapFault | None


class LdapConnection:
    """A connection for one thread, and for one paged search at a time; ``cancel`` may be called from any.

    ``vantage`` is where it starts from. Every method raises LdapFault, and RemoteError where the vantage itself is
    lost; after either the connection is of no more use. It is never made again by itself.
    """

    def __init__(
        self, server: LdapServer, password: str = "", vantage: Vantage | None = None, timeouts: Timeouts | None = None
    ) -> None:
        self.server = server
        self.host = server.host
        self._password = password
        self._vantage = vantage or Here()
        self._timeouts = timeouts or Timeouts()
        self._patience = self._timeouts.answer
        self._raw: Stream | None = None
        self._connection: Connection | None = None
        self._cancelled = False

    def open(self) -> None:
        """Connects, encrypts and binds."""
        server = self.server
        if server.bind_dn and not self._password:
            raise LdapFault(
                self.host,
                f"the password of {readable(server.bind_dn)} on {self.host} is empty",
                certain="Nothing was sent: a server would take an empty password for an anonymous login.",
                next_step="Look at where the password comes from.",
            )
        try:
            raw = self._raw = self._vantage.connect(self.host, server.port, self._timeouts.connect)
        except NotConnected as error:
            raise errors.not_reached(self.host, str(error)) from error
        if self._cancelled:
            raise errors.cancelled(self.host)
        raw.settimeout(self._patience)
        if isinstance(raw, socket.socket):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = self._encrypted(raw) if server.encryption is Encryption.TLS else raw
        self._connection = connection = Connection(
            Server(server.host, server.port, get_info="NO_INFO"),
            user=server.bind_dn or None,
            password=self._password or None,
            check_names=False,
            auto_referrals=False,
            auto_range=False,
            return_empty_attributes=False,
        )
        talk = Conversation(connection, stream, server.stock_decoder)
        if server.encryption is Encryption.START_TLS:
            self._start_tls(connection, talk, raw)
        self._bind(connection)
        self._patience = self._timeouts.search
        raw.settimeout(self._patience)

    def search(self, base: str, filter_: str, attributes: Sequence[str], scope: Scope = "SUBTREE") -> Answer:
        """All entries at once, as far as the server's limits let it."""
        query = self.query(base, filter_, attributes, scope)
        with self._asking():
            number: int = self._opened().send("searchRequest", query.request)
        return self.answer(query, number)

    def query(self, base: str, filter_: str, attributes: Sequence[str], scope: Scope = "SUBTREE") -> Query:
        """A search that can be asked for page by page."""
        with self._asking():
            request = search_operation(
                base, filter_, scope, "NEVER", list(attributes), 0, 0, False, True, True, check_names=False
            )
        return Query(base, request)

    def ask_page(self, query: Query, size: int, cookie: bytes) -> int:
        """Asks for so many entries, going on from ``cookie``. Returns the number that its answer is to be got by."""
        with self._asking():
            controls = [paged_search_control(True, size, cookie)]
            number: int = self._opened().send("searchRequest", query.request, controls)
        return number

    def answer(self, query: Query, number: int) -> Answer:
        """Waits for the answer to what was asked last."""
        connection = self._opened()
        with self._asking():
            connection.post_send_search(number)
        talk: Conversation = connection.strategy
        result = cast(Mapping[str, object], connection.result)
        controls = cast(Mapping[str, Mapping[str, Mapping[str, bytes]]], result.get("controls") or {})
        paged = controls.get(_PAGED_RESULTS)
        return Answer(
            talk.entries,
            talk.references,
            talk.ranged,
            paged["value"]["cookie"] if paged is not None else None,
            self._fault(result, query.base),
        )

    def modify(
        self, dn: str, changes: Sequence[tuple[Operation, str, Sequence[str]]], assertion_filter: str = ""
    ) -> None:
        """All of the changes (operation, attribute, values) to one entry, or none of them (RFC 4511, 4.6).

        None are made where the filter does not hold for the entry, and the server knows such assertions.
        """
        connection = self._opened()
        wanted: dict[str, list[tuple[str, list[str]]]] = {}
        for operation, attribute, values in changes:
            wanted.setdefault(attribute, []).append((operation, list(values)))
        try:
            with self._asking():
                controls = [assertion(assertion_filter)] if assertion_filter else None
                connection.modify(dn, wanted, controls)  # type: ignore[no-untyped-call]
        except LdapFault as fault:
            raise LdapFault(
                self.host,
                fault.what,
                certain="What was sent last may have taken effect or not.",
                next_step=f"Read {readable(dn)} back before anything is tried again.",
            ) from fault
        fault_ = self._fault(cast(Mapping[str, object], connection.result), dn)
        if fault_ is not None:
            raise fault_

    def cancel(self) -> None:
        """Breaks off whatever goes on, from any thread; the thread that waits gets its LdapFault at once."""
        self._cancelled = True
        raw = self._raw
        if isinstance(raw, socket.socket):
            # Closing alone would leave the other thread waiting.
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)
        elif raw is not None:
            raw.close()

    def close(self) -> None:
        """Says goodbye if it can, and closes; safe to call twice."""
        connection, self._connection = self._connection, None
        if connection is not None and not self._cancelled:
            with contextlib.suppress(OSError, LDAPException):
                connection.unbind()
        if self._raw is not None:
            self._raw.close()

    def __enter__(self) -> LdapConnection:
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _encrypted(self, raw: Stream) -> TlsStream:
        file = self.server.ca_file
        try:
            checks = context(file)
        except OSError as error:
            reason = error.strerror or getattr(error, "reason", "") or str(error)
            raise errors.bad_ca_file(self.host, str(file), reason) from error
        try:
            return TlsStream(raw, checks, self.host)
        except TimeoutError as error:
            raise errors.silent(self.host, self._patience) from error
        except (OSError, ValueError) as error:
            self._vantage.check()
            raise errors.no_tls(self.host, error) from error

    def _start_tls(self, connection: Connection, talk: Conversation, raw: Stream) -> None:
        with self._asking():
            connection.extended(_START_TLS)
        if connection.result["result"] != 0:
            raise errors.no_start_tls(self.host, str(connection.result["message"]))
        with self._asking():
            talk.await_encryption()
        talk.speak_over(self._encrypted(raw))

    def _bind(self, connection: Connection) -> None:
        try:
            with self._asking():
                connection.bind(read_server_info=False)
        finally:
            # Nothing that might be shown or kept holds the password any longer.
            connection.password = connection.request = None
            self._password = ""
        fault = self._fault(cast(Mapping[str, object], connection.result), "")
        if fault is not None:
            raise fault

    def _opened(self) -> Connection:
        if self._connection is None:
            raise errors.broken(self.host, "it is not open")
        return self._connection

    def _fault(self, result: Mapping[str, object], base: str) -> LdapFault | None:
        code = cast(int, result["result"])
        if code == 0:
            return None
        return errors.refused(
            self.host,
            code,
            str(result.get("message") or ""),
            base=base,
            who=self.server.bind_dn,
            matched=str(result.get("dn") or ""),
            referrals=", ".join(cast(list[str], result.get("referrals") or [])),
        )

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Makes LdapFault of what happens while the server is asked."""
        try:
            yield
        except Garbled as error:
            raise errors.garbled(self.host, str(error)) from error
        except OSError as error:
            if self._cancelled:
                raise errors.cancelled(self.host) from error
            if isinstance(error, TimeoutError):
                raise errors.silent(self.host, self._patience) from error
            self._vantage.check()
            raise errors.broken(self.host, error.strerror or str(error)) from error
        except LDAPException as error:
            raise LdapFault(
                self.host,
                f"{self.host} cannot be asked this: {readable(str(error))}",
                certain="Nothing was sent.",
                next_step="Correct filter, base and bind_dn in the profile.",
            ) from error
