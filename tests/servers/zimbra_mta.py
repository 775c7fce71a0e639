"""Postfix as Zimbra configures it: LDAP maps, parameters from the directory, commands where Zimbra has them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from splittui.lab.home import POSTFIX_DN
from tests.servers.accounts import ID, ZIMBRA_USER
from tests.servers.capsule import Capsule
from tests.servers.directory import Entry, ZimbraDirectory
from tests.servers.first_entries import POSTFIX_PASSWORD
from tests.servers.hosts import LDAP_PORT, ZIMBRA
from tests.servers.postfix import Postfix, write_settled

HOME = "/opt/zimbra"
CONFIG = f"{HOME}/common/conf"

_ENABLED = "(zimbraMailStatus=enabled)"
_NAMED = "(|(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraMailCatchAllAddress=%s))"
_FORWARDS = "zimbraMailDeliveryAddress,zimbraMailForwardingAddress,zimbraPrefMailForwardingAddress"

# Query filter, result attributes, and further lines of each map (zm-core-utils, src/libexec/zmmtainit).
_MAPS = {
    "vmm": (f"(&(zimbraMailDeliveryAddress=%s){_ENABLED})", "zimbraMailDeliveryAddress"),
    "vmd": (f"(&(zimbraDomainName=%s)(zimbraDomainType=local){_ENABLED})", "zimbraDomainName"),
    "vam": (
        "(&(|(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraOldMailAddress=%s)"
        f"(zimbraMailCatchAllAddress=%s)){_ENABLED})",
        f"{_FORWARDS},zimbraMailCatchAllForwardingAddress",
        "special_result_attribute = member",
    ),
    "vad": (f"(&(zimbraDomainName=%s)(zimbraDomainType=alias){_ENABLED})", "zimbraDomainName"),
    "canonical": (f"(&{_NAMED}{_ENABLED})", "zimbraMailCanonicalAddress,zimbraMailCatchAllCanonicalAddress"),
    "transport": (f"(&(|(zimbraMailDeliveryAddress=%s)(zimbraDomainName=%s)){_ENABLED})", "zimbraMailTransport"),
    "slm": (
        "(&(|(uid=%s)(zimbraMailDeliveryAddress=%s)(zimbraMailAlias=%s)(zimbraMailCatchAllAddress=%s)"
        f"(zimbraAllowFromAddress=%s)){_ENABLED})",
        f"uid,{_FORWARDS},zimbraMailCatchAllForwardingAddress,zimbraMailAlias,zimbraAllowFromAddress",
        "result_format = %u, %s",
    ),
    "splitdomain": (f"(&{_NAMED}{_ENABLED})", _FORWARDS, "result_filter = OK"),
}
SPLIT_DOMAIN_CHECK = f"check_recipient_access ldap:{HOME}/conf/ldap-splitdomain.cf"

# The order in which zmconfigd looks for these in zimbraMtaRestriction (zm-mta, smtpd_recipient_restrictions.cf).
_RESTRICTIONS = (
    "reject_invalid_helo_hostname",
    "reject_non_fqdn_helo_hostname",
    "reject_non_fqdn_sender",
    "reject_unknown_client_hostname",
    "reject_unknown_helo_hostname",
    "reject_unknown_sender_domain",
    "reject_unverified_recipient",
    SPLIT_DOMAIN_CHECK,
    "reject",
)
_COMMANDS = ("postconf", "postmap", "postqueue", "postsuper", "postcat", "postfix")
# Zimbra's own Postfix is built for its own folder; the system's is told. Some commands need root, and Zimbra's wrappers
# take sudo for those.
_COMMAND = f'#!/bin/sh\nexec /usr/sbin/{{name}} -c {CONFIG} "$@"\n'
_WITH_SUDO = f'#!/bin/sh\nexec sudo {HOME}/common/sbin/{{name}} "$@"\n'


class ZimbraMta(Postfix):
    """Zimbra's Postfix. What it looks up it asks the directory for, each time anew."""

    def __init__(self, capsule: Capsule, directory: ZimbraDirectory) -> None:
        self._directory = directory
        folder = f"{HOME}/data/postfix"
        capsule.path(folder).mkdir(parents=True, exist_ok=True)
        super().__init__(
            capsule,
            ZIMBRA,
            config=CONFIG,
            queue=f"{folder}/spool",
            data=f"{folder}/data",
            log="/var/log/zimbra.log",
        )
        self._write_maps()
        self._write_commands()

    def configure_from_directory(self) -> None:
        """Writes main.cf as zmconfigd does every minute. Takes effect with ``start`` or ``reload``."""
        self.configure(_parameters(self._directory.effective_settings()))

    @contextmanager
    def zmconfigd(self) -> Iterator[None]:
        """Meanwhile main.cf is written anew when ``zmmtactl restart`` asks for it, and Zimbra's user may ask."""
        place = self.capsule.path(f"{HOME}/data/zmconfigd")
        place.mkdir(parents=True, exist_ok=True)
        shutil.chown(place, ID[ZIMBRA_USER], ID[ZIMBRA_USER])
        ended = threading.Event()

        def work() -> None:
            while not ended.wait(0.05):
                if (place / "rewrite").exists():
                    self.configure_from_directory()
                    (place / "rewrite").unlink()

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _write_maps(self) -> None:
        folder = self.capsule.path(f"{HOME}/conf")
        folder.mkdir(exist_ok=True)
        for name, (query, results, *further) in _MAPS.items():
            lines = (
                f"server_host = ldap://{ZIMBRA.name}:{LDAP_PORT}",
                f"server_port = {LDAP_PORT}",
                "search_base =",
                f"query_filter = {query}",
                f"result_attribute = {results}",
                *further,
                "version = 3",
                "start_tls = no",
                "bind = yes",
                f"bind_dn = {POSTFIX_DN}",
                f"bind_pw = {POSTFIX_PASSWORD}",
                "timeout = 30",
            )
            file = folder / f"ldap-{name}.cf"
            write_settled(file, "\n".join(lines) + "\n")
            shutil.chown(file, ID[ZIMBRA_USER], "postfix")
            file.chmod(0o640)

    def _write_commands(self) -> None:
        for folder, names, text in (
            ("common/sbin", _COMMANDS, _COMMAND),
            ("bin", ("postfix", "postconf"), _WITH_SUDO),
        ):
            place = self.capsule.path(f"{HOME}/{folder}")
            place.mkdir(parents=True, exist_ok=True)
            for name in names:
                (place / name).write_text(text.format(name=name))
                (place / name).chmod(0o755)


