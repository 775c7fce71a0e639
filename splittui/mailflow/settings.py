"""The settings of Zimbra's Postfix that decide routes, as zmconfigd writes them (zmconfigd.cf)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from splittui.mailflow.world import Client, System, World

Network = IPv4Network | IPv6Network

_LOCALHOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What main.cf holds.

    ``asks_dns`` is ``smtp_dns_support_level`` (zimbraMtaSmtpDnsSupportLevel). The older zimbraMtaDnsLookupsEnabled is
    not here: since 8.7 nothing reads it. ``split_filter`` and ``final_reject`` are the two lines that
    zimbraMtaRestriction switches on in ``smtpd_recipient_restrictions.cf``.
    """

    relay_host: str
    fallback_relay: str
    asks_dns: bool
    networks: tuple[tuple[bool, Network], ...]
    reject_unlisted: bool
    split_filter: bool
    final_reject: bool
    delimiters: str
    hop_limit: int
    expansion_limit: int
    queue_lifetime: str

    def trusts(self, client: Client) -> bool:
        """Whether the client may relay: authenticated, or its address is in mynetworks (the first match decides).

        Zimbra's web client hands in over localhost. Where mynetworks is not set, it is Zimbra's own networks.
        """
        if client.authenticated:
            return True
        own = client.system is System.ZIMBRA
        if not client.address or not self.networks:
            return own
        return self._holds(client.address) or (own and self._holds(_LOCALHOST))

    def _holds(self, text: str) -> bool:
        address = ip_address(text)
        for trusted, network in self.networks:
            if address.version == network.version and address in network:
                return trusted
        return False


def settings(world: World) -> Settings:
    """The settings in force for this world's MTA."""
    restrictions = world.setting("zimbraMtaRestriction")
    return Settings(
        relay_host=_one(world, "zimbraMtaRelayHost"),
        fallback_relay=_one(world, "zimbraMtaFallbackRelayHost"),
        asks_dns=_one(world, "zimbraMtaSmtpDnsSupportLevel") != "disabled",
        networks=tuple(_networks(world.setting("zimbraMtaMyNetworks"))),
        reject_unlisted=_one(world, "zimbraMtaSmtpdRejectUnlistedRecipient").lower() == "yes",
        split_filter=any("ldap-splitdomain.cf" in value for value in restrictions),
        final_reject="reject" in restrictions,
        delimiters="".join(world.setting("zimbraMtaRecipientDelimiter")),
        hop_limit=_number(world, "zimbraMtaHopcountLimit", 50),
        expansion_limit=_number(world, "zimbraMtaVirtualAliasExpansionLimit", 10_000),
        queue_lifetime=_one(world, "zimbraMtaMaximalQueueLifetime") or "5d",
    )


def _one(world: World, attribute: str) -> str:
    return " ".join(world.setting(attribute)).strip()


def _number(world: World, attribute: str, otherwise: int) -> int:
    text = _one(world, attribute)
    return int(text) if text.isdigit() else otherwise


def _networks(values: Iterable[str]) -> Iterable[tuple[bool, Network]]:
    for word in " ".join(values).replace(",", " ").split():
        trusted, plain = not word.startswith("!"), word.lstrip("!").replace("[", "").replace("]", "")
        try:
            yield trusted, ip_network(plain, strict=False)
        except ValueError:
            # A host name or a table: Postfix can use it, a tracer without a resolver cannot.
            continue
