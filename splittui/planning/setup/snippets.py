"""The exact words for the administrator of the existing mail system, for what a set-up needs of it as a whole.

From each system's own documentation: Postfix STANDARD_CONFIGURATION_README, transport(5), virtual(5) and local(8),
Sendmail's cf/README, Exchange's and Exchange Online's accepted domains and connectors, Google's routing settings. What
concerns one person alone stands in ``planning.by_hand``. Each text ends with what makes it take effect.
"""

from __future__ import annotations

from enum import StrEnum

from splittui.model.entries import Role
from splittui.model.router import System
from splittui.planning.setup.names import ip_addresses
from splittui.planning.setup.seen import Seen

Lines = tuple[str, ...]


class Topic(StrEnum):
    """What the existing system is to do."""

    ACCEPT = "take mail from Zimbra"
    FORWARD = "send whom it does not know to Zimbra"
    REFUSE = "refuse whom it does not know"
    FORWARD_ALL = "send everybody to Zimbra"


def snippet(seen: Seen, topic: Topic) -> Lines:
    """The words for the site's own system, with the site's real names in them."""
    return words(seen, seen.system, topic)


def words(seen: Seen, system: System, topic: Topic) -> Lines:
    """The words for one system."""
    split = seen.split
    found = _WORDS[topic][system]
    if topic is Topic.REFUSE and split.role is Role.SECONDARY:
        found = (*found, *_ONLY_PRIMARY.get(system, ()))
    address = " ".join(ip_addresses(seen, split.zimbra)) or f"ADDRESS-OF-{split.zimbra}"
    names = {"domain": split.domain, "zimbra": split.zimbra, "legacy": split.legacy, "ip": address}
    return tuple(_filled(line, names) for line in found)


