"""What can go wrong with a directory, as one sentence each, and what to do about it."""

from __future__ import annotations

import re
import ssl

from splittui.remote.errors import RemoteError, readable

_NOTHING_CHANGED = "Nothing was changed there."

SIZE_LIMIT = 4
REFERRAL = 10
NO_SUCH_ATTRIBUTE = 16
VALUE_EXISTS = 20
NO_SUCH_OBJECT = 32
INVALID_CREDENTIALS = 49
ASSERTION_FAILED = 122

# Result codes (RFC 4511, 4.1.9 and appendix A): what it means for us, and what to do.
_RAISE = "Have its administrator lift the limit for {who} (OpenLDAP: limits, with size.prtotal), or bind as another."
_RESULTS = {
    3: ("{host} ended the search at its time limit", _RAISE),
    SIZE_LIMIT: ("{host} ended the search at its size limit", _RAISE),
    8: ("{host} wants a stronger way to log in than a password over this connection", "Use an ldaps:// url."),
    REFERRAL: ("{host} refers to another server{to} for {base}", "Put the server that holds it into url."),
    11: ("{host} ended the search at an administrative limit", _RAISE),
    12: ("{host} cannot hand out its entries in pages", "Use an export in LDIF or CSV instead."),
    13: ("{host} wants the connection to be encrypted", "Use an ldaps:// url, or leave out start_tls = false."),
    NO_SUCH_OBJECT: (
        "{host} has nothing at {base}, or hides it from {who}{nearest}",
        "Correct base in the profile, or bind as somebody who may see it.",
    ),
    34: ("{host} does not take {base} for a DN", "Correct base and bind_dn in the profile."),
    48: ("{host} does not let {who} log in this way", "Correct bind_dn in the profile."),
    INVALID_CREDENTIALS: (
        "{host} does not accept the password of {who}{why}",
        "Correct bind_dn or the password. Nothing is tried again by itself: repeated failures lock accounts.",
    ),
    50: ("{host} does not allow this to {who}", "Give it the right there, or bind as another."),
    51: ("{host} is too busy", "Try again later."),
    52: ("{host} is not available at present", "Look at the server; try again later."),
}
_COOKIE = re.compile(r"cookie", re.IGNORECASE)

# Active Directory tells in the diagnostic message of result 49 why it refuses (Win32 error codes in hexadecimal).
_AD_REASON = re.compile(r"\bdata ([0-9a-f]{3}),")
_AD_REASONS = {
    "525": "there is no such account",
    "52e": "account or password is wrong",
    "530": "not at this time of day",
    "531": "not from this machine",
    "532": "the password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "the password has to be changed first",
    "775": "the account is locked out",
}

# OpenSSL's X509_V_ERR_* (x509_vfy.h).
_UNTRUSTED = (2, 18, 19, 20, 21, 27)
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)


class LdapFault(RemoteError):
    """A directory could not be asked, or did not answer in full. ``code`` is its result code, where it gave one."""

    def __init__(
        self, host: str, what: str, *, next_step: str, certain: str = _NOTHING_CHANGED, code: int | None = None
    ) -> None:
        super().__init__(host, what, certain=certain, next_step=next_step)
        self.code = code


def refused(
    host: str, code: int, message: str, *, base: str = "", who: str = "", matched: str = "", referrals: str = ""
) -> LdapFault:
    """The fault for a result code. ``message`` is the server's own text, ``base`` what was asked, ``who`` by whom."""
    said = readable(message)
    if code in (2, 53) and _COOKIE.search(said):
        return LdapFault(
            host,
            f"{host} lost its place in the list and cannot go on ({said})",
            next_step="Read again; if it happens each time, look at the server's log and at how many read at once.",
            code=code,
        )
    words = {
        "host": host,
        "base": readable(base) or "the top of the tree",
        "who": readable(who) or "an anonymous reader",
        "to": f" ({readable(referrals)})" if referrals else "",
        "nearest": f"; the nearest that it shows is {readable(matched)}" if matched else "",
        "why": _why_refused(said),
    }
    what, next_step = _RESULTS.get(code, ("{host} refuses with result " + str(code), "Look at the server's log."))
    what = what.format_map(words)
    if said and not words["why"]:
        what += f" (it said: {said})"
    return LdapFault(host, what, next_step=next_step.format_map(words), code=code)


