"""What was read from both systems at one time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from splittui.model.dns import DnsView
from splittui.model.entries import Domain, LegacyAccount, Server, ZimbraAccount


@dataclass(frozen=True, slots=True)
class Reading:
    """How one half was read: whether it is whole, when (seconds since the epoch), and why it is not."""

    complete: bool
    read_at: float
    why_partial: str = ""


@dataclass(frozen=True, slots=True)
class ZimbraHalf:
    """Zimbra's side: accounts, resources and lists by address, the domain, the servers, the global configuration.

    ``neighbours`` are the entries of other domains that mail of this domain meets: owners of an address in it, and
    those whom its people forward to or have in their lists. Nobody else of ``other_domains`` is known.
    """

    reading: Reading
    accounts: Mapping[str, ZimbraAccount]
    domain: Domain
    servers: tuple[Server, ...] = ()
    config: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_domains: tuple[Domain, ...] = ()
    neighbours: Mapping[str, ZimbraAccount] = field(default_factory=dict)

    def server_of(self, transport: str) -> Server | None:
        """The server whose LMTP form the transport is, exactly; None where it is not local."""
        return next((server for server in self.servers if server.is_transport(transport)), None)

    def server_named(self, service_hostname: str) -> Server | None:
        return next((server for server in self.servers if server.service_hostname == service_hostname), None)


@dataclass(frozen=True, slots=True)
class LegacyHalf:
    """The existing mail system's side, by address.

    ``routing`` is what its router's own place (a table, an entry) holds about an address, by attribute.
    ``without_address`` counts people in its directory who have no address, so that mail does not know them.
    """

    reading: Reading
    accounts: Mapping[str, LegacyAccount]
    routing: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    without_address: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both halves. No plan is made from a snapshot that is not complete.

    ``dns`` is what the DNS says of the domain and the hosts of the split; None where it was not asked.
    """

    zimbra: ZimbraHalf
    legacy: LegacyHalf
    dns: DnsView | None = None

    @property
    def complete(self) -> bool:
        return self.zimbra.reading.complete and self.legacy.reading.complete

    @property
    def why_partial(self) -> str:
        return "; ".join(r.why_partial for r in (self.zimbra.reading, self.legacy.reading) if not r.complete)