def _parameters(settings: Entry) -> dict[str, str]:
    """main.cf, from the directory's settings (zm-ldap-utilities, conf/zmconfigd.cf; defaults of zimbra-attrs.xml)."""

    def text(attribute: str, default: str = "") -> str:
        return " ".join(settings.get(attribute, [default]))

    def ldap_map(name: str) -> str:
        return f"proxy:ldap:{HOME}/conf/ldap-{name}.cf"

    asked = {
        SPLIT_DOMAIN_CHECK if "ldap-splitdomain.cf" in one else one for one in settings.get("zimbraMtaRestriction", [])
    }
    restrictions = (
        "reject_non_fqdn_recipient",
        "permit_sasl_authenticated",
        "permit_mynetworks",
        "reject_unlisted_recipient",
        *(one for one in _RESTRICTIONS if one in asked),
        "permit",
    )
    return {
        "mynetworks": text("zimbraMtaMyNetworks"),
        "relayhost": text("zimbraMtaRelayHost"),
        "smtp_fallback_relay": text("zimbraMtaFallbackRelayHost"),
        "smtp_dns_support_level": text("zimbraMtaSmtpDnsSupportLevel", "enabled"),
        "hopcount_limit": text("zimbraMtaHopcountLimit", "50"),
        "recipient_delimiter": text("zimbraMtaRecipientDelimiter"),
        "smtpd_reject_unlisted_recipient": text("zimbraMtaSmtpdRejectUnlistedRecipient", "no"),
        "smtpd_reject_unlisted_sender": "no",
        "lmtp_host_lookup": "dns",
        "propagate_unmatched_extensions": "canonical",
        "transport_maps": ldap_map("transport"),
        "virtual_alias_domains": ldap_map("vad"),
        "virtual_alias_maps": ldap_map("vam"),
        "virtual_mailbox_domains": ldap_map("vmd"),
        "virtual_mailbox_maps": ldap_map("vmm"),
        "canonical_maps": ldap_map("canonical"),
        "virtual_transport": "error",
        "virtual_alias_expansion_limit": "10000",
        "smtpd_helo_required": "yes",
        "smtputf8_enable": "no",
        "always_add_missing_headers": "yes",
        "smtpd_client_restrictions": "reject_unauth_pipelining",
        "smtpd_data_restrictions": "reject_unauth_pipelining",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination",
        "smtpd_recipient_restrictions": ", ".join(restrictions),
        "lmtp_connection_cache_time_limit": "4s",
        "mailbox_size_limit": "0",
        "notify_classes": "resource, software",
    }
