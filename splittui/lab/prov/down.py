"""What zmprov says when nothing answers: no LDAP server, or no mailboxd."""

from __future__ import annotations

from pathlib import Path

from splittui.lab.prov.console import Console
from splittui.lab.prov.errors import Cause, ServiceError

_TRACE = Path(__file__).parent.parent / "data" / "ldap_down_trace.txt"
_MAIN_LINE = {True: "4166", False: "4200"}


def report_ldap_down(console: Console, host: str, batch: bool) -> None:
    """The log lines and the stack trace of a failed connection to ``host`` (HOST:PORT), on stderr.

    ``batch``: commands come from a file or stdin, not from the arguments.
    """
    console.log("INFO", "master is down, falling back to replica...")
    console.log("FATAL", "failed to initialize LDAP client")
    trace = _TRACE.read_text(encoding="utf-8").rstrip("\n")
    console.error(trace.replace("{host}", host).replace("{main}", _MAIN_LINE[batch]))


def mailboxd_down() -> ServiceError:
    """zclient.IO_ERROR: mailboxd's admin port refuses the connection."""
    cause = Cause("java.net.ConnectException", "Connection refused")
    return ServiceError("zclient.IO_ERROR", "invoke Connection refused, server: localhost", cause)