def _why_refused(said: str) -> str:
    found = _AD_REASON.search(said)
    reason = _AD_REASONS.get(found[1]) if found else None
    return f": {reason}" if reason else ""


def not_reached(host: str, reason: str) -> LdapFault:
    """No connection to the server at all; ``reason`` is a sentence."""
    return LdapFault(
        host,
        f"the directory on {host} cannot be reached: {reason.rstrip('.')}",
        certain="Nothing was sent to it.",
        next_step="Check url and tunnel in the profile, the network, and that the server runs.",
    )


def broken(host: str, reason: str) -> LdapFault:
    """The connection ended in the middle."""
    return LdapFault(
        host,
        f"the connection to the directory on {host} broke: {readable(reason)}",
        next_step="Check the network and the server, then read again.",
    )


def silent(host: str, seconds: float) -> LdapFault:
    """The server stopped answering."""
    return LdapFault(
        host,
        f"the directory on {host} has said nothing for {seconds:g} seconds",
        next_step="Look at the server and the network, then read again.",
    )


def cancelled(host: str) -> LdapFault:
    """The reading was broken off on this side."""
    return LdapFault(host, f"the reading of the directory on {host} was broken off here", next_step="Read again.")


def garbled(host: str, reason: str) -> LdapFault:
    """What came is not LDAP, or breaks its rules."""
    return LdapFault(
        host,
        f"the answer of the directory on {host} is garbled: {readable(reason)}",
        next_step='Check that url leads to an LDAP server; decoder = "stock" reads with another decoder.',
    )


def no_paging(host: str) -> LdapFault:
    """The answer came without the control that says whether it is all."""
    return LdapFault(
        host,
        f"{host} does not say whether its list is complete: it ignores the request for pages",
        next_step="Use an export in LDIF or CSV instead.",
    )


def no_start_tls(host: str, message: str) -> LdapFault:
    """The server does not encrypt a connection that began in clear."""
    said = readable(message)
    return LdapFault(
        host,
        f"{host} does not encrypt the connection by StartTLS" + (f" (it said: {said})" if said else ""),
        certain="No password was sent.",
        next_step="Use an ldaps:// url. start_tls = false would send the password for everybody on the way to read.",
    )


def no_tls(host: str, error: OSError | ValueError) -> LdapFault:
    """The TLS handshake failed."""
    what = f"no encrypted connection to {host} came about: {readable(_tls_words(error))}"
    next_step = "Check url: ldaps:// is for a port that speaks TLS (636), ldap:// for one that does StartTLS (389)."
    if isinstance(error, ssl.SSLCertVerificationError):
        what, next_step = _certificate(host, error)
    return LdapFault(host, what, certain="No password was sent.", next_step=next_step)


def _tls_words(error: OSError | ValueError) -> str:
    reason = getattr(error, "reason", None)
    if isinstance(reason, str):
        return reason.replace("_", " ").lower()
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or "the server closed it"


def _certificate(host: str, error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    code = error.verify_code
    if code in _UNTRUSTED:
        return (
            f"the certificate of {host} is not signed by anybody who is trusted ({error.verify_message})",
            "Compare it with the server's own, then name the file of its CA as ca_file in the profile "
            "(Zimbra's is /opt/zimbra/conf/ca/ca.pem).",
        )
    if code == _EXPIRED:
        return f"the certificate of {host} has expired", "Have it renewed; or, if it has not, set this machine's clock."
    if code == _NOT_YET_VALID:
        return f"the certificate of {host} is not valid yet", "Check the clocks of both machines."
    if code in _OTHER_NAME:
        return (
            f"the certificate of {host} is for another name",
            "Put a name into url that the certificate is for.",
        )
    return f"the certificate of {host} is refused: {error.verify_message}", "Have its certificate put right."


def bad_ca_file(host: str, file: str, reason: str) -> LdapFault:
    """The file with trusted certificates cannot be used."""
    return LdapFault(
        host,
        f"the certificates that {host} is checked with cannot be read from {file}: {readable(reason)}",
        certain="Nothing was sent to it.",
        next_step="Let ca_file name a file with certificates in PEM form.",
    )
