"""postconf: Postfix's parameters as zmconfigd derives them from Zimbra's server and global configuration entries."""

from __future__ import annotations

import getopt
import sys

from splittui.lab.directory import Attrs
from splittui.lab.home import Home

CONFIG_DN = "cn=config,cn=zimbra"

# Parameter -> attribute (zm-build, conf/zmconfigd.cf).
_FROM_ATTRIBUTE = {
    "bounce_queue_lifetime": "zimbraMtaBounceQueueLifetime",
    "canonical_maps": "zimbraMtaCanonicalMaps",
    "hopcount_limit": "zimbraMtaHopcountLimit",
    "lmtp_host_lookup": "zimbraMtaLmtpHostLookup",
    "maximal_backoff_time": "zimbraMtaMaximalBackoffTime",
    "maximal_queue_lifetime": "zimbraMtaMaximalQueueLifetime",
    "message_size_limit": "zimbraMtaMaxMessageSize",
    "minimal_backoff_time": "zimbraMtaMinimalBackoffTime",
    "mydestination": "zimbraMtaMyDestination",
    "mynetworks": "zimbraMtaMyNetworks",
    "propagate_unmatched_extensions": "zimbraMtaPropagateUnmatchedExtensions",
    "queue_run_delay": "zimbraMtaQueueRunDelay",
    "recipient_delimiter": "zimbraMtaRecipientDelimiter",
    "relayhost": "zimbraMtaRelayHost",
    "smtp_dns_support_level": "zimbraMtaSmtpDnsSupportLevel",
    "smtp_fallback_relay": "zimbraMtaFallbackRelayHost",
    "smtpd_reject_unlisted_recipient": "zimbraMtaSmtpdRejectUnlistedRecipient",
    "transport_maps": "zimbraMtaTransportMaps",
    "virtual_alias_domains": "zimbraMtaVirtualAliasDomains",
    "virtual_alias_expansion_limit": "zimbraMtaVirtualAliasExpansionLimit",
    "virtual_alias_maps": "zimbraMtaVirtualAliasMaps",
    "virtual_mailbox_domains": "zimbraMtaVirtualMailboxDomains",
    "virtual_mailbox_maps": "zimbraMtaVirtualMailboxMaps",
    "virtual_transport": "zimbraMtaSmtpdVirtualTransport",
}
_FIXED = {
    "content_filter": "smtp-amavis:[127.0.0.1]:10024",
    "disable_dns_lookups": "no",
    "mail_version": "3.6.14",
    "relay_domains": "$mydestination",
    "smtpd_relay_restrictions": "permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination",
}


def postconf(home: Home, arguments: list[str]) -> int:
    """``postconf [-h] [-n] [NAME...]``: ``name = value`` lines in the order asked for, or all of them by name."""
    try:
        options, names = getopt.gnu_getopt(arguments, "c:hndx")
    except getopt.GetoptError as error:
        sys.stderr.write(f"postconf: fatal: {error}\n")
        return 1
    values = parameters(home)
    bare = ("-h", "") in options
    for name in names or sorted(values):
        if name not in values:
            sys.stderr.write(f"postconf: warning: {name}: unknown parameter\n")
            continue
        sys.stdout.write(f"{values[name]}\n" if bare else f"{name} = {values[name]}\n")
    return 0


def parameters(home: Home) -> dict[str, str]:
    """Every parameter that the lab knows. A server's own value hides the global one (zm-mailbox, Server.getAttr)."""
    name = home.localconfig()["zimbra_server_hostname"]
    with home.directory() as directory:
        general = directory.entry(CONFIG_DN) or {}
        server = directory.entry(f"cn={name},cn=servers,cn=zimbra") or {}
    effective: Attrs = {**general, **{key: values for key, values in server.items() if values}}
    found = {parameter: " ".join(effective.get(key, [])) for parameter, key in _FROM_ATTRIBUTE.items()}
    restrictions = [
        "reject_non_fqdn_recipient",
        "permit_sasl_authenticated",
        "permit_mynetworks",
        "reject_unlisted_recipient",
        *effective.get("zimbraMtaRestriction", []),
        "permit",
    ]
    queue = f"{home.path}/data/postfix/spool"
    found |= _FIXED | {"myhostname": name, "queue_directory": queue, "config_directory": f"{home.path}/common/conf"}
    found["smtpd_recipient_restrictions"] = ", ".join(restrictions)
    return found
