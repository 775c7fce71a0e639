"""ACCEPT: what Zimbra's smtpd on port 25 answers to RCPT TO (Postfix, smtpd_check.c; postconf(5)).

``smtpd_relay_restrictions = permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination`` come first, then
``smtpd_recipient_restrictions`` of Zimbra's ``smtpd_recipient_restrictions.cf``.
"""

from __future__ import annotations

from splittui.mailflow.maps import CANON, SPLIT, VAM, VMM, Answer, LdapMap, Maps, without_extension
from splittui.mailflow.resolve import AddressClass, domain_class, resolve
from splittui.mailflow.route import OK, Reply
from splittui.mailflow.settings import Settings
from splittui.mailflow.world import Client

_ROUTING = frozenset("@!%")


def find_address(maps: Maps, settings: Settings, map_: LdapMap, address: str) -> tuple[Answer | None, str]:
    """Postfix's look-up order for an address (mail_addr_find(3)): whole, without extension, ``@domain``.

    With the answer comes the extension that did not take part in the match.
    """
    answer = maps.find(map_, address)
    if answer is not None:
        return answer, ""
    bare, extension = without_extension(address, settings.delimiters)
    if extension:
        answer = maps.find(map_, bare)
        if answer is not None:
            return answer, extension
    local, _, domain = address.rpartition("@")
    return (maps.find(map_, f"@{domain}") if local else None), ""


def accept(maps: Maps, settings: Settings, address: str, client: Client) -> tuple[Reply, str]:
    """The reply to RCPT TO for this client, and why."""
    trusted = client.trusted
    local, at, domain = address.rpartition("@")
    if not trusted:
        kind = domain_class(maps, domain)
        if kind is AddressClass.DEFAULT or not at or not _ROUTING.isdisjoint(local):
            return _refuse(554, "5.7.1", address, "Relay access denied", _foreign(domain, local))
    if not at or "." not in domain:
        text = f"<{address}>: Recipient address rejected: need fully-qualified address"
        return Reply(504, f"5.5.2 {text}"), "reject_non_fqdn_recipient"
    if trusted and not settings.reject_unlisted:
        how = "it is authenticated" if client.authenticated else "its address is in mynetworks"
        return OK, f"from {client.system} anything is accepted: {how}, and no recipient is checked"
    reply, why = _listed(maps, settings, address)
    if not reply.accepted or trusted:
        return reply, why
    return _restricted(maps, settings, address) or (reply, why)


def _refuse(code: int, status: str, address: str, text: str, why: str) -> tuple[Reply, str]:
    return Reply(code, f"{status} <{address}>: {text}"), why


def _foreign(domain: str, local: str) -> str:
    if not _ROUTING.isdisjoint(local):
        return "the part before the @ routes further (@, ! or %), which outsiders may not ask for"
    return f"{domain} is no domain that this Zimbra hosts (neither ldap-vmd nor ldap-vad finds it enabled)"


def _listed(maps: Maps, settings: Settings, address: str) -> tuple[Reply, str]:
    # reject_unlisted_recipient, check_rcpt_maps() in smtpd_check.c
    for map_ in (VAM, CANON):
        answer, _ = find_address(maps, settings, map_, address)
        if answer is not None:
            return OK, answer.because
    route = resolve(maps, settings, address)
    if route.mailer in ("error", "retry"):
        code, status = (550, "5.1.1") if route.mailer == "error" else (450, "4.1.1")
        status, text = split_status(route.nexthop, status)
        return _refuse(code, status, address, f"Recipient address rejected: {text}", _unlisted(address, route.because))
    if route.kind is AddressClass.VIRTUAL and find_address(maps, settings, VMM, address)[0] is None:
        text = "Recipient address rejected: User unknown in virtual mailbox table"
        return _refuse(550, "5.1.1", address, text, _unlisted(address, "the domain has a transport, but no catch-all"))
    return OK, "nothing speaks against the recipient"


def _unlisted(address: str, why: str) -> str:
    return f"no enabled entry has <{address}>, and no catch-all of its domain is complete (ldap-vam); {why}"


def _restricted(maps: Maps, settings: Settings, address: str) -> tuple[Reply, str] | None:
    # check_recipient_access asks for the address and the domain, never for "@domain": the catch-all does not count.
    if settings.split_filter:
        answer = maps.find(SPLIT, address)
        if answer is None:
            answer = maps.find(SPLIT, without_extension(address, settings.delimiters)[0])
        if answer is not None and len(answer.values) == 1:
            return OK, answer.because
        if answer is not None:
            text = ",".join("OK" for _ in answer.values)
            why = f"ldap-splitdomain answers {text}, which Postfix takes for the name of a restriction"
            return Reply(451, "4.3.5 Server configuration error"), why
    if settings.final_reject:
        why = "zimbraMtaRestriction ends with reject, and ldap-splitdomain does not list the address"
        return _refuse(554, "5.7.1", address, "Recipient address rejected: Access denied", why)
    return None


def split_status(text: str, otherwise: str) -> tuple[str, str]:
    """An enhanced status code in front of a text (RFC 3463), and the text without it (Postfix, dsn_split(3))."""
    first, _, rest = text.strip().partition(" ")
    parts = first.split(".")
    if len(parts) == 3 and parts[0] in ("2", "4", "5") and all(part.isdigit() for part in parts):
        return first, rest.strip()
    return otherwise, text.strip()
