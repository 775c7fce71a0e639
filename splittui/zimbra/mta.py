"""Zimbra's own Postfix."""

from __future__ import annotations

from splittui.remote.login import Login
from splittui.remote.postfix import Postfix, runner


def mta(login: Login, host: str, home: str, log: str = "") -> Postfix:
    """The Postfix of the Zimbra in ``home``; ``log`` is its log where that lies in an unusual place."""
    logs = (log,) if log else ("/var/log/zimbra.log", f"{home}/log/zimbra.log", "/var/log/maillog", "/var/log/mail.log")
    return Postfix(host, runner(login), f"{home}/common/sbin", logs)