def _filled(line: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        line = line.replace(f"<{name}>", value)
    return line


_ACCEPT: dict[System, Lines] = {
    System.POSTFIX: (
        "on <legacy>, let <zimbra> relay: its address goes into mynetworks of /etc/postfix/main.cf",
        '    postconf -e "mynetworks = $(postconf -h mynetworks) <ip>"',
        "    postfix reload",
    ),
    System.SENDMAIL: (
        "on <legacy>, let <zimbra> relay: in /etc/mail/access",
        "    Connect:<ip>    RELAY",
        "    makemap hash /etc/mail/access < /etc/mail/access",
    ),
    System.EXCHANGE: (
        "in the Exchange Management Shell of <legacy>, a receive connector for <zimbra> alone that may relay",
        '    New-ReceiveConnector -Name "From Zimbra" -TransportRole FrontendTransport -Usage Custom'
        " -Bindings 0.0.0.0:25 -RemoteIPRanges <ip>",
        '    Set-ReceiveConnector "From Zimbra" -AuthMechanism ExternalAuthoritative -PermissionGroups ExchangeServers',
    ),
    System.EXCHANGE_ONLINE: (
        "in Exchange Online PowerShell, a connector for <zimbra>",
        '    New-InboundConnector -Name "From Zimbra" -ConnectorType OnPremises -SenderDomains *'
        " -SenderIPAddresses <ip> -RequireTls $true",
        "(mail for other domains is taken only from senders in accepted domains; turn on enhanced filtering for this",
        "connector, or what Zimbra relays fails SPF and DMARC)",
    ),
    System.GOOGLE: (
        "in Google's Admin console, for <domain>: Apps > Google Workspace > Gmail",
        "    Spam, phishing and malware > Inbound gateway: add <ip>",
        "    and, for mail to other domains, Routing > SMTP relay service: allow only <ip>, require TLS",
        "(up to 24 hours until it takes effect)",
    ),
    System.OTHER: (
        "on <legacy>, take mail from <ip> (<zimbra>) on port 25, for <domain> and for other domains",
        "    and make its MTA read its configuration again",
    ),
}

_FORWARD: dict[System, Lines] = {
    System.POSTFIX: (
        "on <legacy>, send everybody in <domain> who has no mailbox there to Zimbra",
        "where <domain> is local (mydestination), in /etc/postfix/main.cf:",
        "    fallback_transport = smtp:[<zimbra>]:25",
        "    local_recipient_maps =",
        "where it is a virtual mailbox domain, in /etc/postfix/transport one line for each who stays, and the rest:",
        "    NAME@<domain>    virtual:",
        "    <domain>    smtp:[<zimbra>]:25",
        "    postmap /etc/postfix/transport",
        "    (and no recipient map may refuse the others: virtual_mailbox_maps lists them, or is not asked)",
        "not luser_relay: it rewrites the address",
        "    postfix reload",
    ),
    System.SENDMAIL: (
        "on <legacy>, in its .mc file, send everybody who has no mailbox there to Zimbra",
        "    define(`LUSER_RELAY', `esmtp:[<zimbra>]')dnl",
        "    FEATURE(`preserve_luser_host')dnl",
        "    make -C /etc/mail && systemctl reload sendmail",
    ),
    System.EXCHANGE: (
        "in the Exchange Management Shell of <legacy>, send everybody without a mailbox there to Zimbra",
        "    Set-AcceptedDomain <domain> -DomainType InternalRelay",
        '    New-SendConnector -Name "To Zimbra" -AddressSpaces "SMTP:<domain>;1" -DNSRoutingEnabled $false'
        " -SmartHosts <zimbra> -Usage Internal",
        "(with -SourceTransportServers, where there are several)",
    ),
    System.EXCHANGE_ONLINE: (
        "in Exchange Online PowerShell, first the connector, then everybody without a mailbox there goes to Zimbra",
        '    New-OutboundConnector -Name "To Zimbra" -ConnectorType OnPremises -RecipientDomains <domain>'
        " -SmartHosts <zimbra> -UseMXRecord $false -TlsSettings EncryptionOnly",
        "    Set-AcceptedDomain -Identity <domain> -DomainType InternalRelay",
    ),
    System.GOOGLE: (
        "in Google's Admin console, for <domain>: Apps > Google Workspace > Gmail",
        "    Hosts: add <zimbra>:25",
        "    Default routing: all recipients, change route to that host, only for non-recognized addresses",
        "(up to 24 hours until it takes effect)",
    ),
    System.OTHER: (
        "on <legacy>, send mail for every address of <domain> that it has no mailbox for to [<zimbra>]:25,",
        "    with the address as it is, and make its MTA read its configuration again",
    ),
}

_REFUSE: dict[System, Lines] = {
    System.POSTFIX: (
        "on <legacy>, refuse everybody in <domain> whom it does not know",
        "    no fallback_transport, no luser_relay, no @<domain> in virtual_alias_maps;",
        "    no line of <domain> alone in /etc/postfix/transport (postmap /etc/postfix/transport)",
        "    local_recipient_maps, virtual_mailbox_maps list everybody, those with a route to Zimbra too",
        "    postfix reload",
    ),
    System.SENDMAIL: (
        "on <legacy>, in its .mc file, refuse everybody whom it does not know",
        "    no LUSER_RELAY",
        "    make -C /etc/mail && systemctl reload sendmail",
    ),
    System.EXCHANGE: (
        "in the Exchange Management Shell of <legacy>, refuse everybody whom it does not know",
        "    Set-AcceptedDomain <domain> -DomainType Authoritative",
        '    Remove-SendConnector "To Zimbra"',
        "    Set-RecipientFilterConfig -RecipientValidationEnabled $true",
    ),
    System.EXCHANGE_ONLINE: (
        "in Exchange Online PowerShell, refuse everybody whom it does not know",
        "    Set-AcceptedDomain -Identity <domain> -DomainType Authoritative",
    ),
    System.GOOGLE: (
        "in Google's Admin console, for <domain>: Apps > Google Workspace > Gmail > Default routing",
        "    remove the rule for non-recognized addresses",
        "(up to 24 hours until it takes effect)",
    ),
    System.OTHER: (
        "on <legacy>, refuse at RCPT TO every address of <domain> that it does not know,",
        "    and make its MTA read its configuration again",
    ),
}

_FORWARD_ALL: dict[System, Lines] = {
    System.POSTFIX: (
        "on <legacy>, send all mail of <domain> to Zimbra: in /etc/postfix/main.cf <domain> moves from mydestination",
        "or virtual_mailbox_domains to relay_domains",
        "    relay_domains = <domain>",
        "    relay_recipient_maps =",
        "and in /etc/postfix/transport",
        "    <domain>    smtp:[<zimbra>]:25",
        "    postmap /etc/postfix/transport && postfix reload",
    ),
    System.SENDMAIL: (
        "on <legacy>, send all mail of <domain> to Zimbra: take <domain> out of /etc/mail/local-host-names,",
        "put it into /etc/mail/relay-domains, and in /etc/mail/mailertable",
        "    <domain>    esmtp:[<zimbra>]",
        "    makemap hash /etc/mail/mailertable < /etc/mail/mailertable && systemctl reload sendmail",
    ),
    System.EXCHANGE: (*_FORWARD[System.EXCHANGE], "    and no mailbox or contact with an address in <domain> is left"),
    System.EXCHANGE_ONLINE: (
        *_FORWARD[System.EXCHANGE_ONLINE],
        "    and no mailbox or mail user with an address in <domain> is left",
    ),
    System.GOOGLE: (*_FORWARD[System.GOOGLE], "    and Gmail is off for everybody in <domain>"),
    System.OTHER: (
        "on <legacy>, send mail for every address of <domain> to [<zimbra>]:25, with the address as it is,",
        "    and make its MTA read its configuration again",
    ),
}

_WORDS = {Topic.ACCEPT: _ACCEPT, Topic.FORWARD: _FORWARD, Topic.REFUSE: _REFUSE, Topic.FORWARD_ALL: _FORWARD_ALL}

_ONLY_PRIMARY: dict[System, Lines] = {
    System.EXCHANGE: (
        "as an authoritative domain it needs, for everybody on Zimbra, a mail user whose external address lies in a",
        "sub-domain that is routed there: Enable-MailUser NAME -ExternalEmailAddress NAME@<zimbra>",
    ),
    System.EXCHANGE_ONLINE: (
        "as an authoritative domain it needs, for everybody on Zimbra, a mail user whose external address lies in a",
        "sub-domain that is routed there: New-MailUser NAME -ExternalEmailAddress NAME@<zimbra>",
    ),
    System.GOOGLE: (
        "everybody on Zimbra then needs an address there that Gmail routes by a rule of their own, since only the",
        "rule for non-recognized addresses reached them",
    ),
}
"""What a system lacks that reaches the other one only by not knowing an address."""
